"""Recording and revoking what a client agreed to. What the writer can mend comes back as problems, as data.

Who may: somebody with the scope for it, about a client of whom their own agency entered a record. For anybody
else the client is not there, so the answer is the same as for an unknown one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from auth import grants
from auth.categories import NOTHING, Category
from auth.consent import Effect
from auth.viewer import Purpose, Scope
from resolvers import clients
from resolvers.request import Request

METHODS = ("WRITTEN", "ELECTRONIC", "VERBAL", "TELEPHONIC", "NOTICE")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something the writer can mend: a stable code, a sentence, and where in the input it is."""

    code: str
    message: str
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GrantRow:
    """A grant as its writers read it back."""

    values: RowMapping

    @property
    def id(self) -> UUID:
        identifier: UUID = self.values["id"]
        return identifier


@dataclass(frozen=True, slots=True)
class Outcome:
    """A changed grant, or why nothing changed."""

    grant: GrantRow | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Recipients:
    """Whom a client names: organizations of one source, or the whole community."""

    organizations: tuple[str, ...] = ()
    source: str | None = None
    community_wide: bool = False


@dataclass(frozen=True, slots=True)
class Proposal:
    """A grant as it was written down, before anything was checked."""

    client: str
    effect: Effect
    categories: tuple[Category, ...]
    purposes: tuple[Purpose, ...]
    recipients: Recipients
    start: date
    end: date | None
    method: str
    evidence: str | None
    labels: tuple[str, ...] = field(default=())


_NOT_THERE = Problem(
    "NOT_FOUND", "There is no such client, or none you may record a consent for.", ("client",)
)
_NOBODY = UUID(int=0)
_NO_GRANT = Problem("NOT_FOUND", "There is no such grant, or none you may revoke.", ("id",))
_NOT_ALLOWED = Problem(
    "FORBIDDEN", "Recording consent takes the scope consent.write, which your token lacks."
)


async def record(request: Request, proposal: Proposal) -> Outcome:
    """Check a proposal, write the grant, and read it back."""
    request.trail.about_people = True
    viewer = request.viewer
    if viewer is None or Scope.CONSENT_WRITE not in viewer.scopes:
        return Outcome(problems=(_NOT_ALLOWED,))
    person = await _own_client(request, proposal.client)
    if person is None:
        return Outcome(problems=(_NOT_THERE,))
    problems = check(proposal)
    async with request.writing() as connection:
        agencies, unknown = await _agencies(connection, proposal.recipients)
        problems += unknown
        if problems:
            return Outcome(problems=tuple(problems))
        grant = grants.NewGrant(
            person=person,
            effect=proposal.effect,
            categories=_with_existence(proposal),
            purposes=tuple(purpose.value for purpose in proposal.purposes),
            community_wide=proposal.recipients.community_wide,
            agencies=agencies,
            start=proposal.start,
            end=proposal.end,
            method=proposal.method,
            evidence=proposal.evidence,
        )
        identifier = await grants.record(connection, viewer, grant)
        return Outcome(await _read(connection, identifier))


async def revoke(request: Request, identifier: str, reason: str) -> Outcome:
    """End a grant now. Revoking one that was revoked before changes nothing and says when it was."""
    request.trail.about_people = True
    viewer = request.viewer
    if viewer is None or Scope.CONSENT_WRITE not in viewer.scopes:
        return Outcome(problems=(_NOT_ALLOWED,))
    try:
        wanted = UUID(identifier)
    except ValueError:
        return Outcome(problems=(_NO_GRANT,))
    async with request.writing() as connection:
        known = await _read(connection, wanted)
        # An unknown grant is looked after like one of somebody hidden, and costs the same.
        person = known.values["person_id"] if known else _NOBODY
        if await _own_client(request, str(person)) is None:
            return Outcome(problems=(_NO_GRANT,))
        if not reason.strip():
            return Outcome(problems=(Problem("REQUIRED", "Say why the grant is revoked.", ("reason",)),))
        await grants.revoke(connection, viewer, wanted, reason, request.now)
        return Outcome(await _read(connection, wanted))


def check(proposal: Proposal) -> list[Problem]:
    """What can be seen to be wrong without looking anything up."""
    problems = []
    if not proposal.categories:
        problems.append(Problem("REQUIRED", "Name at least one category.", ("input", "categories")))
    if not proposal.purposes:
        problems.append(Problem("REQUIRED", "Name at least one purpose.", ("input", "purposes")))
    if proposal.labels:
        problems.append(
            Problem(
                "NOT_SUPPORTED",
                "Labels cannot be granted yet; labelled records stay with the agency that entered them.",
                ("input", "labels"),
            )
        )
    if proposal.end is not None and proposal.end <= proposal.start:
        problems.append(
            Problem("INVALID", "end is the first day no longer in force; take a later one.", ("input", "end"))
        )
    if proposal.method not in METHODS:
        problems.append(Problem("INVALID", f"method is one of {', '.join(METHODS)}.", ("input", "method")))
    if proposal.method in ("WRITTEN", "ELECTRONIC") and not proposal.evidence:
        problems.append(
            Problem("REQUIRED", "A signed form needs evidence: sha256:… of it.", ("input", "evidence"))
        )
    recipients = proposal.recipients
    if recipients.community_wide == bool(recipients.organizations):
        problems.append(
            Problem(
                "INVALID",
                "recipients takes exactly one of organizations (with source) and communityWide: true.",
                ("input", "recipients"),
            )
        )
    elif recipients.organizations and not recipients.source:
        problems.append(
            Problem("REQUIRED", "Name the source of the organizations.", ("input", "recipients", "source"))
        )
    return problems


def _with_existence(proposal: Proposal) -> Category:
    """A permit without EXISTENCE would open nothing: whoever shares a name shares being there."""
    total = NOTHING
    for category in proposal.categories:
        total |= category
    return total | Category.EXISTENCE if proposal.effect is Effect.PERMIT else total


async def _own_client(request: Request, identifier: str) -> UUID | None:
    row = await clients.client(request, identifier)
    return row.person if row and any(record.own for record in row.records) else None


async def _agencies(
    connection: AsyncConnection, recipients: Recipients
) -> tuple[tuple[UUID, ...], list[Problem]]:
    if not recipients.organizations or not recipients.source:
        return (), []
    known = await grants.agencies_of(connection, recipients.source, recipients.organizations)
    unknown = [name for name in recipients.organizations if name not in known]
    problems = [
        Problem(
            "UNKNOWN_ORGANIZATION",
            "The hub has no agreement with this organization.",
            ("input", "recipients", "organizations", str(recipients.organizations.index(name))),
        )
        for name in unknown
    ]
    return tuple(known.values()), problems


async def _read(connection: AsyncConnection, identifier: UUID) -> GrantRow | None:
    row: Any = (await connection.execute(grants.statement(grant=identifier))).mappings().one_or_none()
    return GrantRow(row) if row is not None else None
