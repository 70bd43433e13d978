# ruff: noqa: S608  # the only text put into this SQL is written below
"""Links between records and persons: made where two of three facts agree, ended where somebody says no.

Two records are one person when two of SSN, name and birth date agree exactly. Records are linked, never
merged. When two persons turn out to be one, the older keeps its hub id; the links of the other end and new
ones begin. A release of information stays with the person that has lost its records: it was given for the
records of that day. What partners hold is forgotten wherever records come or go (`forgetting`): it was found
by facts that may be another's. Neither is carried over, so nothing is shown on the strength of a link that no
client knew of; only what somebody rejected goes along.
"""

from __future__ import annotations

import csv
import io
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from hmis.bulk import BulkConnection, affected
from hmis.errors import InputRefused
from hmis.identity import facts, forgetting
from hmis.identity.clusters import Clusters
from hmis.identity.parting import part_disagreeing, part_hidden
from hmis.identity.victim_services import known_there

TOO_COMMON = 20
"""Facts shared by more records than this identify nobody: a placeholder that no list of ours knows."""

_BATCH = 20_000

LINKING = "select pg_advisory_xact_lock(hashtextextended('linking', 0))"
"""Who says of many people at once who they are takes turns with the others who do."""
LINKING_AT_ONCE = LINKING.replace("pg_advisory", "pg_try_advisory")
"""The same for who cannot wait: false = it is another's turn."""

Record = tuple[int, str]
"""Source and PersonalID."""
Node = uuid.UUID | Record
"""A person, or a record that has none yet."""


@dataclass(frozen=True, slots=True)
class Links:
    """What linking found."""

    people: int = 0
    """Persons who began."""
    made: int = 0
    """Records that were found to be a person's known by another record."""
    too_common: int = 0
    """Records with facts shared by too many."""
    kept_apart: int = 0
    """Pairs that share a fact and were left apart, because each of two people has agreed to something."""


async def link(
    connection: BulkConnection, source_id: int, import_id: int, now: datetime, *, hashed: bool
) -> Links:
    """Give a person to every live record that an import added, changed or restored.

    Imports of several sources take turns here, until their transactions end.
    """
    await connection.execute(LINKING)
    await _find_touched(connection, source_id, import_id)
    await facts.renew(connection, now.date(), hashed=hashed)
    parted = await part_hidden(connection, now) + await part_disagreeing(connection, now)
    united, made, kept_apart = await _join(connection, now)
    people = parted + united + await _begin_persons(connection, now)
    too_common = await connection.fetchval("select count(distinct (source_id, personal_id)) from common_fact")
    await connection.execute("drop table touched, common_fact, shared")
    return Links(people=people, made=made, too_common=too_common, kept_apart=kept_apart)


async def _find_touched(connection: BulkConnection, source_id: int, import_id: int) -> None:
    """The records to look at: those of this import, and those a victim service provider has to do with.

    A client known only to victim service providers is never matched (34 U.S.C. 12291(b)(2): no disclosure,
    and a link discloses). Whether that is so depends on stays, so these records are looked at each time.
    """
    await connection.execute(
        f"""create temporary table touched on commit drop as
            with hidden as ({known_there(f"e.source_id = {source_id}")})
            select c.source_id, c.personal_id, not coalesce(h.only_there, false) as may_be_matched
            from client c left join hidden h on h.personal_id = c.personal_id
            where c.source_id = {source_id}
              and (c.import_id = {import_id} or h.personal_id is not null)"""
    )
    await connection.execute("analyze touched")


async def _join(connection: BulkConnection, now: datetime) -> tuple[int, int, int]:
    """Link records that share a fact with a touched one. Returns the persons begun, the links made, and how
    often two people were left apart for what each had agreed to."""
    await connection.execute(
        """create temporary table shared on commit drop as
            select f.method, f.value, f.source_id, f.personal_id, count(*) over same as records
            from client_fact f
            where f.value in (select f.value from touched t join client_fact f using (source_id, personal_id))
            window same as (partition by f.method, f.value)"""
    )
    await connection.execute(
        f"""create temporary table common_fact on commit drop as
            select source_id, personal_id from shared where records > {TOO_COMMON}"""
    )
    pairs = connection.cursor(
        f"""select s.method, s.value, s.source_id, s.personal_id, l.person_id
            from shared s left join client_link l
              on l.source_id = s.source_id and l.personal_id = s.personal_id and l.undone_at is null
            where s.records between 2 and {TOO_COMMON}
            order by array_position(array['SSN_NAME', 'SSN_DOB', 'NAME_DOB'], s.method), s.value,
                     l.id nulls last, s.source_id, s.personal_id""",
        prefetch=_BATCH,
    )
    clusters: Clusters[Node] = Clusters(await apart(connection), await _consenting(connection))
    methods: dict[Node, str] = {}
    leading: tuple[str, uuid.UUID] | None = None
    first: Node = (0, "")
    async for method, value, source_id, personal_id, person_id in pairs:
        node: Node = person_id or (source_id, personal_id)
        if leading != (method, value):
            leading, first = (method, value), node
        elif node != first and clusters.join(first, node):
            methods.setdefault(node, method)
            methods.setdefault(first, method)
    return *await unite(connection, clusters, methods, now), len(clusters.kept_alone)


async def _consenting(connection: BulkConnection) -> list[uuid.UUID]:
    """People who agreed to something or refused it. Of two of them none is given up for the other: what each
    said would hold for records that they did not speak of, or be heard no longer. Somebody has to ask."""
    rows = await connection.fetch(
        """select distinct l.person_id
           from shared s
           join client_link l on l.source_id = s.source_id and l.personal_id = s.personal_id
                and l.undone_at is null
           join consent_grant g on g.person_id = l.person_id"""
    )
    return [row["person_id"] for row in rows]


async def apart(connection: BulkConnection) -> list[tuple[Node, Node]]:
    """Pairs that somebody said are not one person, as the persons or records they are now."""
    rows = await connection.fetch(
        """select d.source_id, d.personal_id, d.other_source_id, d.other_personal_id,
                  a.person_id as person, b.person_id as other_person
           from client_distinct d
           left join client_link a on a.source_id = d.source_id and a.personal_id = d.personal_id
                and a.undone_at is null
           left join client_link b on b.source_id = d.other_source_id
                and b.personal_id = d.other_personal_id and b.undone_at is null"""
    )
    return [
        (
            row["person"] or (row["source_id"], row["personal_id"]),
            row["other_person"] or (row["other_source_id"], row["other_personal_id"]),
        )
        for row in rows
    ]


async def unite(
    connection: BulkConnection,
    clusters: Clusters[Node],
    methods: Mapping[Node, str],
    now: datetime,
    keep: Collection[uuid.UUID] = (),
) -> tuple[int, int]:
    """Make each cluster one person: the one who agreed to something, else the oldest, or a new one.

    keep: people who are the one before all others: somebody said so. Returns the persons begun, and the links
    made. Who calls it has the lock `LINKING`, and takes part in its transaction.
    """
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC)
    for number, nodes in enumerate(clusters):
        for node in nodes:
            whose = (str(node), None, None) if isinstance(node, uuid.UUID) else (None, *node)
            writer.writerow((number, *whose, methods[node]))
    if not out.getvalue():
        return 0, 0
    await connection.execute(
        """create temporary table united (
               cluster integer, person_id uuid, source_id integer, personal_id text, method text
           ) on commit drop"""
    )
    await connection.copy_to_table(
        "united",
        source=io.BytesIO(out.getvalue().encode()),
        columns=["cluster", "person_id", "source_id", "personal_id", "method"],
        format="csv",
        force_null=["person_id", "source_id", "personal_id"],
    )
    await connection.execute(
        """create temporary table survivor on commit drop as
           select u.cluster, bool_and(p.id is null) as fresh,
                  coalesce((array_agg(p.id order by p.id <> all ($1::uuid[]),
                              not exists (select from consent_grant g where g.person_id = p.id),
                              p.created_at, p.id) filter (where p.id is not null))[1],
                           gen_random_uuid()) as id
           from united u left join person p on p.id = u.person_id group by u.cluster""",
        list(keep),
    )
    await connection.execute(
        "insert into person (id, created_at) select id, $1 from survivor where fresh", now
    )
    moved = affected(
        await connection.execute(
            """with ended as (
                   update client_link l set undone_at = $1
                   from united u join survivor s using (cluster)
                   where l.person_id = u.person_id and u.person_id <> s.id and l.undone_at is null
                   returning l.source_id, l.personal_id, s.id, u.method)
               insert into client_link (person_id, source_id, personal_id, method, linked_at)
               select id, source_id, personal_id, method, $1 from ended""",
            now,
        )
    )
    given_up = await connection.fetch(
        """select distinct u.person_id, s.id from united u join survivor s using (cluster)
           where u.person_id <> s.id"""
    )
    await forgetting.forget_given_up(connection, given_up)
    joined = affected(
        await connection.execute(
            """insert into client_link (person_id, source_id, personal_id, method, linked_at)
               select s.id, u.source_id, u.personal_id,
                      case when s.fresh and row_number() over (
                          partition by u.cluster order by u.source_id, u.personal_id) = 1
                      then 'FIRST' else u.method end, $1
               from united u join survivor s using (cluster) where u.person_id is null""",
            now,
        )
    )
    begun: int = await connection.fetchval("select count(*) from survivor where fresh")
    await connection.execute("drop table united, survivor")
    return begun, moved + joined - begun


async def _begin_persons(connection: BulkConnection, now: datetime) -> int:
    """A person of its own for every touched record that has found none. Returns how many."""
    status = await connection.execute(
        """with fresh as materialized (
               select gen_random_uuid() as id, t.source_id, t.personal_id
               from touched t join client c using (source_id, personal_id)
               where c.removed_at is null and not exists (
                   select from client_link l where l.source_id = t.source_id
                     and l.personal_id = t.personal_id and l.undone_at is null)),
           begun as (insert into person (id, created_at) select id, $1 from fresh)
           insert into client_link (person_id, source_id, personal_id, method, linked_at)
           select id, source_id, personal_id, 'FIRST', $1 from fresh""",
        now,
    )
    return affected(status)


async def undo(connection: AsyncConnection, source: str, personal_id: str, now: datetime) -> uuid.UUID:
    """Say that a record is not about the person it is linked to, and give it a person of its own.

    The link ends but stays on record, and so does the decision: no rule will ever join the record again with
    any of those it was linked with. Grants stay with the person that was left; what partners hold of them is
    forgotten, for it may be of the other. The caller commits.

    Raises:
        InputRefused: there is no such record, or it is linked with no other.
    """
    await connection.execute(text(LINKING))
    row = (
        await connection.execute(
            text(
                """select l.id, l.person_id, l.source_id
                   from client_link l join source s on s.id = l.source_id
                   where s.name = :source and l.personal_id = :personal_id and l.undone_at is null
                     and exists (select from client_link o where o.person_id = l.person_id
                                   and o.undone_at is null and o.id <> l.id)
                   for update of l"""
            ),
            {"source": source, "personal_id": personal_id},
        )
    ).one_or_none()
    if row is None:
        raise InputRefused("There is no such record, or it is linked with no other; nothing was undone.")
    facts_of_undoing = {
        "link": row.id,
        "old": row.person_id,
        "source_id": row.source_id,
        "personal_id": personal_id,
        "now": now,
    }
    for statement in _UNDO:
        await connection.execute(text(statement), facts_of_undoing)
    await forgetting.forget(connection, row.person_id)
    found = await connection.scalar(
        text(
            """select person_id from client_link
               where source_id = :source_id and personal_id = :personal_id and undone_at is null"""
        ),
        facts_of_undoing,
    )
    return uuid.UUID(str(found))


_UNDO = (
    """insert into client_distinct (source_id, personal_id, other_source_id, other_personal_id, said_at)
       select :source_id, :personal_id, o.source_id, o.personal_id, :now from client_link o
       where o.person_id = :old and o.undone_at is null and o.id <> :link""",
    "update client_link set undone_at = :now where id = :link",
    """with begun as (insert into person (created_at) values (:now) returning id)
       insert into client_link (person_id, source_id, personal_id, method, linked_at)
       select id, :source_id, :personal_id, 'SPLIT', :now from begun""",
)
