"""Explaining: why somebody sees what they see of a client. For privacy officers, and itself audited.

An officer is told how the records of their own agency stand open. What another agency entered about the same
client is not theirs to learn, so it is no part of the explanation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, Select, bindparam, or_, select, true
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from auth import grants, legal_orders
from auth.categories import NOTHING, Category
from auth.consent import Facts, Grant, Reason, RecordFacts, decide, own_record
from auth.explaining import Explained, explain
from auth.membership import memberships_of, stand_ins
from auth.parameters import OFFICER, VIEWER
from auth.speaking import is_own, of_link, oldest_birth, speaking
from auth.viewer import Purpose, Viewer
from auth.visibility import broken_glass
from hmis.labels import Label
from hmis.tables import HMIS, client_label, client_link, consent_grant
from resolvers import clients
from resolvers.fixed import fixed
from resolvers.problems import Problem, is_privacy_officer
from resolvers.request import Request
from resolvers.rows import SaidByTheHub

_CLIENT = HMIS["Client"]


@dataclass(frozen=True, slots=True)
class ExplainedRow(SaidByTheHub):
    """One category of one client, as somebody stands to it."""

    person: UUID
    category: Category
    granted: bool
    basis: Reason
    grants: tuple[UUID, ...]
    allowed: Category = Category.EXISTENCE


@dataclass(frozen=True, slots=True)
class Explanation:
    """How one membership of somebody stands to a client."""

    viewer: Viewer
    access: tuple[ExplainedRow, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Explanations, one for each agency the person asked about may act for; or why there are none."""

    explanations: tuple[Explanation, ...] = ()
    problems: tuple[Problem, ...] = ()


async def explain_access(
    request: Request, client: str, subject: str, purpose: Purpose | None = None
) -> Outcome:
    """Why `subject` sees what they see of a client of the officer's agency."""
    request.trail.about_people = True
    officer = request.viewer
    if officer is None or not is_privacy_officer(officer):
        return Outcome(problems=(Problem("FORBIDDEN", "Only a privacy officer may ask this."),))
    row = await clients.own(request, client)
    if row is None:
        return Outcome(problems=(Problem("NOT_FOUND", "There is no such client of yours.", ("client",)),))
    person = row.person
    members = await request.fetch(memberships_of(subject, request.as_of))
    viewers = stand_ins(members, subject, request.as_of, purpose)
    if not viewers:
        problem = Problem(
            "NOT_FOUND", "Nobody of that subject may ask for that purpose today.", ("viewer", "subject")
        )
        return Outcome(problems=(problem,))
    found = []
    asked_by = OFFICER.of(officer, request.as_of, request.now)
    for viewer in viewers:
        asks = VIEWER.of(viewer, request.as_of, request.now)
        rows = await request.fetch(records(for_officer=True), {"person": person, **asks, **asked_by})
        # A grant for the records of other sources alone would tell that the client is known there.
        sources = sorted({row["source_id"] for row in rows})
        spoken = (
            grants.statement(request.as_of, people=[person])
            .where(*speaking(VIEWER, consent_grant.c.person_id, consent_grant))
            .where(or_(consent_grant.c.sources.is_(None), consent_grant.c.sources.overlap(sources)))
        )
        given = grants.by_person(await request.fetch(spoken, asks))
        access = explained(viewer, rows, given.get(person, []), request.as_of, officer)
        found.append(
            Explanation(
                viewer,
                tuple(
                    ExplainedRow(person, each.category, each.is_open, each.reason, each.grants)
                    for each in access
                ),
            )
        )
    return Outcome(tuple(found))


@cache
def records(*, for_officer: bool = False) -> Select[Any]:
    """What the decision reads of each record of `person`: where it comes from, what it tells, whose it is.

    For an officer only records of their own agency: another is not even counted.
    """
    link, client = client_link.alias(), _CLIENT.alias()
    return fixed(
        select(
            client.c.source_id,
            oldest_birth(VIEWER, link.c.person_id).label("oldest_birth"),
            client_label.c.labels,
            is_own(VIEWER, client).label("own"),
            broken_glass(VIEWER, link.c.person_id).label("break_glass"),
            legal_orders.for_viewer(link.c.person_id).label("orders"),
        )
        .select_from(link.join(client, of_link(link, client)).join(client_label, of_link(link, client_label)))
        .where(
            link.c.person_id == bindparam("person", type_=PgUUID()),
            link.c.undone_at.is_(None),
            client.c.removed_at.is_(None),
            is_own(OFFICER, client) if for_officer else true(),
        )
    )


def facts_of(rows: Sequence[RowMapping], given: Sequence[Grant]) -> Facts:
    """The facts that `decide` reads, over the records that the viewer might ever see."""
    return Facts(
        grants=tuple(given),
        births=tuple(row["oldest_birth"] for row in rows if row["oldest_birth"] is not None),
        break_glass=next((row["break_glass"] for row in rows), None),
        orders=legal_orders.read_back(next((row["orders"] for row in rows), None)),
    )


def tellable(rows: Sequence[RowMapping]) -> list[RecordFacts]:
    """The records that may be shown to other agencies at all."""
    return [
        RecordFacts(row["source_id"], labels=Label(row["labels"]))
        for row in rows
        if row["labels"] is not None
    ]


def explained(
    viewer: Viewer,
    rows: Sequence[RowMapping],
    given: Sequence[Grant],
    as_of: date,
    officer: Viewer | None = None,
) -> tuple[Explained, ...]:
    """How the viewer stands to these records of the person: all, or those of the officer's agency."""
    decision = decide(viewer, facts_of(rows, given), viewer.policy, as_of)
    colleagues = officer is None or officer.agency.id == viewer.agency.id
    own = own_record(viewer) if colleagues and any(row["own"] for row in rows) else NOTHING
    return explain(decision, tellable(rows), own)
