"""Computing labels: whose records are and what they tell, in the transaction that wrote them.

Projects first (`project_label`), by their organization, agency, funders and target population and by their
source; then clients (`client_label`, `client_owner`), by the projects that they stayed at. Rows are written
only where something changed, so doing it again costs reading alone.
"""

from __future__ import annotations

from collections.abc import Mapping

import asyncpg  # type: ignore[import-untyped]  # it has no types
from sqlalchemy.ext.asyncio import AsyncEngine

from hmis.bulk import BulkConnection, affected, bulk
from hmis.errors import NotReady
from hmis.labels import AGENCY_KINDS, FUNDERS, TARGET_POPULATIONS, VERSION, Label


def _case(column: str, told: Mapping[int, Label] | Mapping[str, Label]) -> str:
    """The label of a code. Codes and labels are of our own table, nothing that anybody typed."""
    whens = " ".join(f"when {code!r} then {int(label)}" for code, label in told.items())
    return f"case {column} {whens} else 0 end"


# VAWA 34 USC 12291(b)(2): an unknown answer to HUD 2.01.3 counts as yes, for nobody can take back what was
# shown. An agency that signed as a victim service provider is one, whatever the export says.
_PROJECTS = f"""
    insert into project_label as known (source_id, project_id, organization_id, shareable, labels, rules)
    select p.source_id, p.project_id, coalesce(p.organization_id, ''),
           coalesce(bool_and(o.victim_service_provider = 0 and a.kind is distinct from 'VSP'), false),
           {_case("p.target_population", TARGET_POPULATIONS)}
             | {_case("max(a.kind)", AGENCY_KINDS)}
             | max(s.labels)
             | coalesce(bit_or({_case("f.funder", FUNDERS)}), 0),
           '{VERSION}'
    from project p
    join source s on s.id = p.source_id
    left join organization o on o.source_id = p.source_id and o.organization_id = p.organization_id
    left join agency a on a.source_id = p.source_id and a.organization_id = p.organization_id
    left join funder f on f.source_id = p.source_id and f.project_id = p.project_id and f.removed_at is null
    where p.source_id = $1
    group by p.source_id, p.project_id
    on conflict (source_id, project_id) do update
      set organization_id = excluded.organization_id, shareable = excluded.shareable,
          labels = excluded.labels, rules = excluded.rules
      where (known.organization_id, known.shareable, known.labels, known.rules)
        is distinct from (excluded.organization_id, excluded.shareable, excluded.labels, excluded.rules)
"""  # noqa: S608  codes of our own tables

_CLIENTS = """
    insert into client_label as known (source_id, personal_id, labels)
    select e.source_id, e.personal_id,
           case when bool_or(p.labels = 0) filter (where p.shareable) then 0
                else bit_or(p.labels) filter (where p.shareable) end
    from enrollment e
    join project_label p on p.source_id = e.source_id and p.project_id = e.project_id
    where e.source_id = $1 and e.removed_at is null
    group by e.source_id, e.personal_id
    on conflict (source_id, personal_id) do update set labels = excluded.labels
      where known.labels is distinct from excluded.labels
"""

_OWNERS = """
    insert into client_owner (source_id, organization_id, personal_id)
    select distinct e.source_id, p.organization_id, e.personal_id
    from enrollment e
    join project_label p on p.source_id = e.source_id and p.project_id = e.project_id
    where e.source_id = $1 and e.removed_at is null
    on conflict do nothing
"""

# EXCEPT hashes both sides, so what it costs does not depend on what PostgreSQL knows of tables just filled.
_NO_LONGER_CLIENTS = """
    delete from client_label known using (
      select personal_id from client_label where source_id = $1
      except
      select personal_id from enrollment where source_id = $1 and removed_at is null
    ) gone
    where known.source_id = $1 and known.personal_id = gone.personal_id
"""

_NO_LONGER_OWNERS = """
    delete from client_owner known using (
      select organization_id, personal_id from client_owner where source_id = $1
      except
      select p.organization_id, e.personal_id
      from enrollment e
      join project_label p on p.source_id = e.source_id and p.project_id = e.project_id
      where e.source_id = $1 and e.removed_at is null
    ) gone
    where known.source_id = $1 and known.organization_id = gone.organization_id
      and known.personal_id = gone.personal_id
"""


_OF_PEOPLE = (_CLIENTS, _OWNERS, _NO_LONGER_CLIENTS, _NO_LONGER_OWNERS)


async def renew(connection: BulkConnection, source_id: int) -> None:
    """Compute the labels of one source anew; the caller's transaction commits.

    To be called by whatever writes projects, funders, organizations, stays or the kind of an agency.
    """
    for statement in (_PROJECTS, *_OF_PEOPLE):
        await connection.execute(statement, source_id)


async def catch_up(engine: AsyncEngine) -> int:
    """Compute anew what an older edition of the rules computed, and what an agency's new kind changes.

    Costs as much as there are projects, unless one of them changed. Returns the number of projects that did.
    Where somebody writes at this moment nothing is done: an import computes its labels itself.

    Raises:
        NotReady: the database gave up, or the login role may not write labels.
    """
    changed = 0
    async with engine.connect() as connection:
        driver = await bulk(connection)
        for source in await driver.fetch("select id from source order by id"):
            try:
                async with driver.transaction():
                    await driver.execute("set local lock_timeout = '1s'")
                    found = affected(await driver.execute(_PROJECTS, source["id"]))
                    for statement in _OF_PEOPLE if found else ():
                        await driver.execute(statement, source["id"])
            except asyncpg.LockNotAvailableError:
                continue
            except (asyncpg.PostgresError, asyncpg.InterfaceError) as fault:
                raise NotReady(f"Labels could not be computed ({type(fault).__name__}).") from None
            changed += found
    return changed
