"""Break-glass: opening a person in an emergency, and looking at what was opened afterwards.

The answer to opening tells nothing of the person: an unknown, a hidden and a protected one look the same,
and the audit has the same line for each.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from auth import emergency
from auth.parameters import VIEWER
from auth.viewer import Role, Scope, Viewer
from hmis.tables import break_glass
from resolvers.problems import Problem, is_privacy_officer
from resolvers.request import Request
from resolvers.rows import ClientRow

ASKED = "BREAK_GLASS_ASKED"
"""In the audit: somebody asked for an opening. What they then read stands under BREAK_GLASS."""


@dataclass(frozen=True, slots=True)
class Opening:
    """Until when a person is open; no more than the caller could have known before."""

    closes_at: datetime | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class OpeningRow:
    """One opening as a privacy officer reads it."""

    values: RowMapping


@dataclass(frozen=True, slots=True)
class Review:
    """A reviewed opening, or why nothing was written."""

    opening: OpeningRow | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Whom:
    """Whom somebody asks to see: by hub id, or by what a source system calls them. Exactly one is set."""

    client: str | None = None
    identifier: tuple[str | None, str] | None = None

    def as_known(self) -> emergency.Known:
        """The same for the statement. What is no hub id is asked for like any other: it takes as long."""
        if self.identifier is None:
            return emergency.Known(_uuid(self.client or "") or UUID(int=0))
        source, value = self.identifier
        return emergency.Known(identifier=value.strip(), source=source.strip() if source else None)


async def open_for(request: Request, whom: Whom, reason: str, minutes: int) -> Opening:
    """Open a person for the viewer for some minutes. No look at the person decides about the answer."""
    request.trail.about_people = True
    person = _uuid(whom.client or "")
    if person is not None:
        request.trail.of(person).exception = ASKED
    if whom.identifier is not None:
        request.trail.searched.add(("identifier", "/".join((whom.identifier[0] or "*", whom.identifier[1]))))
    viewer = request.viewer
    if viewer is None or viewer.role is not Role.CASE_MANAGER or Scope.CLIENTS_READ not in viewer.scopes:
        return Opening(problems=(Problem("FORBIDDEN", "Only a case manager may open in an emergency."),))
    problems = _check(viewer, request.now, whom, reason, minutes)
    if problems:
        return Opening(problems=tuple(problems))
    closes_at = request.now + timedelta(minutes=minutes)
    async with request.writing() as connection:
        if not await emergency.may_ask(connection, viewer, request.now):
            return Opening(problems=(_TOO_OFTEN,))
        opened = await emergency.open_for(
            connection, viewer, whom.as_known(), reason.strip(), request.now, closes_at
        )
    if opened is not None:
        request.trail.of(opened).exception = ASKED
    return Opening(closes_at)


_TOO_OFTEN = Problem(
    "TOO_OFTEN",
    f"You asked for {emergency.MOST_ASKED} openings within an hour, and that is all there are. "
    "A colleague can ask, or your privacy officer can help.",
)


def _check(viewer: Viewer, now: datetime, whom: Whom, reason: str, minutes: int) -> list[Problem]:
    problems = []
    if (whom.client is None) == (whom.identifier is None):
        problems.append(Problem("INVALID", "Say whom: client or identifier, exactly one.", ("client",)))
    if not emergency.signed_in_lately(viewer, now):
        problems.append(Problem("STEP_UP", "Sign in again, and ask within five minutes."))
    if len(reason.strip()) < emergency.SHORTEST_REASON:
        problems.append(
            Problem("REQUIRED", f"Say why, in {emergency.SHORTEST_REASON} characters or more.", ("reason",))
        )
    if not 1 <= minutes <= emergency.LONGEST // timedelta(minutes=1):
        problems.append(Problem("INVALID", "minutes is from 1 to 60.", ("minutes",)))
    return problems


async def open_until(request: Request, root: ClientRow) -> datetime | None:
    """Until when the client stands open to the viewer in an emergency; None = they do not."""
    if root.decision.break_glass is None:
        return None
    return await request.load(_closing, root.person)


async def _closing(request: Request, people: list[UUID]) -> list[datetime | None]:
    found = {row["person_id"]: row["closes_at"] for row in await request.fetch(emergency.open_now(people))}
    return [found.get(person) for person in people]


async def openings(request: Request) -> list[OpeningRow]:
    """What a privacy officer has to look at, newest first; nothing for anybody else."""
    request.trail.about_people = True
    viewer = request.viewer
    if viewer is None or not is_privacy_officer(viewer):
        return []
    rows = [OpeningRow(row) for row in await request.fetch(emergency.openings())]
    for row in rows:
        request.trail.of(row.values["person_id"])
    return rows


async def review(request: Request, identifier: str, outcome: emergency.Outcome) -> Review:
    """Say whether an opening was justified. Nobody reviews their own; the first finding stands."""
    request.trail.about_people = True
    viewer = request.viewer
    if viewer is None or not is_privacy_officer(viewer) or Scope.CONSENT_WRITE not in viewer.scopes:
        return Review(problems=(Problem("FORBIDDEN", "Only a privacy officer may review an opening."),))
    wanted = _uuid(identifier)
    async with request.writing() as connection:
        statement = emergency.openings().where(break_glass.c.id == wanted)
        asks = VIEWER.of(viewer, request.as_of, request.now)
        known: Any = (await connection.execute(statement, asks)).mappings().one_or_none()
        if known is None:
            problem = Problem("NOT_FOUND", "There is no such opening, or none you may review.", ("id",))
            return Review(problems=(problem,))
        request.trail.of(known["person_id"])
        if known["subject"] == viewer.subject:
            return Review(problems=(Problem("FORBIDDEN", "Somebody else reviews what you opened.", ("id",)),))
        await emergency.review(connection, viewer, known["id"], outcome, request.now)
        row: Any = (await connection.execute(statement, asks)).mappings().one()
        return Review(OpeningRow(row))


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
