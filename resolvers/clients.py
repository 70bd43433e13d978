"""Clients: people as this viewer may see them, over the records of all agencies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, RowMapping, and_, func, literal, or_, select
from sqlalchemy import any_ as sql_any
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from auth import grants
from auth.categories import HMIS as ENTERED
from auth.categories import PARTNER, Category
from auth.columns import told
from auth.consent import (
    CLOSED,
    PARTNER_RECORD,
    Decision,
    Facts,
    Grant,
    Opened,
    RecordFacts,
    decide,
    own_record,
)
from auth.viewer import Viewer
from auth.visibility import (
    broken_glass,
    client_labels,
    granted,
    oldest_birth,
    own_client,
    visible_record,
)
from hmis.errors import InputRefused
from hmis.labels import Label
from hmis.tables import HMIS, client_link, source
from resolvers import pages
from resolvers.request import Request
from resolvers.rows import EMPTY_PAGE, ClientRow, Edge, Page, Record, union

_CLIENT = HMIS["Client"]
_LINKED_RECORDS = client_link.join(
    _CLIENT,
    and_(
        _CLIENT.c.source_id == client_link.c.source_id,
        _CLIENT.c.personal_id == client_link.c.personal_id,
    ),
).join(source, source.c.id == client_link.c.source_id)
"""People beside each of their records, and the source of each."""


async def client(request: Request, identifier: str) -> ClientRow | None:
    """One person by hub id. None for an id that is hidden, foreign, gone, malformed or never was."""
    request.trail.about_people = True
    try:
        person = UUID(identifier)
    except ValueError:
        return None
    return await request.load(by_id, person)


async def by_id(request: Request, people: list[UUID]) -> list[ClientRow | None]:
    """People by hub id; None for whoever is not there for this viewer. Two statements.

    The second is about those who are there, so somebody hidden costs what nobody at all costs.
    """
    viewer = request.viewer
    if viewer is None:
        return [None] * len(people)
    found: dict[UUID, list[RowMapping]] = defaultdict(list)
    for row in await request.fetch(_records(request, viewer, people)):
        found[row["person_id"]].append(row)
    if not found:
        return [None] * len(people)
    speaking = grants.speaking_to(viewer, request.as_of, list(found))
    given = grants.by_person(await request.fetch(speaking))
    clients = [
        _client_row(request, viewer, person, found[person], given.get(person, [])) for person in people
    ]
    for known in clients:
        if known is not None:
            request.relied_on(known)
    return clients


def _records(request: Request, viewer: Viewer, people: Sequence[UUID]) -> Any:
    """The client records of some people that the viewer may see, with no more in them than is open."""
    person = client_link.c.person_id
    known = (
        select(
            person,
            _CLIENT.c.source_id,
            _CLIENT.c.personal_id,
            source.c.name.label("source_name"),
            own_client(viewer, _CLIENT).label("own"),
            client_labels(_CLIENT).label("labels"),
            broken_glass(viewer, request.now, person).label("break_glass"),
            oldest_birth(viewer, person).label("oldest_birth"),
        )
        .select_from(_LINKED_RECORDS)
        .where(
            person == sql_any(literal(list(people), ARRAY(PgUUID()))),
            client_link.c.undone_at.is_(None),
            _CLIENT.c.removed_at.is_(None),
        )
        .subquery("known")
    )
    # Decided once for each record, and used for the record and for every column of it.
    opened = granted(viewer, request.as_of, known.c.person_id, known.c.source_id, known.c.labels)
    found = select(known, opened.label("opened")).subquery("found")
    whole = or_(found.c.own, found.c.break_glass.is_not(None))
    there = or_(found.c.break_glass.is_not(None), found.c.opened.bitwise_and(int(Category.EXISTENCE)) != 0)
    return (
        select(
            found.c.person_id,
            found.c.source_name,
            found.c.own,
            found.c.labels,
            found.c.labels.is_not(None).label("tellable"),
            found.c.break_glass,
            found.c.oldest_birth,
            _CLIENT.c.personal_id.label("key"),
            *told("Client", whole, found.c.opened, literal(0, BigInteger)),
        )
        .join_from(
            found,
            _CLIENT,
            and_(_CLIENT.c.source_id == found.c.source_id, _CLIENT.c.personal_id == found.c.personal_id),
        )
        .where(or_(found.c.own, and_(found.c.labels.is_not(None), there)))
        .order_by(_CLIENT.c.date_updated.desc().nulls_last(), _CLIENT.c.source_id, _CLIENT.c.personal_id)
    )


def _client_row(
    request: Request,
    viewer: Viewer,
    person: UUID,
    rows: Sequence[RowMapping],
    given: Sequence[Grant],
) -> ClientRow | None:
    """The person over the records that the viewer may see; None when there is none."""
    facts = Facts(
        grants=tuple(given),
        births=tuple(row["oldest_birth"] for row in rows if row["oldest_birth"] is not None),
        break_glass=next((row["break_glass"] for row in rows), None),
    )
    decision = decide(viewer, facts, viewer.policy, request.as_of)
    records = []
    for row in rows:
        opened = _opened(viewer, decision, row)
        if opened.allowed & Category.EXISTENCE:
            records.append(Record("Client", row, person, bool(row["own"]), opened, decision))
    if not records:
        return None
    partners = decision.of(PARTNER_RECORD).allowed & PARTNER
    # A grant may open FOOD of the records of one source: what a partner holds comes from none of them.
    return ClientRow(person, tuple(records), decision, union(tuple(records)) & ENTERED | partners)


def _opened(viewer: Viewer, decision: Decision, row: RowMapping) -> Opened:
    """What is open of one client record: all of an own one, of others what the decision says."""
    shared = CLOSED
    if row["labels"] is not None:
        shared = decision.of(RecordFacts(row["source_id"], labels=Label(row["labels"])))
    if not row["own"]:
        return shared
    return Opened(own_record(viewer) | shared.allowed, everything=True)


@dataclass(frozen=True, slots=True)
class TextFilter:
    """A whole text or its beginning, whatever the case. Exactly one is set."""

    equals: str | None = None
    starts_with: str | None = None

    def on(self, name: str, column: ColumnElement[Any]) -> ColumnElement[bool]:
        """column: in lower case."""
        if (self.equals is None) == (self.starts_with is None):
            raise InputRefused(f"{name} takes exactly one of eq and startsWith")
        if self.equals is not None:
            return column == self.equals.strip().lower()
        beginning = (self.starts_with or "").strip().lower()
        if not beginning:
            raise InputRefused(f"{name}.startsWith must have at least one character")
        # Not LIKE: below row-level security no index may serve it, only comparisons that cannot leak.
        return and_(column.op("~>=~")(beginning), column.op("~<~")(_after_all_with(beginning)))


def _after_all_with(beginning: str) -> str:
    """The first text, byte by byte, behind all that begin so."""
    last = ord(beginning[-1]) + 1
    return beginning[:-1] + chr(0xE000 if last == 0xD800 else last)  # the surrogates are no characters


@dataclass(frozen=True, slots=True)
class DateFilter:
    """A day, or days from one to another, both included."""

    equals: date | None = None
    since: date | None = None
    until: date | None = None

    def on(self, name: str, column: ColumnElement[Any]) -> ColumnElement[bool]:
        conditions: list[ColumnElement[bool]] = []
        if self.equals is not None:
            conditions.append(column == self.equals)
        if self.since is not None:
            conditions.append(column >= self.since)
        if self.until is not None:
            conditions.append(column <= self.until)
        if not conditions:
            raise InputRefused(f"{name} takes eq, or gte and lte")
        return and_(*conditions)


@dataclass(frozen=True, slots=True)
class ClientFilter:
    """What a caller knows of a person. One visible record must meet all of it."""

    identifier: tuple[str, str] | None = None
    first_name: TextFilter | None = None
    last_name: TextFilter | None = None
    date_of_birth: DateFilter | None = None
    ssn_last_four: str | None = None

    def conditions(self) -> tuple[list[ColumnElement[bool]], Category]:
        """What a record must meet, and the categories that reading it tells about."""
        found: list[ColumnElement[bool]] = []
        needed = Category.EXISTENCE
        if self.identifier is not None:
            name, value = self.identifier
            found += [source.c.name == name, _CLIENT.c.personal_id == value]
        if self.first_name is not None:
            found.append(self.first_name.on("firstName", _CLIENT.c.first_name_lower))
            needed |= Category.NAME
        if self.last_name is not None:
            found.append(self.last_name.on("lastName", _CLIENT.c.last_name_lower))
            needed |= Category.NAME
        if self.date_of_birth is not None:
            found.append(self.date_of_birth.on("dateOfBirth", _CLIENT.c.dob))
            needed |= Category.DOB
        if self.ssn_last_four is not None:
            if not (len(self.ssn_last_four) == 4 and self.ssn_last_four.isdigit()):
                raise InputRefused("ssnLastFour takes four digits")
            # Of nine characters only: the end of a hash is shown to nobody, so nobody may search by it.
            found += [_CLIENT.c.ssn_last_four == self.ssn_last_four, func.length(_CLIENT.c.ssn) == 9]
            needed |= Category.SSN_LAST4
        return found, needed


async def clients(request: Request, where: ClientFilter, first: int, after: str | None) -> Page[ClientRow]:
    """People who meet a filter, as far as this viewer may see what the filter reads. Ordered by hub id."""
    request.trail.about_people = True
    size, start = pages.page_size(first), pages.after_id(after)
    conditions, needed = where.conditions()
    viewer = request.viewer
    if viewer is None:
        return EMPTY_PAGE
    person = client_link.c.person_id
    linked = (
        select(person, client_link.c.source_id, client_link.c.personal_id)
        .select_from(_LINKED_RECORDS)
        .where(
            client_link.c.undone_at.is_(None),
            _CLIENT.c.removed_at.is_(None),
            *conditions,
            person > start if start else literal(True),
        )
    )
    # To find and sort what meets a filter costs little, to ask whether it may be seen costs much more. Sorted
    # first, it is asked only until the page is full. Without a filter PostgreSQL walks by person anyway.
    met = (linked.order_by(person) if conditions else linked).subquery("met")
    statement = (
        select(met.c.person_id)
        .distinct()
        .where(visible_record(viewer, request.as_of, request.now, met.c.person_id, met, needed))
        .order_by(met.c.person_id)
        .limit(size + 1)
    )
    found = [row["person_id"] for row in await request.fetch(statement)]
    shown = found[:size]
    rows = [await loading for loading in [request.load(by_id, person) for person in shown]]
    return Page(
        edges=tuple(Edge(row, pages.encode(row.person)) for row in rows if row is not None),
        has_next=len(found) > size,
        has_previous=after is not None,
    )
