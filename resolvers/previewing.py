"""Previewing: who would see what of a client, before something is recorded or taken back.

It is decided by the very `decide` that answers questions (`auth/consent.py`), with the grants as they would
be read back afterwards, for a stand-in of each role at each agency. Told is what the viewer's agency may
know:

* of other agencies what they see of the records that the viewer's agency entered; of its own agency what it
  sees of records that others entered;
* by the grants that it may read (`resolvers/granted.py`): its own, and those that name it. What a client
  agreed with others alone stands with them, and would tell where else the client is known;
* no agency whose name alone tells of violence, HIV, treatment or running away, unless the client names it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Date, RowMapping, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from auth import grants
from auth.categories import Category
from auth.consent import ANY_RECORD, Effect, Facts, Grant, Guardian, RecordFacts, decide
from auth.explaining import shared_of
from auth.grants import NewGrant
from auth.membership import everybody, in_force
from auth.policy import Combination
from auth.speaking import in_group
from auth.viewer import Purpose, Role, Scope, Viewer
from hmis.labels import Label
from hmis.tables import agency, visibility_group_member
from resolvers import clients
from resolvers.consent import NO_GRANT, looked_up, replaceable, revocable
from resolvers.naming import may_be_named
from resolvers.narrowing import Narrowed, smaller
from resolvers.problems import Problem, not_there
from resolvers.proposals import check, completed
from resolvers.request import Request
from resolvers.rows import ClientRow, SaidByTheHub
from resolvers.signing import Filled, proposals_of
from resolvers.simulating import as_if_recorded

ROLES = (Role.CASE_MANAGER, Role.DASHBOARD, Role.PRIVACY_OFFICER)
_TO_BE_SIGNED = "sha256:to-be-signed"
"""People sign what they have read, so a preview comes before there is anything to show for it."""


@dataclass(frozen=True, slots=True)
class StandingRow(SaidByTheHub):
    """How one role at one agency stands to a client, now and then."""

    person: UUID
    agency: str
    is_own: bool
    role: Role
    purpose: Purpose
    sees: tuple[Category, ...]
    would_see: tuple[Category, ...]
    allowed: Category = Category.EXISTENCE


@dataclass(frozen=True, slots=True)
class Preview:
    """How everybody stands; or why that cannot be said."""

    standings: tuple[StandingRow, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """What is about to be done. Nothing of it = how everybody stands now."""

    sign: Filled | None = None
    narrow: Narrowed | None = None
    revoke: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Made:
    """What a change does: the grants it makes, those it ends, and what is wrong with it."""

    news: tuple[NewGrant, ...] = ()
    ended: tuple[UUID, ...] = ()
    problems: tuple[Problem, ...] = ()


async def preview(request: Request, identifier: str, change: Change) -> Preview:
    """How everybody stands to a client of the viewer's agency, now and if the change were made."""
    request.trail.about_people = True
    viewer = request.viewer
    client = await clients.own(request, identifier)
    if viewer is None or Scope.CONSENT_READ not in viewer.scopes or client is None:
        return Preview(problems=(not_there("client"),))
    made = await _made(request, viewer, client, change)
    if made.problems:
        return Preview(problems=tuple(dict.fromkeys(made.problems)))
    rows = await request.fetch(grants.known_to_viewer(request.as_of, people=[client.person]))
    now = [_as_known(viewer, row) for row in rows if _counts(viewer, row)]
    by_id = {grant.id: grant for grant in now}
    async with request.reading() as connection:
        members = await _members(connection, made.news, request.as_of)
        stand_ins = await everybody(connection, request.as_of, ROLES)
        nameable = set(await connection.scalars(_nameable(request.as_of)))
    then = [replace(one, revoked=True) if one.id in made.ended else one for one in now]
    for new in made.news:
        then.append(as_if_recorded(new, _after(request.now, now), members, _guardian(new, by_id.values())))
    nameable |= {viewer.agency.id}.union(*(one.agencies for one in then))
    standings = [
        _standing(viewer, client, one, now, then, request.as_of)
        for one in stand_ins
        if one.agency.id in nameable
    ]
    return Preview(tuple(sorted(standings, key=lambda row: (not row.is_own, row.agency.casefold()))))


async def _made(request: Request, viewer: Viewer, client: ClientRow, change: Change) -> _Made:
    if change.sign is not None:
        return await _signed(request, viewer, client, change.sign)
    if change.narrow is not None:
        found = await revocable(request, viewer, change.narrow.grant)
        if found is None or found[0].person != client.person:
            return _Made(problems=(NO_GRANT,))
        new, problems = await smaller(request, client, found[1], change.narrow)
        return _Made((new,) if new is not None else (), (found[1],), tuple(problems))
    ended = []
    for identifier in change.revoke:
        found = await revocable(request, viewer, identifier)
        if found is None or found[0].person != client.person:
            return _Made(problems=(NO_GRANT,))
        ended.append(found[1])
    return _Made(ended=tuple(ended))


async def _signed(request: Request, viewer: Viewer, client: ClientRow, filled: Filled) -> _Made:
    """What recording the form would write, with all that it would be refused for."""
    filled = replace(filled, evidence=filled.evidence or _TO_BE_SIGNED)
    written, problems = proposals_of(request, str(client.id), client, filled)
    if problems:
        return _Made(problems=tuple(problems))
    ended, problems = await replaceable(request, viewer, client, filled.replaces)
    news, form = [], uuid4()
    async with request.reading() as connection:
        for one in (completed(proposal, viewer.policy) for proposal in written):
            problems += check(one, viewer.policy)
            new, unknown = await looked_up(connection, request, client.person, one, form)
            problems += unknown
            news.append(new)
    return _Made(tuple(news), tuple(ended), tuple(problems))


def _counts(viewer: Viewer, row: RowMapping) -> bool:
    """Not where a newer form took its place, and be that one nobody here may read."""
    replaced = row["form_id"] is not None and row["form_id"] != row["newest_form"]
    latest = viewer.policy.combination is Combination.LATEST
    return not (latest and replaced and row["effect"] == Effect.PERMIT.value)


def _as_known(viewer: Viewer, row: RowMapping) -> Grant:
    """A grant with the recipients that the viewer is told of: of one recorded elsewhere their own alone."""
    grant, here = grants.grant_of(row), viewer.agency.id
    return grant if row["recorded_at_agency"] == here else replace(grant, agencies=grant.agencies & {here})


def _after(moment: datetime, known: Iterable[Grant]) -> datetime:
    """When it would be recorded: later than all that was, for the newest form may count alone."""
    recorded = [one.recorded_at for one in known if one.recorded_at is not None]
    return max([moment, *recorded]) + timedelta(microseconds=1)


def _guardian(new: NewGrant, known: Iterable[Grant]) -> Guardian | None:
    """Who signed, as the decision asks: somebody who may, for that was looked up."""
    if new.guardian is None:
        return None
    before = (one.guardian for one in known if one.guardian and one.guardian.id == new.guardian)
    return next(before, Guardian(new.guardian, new.start, None))


def _nameable(as_of: date) -> Any:
    return select(agency.c.id).where(*in_force(as_of), may_be_named())


async def _members(
    connection: AsyncConnection, news: Sequence[NewGrant], as_of: date
) -> Mapping[UUID, frozenset[UUID]]:
    """The agencies that are in the groups of new grants that day."""
    found: dict[UUID, frozenset[UUID]] = {}
    for group in {new.group for new in news if new.group is not None}:
        member = visibility_group_member.c
        named = select(member.agency_id).where(
            in_group(member.group_id, literal(as_of, Date())), member.group_id == group
        )
        found[group] = frozenset(await connection.scalars(named))
    return found


def _standing(
    viewer: Viewer,
    client: ClientRow,
    one: Viewer,
    now: Sequence[Grant],
    then: Sequence[Grant],
    as_of: date,
) -> StandingRow:
    is_own = one.agency.id == viewer.agency.id
    records = [ANY_RECORD] if is_own else _tellable(client)
    births = () if client.born is None else (client.born,)

    def seen(given: Sequence[Grant]) -> tuple[Category, ...]:
        decision = decide(one, Facts(grants=tuple(given), births=births), viewer.policy, as_of)
        mask = shared_of(decision, records)
        return tuple(category for category in Category if category & mask)

    return StandingRow(client.person, one.agency.name, is_own, one.role, one.purpose, seen(now), seen(then))


def _tellable(client: ClientRow) -> list[RecordFacts]:
    """The records that the viewer's agency entered and that may be shown to others at all (rule 1)."""
    return [
        RecordFacts(record.values["source_id"], labels=Label(record.values["labels"]))
        for record in client.records
        if record.own and record.values["labels"] is not None
    ]
