"""Enrollments: a person's stays, each belonging to the agency whose project it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from enum import Enum
from functools import cache
from typing import Any, NamedTuple, cast
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    FromClause,
    Integer,
    RowMapping,
    Select,
    Text,
    and_,
    bindparam,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import UUID as PgUUID
from sqlalchemy.types import TypeEngine

from auth.categories import Category
from auth.columns import told
from auth.consent import Decision, Opened, RecordFacts, own_record
from auth.parameters import VIEWER
from auth.speaking import of_link
from auth.viewer import Viewer
from auth.visibility import broken_glass, granted, is_below_emergency, label_of, own_stay
from hmis.labels import Label
from hmis.tables import HMIS, client_link, project_label
from resolvers import clients, pages
from resolvers.ahead import NOT_READ
from resolvers.asked import asked, keys
from resolvers.fixed import fixed
from resolvers.request import Request
from resolvers.rows import EMPTY_PAGE, ClientRow, Edge, Page, Record

_ENROLLMENT = HMIS["Enrollment"]
_CLIENT = HMIS["Client"]


class _Stays(NamedTuple):
    """The stays of one person that one page shows."""

    client: ClientRow
    first: int
    after: tuple[date | None, UUID] | None


async def of_client(request: Request, root: ClientRow, first: int, after: str | None) -> Page[Record]:
    """One page of a person's stays, newest first."""
    there = of_client_at_once(request, root, first, after)
    if there is not NOT_READ:
        return cast(Page[Record], there)
    stays = _Stays(root, pages.page_size(first), pages.after_day_and_id(after))
    return await request.load(_pages, stays)


def of_client_at_once(request: Request, root: ClientRow, first: int, after: str | None) -> Any:
    """The same without waiting; NOT_READ where it was not read ahead."""
    if request.ahead is None or request.viewer is None:
        return NOT_READ
    stays = _Stays(root, pages.page_size(first), pages.after_day_and_id(after))
    rows = request.ahead.stays_of(root.person, stays.first, stays.after)
    return NOT_READ if rows is None else _page(request.viewer, stays, rows)


async def _pages(request: Request, wanted: list[_Stays]) -> list[Page[Record]]:
    viewer = request.viewer
    if viewer is None:
        return [EMPTY_PAGE] * len(wanted)
    found: dict[tuple[UUID, int, object], list[RowMapping]] = {}
    # Pages of one operation nearly always ask for the same number from the same place: one statement.
    groups: dict[tuple[int, tuple[date | None, UUID] | None], list[_Stays]] = defaultdict(list)
    for stays in wanted:
        groups[stays.first, stays.after].append(stays)
    for (first, after), group in groups.items():
        rows: dict[UUID, list[RowMapping]] = defaultdict(list)
        day, identifier = after or (None, None)
        values = {
            **keys(_SEEN_BY, [_seen(stays.client) for stays in group]),
            "rows": first + 1,
            "after_day": day,
            "after_id": identifier,
        }
        for row in await request.fetch(_of_people(place_of(after)), values):
            rows[row["person_id"]].append(row)
        for stays in group:
            found[stays.client.person, first, after] = rows[stays.client.person]
    return [_page(viewer, stays, found[stays.client.person, stays.first, stays.after]) for stays in wanted]


class Place(Enum):
    """Where a page begins."""

    FIRST = "first"
    BEHIND_A_DAY = "behind a day"
    AMONG_THE_UNDATED = "among the undated"


def place_of(after: tuple[date | None, UUID] | None) -> Place:
    if after is None:
        return Place.FIRST
    return Place.AMONG_THE_UNDATED if after[0] is None else Place.BEHIND_A_DAY


@cache
def _of_people(place: Place) -> Select[Any]:
    """The newest stays of each person that the viewer may see, `rows` of them at the most."""
    people = asked(_SEEN_BY)
    own = own_stay(VIEWER)
    rank = func.row_number().over(
        partition_by=people.c.person_id,
        order_by=(_ENROLLMENT.c.entry_date.desc().nulls_last(), _ENROLLMENT.c.id),
    )
    numbered = (
        select(
            people.c.person_id,
            *told("Enrollment", or_(own, people.c.whole), people.c.seen, people.c.named),
            _ENROLLMENT.c.enrollment_id.label("key"),
            own.label("own"),
            project_label.c.labels,
            rank.label("rank"),
        )
        .select_from(stays_of(people))
        .where(or_(own, shared_stay(people.c.person_id, Category.ENROLLMENT, people.c.born)), behind(place))
        .subquery()
    )
    rows = bindparam("rows", type_=Integer())
    page = select(numbered).where(numbered.c.rank <= rows)
    return fixed(page.order_by(numbered.c.person_id, numbered.c.rank))


def stays_of(people: FromClause) -> FromClause:
    """People (person_id) with the stays of each of their live records, and the labels of their projects."""
    linked = people.join(
        client_link,
        and_(client_link.c.person_id == people.c.person_id, client_link.c.undone_at.is_(None)),
    )
    return stays_of_records(linked.join(_CLIENT, client_of_link()), client_link)


def stays_of_records(found: FromClause, record: FromClause) -> FromClause:
    """The same, beside `found`, in which `record` (source_id, personal_id) names live records of clients."""
    return found.join(
        _ENROLLMENT,
        and_(
            _ENROLLMENT.c.source_id == record.c.source_id,
            _ENROLLMENT.c.personal_id == record.c.personal_id,
            _ENROLLMENT.c.removed_at.is_(None),
        ),
    ).join(project_label, label_of(_ENROLLMENT))


def shared_stay(
    person: ColumnElement[Any], needed: Category, born: ColumnElement[Any] | None = None
) -> ColumnElement[bool]:
    """A stay of another agency that shows the viewer a category; beside its `project_label`."""
    labels = project_label.c.labels
    opened = granted(VIEWER, person, _ENROLLMENT.c.source_id, labels, _ENROLLMENT.c.entry_date, born)
    emergency = and_(is_below_emergency(labels), broken_glass(VIEWER, person).is_not(None))
    return and_(project_label.c.shareable, or_(opened.bitwise_and(int(needed)) != 0, emergency))


# What a statement is told of each person, so that no more than something opens comes back.
_SEEN_BY: dict[str, TypeEngine[Any]] = {
    "person_id": PgUUID(),
    "whole": Boolean(),
    "seen": BigInteger(),
    "named": BigInteger(),
    "born": Date(),
}


def _seen(client: ClientRow) -> tuple[UUID, bool, int, int, date | None]:
    seen, named = client.decision.widest
    return client.person, client.decision.break_glass is not None, int(seen), int(named), client.born


def behind(place: Place) -> ColumnElement[bool]:
    """Newest first, the undated last, and on one day by hub id."""
    day = bindparam("after_day", type_=Date())
    further = _ENROLLMENT.c.id > bindparam("after_id", type_=PgUUID())
    if place is Place.FIRST:
        return true()
    if place is Place.AMONG_THE_UNDATED:
        return and_(_ENROLLMENT.c.entry_date.is_(None), further)
    return or_(
        _ENROLLMENT.c.entry_date < day,
        _ENROLLMENT.c.entry_date.is_(None),
        and_(_ENROLLMENT.c.entry_date == day, further),
    )


def _page(viewer: Viewer, stays: _Stays, rows: Sequence[Mapping[Any, Any]]) -> Page[Record]:
    shown = rows[: stays.first]
    return Page(
        edges=tuple(
            Edge(
                _stay(viewer, row, stays.client.person, stays.client.decision),
                pages.encode(row["entry_date"], row["id"]),
            )
            for row in shown
        ),
        has_next=len(rows) > stays.first,
        has_previous=stays.after is not None,
    )


def _stay(viewer: Viewer, row: Mapping[Any, Any], person: UUID, decision: Decision) -> Record:
    """A stay as far as it may be seen: all of an own one, of others what the decision says."""
    own = bool(row["own"])
    if own:
        opened = Opened(own_record(viewer), everything=True)
    else:
        opened = decision.of(RecordFacts(row["source_id"], row["entry_date"], Label(row["labels"])))
    return Record("Enrollment", row, person, own, opened, decision)


class StayOf(NamedTuple):
    """One stay of somebody whose consent is known."""

    client: ClientRow
    source_id: int
    enrollment_id: str


async def by_key(request: Request, wanted: list[StayOf]) -> list[Record | None]:
    viewer = request.viewer
    if viewer is None:
        return [None] * len(wanted)
    asked_for = [(*_seen(stay.client), stay.source_id, stay.enrollment_id) for stay in wanted]
    rows = await request.fetch(_named_stays(), keys(_STAY_OF, asked_for))
    found = {(row["source_id"], row["enrollment_id"]): row for row in rows}
    return [
        _stay(viewer, row, stay.client.person, stay.client.decision)
        if (row := found.get((stay.source_id, stay.enrollment_id)))
        else None
        for stay in wanted
    ]


_STAY_OF: dict[str, TypeEngine[Any]] = {**_SEEN_BY, "source_id": Integer(), "enrollment_id": Text()}


@cache
def _named_stays() -> Select[Any]:
    """Stays by source and HUD's key, as far as each person may be seen."""
    stays = asked(_STAY_OF)
    own = own_stay(VIEWER)
    return fixed(
        select(
            *told("Enrollment", or_(own, stays.c.whole), stays.c.seen, stays.c.named),
            _ENROLLMENT.c.enrollment_id.label("key"),
            own.label("own"),
            project_label.c.labels,
        )
        .select_from(stays)
        .join(
            _ENROLLMENT,
            and_(
                _ENROLLMENT.c.source_id == stays.c.source_id,
                _ENROLLMENT.c.enrollment_id == stays.c.enrollment_id,
            ),
        )
        .join(project_label, label_of(_ENROLLMENT))
    )


def link_of_stay(link: FromClause = client_link) -> ColumnElement[bool]:
    """The link in force of the client whose stay it is."""
    return and_(
        link.c.source_id == _ENROLLMENT.c.source_id,
        link.c.personal_id == _ENROLLMENT.c.personal_id,
        link.c.undone_at.is_(None),
    )


def client_of_link() -> ColumnElement[bool]:
    """The live client record that a link is about."""
    return and_(of_link(client_link, _CLIENT), _CLIENT.c.removed_at.is_(None))


async def client_of_stay(request: Request, root: Record) -> ClientRow | None:
    """Whose stay it is."""
    return await request.load(clients.by_id, root.person)
