"""Orders of courts that law enforcement brings: recorded, approved by two, withdrawn, and looked over.

An agency that entered a record of the client writes the order down for one of its own privacy officers; two
others approve it. Nobody of another agency is told that there is one, and neither is anybody here but them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from auth import legal_orders
from auth.categories import NOTHING, Category
from auth.legal_order import LONGEST, NEVER_BY_ORDER, Authority
from auth.legal_orders import NewOrder
from auth.parameters import VIEWER
from auth.viewer import Scope, Viewer
from hmis.labels import NONE, Label
from hmis.tables import legal_order
from resolvers import clients
from resolvers.problems import Problem, is_privacy_officer, may_not_write, not_there
from resolvers.request import LEGAL_ORDER, Request

RECORDED, APPROVED, WITHDRAWN = (f"{LEGAL_ORDER}_{what}" for what in ("RECORDED", "APPROVED", "WITHDRAWN"))
"""In the audit, before the order's id: what was done about it. What was read stands under LEGAL_ORDER."""


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order as privacy officers of its agency read it."""

    values: RowMapping
    in_force: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """An order as it stands now, or why nothing changed."""

    order: OrderRow | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """An order as it was written down, before anything was checked."""

    client: str
    reader: str
    categories: tuple[Category, ...]
    labels: tuple[Label, ...]
    authority: Authority
    reference: str
    start: date
    end: date

    @property
    def mask(self) -> Category:
        """What it lists. Whoever is shown anything of a client is shown that the client is there."""
        total = NOTHING
        for category in self.categories:
            total |= category
        return total | Category.EXISTENCE

    @property
    def label_mask(self) -> Label:
        total = NONE
        for label in self.labels:
            total |= label
        return total


async def record(request: Request, proposal: Proposal) -> Outcome:
    """Check an order, write it down, and read it back. It opens nothing yet."""
    request.trail.about_people = True
    viewer, refused = request.viewer, may_not_write(request.viewer)
    if viewer is None or refused:
        return Outcome(problems=(refused,) if refused else ())
    client = await clients.own(request, proposal.client)
    if client is None:
        return Outcome(problems=(not_there("input", "client"),))
    problems = _check(proposal, request.as_of)
    reader = proposal.reader.strip()
    async with request.writing() as connection:
        if not await legal_orders.is_officer(connection, viewer.agency.id, reader, request.as_of):
            sentence = (
                "Whoever looks under an order is a privacy officer of your agency; this subject is none."
            )
            problems.append(Problem("INVALID", sentence, ("input", "reader")))
        if problems:
            return Outcome(problems=tuple(problems))
        new = NewOrder(
            person=client.person,
            subject=reader,
            categories=proposal.mask,
            labels=proposal.label_mask,
            authority=proposal.authority,
            reference=proposal.reference.strip(),
            start=proposal.start,
            end=proposal.end,
        )
        identifier = await legal_orders.record(connection, viewer, new, request.now)
        row = await _read(connection, request, viewer, identifier)
    request.trail.of(client.person).exception = f"{RECORDED} {identifier}"
    return Outcome(row)


def _check(proposal: Proposal, today: date) -> list[Problem]:
    problems = []
    if not proposal.reference.strip():
        sentence = "Say which order: the court, its number, where you keep it."
        problems.append(Problem("REQUIRED", sentence, ("input", "reference")))
    if not proposal.categories:
        problems.append(Problem("REQUIRED", "List what the order names.", ("input", "categories")))
    if proposal.mask & Category.SSN_FULL:
        sentence = "A whole Social Security number is shown to nobody."
        problems.append(Problem("NOT_ALLOWED", sentence, ("input", "categories")))
    if proposal.label_mask & NEVER_BY_ORDER:
        sentence = (
            "No order recorded here opens VSP (34 USC 12291(b)(2)), PART2 or PART2_NOTES (42 CFR 2.61-2.67)."
        )
        problems.append(Problem("NOT_ALLOWED", sentence, ("input", "labels")))
    if not proposal.start < proposal.end <= proposal.start + LONGEST:
        sentence = f"end is the first day no longer in force, {LONGEST.days} days after start at the latest."
        problems.append(Problem("INVALID", sentence, ("input", "end")))
    elif proposal.end <= today:
        problems.append(Problem("INVALID", "Its last day has passed.", ("input", "end")))
    return problems


async def approve(request: Request, identifier: str) -> Outcome:
    """Approve an order that somebody else wrote down and somebody else looks under."""
    request.trail.about_people = True
    viewer = request.viewer
    if viewer is None or not _may_decide(viewer):
        return Outcome(problems=(Problem("FORBIDDEN", "Only a privacy officer may approve an order."),))
    async with request.writing() as connection:
        known = await _read(connection, request, viewer, _uuid(identifier))
        if known is None:
            return _unknown()
        request.trail.of(known.values["person_id"]).exception = f"{APPROVED} {known.values['id']}"
        if viewer.subject in (known.values["recorded_by"], known.values["subject"]):
            sentence = "Neither who wrote the order down nor who looks under it approves it."
            return Outcome(problems=(Problem("FORBIDDEN", sentence, ("id",)),))
        if known.values["ended_at"] is not None or known.values["valid_to"] <= request.as_of:
            return Outcome(problems=(Problem("INVALID", "It is over.", ("id",)),))
        await legal_orders.approve(connection, viewer, known.values["id"], request.now)
        return Outcome(await _read(connection, request, viewer, known.values["id"]))


async def withdraw(request: Request, identifier: str, reason: str) -> Outcome:
    """End an order before its last day. What was ended before stays as it was."""
    request.trail.about_people = True
    viewer = request.viewer
    if viewer is None or not _may_decide(viewer):
        return Outcome(problems=(Problem("FORBIDDEN", "Only a privacy officer may withdraw an order."),))
    async with request.writing() as connection:
        known = await _read(connection, request, viewer, _uuid(identifier))
        if known is None:
            return _unknown()
        request.trail.of(known.values["person_id"]).exception = f"{WITHDRAWN} {known.values['id']}"
        if not reason.strip():
            return Outcome(problems=(Problem("REQUIRED", "Say why it is withdrawn.", ("reason",)),))
        await legal_orders.end(connection, viewer, known.values["id"], reason.strip(), request.now)
        return Outcome(await _read(connection, request, viewer, known.values["id"]))


async def of_agency(request: Request) -> list[OrderRow]:
    """Orders of the viewer's agency, newest first; nothing for anybody but its privacy officers."""
    request.trail.about_people = True
    viewer = request.viewer
    if viewer is None or not is_privacy_officer(viewer):
        return []
    rows = [_row(request, row) for row in await request.fetch(legal_orders.of_agency())]
    for row in rows:
        request.trail.of(row.values["person_id"])
    return rows


async def _read(
    connection: AsyncConnection, request: Request, viewer: Viewer, identifier: UUID | None
) -> OrderRow | None:
    """One order of the viewer's agency."""
    statement = legal_orders.of_agency().where(legal_order.c.id == identifier)
    found = await connection.execute(statement, VIEWER.of(viewer, request.as_of, request.now))
    row = found.mappings().one_or_none()
    return _row(request, row) if row is not None else None


def _row(request: Request, row: RowMapping) -> OrderRow:
    return OrderRow(row, legal_orders.order_of(row).is_in_force_on(request.as_of))


def _may_decide(viewer: Viewer) -> bool:
    return is_privacy_officer(viewer) and Scope.CONSENT_WRITE in viewer.scopes


def _unknown() -> Outcome:
    return Outcome(problems=(Problem("NOT_FOUND", "There is no such order of your agency.", ("id",)),))


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
