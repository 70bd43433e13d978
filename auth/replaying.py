"""Replaying: what the journal says clients took back, written again into a database that was restored from
before; and what a database knows and the journal lacks, for the journal."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Table, func, insert, literal, select
from sqlalchemy import any_ as sql_any
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PgUUID
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from auth.consent import Effect
from auth.journal import Entry, Kind, refusal
from auth.membership import policy_in_force
from auth.policy import Combination
from hmis.tables import (
    agency,
    consent_grant,
    consent_recipient,
    consent_revocation,
    guardian,
    guardian_bar,
    person,
    visibility_group,
)

REASON = "written again from the journal of revocations; the reason was lost with the database"


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of a journal's entries."""

    entries: int
    """Each thing that was taken back counts once, however often it was written down."""
    written: tuple[Entry, ...]
    """Were missing, and are in force again."""
    absent: tuple[Entry, ...]
    """Speak of a grant, a guardian, a form or a client that this database does not have."""

    @property
    def in_place(self) -> int:
        return self.entries - len(self.written) - len(self.absent)


async def replay(connection: AsyncConnection, entries: Iterable[Entry]) -> Replayed:
    """Write what is missing, with its own time and hand; the caller's transaction commits. Idempotent."""
    first: dict[tuple[Kind, UUID], Entry] = {}
    for entry in entries:
        first.setdefault(entry.key, entry)
    by_kind = {kind: [entry for entry in first.values() if entry.kind is kind] for kind in Kind}
    # Refusals first: one of them may have been revoked since.
    parts = [
        await _refusals(connection, by_kind[Kind.REFUSE]),
        await _ends(
            connection, by_kind[Kind.REVOKE], (consent_grant, consent_revocation), "grant", "revoked"
        ),
        await _ends(connection, by_kind[Kind.BAR], (guardian, guardian_bar), "guardian", "barred"),
        await _replaced(connection, by_kind[Kind.REPLACE]),
    ]
    written = tuple(entry for part, _ in parts for entry in part)
    return Replayed(len(first), written, tuple(entry for _, part in parts for entry in part))


Part = tuple[list[Entry], list[Entry]]
"""Written, and absent."""


async def _ends(
    connection: AsyncConnection, entries: Sequence[Entry], tables: tuple[Table, Table], noun: str, verb: str
) -> Part:
    """Revocations and bars: a row of the second table ends one of the first."""
    (of, ended), key = tables, f"{noun}_id"
    there = await _known(connection, of.c.id, [entry.id for entry in entries])
    done = await _known(connection, ended.c[key], list(there))
    missing = [entry for entry in entries if entry.id in there - done]
    if missing:
        rows = [
            {key: entry.id, "reason": REASON, f"{verb}_at": entry.at, f"{verb}_by": entry.by}
            for entry in missing
        ]
        await connection.execute(pg_insert(ended).on_conflict_do_nothing(index_elements=[key]), rows)
    return missing, [entry for entry in entries if entry.id not in there]


async def _refusals(connection: AsyncConnection, entries: Sequence[Entry]) -> Part:
    done = await _known(connection, consent_grant.c.id, [entry.id for entry in entries])
    written: list[Entry] = []
    absent: list[Entry] = []
    for entry in entries:
        if entry.id not in done:
            (written if await _refuse(connection, entry) else absent).append(entry)
    return written, absent


async def _refuse(connection: AsyncConnection, entry: Entry) -> bool:
    """Write one refusal. What it names and this database lacks never makes it narrower."""
    terms = {name: _stored(consent_grant.c[name], value) for name, value in _columns(entry)}
    if not await _known(connection, person.c.id, [entry.person]):
        return False
    if not await _known(connection, agency.c.id, [terms["recorded_at_agency"]]):
        return False
    if terms["group_id"] and not await _known(connection, visibility_group.c.id, [terms["group_id"]]):
        # Nobody knows any more who was in the group, so everybody is kept out.
        terms |= {"group_id": None, "community_wide": True}
    if terms["guardian_id"] and not await _known(connection, guardian.c.id, [terms["guardian_id"]]):
        terms["guardian_id"] = None  # a refusal counts whoever spoke it
    row = {"id": entry.id, "person_id": entry.person, "recorded_at": entry.at, "recorded_by": entry.by}
    await connection.execute(pg_insert(consent_grant).values(**terms, **row).on_conflict_do_nothing())
    # An agency that is not there has nobody who could ask.
    named = await _known(connection, agency.c.id, [UUID(name) for name in entry.terms["agencies"]])
    if named:
        rows = [{"grant_id": entry.id, "agency_id": one} for one in sorted(named)]
        await connection.execute(insert(consent_recipient), rows)
    return True


async def _replaced(connection: AsyncConnection, entries: Sequence[Entry]) -> Part:
    """Where a newer form was lost, the older ones end as if they had been revoked: they never come back.

    What the newer one shared has to be entered again; what it did not share is closed until then.
    """
    there = await _known(connection, consent_grant.c.form_id, [entry.id for entry in entries])
    written: list[Entry] = []
    absent: list[Entry] = []
    for entry in entries:
        if entry.id not in there:
            (written if await _end_forms_before(connection, entry) else absent).append(entry)
    return written, absent


async def _end_forms_before(connection: AsyncConnection, entry: Entry) -> bool:
    older = await connection.scalars(
        select(consent_grant.c.id)
        .outerjoin(consent_revocation, consent_revocation.c.grant_id == consent_grant.c.id)
        .where(
            consent_grant.c.person_id == entry.person,
            consent_grant.c.form_id.is_not(None),
            consent_grant.c.effect == Effect.PERMIT.value,
            consent_grant.c.recorded_at < entry.at,
            consent_revocation.c.id.is_(None),
        )
    )
    rows = [
        {"grant_id": one, "reason": REASON, "revoked_at": entry.at, "revoked_by": entry.by} for one in older
    ]
    if rows:
        ends = pg_insert(consent_revocation).on_conflict_do_nothing(index_elements=["grant_id"])
        await connection.execute(ends, rows)
    return bool(rows)


def _columns(entry: Entry) -> list[tuple[str, Any]]:
    return [(name, value) for name, value in entry.terms.items() if name in consent_grant.c]


def _stored(column: ColumnElement[Any], told: Any) -> Any:
    """A value of the journal as its column takes it."""
    if not isinstance(told, str):
        return told
    kind = column.type.python_type
    if kind is UUID:
        return UUID(told)
    return date.fromisoformat(told) if kind is date else told


async def _known(connection: AsyncConnection, key: ColumnElement[Any], ids: Collection[UUID]) -> set[UUID]:
    if not ids:
        return set()
    wanted = literal(list(ids), ARRAY(PgUUID()))
    return set(await connection.scalars(select(key).where(key == sql_any(wanted))))


async def unwritten(connection: AsyncConnection, written: Iterable[Entry]) -> list[Entry]:
    """What the database knows was taken back and the journal does not say: from before there was one, or from
    an hour when its disk was full."""
    known = {entry.key for entry in written}
    revoked = await connection.execute(
        select(consent_revocation, consent_grant.c.person_id)
        .join(consent_grant, consent_grant.c.id == consent_revocation.c.grant_id)
        .order_by(consent_revocation.c.id)
    )
    barred = await connection.execute(
        select(guardian_bar, guardian.c.person_id)
        .join(guardian, guardian.c.id == guardian_bar.c.guardian_id)
        .order_by(guardian_bar.c.id)
    )
    found = [
        *await _stored_refusals(connection),
        *(Entry(Kind.REVOKE, row.grant_id, row.person_id, row.revoked_at, row.revoked_by) for row in revoked),
        *(Entry(Kind.BAR, row.guardian_id, row.person_id, row.barred_at, row.barred_by) for row in barred),
    ]
    if (await policy_in_force(connection)).combination is Combination.LATEST:
        found += await _stored_forms(connection)
    return [entry for entry in found if entry.key not in known]


async def _stored_forms(connection: AsyncConnection) -> list[Entry]:
    rows = await connection.execute(
        select(
            consent_grant.c.form_id,
            consent_grant.c.person_id,
            func.min(consent_grant.c.recorded_at).label("at"),
            func.min(consent_grant.c.recorded_by).label("by"),
        )
        .where(consent_grant.c.form_id.is_not(None))
        .group_by(consent_grant.c.form_id, consent_grant.c.person_id)
        .order_by(func.min(consent_grant.c.recorded_at), consent_grant.c.form_id)
    )
    return [Entry(Kind.REPLACE, row.form_id, row.person_id, row.at, row.by) for row in rows]


async def _stored_refusals(connection: AsyncConnection) -> list[Entry]:
    agencies = (
        select(func.array_agg(consent_recipient.c.agency_id))
        .where(consent_recipient.c.grant_id == consent_grant.c.id)
        .scalar_subquery()
    )
    rows = await connection.execute(
        select(consent_grant, agencies.label("named"))
        .where(consent_grant.c.effect == Effect.DENY.value)
        .order_by(consent_grant.c.recorded_at, consent_grant.c.id)
    )
    found = []
    for row in rows.mappings():
        values = {column.name: row[column.name] for column in consent_grant.c}
        found.append(refusal(values, row["named"] or (), row["recorded_at"]))
    return found
