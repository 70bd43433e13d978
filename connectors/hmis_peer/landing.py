"""The peer's landing tables: one transaction puts an export in force, one statement answers for many."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any, Literal

import asyncpg  # type: ignore[import-untyped]  # it has no types
import polars as pl
from sqlalchemy import Text, any_, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from connectors.hmis_peer.directory import Project
from connectors.hmis_peer.exchange import Exchange
from hmis.bulk import BULK_SETTINGS, BulkConnection, bulk
from hmis.errors import FailureCode, SourceFailed
from hmis.tables.landing import landing_batch
from hmis.tables.peer_landing import landing_peer_project, landing_peer_stay

Standing = Literal["UNCHANGED", "SUPERSEDED"]

_STAGED = {
    "peer_project": "project_id text, project_name text, project_type int, organization_name text,"
    " coc_code text, labels bigint",
    "peer_client": "personal_id text, first_normal text, last_normal text, dob date",
    "peer_stay": "enrollment_id text, personal_id text, project_id text, coc_code text, entry_date date,"
    " exit_date date, destination int",
    "peer_gone": "file text, key text",
}
# What the export says anew, what it took back, and, in the days it speaks of, what it does not say any more.
_DROP_STAYS = """
    delete from landing_peer_stay s where s.connector = $1 and (
      s.enrollment_id in (select enrollment_id from peer_stay)
      or s.enrollment_id in (select key from peer_gone where file = 'Enrollment')
      or s.personal_id in (select key from peer_gone where file = 'Client')
      or s.project_id in (select key from peer_gone where file = 'Project')
      or (s.entry_date <= $3::date and coalesce(s.exit_date >= $2::date, $2::date is not null)))
"""
_DROP_PROJECTS = """
    delete from landing_peer_project p where p.connector = $1 and (
      p.project_id in (select project_id from peer_project)
      or p.project_id in (select key from peer_gone where file = 'Project')
      or not exists (select from landing_peer_stay s
                     where s.connector = p.connector and s.project_id = p.project_id))
"""
# Who took their consent back is left out until they agree anew (hmis.identity.forgetting: `digest`).
_WITHHELD = """
    delete from {staged} s using partner_withheld w
    where w.connector = $1 and not w.shared and w.record_sha256 = encode(
      sha256(convert_to($1, 'UTF8') || '\\x00'::bytea || convert_to(s.personal_id, 'UTF8')), 'hex')
"""
_PUT_PROJECTS = """
    insert into landing_peer_project (batch_id, connector, project_id, project_name, project_type,
                                      organization_name, coc_code, labels)
    select $2, $1, project_id, project_name, project_type, organization_name, coc_code, labels
    from peer_project
"""
_PUT_STAYS = """
    insert into landing_peer_stay (batch_id, connector, enrollment_id, personal_id, project_id, coc_code,
                                   entry_date, exit_date, destination)
    select $2, $1, enrollment_id, personal_id, project_id, coc_code, entry_date, exit_date, destination
    from peer_stay
"""
_DROP_CLIENTS = """
    delete from landing_household_member m where m.connector = $1 and (
      m.household_id in (select personal_id from peer_client)
      or not exists (select from landing_peer_stay s
                     where s.connector = m.connector and s.personal_id = m.household_id))
"""
_PUT_CLIENTS = """
    insert into landing_household_member (batch_id, connector, household_id, first_normal, last_normal, dob)
    select $2, $1, personal_id, coalesce(first_normal, ''), coalesce(last_normal, ''), dob from peer_client
"""


@dataclass(frozen=True, slots=True)
class Stay:
    """One landed stay. values: the facts that were asked for. newest: the day of the newest export."""

    personal_id: str
    as_of: date
    newest: date
    labels: int
    values: Mapping[str, Any]


@asynccontextmanager
async def transaction(source: str, engine: AsyncEngine) -> AsyncIterator[BulkConnection]:
    """One transaction of the driver's own; a database that gives up leaves as SourceFailed."""
    try:
        async with engine.connect() as connection:
            driver = await bulk(connection)
            async with driver.transaction():
                yield driver
    except (SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        raise SourceFailed(source, FailureCode.UNAVAILABLE, retryable=True) from None


async def is_known(connection: BulkConnection, connector: str, sha256: str) -> bool:
    """Whether exactly these bytes were taken before."""
    known = "select exists (select from landing_batch where connector = $1 and content_sha256 = $2)"
    return bool(await connection.fetchval(known, connector, sha256))


async def standing(connection: BulkConnection, connector: str, sha256: str, day: date) -> Standing | None:
    """Why an export need not be taken: UNCHANGED, SUPERSEDED, or None when it has to be."""
    if await is_known(connection, connector, sha256):
        return "UNCHANGED"
    known = await newest(connection, connector)
    return "SUPERSEDED" if known is not None and known > day else None


async def newest(connection: BulkConnection, connector: str) -> date | None:
    """The day that the newest batch speaks of. None = nothing was ever taken."""
    found: date | None = await connection.fetchval(
        "select max(as_of) from landing_batch where connector = $1", connector
    )
    return found


async def take(
    connection: BulkConnection,
    connector: str,
    batch: str,
    sha256: str,
    exchange: Exchange,
    implementation: str | None,
) -> Standing | None:
    """Put an export in force; None = done, else why it was not needed. The caller holds the transaction.

    What the export does not speak of stays: absence counts for the days of its period only, as in an import.
    implementation: the database whose PersonalIDs both sides are agreed to share; None = none.
    """
    await connection.execute(BULK_SETTINGS)
    await _lock(connection, connector)
    if already := await standing(connection, connector, sha256, exchange.exported_on):
        return already  # another process was quicker
    refused = sum(one.count for one in exchange.findings)
    batch_id = await _batch(
        connection, connector, batch, sha256, exchange.exported_on, exchange.clients.height, refused
    )
    start, end = (exchange.period.start, exchange.period.end) if exchange.period else (None, None)
    await _export(connection, batch_id, connector, implementation, True, start, end)
    await _stage(connection, "peer_project", _frame_of(exchange.directory.projects.values()))
    await _stage(connection, "peer_client", exchange.clients)
    await _stage(connection, "peer_stay", exchange.stays)
    await _stage(connection, "peer_gone", _gone(exchange))
    for staged in ("peer_client", "peer_stay"):
        await connection.execute(_WITHHELD.format(staged=staged), connector)
    await connection.execute(_DROP_STAYS, connector, start, end)
    await connection.execute(_DROP_PROJECTS, connector)
    await connection.execute(_PUT_PROJECTS, connector, batch_id)
    await connection.execute(_PUT_STAYS, connector, batch_id)
    await connection.execute(_DROP_CLIENTS, connector)
    await connection.execute(_PUT_CLIENTS, connector, batch_id)
    return None


async def take_directory(
    connection: BulkConnection,
    connector: str,
    day: date,
    sha256: str,
    projects: Collection[Project],
    implementation: str | None,
) -> Standing | None:
    """Put a peer's projects in force in place of those there were; people are asked about, not landed."""
    await connection.execute(BULK_SETTINGS)
    await _lock(connection, connector)
    if already := await standing(connection, connector, sha256, day):
        return already
    batch_id = await _batch(connection, connector, f"projects-{day.isoformat()}", sha256, day, 0, 0)
    await _export(connection, batch_id, connector, implementation, False, None, None)
    for table in ("landing_peer_stay", "landing_household_member", "landing_peer_project"):
        # Stays and people: what files laid out before the peer was asked by HUD's API.
        await connection.execute(f"delete from {table} where connector = $1", connector)  # noqa: S608
    await _stage(connection, "peer_project", _frame_of(projects))
    await connection.execute(_PUT_PROJECTS, connector, batch_id)
    return None


async def _lock(connection: BulkConnection, connector: str) -> None:
    """Until the transaction ends, nobody else puts a batch of this connector in force."""
    await connection.execute("select pg_advisory_xact_lock(hashtext($1))", f"landing:{connector}")


async def _batch(
    connection: BulkConnection, connector: str, batch: str, sha256: str, day: date, people: int, refused: int
) -> int:
    found: int = await connection.fetchval(
        """insert into landing_batch (connector, batch, content_sha256, as_of, members, benefits,
                                      rows_refused)
           values ($1, $2, $3, $4, $5, 0, $6) returning id""",
        *(connector, batch, sha256, day, people, refused),
    )
    return found


async def _export(
    connection: BulkConnection,
    batch_id: int,
    connector: str,
    implementation: str | None,
    people_landed: bool,
    start: date | None,
    end: date | None,
) -> None:
    await connection.execute(
        """insert into landing_peer_export (batch_id, connector, implementation_id, people_landed,
                                            period_start, period_end)
           values ($1, $2, $3, $4, $5, $6)""",
        *(batch_id, connector, implementation, people_landed, start, end),
    )


async def _stage(connection: BulkConnection, table: str, frame: pl.DataFrame) -> None:
    await connection.execute(f"create temporary table {table} ({_STAGED[table]}) on commit drop")
    out = BytesIO()
    frame.write_csv(out, include_header=False)
    out.seek(0)
    await connection.copy_to_table(table, source=out, columns=frame.columns, format="csv")


def _frame_of(projects: Iterable[Project]) -> pl.DataFrame:
    schema = {
        "project_id": pl.String,
        "project_name": pl.String,
        "project_type": pl.Int32,
        "organization_name": pl.String,
        "coc_code": pl.String,
        "labels": pl.Int64,
    }
    rows = [
        (one.project_id, one.name, one.type, one.organization_name, one.coc_code, int(one.labels))
        for one in projects
    ]
    return pl.DataFrame(rows, schema=schema, orient="row")


def _gone(exchange: Exchange) -> pl.DataFrame:
    taken_back = {
        "Client": exchange.deleted_clients,
        "Enrollment": exchange.deleted_stays,
        "Project": tuple(exchange.directory.closed),
    }
    rows = [(file, key) for file, keys in taken_back.items() for key in keys]
    return pl.DataFrame(rows, schema={"file": pl.String, "key": pl.String}, orient="row")


_STAY, _PROJECT = landing_peer_stay.c, landing_peer_project.c
_FACTS = {
    "projectName": _PROJECT.project_name,
    "projectType": _PROJECT.project_type,
    "organizationName": _PROJECT.organization_name,
    "coc": func.coalesce(_STAY.coc_code, _PROJECT.coc_code),
    "entryDate": _STAY.entry_date,
    "exitDate": _STAY.exit_date,
    "destination": _STAY.destination,
}


async def stays(
    connection: AsyncConnection, connector: str, ids: Collection[str], fields: frozenset[str]
) -> dict[str, list[Stay]]:
    """The landed stays of these people, newest first, in one statement. Reads only the facts asked for."""
    newest_day = select(func.max(landing_batch.c.as_of)).where(landing_batch.c.connector == connector)
    asked = [_FACTS[name].label(name) for name in sorted(fields)]
    statement = (
        select(
            _STAY.personal_id,
            landing_batch.c.as_of,
            newest_day.scalar_subquery().label("newest"),
            _PROJECT.labels,
            *asked,
        )
        .join(
            landing_peer_project,
            (_PROJECT.connector == _STAY.connector) & (_PROJECT.project_id == _STAY.project_id),
        )
        .join(landing_batch, landing_batch.c.id == _STAY.batch_id)
        .where(_STAY.connector == connector, _STAY.personal_id == any_(cast(list(ids), ARRAY(Text))))
        .order_by(_STAY.entry_date.desc(), _STAY.id)
    )
    found: dict[str, list[Stay]] = {}
    for row in (await connection.execute(statement)).mappings():
        values = {name: row[name] for name in fields}
        stay = Stay(row["personal_id"], row["as_of"], row["newest"], row["labels"], values)
        found.setdefault(stay.personal_id, []).append(stay)
    return found


async def projects(
    connection: AsyncConnection, connector: str, ids: Collection[str]
) -> dict[str, Mapping[str, Any]]:
    """Those of these projects that may be named, by their ids."""
    statement = select(landing_peer_project).where(
        _PROJECT.connector == connector, _PROJECT.project_id == any_(cast(list(ids), ARRAY(Text)))
    )
    return {row["project_id"]: dict(row) for row in (await connection.execute(statement)).mappings()}
