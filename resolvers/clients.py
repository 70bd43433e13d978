"""Clients: people as this viewer may see them, over the records of all agencies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, and_, func, literal, or_, select
from sqlalchemy import any_ as sql_any
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from auth import grants
from auth.categories import NOTHING, PARTNER, Category
from auth.consent import Grant, decide, own_record
from auth.viewer import Viewer
from auth.visibility import grants_to, own_client, shareable_client, tellable_client, visible_record
from hmis.errors import InputRefused
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
    for row in await request.fetch(_records(viewer, request.as_of, people)):
        found[row["person_id"]].append(row)
    if not found:
        return [None] * len(people)
    given = grants.by_person(await request.fetch(grants.speaking_to(viewer, request.as_of, list(found))))
    clients = [
        _client_row(request, viewer, person, found[person], given.get(person, [])) for person in people
    ]
    for known in clients:
        if known is not None:
            request.relied_on(known)
    return clients


def _records(viewer: Viewer, as_of: date, people: Sequence[UUID]) -> Any:
    """The client records of some people that the viewer may see."""
    records = (
        select(
            client_link.c.person_id,
            _CLIENT,
            _CLIENT.c.personal_id.label("key"),
            source.c.name.label("source_name"),
            own_client(viewer, _CLIENT).label("own"),
            shareable_client(_CLIENT).label("shareable"),
            tellable_client(_CLIENT).label("tellable"),
        )
        .select_from(_LINKED_RECORDS)
        .where(
            client_link.c.person_id == sql_any(literal(list(people), ARRAY(PgUUID()))),
            client_link.c.undone_at.is_(None),
            _CLIENT.c.removed_at.is_(None),
        )
        .subquery()
    )
    return (
        select(records)
        .where(
            or_(
                records.c.own,
                and_(records.c.shareable, grants_to(viewer, as_of, records.c.person_id, Category.EXISTENCE)),
            )
        )
        .order_by(records.c.date_updated.desc().nulls_last(), records.c.source_id, records.c.key)
    )


def _client_row(
    request: Request,
    viewer: Viewer,
    person: UUID,
    rows: Sequence[RowMapping],
    given: Sequence[Grant],
) -> ClientRow | None:
    """The person over the records that the viewer may see; None when there is none."""
    decision = decide(viewer, given, request.as_of)
    records = []
    for row in rows:
        own = own_record(viewer) if row["own"] else NOTHING
        shared = decision.allowed if row["shareable"] else NOTHING
        if (own | shared) & Category.EXISTENCE:
            records.append(Record("Client", row, person, own=bool(row["own"]), allowed=own | shared))
    if not records:
        return None
    # What partners hold hangs on the person and not on any record of theirs.
    allowed = union(tuple(records)) | decision.allowed & PARTNER
    return ClientRow(person, tuple(records), decision, allowed)


@dataclass(frozen=True, slots=True)
class TextFilter:
    """A whole text or its beginning, whatever the case. Exactly one is set."""

    equals: str | None = None
    starts_with: str | None = None

    def on(self, name: str, column: ColumnElement[Any]) -> ColumnElement[bool]:
        if (self.equals is None) == (self.starts_with is None):
            raise InputRefused(f"{name} takes exactly one of eq and startsWith")
        if self.equals is not None:
            return func.lower(column) == self.equals.strip().lower()
        beginning = (self.starts_with or "").strip().lower()
        if not beginning:
            raise InputRefused(f"{name}.startsWith must have at least one character")
        return func.lower(column).startswith(beginning, autoescape=True)


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
            found.append(self.first_name.on("firstName", _CLIENT.c.first_name))
            needed |= Category.NAME
        if self.last_name is not None:
            found.append(self.last_name.on("lastName", _CLIENT.c.last_name))
            needed |= Category.NAME
        if self.date_of_birth is not None:
            found.append(self.date_of_birth.on("dateOfBirth", _CLIENT.c.dob))
            needed |= Category.DOB
        if self.ssn_last_four is not None:
            if not (len(self.ssn_last_four) == 4 and self.ssn_last_four.isdigit()):
                raise InputRefused("ssnLastFour takes four digits")
            # Of nine characters only: the end of a hash is shown to nobody, so nobody may search by it.
            found += [
                func.right(_CLIENT.c.ssn, 4) == self.ssn_last_four,
                func.length(_CLIENT.c.ssn) == 9,
            ]
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
        .where(visible_record(viewer, request.as_of, met.c.person_id, met, needed))
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
