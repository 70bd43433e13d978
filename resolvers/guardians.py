"""Guardians: who may sign for a minor, recorded and barred by an agency that knows the minor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import RowMapping

from auth import guardians
from auth.guardians import Authority, NewGuardian
from auth.journal import Entry, Kind
from auth.viewer import Scope
from resolvers import clients, withdrawing
from resolvers.problems import Problem, may_not_write, not_there
from resolvers.request import Request
from resolvers.rows import ClientRow

_NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class GuardianRow:
    """A guardian as those who record them read them back."""

    values: RowMapping


@dataclass(frozen=True, slots=True)
class Outcome:
    """A recorded or barred guardian, or why nothing changed."""

    guardian: GuardianRow | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """A guardian as they were written down, before anything was checked."""

    client: str
    adult: str
    authority: Authority
    start: date
    end: date | None


async def of_client(request: Request, root: ClientRow) -> list[GuardianRow] | None:
    """Who may sign for a client, as the viewer's agency recorded it, newest first.

    None = not for this viewer: guardians are read by agencies that entered a record of the client.
    """
    viewer = request.viewer
    if viewer is None or Scope.CONSENT_READ not in viewer.scopes or not root.is_own:
        return None
    return [GuardianRow(row) for row in await request.load(_by_person, root.person)]


async def _by_person(request: Request, people: list[UUID]) -> list[list[RowMapping]]:
    rows = await request.fetch(guardians.of_people(people))
    return [[row for row in rows if row["person_id"] == person] for person in people]


async def record(request: Request, proposal: Proposal) -> Outcome:
    """Check who is to sign for a client, write it, and read it back."""
    request.trail.about_people = True
    viewer, refused = request.viewer, may_not_write(request.viewer)
    if viewer is None or refused:
        return Outcome(problems=(refused,) if refused else ())
    client = await clients.own(request, proposal.client)
    if client is None:
        return Outcome(problems=(not_there("input", "client"),))
    problems = _check(proposal)
    if problems:
        return Outcome(problems=tuple(problems))
    adult = proposal.adult.strip()
    new = NewGuardian(client.person, adult, proposal.authority, proposal.start, proposal.end)
    async with request.writing() as connection:
        identifier = await guardians.record(connection, viewer, new, request.now)
        row = await guardians.read(connection, identifier)
    return Outcome(GuardianRow(row) if row is not None else None)


def _check(proposal: Proposal) -> list[Problem]:
    problems = []
    if not proposal.adult.strip():
        problems.append(
            Problem("REQUIRED", "Say who: a hub id, or how your file names them.", ("input", "adult"))
        )
    if proposal.end is not None and proposal.end <= proposal.start:
        problems.append(Problem("INVALID", "end is the first day they may no longer sign.", ("input", "end")))
    return problems


async def bar(request: Request, identifier: str, reason: str) -> Outcome:
    """Take a guardian's authority away. What was barred before stays as it was."""
    request.trail.about_people = True
    viewer, refused = request.viewer, may_not_write(request.viewer)
    if viewer is None or refused:
        return Outcome(problems=(refused,) if refused else ())
    unknown = Outcome(
        problems=(Problem("NOT_FOUND", "There is no such guardian, or none you may bar.", ("id",)),)
    )
    try:
        wanted = UUID(identifier)
    except ValueError:
        return unknown
    async with request.writing() as connection:
        known = await guardians.read(connection, wanted)
        # An unknown guardian is looked after like one of somebody hidden, and costs the same.
        client = await clients.own(request, str(known["person_id"] if known else _NOBODY))
        if client is None:
            return unknown
        if not reason.strip():
            return Outcome(problems=(Problem("REQUIRED", "Say why they are barred.", ("reason",)),))
        # Before the commit: see `resolvers/consent.py:revoke`.
        await request.keep(Entry(Kind.BAR, wanted, client.person, request.now, viewer.subject))
        await guardians.bar(connection, viewer, wanted, reason.strip(), request.now)
        await withdrawing.follow(request, viewer, connection, client.person)
        row = await guardians.read(connection, wanted)
    return Outcome(GuardianRow(row) if row is not None else None)
