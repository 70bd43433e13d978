# ruff: noqa: S608  # the only text put into this SQL is written below and in the tables' own names
"""Forgetting: whatever the hub holds of partners about a person goes in one operation, from every table.

Needed when two persons become one (what hung on the one given up was decided on fewer records), when a record
is parted from a person (what was found may be the other's), and when a client takes back the consent that had
opened a partner: then it also stays away, although the partner's next file has it again.

Which tables is read from the tables themselves: `Table.info["partner_data"]` is

    LINK     `partner_link`
    PERSON   has `person_id` and `connector`: answers kept, questions raised
    RECORD   what a partner dropped, by the column that `info["record"]` names; somebody's by a link in force

Questions whether two people are one (`match_review`) go where records come or go, with all of this: they were
asked about other records. What is left of partners, and nothing else: rejections in force (person, connector,
namespace, value, without evidence). They say of a record that it is *not* this person's, and without them a
rule would link the two again. After a withdrawal `partner_withheld` is left too, which holds no partner's id
but a digest of it. The digest keeps ids out of sight and out of copies; it is no secret from somebody who has
both the table and the partner's own list.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Table, Uuid, bindparam, delete, select
from sqlalchemy import any_ as sql_any
from sqlalchemy.ext.asyncio import AsyncConnection

from hmis.bulk import BulkConnection, bulk
from hmis.identity.names import normalised_name
from hmis.tables import metadata, partner_withheld, person

Member = tuple[str, str, date]
"""First and last name as they are compared, and birth date."""

_LOCK = "select id from person where id = any($1::uuid[]) order by id for update"


@dataclass(frozen=True, slots=True)
class _Record:
    """A record that a link in force says is about somebody who is forgotten."""

    person: UUID
    connector: str
    value: str
    shared: bool
    """Somebody who is not forgotten is linked with it as well."""


def partner_tables(kind: str) -> list[Table]:
    """The tables that hold partners' data of this kind."""
    return [table for table in metadata.sorted_tables if table.info.get("partner_data") == kind]


def digest(connector: str, value: str) -> str:
    """How `partner_withheld` names a record."""
    return sha256(f"{connector}\0{value}".encode()).hexdigest()


async def forget(
    connection: AsyncConnection,
    person_id: UUID,
    connectors: Collection[str] | None = None,
    values: Collection[str] | None = None,
) -> None:
    """Forget what partners hold of a person; they may be found again. The caller commits.

    connectors: of these partners alone. None = of all.
    values: links with these records alone, beside the answers and questions. None = with all; () = none.
    """
    await connection.execute(select(person.c.id).where(person.c.id == person_id).with_for_update())
    await forget_all(await bulk(connection), [person_id], connectors, values)


async def withdraw(connection: AsyncConnection, person_id: UUID, connectors: Mapping[str, int]) -> None:
    """Forget, and keep nothing of these partners until the client agrees anew (`admit`). The caller commits.

    Of a record that others share, only the rows go that are the person's by name and birth date; a record
    linked by other means than these may hold a row of theirs that nobody can tell from the others'.

    connectors: partner -> as bits the categories of which one has to be open before it is kept again.
    """
    if not connectors:
        return
    await connection.execute(select(person.c.id).where(person.c.id == person_id).with_for_update())
    raw = await bulk(connection)
    records = await _linked(raw, [person_id], list(connectors))
    members = await _members(raw, person_id)
    for record in records:
        if record.shared:
            await _drop_members(raw, record, members)
    await forget_all(raw, [person_id], list(connectors))
    kept: list[tuple[str, str | None, bool, int]] = [
        (name, None, False, until) for name, until in sorted(connectors.items())
    ]
    for record in records:
        name = digest(record.connector, record.value)
        kept.append((record.connector, name, record.shared, connectors[record.connector]))
    for name, record_sha256, shared, until in kept:
        await raw.execute(
            """insert into partner_withheld (person_id, connector, record_sha256, shared, categories)
               values ($1, $2, $3, $4, $5)
               on conflict (person_id, connector, record_sha256) do update
               set shared = $4, categories = $5""",
            *(person_id, name, record_sha256, shared, until),
        )


async def admit(connection: AsyncConnection, person_id: UUID, opened: int) -> None:
    """The client agreed anew: partners of whose categories one is open may be kept again."""
    withheld = partner_withheld.c
    await connection.execute(
        delete(partner_withheld).where(
            withheld.person_id == person_id, withheld.categories.bitwise_and(opened) != 0
        )
    )


_WANTED = person.c.id == sql_any(bindparam("people", type_=ARRAY(Uuid())))
_LOCKED = select(person.c.id).where(_WANTED).order_by(person.c.id).with_for_update(key_share=True)
_REMEMBERED = select(person.c.id).where(
    _WANTED,
    person.c.id.not_in(
        select(partner_withheld.c.person_id).where(partner_withheld.c.connector == bindparam("of"))
    ),
)


async def may_remember(
    connection: AsyncConnection, people: Collection[UUID], connector: str
) -> frozenset[UUID]:
    """Those of these people of whom something of this partner may be written now. Call before writing it.

    Until the caller's transaction ends nobody else writes about them, and nobody forgets them. An answer that
    was under way while its client took back their consent finds nobody here.
    """
    those = {"people": list(people)}
    # A statement of its own: the next one sees what was committed while this one waited.
    await connection.execute(_LOCKED, those)
    return frozenset(await connection.scalars(_REMEMBERED, {**those, "of": connector}))


@dataclass(frozen=True, slots=True)
class Withheld:
    """What of a partner's next drop is not taken."""

    records: frozenset[str] = frozenset()
    """Digests of records that are left out whole."""
    members: Mapping[str, frozenset[Member]] | None = None
    """Digest of a record that others share -> the people in it who are left out."""

    def leaves_out(self, connector: str, value: str, member: Member | None = None) -> bool:
        """Whether a row of a record is left out: the whole record, or this member of it."""
        if not self.records and not self.members:
            return False
        name = digest(connector, value)
        return name in self.records or member in (self.members or {}).get(name, ())


async def withheld_of(connection: AsyncConnection, connector: str) -> Withheld:
    """What has to be left out of a drop of this partner. The caller holds the transaction."""
    withheld = partner_withheld.c
    rows = (
        await connection.execute(
            select(withheld.person_id, withheld.record_sha256, withheld.shared).where(
                withheld.connector == connector, withheld.record_sha256.is_not(None)
            )
        )
    ).all()
    raw = await bulk(connection)
    members: dict[str, frozenset[Member]] = {}
    for row in rows:
        if row.shared:
            known = members.get(row.record_sha256, frozenset())
            members[row.record_sha256] = known | await _members(raw, row.person_id)
    return Withheld(frozenset(row.record_sha256 for row in rows if not row.shared), members)


async def forget_all(
    connection: BulkConnection,
    people: Sequence[UUID],
    connectors: Collection[str] | None = None,
    values: Collection[str] | None = None,
) -> None:
    """As `forget`, for several people, within a transaction that has begun."""
    if not people:
        return
    if connectors is None and values is None:
        # Whose records they are has changed, so what was asked about them is another question now.
        await connection.execute(
            """delete from match_review
               where state in ('OPEN', 'WITHDRAWN')
                 and (one_id = any($1::uuid[]) or other_id = any($1::uuid[]))""",
            list(people),
        )
    only = list(connectors) if connectors is not None else None
    named = list(values) if values is not None else None
    await connection.fetch(_LOCK, list(people))
    alone = [
        record
        for record in await _linked(connection, people, only)
        if not record.shared and (named is None or record.value in named)
    ]
    for table in partner_tables("RECORD"):
        await connection.execute(
            f"""delete from {table.name} using unnest($1::text[], $2::text[]) as gone(connector, value)
                where {table.name}.connector = gone.connector
                  and {table.name}.{table.info["record"]} = gone.value""",
            [record.connector for record in alone],
            [record.value for record in alone],
        )
    those = "person_id = any($1::uuid[]) and ($2::text[] is null or connector = any($2::text[]))"
    for table in partner_tables("PERSON"):
        await connection.execute(f"delete from {table.name} where {those}", list(people), only)
    of_these = f"{those} and ($3::text[] is null or value = any($3::text[]))"
    for table in partner_tables("LINK"):
        await connection.execute(
            f"""delete from {table.name}
                where {of_these} and (status = 'CONFIRMED' or valid_to is not null)""",
            *(list(people), only, named),
        )
        await connection.execute(
            f"""update {table.name} set evidence = '{{}}', score = null
                where {of_these} and status = 'REJECTED'""",
            *(list(people), only, named),
        )


async def forget_given_up(connection: BulkConnection, pairs: Iterable[tuple[UUID, UUID]]) -> None:
    """Forget people whose records have all become another person's: (given up, kept).

    What somebody rejected holds for the one who is kept: they are the same. There it ends a link that a rule
    made, and yields to what a person said of the one kept.
    """
    rows = list(pairs)
    gone, kept = [one for one, _ in rows], [other for _, other in rows]
    await forget_all(connection, gone)
    given_up = "unnest($1::uuid[], $2::uuid[]) as given_up(gone, kept)"
    same = """r.person_id = given_up.gone and l.person_id = given_up.kept and l.connector = r.connector
              and l.namespace = r.namespace and l.value = r.value and l.valid_to is null"""
    for statement in (
        f"""delete from partner_link l using partner_link r, {given_up}
            where {same} and l.status = 'CONFIRMED' and l.method <> 'STAFF'""",
        f"""delete from partner_link r using partner_link l, {given_up} where {same}""",
        # Two given up at once may have rejected the same record: one row is enough.
        f"""delete from partner_link r
            using partner_link o, {given_up}, unnest($1::uuid[], $2::uuid[]) as other(gone, kept)
            where r.person_id = given_up.gone and o.person_id = other.gone and other.kept = given_up.kept
              and o.id < r.id
              and o.connector = r.connector and o.namespace = r.namespace and o.value = r.value""",
        f"""update partner_link r set person_id = given_up.kept from {given_up}
            where r.person_id = given_up.gone""",
    ):
        await connection.execute(statement, gone, kept)


async def _linked(
    connection: BulkConnection, people: Sequence[UUID], connectors: Sequence[str] | None
) -> list[_Record]:
    rows = await connection.fetch(
        """select l.person_id, l.connector, l.value, exists (
               select from partner_link o
               where o.connector = l.connector and o.namespace = 'RECORD' and o.value = l.value
                 and o.status = 'CONFIRMED' and o.valid_to is null and o.person_id <> all ($1::uuid[]))
           from partner_link l
           where l.person_id = any ($1::uuid[]) and ($2::text[] is null or l.connector = any ($2::text[]))
             and l.namespace = 'RECORD' and l.status = 'CONFIRMED' and l.valid_to is null""",
        *(list(people), connectors),
    )
    return [_Record(*row) for row in rows]


async def _members(connection: BulkConnection, person_id: UUID) -> frozenset[Member]:
    """The person as each of their records spells them."""
    rows = await connection.fetch(
        """select c.first_name, c.last_name, c.dob
           from client_link l join client c using (source_id, personal_id)
           where l.person_id = $1 and l.undone_at is null and c.dob is not null""",
        person_id,
    )
    return frozenset((normalised_name(first), normalised_name(last), dob) for first, last, dob in rows)


async def _drop_members(connection: BulkConnection, record: _Record, members: Collection[Member]) -> None:
    for table in partner_tables("RECORD"):
        if "member" not in table.info:
            continue
        first, last, born = table.info["member"]
        await connection.execute(
            f"""delete from {table.name} m
                using unnest($3::text[], $4::text[], $5::date[]) as gone(first, last, born)
                where m.connector = $1 and m.{table.info["record"]} = $2
                  and m.{first} = gone.first and m.{last} = gone.last and m.{born} = gone.born""",
            *(record.connector, record.value, *_columns(members)),
        )


def _columns(members: Collection[Member]) -> tuple[list[Any], list[Any], list[Any]]:
    rows = list(members)
    return [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows]
