"""Enrollments: a person's stays, each belonging to the agency whose project it is."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import NAMESPACE_OID, UUID, uuid5

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    FromClause,
    Integer,
    RowMapping,
    Text,
    and_,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import UUID as PgUUID
from sqlalchemy.types import TypeEngine

from auth.categories import Category
from auth.columns import told
from auth.consent import Decision, Opened, RecordFacts, own_record
from auth.viewer import Viewer
from auth.visibility import (
    broken_glass,
    granted,
    of_link,
    own_project,
    project_labels,
    shareable_project,
    visible_record,
)
from hmis.labels import Label
from hmis.tables import HMIS, client_link
from resolvers import clients, pages
from resolvers.asked import asked
from resolvers.request import Request
from resolvers.rows import EMPTY_PAGE, ClientRow, Edge, HouseholdRow, Page, Record

_ENROLLMENT = HMIS["Enrollment"]
_PROJECT = HMIS["Project"]
_CLIENT = HMIS["Client"]


class _Stays(NamedTuple):
    """The stays of one person that one page shows."""

    client: ClientRow
    first: int
    after: tuple[date | None, UUID] | None


async def of_client(request: Request, root: ClientRow, first: int, after: str | None) -> Page[Record]:
    """One page of a person's stays, newest first."""
    stays = _Stays(root, pages.page_size(first), pages.after_day_and_id(after))
    return await request.load(_pages, stays)


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
        for row in await request.fetch(_of_people(request, viewer, group, first, after)):
            rows[row["person_id"]].append(row)
        for stays in group:
            found[stays.client.person, first, after] = rows[stays.client.person]
    return [_page(viewer, stays, found[stays.client.person, stays.first, stays.after]) for stays in wanted]


def _of_people(
    request: Request,
    viewer: Viewer,
    group: Sequence[_Stays],
    first: int,
    after: tuple[date | None, UUID] | None,
) -> Any:
    """The newest `first` + 1 visible stays of each person, as one statement."""
    people = asked(_SEEN_BY, [_seen(stays.client.person, stays.client.decision) for stays in group])
    own = own_project(viewer)
    shared = _shared(request, viewer, people.c.person_id, Category.ENROLLMENT)
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
            project_labels().label("labels"),
            rank.label("rank"),
        )
        .select_from(people)
        .join(
            client_link,
            and_(client_link.c.person_id == people.c.person_id, client_link.c.undone_at.is_(None)),
        )
        .join(_CLIENT, _client_of_link())
        .join(
            _ENROLLMENT,
            and_(
                _ENROLLMENT.c.source_id == client_link.c.source_id,
                _ENROLLMENT.c.personal_id == client_link.c.personal_id,
                _ENROLLMENT.c.removed_at.is_(None),
            ),
        )
        .join(_PROJECT, _project_of_stay())
        .where(or_(own, shared), _behind(after))
        .subquery()
    )
    return (
        select(numbered).where(numbered.c.rank <= first + 1).order_by(numbered.c.person_id, numbered.c.rank)
    )


def _shared(
    request: Request, viewer: Viewer, person: ColumnElement[Any], needed: Category
) -> ColumnElement[bool]:
    """A stay of another agency that shows the viewer a category."""
    opened = granted(
        viewer,
        request.as_of,
        person,
        _ENROLLMENT.c.source_id,
        project_labels(),
        _ENROLLMENT.c.entry_date,
    )
    return and_(
        shareable_project(),
        or_(
            opened.bitwise_and(int(needed)) != 0,
            broken_glass(viewer, request.now, person).is_not(None),
        ),
    )


def _is_there(request: Request, viewer: Viewer, person: ColumnElement[Any]) -> ColumnElement[bool]:
    """At least one record of the person is there: a stay may stand open where no record does."""
    link, client = client_link.alias(), _CLIENT.alias()
    return (
        select(literal(1))
        .select_from(link.join(client, of_link(link, client)))
        .where(
            link.c.person_id == person,
            link.c.undone_at.is_(None),
            client.c.removed_at.is_(None),
            visible_record(viewer, request.as_of, request.now, person, client, Category.EXISTENCE),
        )
        .correlate_except(link, client)
        .exists()
    )


# What a statement is told of each person, so that no more than something opens comes back.
_SEEN_BY: dict[str, TypeEngine[Any]] = {
    "person_id": PgUUID(),
    "whole": Boolean(),
    "seen": BigInteger(),
    "named": BigInteger(),
}


def _seen(person: UUID, decision: Decision) -> tuple[UUID, bool, int, int]:
    seen, named = decision.widest
    return person, decision.break_glass is not None, int(seen), int(named)


def _project_of_stay() -> ColumnElement[bool]:
    return and_(
        _PROJECT.c.source_id == _ENROLLMENT.c.source_id, _PROJECT.c.project_id == _ENROLLMENT.c.project_id
    )


def _behind(after: tuple[date | None, UUID] | None) -> ColumnElement[bool]:
    if after is None:
        return literal(True)
    day, identifier = after
    if day is None:
        return and_(_ENROLLMENT.c.entry_date.is_(None), _ENROLLMENT.c.id > identifier)
    return or_(
        _ENROLLMENT.c.entry_date < day,
        _ENROLLMENT.c.entry_date.is_(None),
        and_(_ENROLLMENT.c.entry_date == day, _ENROLLMENT.c.id > identifier),
    )


def _page(viewer: Viewer, stays: _Stays, rows: Sequence[RowMapping]) -> Page[Record]:
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


def _stay(viewer: Viewer, row: RowMapping, person: UUID, decision: Decision) -> Record:
    """A stay as far as it may be seen: all of an own one, of others what the decision says."""
    own = bool(row["own"])
    if own:
        opened = Opened(own_record(viewer), everything=True)
    else:
        opened = decision.of(RecordFacts(row["source_id"], row["entry_date"], Label(row["labels"])))
    return Record("Enrollment", row, person, own, opened, decision)


class _Household(NamedTuple):
    source_id: int
    household_id: str
    project_id: str


async def household_of_stay(request: Request, root: Record) -> HouseholdRow | None:
    """The household of a stay: its members' stays at the same project, as far as each may be seen.

    HUD 5.09: HouseholdID joins the people who enter a project together.
    """
    household = root.values["household_id"]
    if household is None:
        return None
    key = _Household(root.values["source_id"], household, root.values["project_id"])
    members = await request.load(_members, key)
    people = await asyncio.gather(*(request.load(clients.by_id, person) for person, _ in members))
    stays = await asyncio.gather(
        *(
            request.load(_by_key, _StayOf(known, key.source_id, enrollment))
            for known, (_, enrollment) in zip(people, members, strict=True)
            if known is not None
        )
    )
    seen = [stay for stay in stays if stay is not None and stay.allowed & Category.HOUSEHOLD]
    return HouseholdRow(_hub_id(key), household, root.person, root.allowed, tuple(seen), root.own)


def _hub_id(household: _Household) -> UUID:
    """HUD keeps no row for a household, so its hub id is made from what names it: the same every time."""
    return uuid5(NAMESPACE_OID, "/".join(map(str, household)))


async def _members(request: Request, wanted: list[_Household]) -> list[list[tuple[UUID, str]]]:
    """Who is in each household and shows it, by person and stay: nothing yet of what the stay tells.

    Whoever does not share the household costs nothing either.
    """
    viewer = request.viewer
    if viewer is None:
        return [[] for _ in wanted]
    keys = asked({"source_id": Integer(), "household_id": Text(), "project_id": Text()}, wanted)
    statement = (
        select(
            client_link.c.person_id,
            *(_ENROLLMENT.c[name] for name in ("source_id", "household_id", "project_id", "enrollment_id")),
        )
        .select_from(keys)
        .join(
            _ENROLLMENT,
            and_(
                _ENROLLMENT.c.source_id == keys.c.source_id,
                _ENROLLMENT.c.household_id == keys.c.household_id,
                _ENROLLMENT.c.project_id == keys.c.project_id,
                _ENROLLMENT.c.removed_at.is_(None),
            ),
        )
        .join(_PROJECT, _project_of_stay())
        .join(client_link, _link_of_stay())
        .join(_CLIENT, _client_of_link())
        .where(
            or_(
                own_project(viewer),
                and_(
                    _shared(request, viewer, client_link.c.person_id, Category.HOUSEHOLD),
                    _is_there(request, viewer, client_link.c.person_id),
                ),
            )
        )
        # Not by entry date: a member may share the household and keep the stay.
        .order_by(func.coalesce(_ENROLLMENT.c.relationship_to_hoh, 99), _ENROLLMENT.c.id)
    )
    found: dict[_Household, list[tuple[UUID, str]]] = defaultdict(list)
    for row in await request.fetch(statement):
        key = _Household(row["source_id"], row["household_id"], row["project_id"])
        found[key].append((row["person_id"], row["enrollment_id"]))
    return [found[key] for key in wanted]


class _StayOf(NamedTuple):
    """One stay of somebody whose consent is known."""

    client: ClientRow
    source_id: int
    enrollment_id: str


async def _by_key(request: Request, wanted: list[_StayOf]) -> list[Record | None]:
    viewer = request.viewer
    if viewer is None:
        return [None] * len(wanted)
    keys = asked(
        {**_SEEN_BY, "source_id": Integer(), "enrollment_id": Text()},
        [
            (*_seen(stay.client.person, stay.client.decision), stay.source_id, stay.enrollment_id)
            for stay in wanted
        ],
    )
    own = own_project(viewer)
    statement = (
        select(
            *told("Enrollment", or_(own, keys.c.whole), keys.c.seen, keys.c.named),
            _ENROLLMENT.c.enrollment_id.label("key"),
            own.label("own"),
            project_labels().label("labels"),
        )
        .select_from(keys)
        .join(
            _ENROLLMENT,
            and_(
                _ENROLLMENT.c.source_id == keys.c.source_id,
                _ENROLLMENT.c.enrollment_id == keys.c.enrollment_id,
            ),
        )
        .join(_PROJECT, _project_of_stay())
    )
    found = {(row["source_id"], row["enrollment_id"]): row for row in await request.fetch(statement)}
    return [
        _stay(viewer, row, stay.client.person, stay.client.decision)
        if (row := found.get((stay.source_id, stay.enrollment_id)))
        else None
        for stay in wanted
    ]


def _link_of_stay(link: FromClause = client_link) -> ColumnElement[bool]:
    return and_(
        link.c.source_id == _ENROLLMENT.c.source_id,
        link.c.personal_id == _ENROLLMENT.c.personal_id,
        link.c.undone_at.is_(None),
    )


def _client_of_link() -> ColumnElement[bool]:
    return and_(
        _CLIENT.c.source_id == client_link.c.source_id,
        _CLIENT.c.personal_id == client_link.c.personal_id,
        _CLIENT.c.removed_at.is_(None),
    )


async def client_of_stay(request: Request, root: Record) -> ClientRow | None:
    """Whose stay it is."""
    return await request.load(clients.by_id, root.person)
