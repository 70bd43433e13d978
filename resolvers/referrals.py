"""Referrals: sending a client on to a partner, calling it off, and what became of it.

Writing one down sends nothing: it and its place in the outbox are one transaction, and `resolvers/sending.py`
asks the client's consent again before the partner hears of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from auth.categories import NOTHING, Category
from auth.parameters import VIEWER
from auth.viewer import Purpose, Role, Scope, Viewer
from connectors.base import Source
from hmis import queue
from hmis.referral_states import MOVING, Status
from hmis.tables import outbox, outbox_attempt, referral
from resolvers import clients, referred, steps
from resolvers.agreeing import agreed
from resolvers.partners import category_of
from resolvers.problems import Problem
from resolvers.referred import ReferralRow
from resolvers.request import Request

SEND = "send"
"""The task that sends a row of the outbox: {"outbox": its id}."""
TELLABLE = Category.NAME | Category.DOB
"""What a partner can be told of a client, beside what is asked of it."""
LONGEST = 200

_ARGUMENT = "input"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A referral as it was written down, before anything was checked."""

    client: str
    partner: str
    service: str
    tell: tuple[Category, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """A referral as it stands now, or why nothing changed."""

    referral: ReferralRow | None = None
    problems: tuple[Problem, ...] = ()


def _refused(code: str, message: str, *path: str) -> Outcome:
    return Outcome(problems=(Problem(code, message, path),))


def _may_not_refer(viewer: Viewer | None) -> Outcome | None:
    """Referring is what a case manager does to coordinate care."""
    if viewer is None or viewer.role is not Role.CASE_MANAGER or Scope.CLIENTS_WRITE not in viewer.scopes:
        return _refused("FORBIDDEN", "Referring is for case managers, with the scope clients.write.")
    if viewer.purpose is not Purpose.CARE_COORDINATION:
        return _refused("FORBIDDEN", "Referring coordinates care: ask for that purpose.")
    return None


def takers(request: Request) -> list[Source]:
    """The partners that take referrals, by what a case worker calls them; none for who acts for nobody."""
    if request.viewer is None:
        return []
    taking = (source for source in request.partners.values() if _takes(request, source))
    return sorted(taking, key=lambda source: (source.title.lower(), source.name))


def _takes(request: Request, source: Source) -> bool:
    """Whether it takes referrals of people. Without an agreement in force the partner hears nothing."""
    is_on = "submit" in source.capabilities and source.name not in request.lapsed
    return is_on and category_of(source) is not None


async def create(request: Request, proposal: Proposal) -> Outcome:
    """Check a referral, and write it down together with its place in the outbox."""
    request.trail.about_people = True
    viewer, refused = request.viewer, _may_not_refer(request.viewer)
    if viewer is None or refused:
        return refused or Outcome()
    client = await clients.client(request, proposal.client)
    if client is None or not client.is_own:
        return _refused("NOT_FOUND", "There is no such client, or none you may refer.", _ARGUMENT, "client")
    source = request.partners.get(proposal.partner)
    category = category_of(source) if source is not None else None
    if source is None or category is None or not _takes(request, source):
        return _refused("UNKNOWN_PARTNER", "No partner of that name takes referrals.", _ARGUMENT, "partner")
    if problems := _check(proposal):
        return Outcome(problems=tuple(problems))
    tell = _mask(proposal.tell)
    if await agreed(request, client, source, tell) is None:
        return _refused(
            "NO_CONSENT", "The client has not agreed that this partner is told that.", _ARGUMENT, "tell"
        )
    async with request.writing() as connection:
        identifier = await _written(connection, request, viewer, client.person, source, category, proposal)
    return Outcome(await referred.one(request, client, identifier))


def _check(proposal: Proposal) -> list[Problem]:
    problems = []
    if not 0 < len(proposal.service.strip()) <= LONGEST:
        problems.append(
            Problem("REQUIRED", f"Say what is asked for, in 1 to {LONGEST} letters.", (_ARGUMENT, "service"))
        )
    if _mask(proposal.tell) & ~TELLABLE:
        problems.append(Problem("INVALID", "Only NAME and DOB can be told.", (_ARGUMENT, "tell")))
    return problems


def _mask(categories: Iterable[Category]) -> Category:
    mask = NOTHING
    for category in categories:
        mask |= category
    return mask


async def _written(
    connection: AsyncConnection,
    request: Request,
    viewer: Viewer,
    person: UUID,
    source: Source,
    category: Category,
    proposal: Proposal,
) -> UUID:
    row = insert(referral).values(
        person_id=person,
        agency_id=viewer.agency.id,
        connector=source.name,
        category=int(category),
        service=proposal.service.strip(),
        tell=int(_mask(proposal.tell)),
        created_at=request.now,
        created_by=viewer.subject,
        updated_at=request.now,
    )
    identifier: UUID = (await connection.execute(row.returning(referral.c.id))).scalar_one()
    await steps.noted(connection, identifier, Status.DRAFT, viewer.subject, request.now, None)
    await put(connection, source.name, identifier, Status.SENT, request.now)
    return identifier


async def put(
    connection: AsyncConnection, connector: str, identifier: UUID, status: Status, now: datetime
) -> None:
    """A row in the outbox and the job that sends it, in the caller's transaction."""
    row = insert(outbox).values(connector=connector, referral_id=identifier, status=status.value, next_at=now)
    key: UUID = (await connection.execute(row.returning(outbox.c.id))).scalar_one()
    await queue.defer(connection, SEND, {"outbox": str(key)})


async def cancel(request: Request, identifier: str, reason: str) -> Outcome:
    """Call a referral off. What the partner has not heard of is not sent; else the partner is told."""
    request.trail.about_people = True
    viewer, refused = request.viewer, _may_not_refer(request.viewer)
    if viewer is None or refused:
        return refused or Outcome()
    unknown = _refused("NOT_FOUND", "There is no such referral, or none you may call off.", "id")
    try:
        wanted = UUID(identifier)
    except ValueError:
        return unknown
    rows = await request.fetch(
        select(referral.c.person_id).where(referral.c.id == wanted, referral.c.agency_id == VIEWER.agency)
    )
    if not rows:
        return unknown
    [client] = await clients.by_id(request, [rows[0]["person_id"]])
    if client is None or not client.is_own:
        return unknown
    if not 0 < len(reason.strip()) <= LONGEST:
        return _refused("REQUIRED", f"Say why, in 1 to {LONGEST} letters.", "reason")
    async with request.writing() as connection:
        problem = await _called_off(connection, request, viewer, wanted, reason.strip())
    if problem is not None:
        return Outcome(problems=(problem,))
    return Outcome(await referred.one(request, client, wanted))


async def _called_off(
    connection: AsyncConnection, request: Request, viewer: Viewer, identifier: UUID, reason: str
) -> Problem | None:
    # The row of the outbox first, as who sends it does; while it is being sent, this waits for the answer.
    pending = await connection.scalar(
        select(outbox.c.id)
        .where(outbox.c.referral_id == identifier, outbox.c.state == "PENDING")
        .with_for_update(key_share=True)
    )
    known = await steps.held(connection, identifier)
    status = Status(known["status"])
    if status in MOVING:
        if pending is None:
            await put(connection, known["connector"], identifier, Status.CANCELLED, request.now)
            await steps.noted(connection, identifier, status, viewer.subject, request.now, reason)
        return None
    if status is not Status.DRAFT:
        return Problem("NOT_ALLOWED", "The referral is over.", ("id",))
    if pending is not None:
        tried = select(func.count()).where(outbox_attempt.c.outbox_id == pending)
        if await connection.scalar(tried):
            return Problem("NOT_ALLOWED", "It may be with the partner already: try again later.", ("id",))
        await connection.execute(
            update(outbox).where(outbox.c.id == pending).values(state="WITHDRAWN", settled_at=request.now)
        )
    await steps.step(connection, identifier, Status.CANCELLED, viewer.subject, request.now, reason)
    return None
