"""Enrollments: a person's stays, each belonging to the agency whose project it is."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import NAMESPACE_OID, UUID, uuid5

from sqlalchemy import (
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

from auth.categories import HMIS as HMIS_CATEGORIES
from auth.categories import Category
from auth.consent import own_record
from auth.viewer import Viewer
from auth.visibility import grants_to, own_project, shareable_project, unlabelled_project
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

    person: UUID
    wide: bool
    """Other agencies' stays too, because a grant opens them."""
    first: int
    after: tuple[date | None, UUID] | None
    allowed: Category
    """What a grant opens of other agencies' stays."""


async def of_client(request: Request, root: ClientRow, first: int, after: str | None) -> Page[Record]:
    """One page of a person's stays, newest first."""
    stays = _Stays(
        person=root.person,
        wide=bool(root.decision.allowed & Category.ENROLLMENT),
        first=pages.page_size(first),
        after=pages.after_day_and_id(after),
        allowed=root.decision.allowed & HMIS_CATEGORIES,
    )
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
        for row in await request.fetch(_of_people(viewer, group, first, after)):
            rows[row["person_id"]].append(row)
        for stays in group:
            found[stays.person, first, after] = rows[stays.person]
    return [_page(viewer, stays, found[stays.person, stays.first, stays.after]) for stays in wanted]


def _of_people(
    viewer: Viewer, group: Sequence[_Stays], first: int, after: tuple[date | None, UUID] | None
) -> Any:
    """The newest `first` + 1 visible stays of each person, as one statement."""
    people = asked(
        {"person_id": PgUUID(), "wide": Boolean()}, [(stays.person, stays.wide) for stays in group]
    )
    own = own_project(viewer)
    rank = func.row_number().over(
        partition_by=people.c.person_id,
        order_by=(_ENROLLMENT.c.entry_date.desc().nulls_last(), _ENROLLMENT.c.id),
    )
    numbered = (
        select(
            people.c.person_id,
            _ENROLLMENT,
            _ENROLLMENT.c.enrollment_id.label("key"),
            own.label("own"),
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
        .where(or_(own, and_(people.c.wide, shareable_project(), unlabelled_project())), _behind(after))
        .subquery()
    )
    return (
        select(numbered).where(numbered.c.rank <= first + 1).order_by(numbered.c.person_id, numbered.c.rank)
    )


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
            Edge(_stay(viewer, row, stays.person, stays.allowed), pages.encode(row["entry_date"], row["id"]))
            for row in shown
        ),
        has_next=len(rows) > stays.first,
        has_previous=stays.after is not None,
    )


def _stay(viewer: Viewer, row: RowMapping, person: UUID, shared: Category) -> Record:
    own = bool(row["own"])
    return Record("Enrollment", row, person, own=own, allowed=own_record(viewer) if own else shared)


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
    members = await request.load(_households, key)
    people = await asyncio.gather(*(request.load(clients.by_id, person) for person, _ in members))
    seen = []
    for (person, row), known in zip(members, people, strict=True):
        if known is None or request.viewer is None:
            continue
        stay = _stay(request.viewer, row, person, known.decision.allowed & HMIS_CATEGORIES)
        if stay.allowed & Category.HOUSEHOLD:
            seen.append(stay)
    return HouseholdRow(_hub_id(key), household, root.person, root.allowed, tuple(seen), root.own)


def _hub_id(household: _Household) -> UUID:
    """HUD keeps no row for a household, so its hub id is made from what names it: the same every time."""
    return uuid5(NAMESPACE_OID, "/".join(map(str, household)))


async def _households(request: Request, wanted: list[_Household]) -> list[list[tuple[UUID, RowMapping]]]:
    """The members' stays that show the viewer HOUSEHOLD: whoever does not share it costs nothing either."""
    viewer = request.viewer
    if viewer is None:
        return [[] for _ in wanted]
    keys = asked({"source_id": Integer(), "household_id": Text(), "project_id": Text()}, wanted)
    own = own_project(viewer)
    statement = (
        select(
            client_link.c.person_id,
            _ENROLLMENT,
            _ENROLLMENT.c.enrollment_id.label("key"),
            own.label("own"),
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
                own,
                and_(
                    shareable_project(),
                    unlabelled_project(),
                    grants_to(viewer, request.as_of, client_link.c.person_id, Category.HOUSEHOLD),
                ),
            )
        )
        # Not by entry date: a member may share the household and keep the stay.
        .order_by(func.coalesce(_ENROLLMENT.c.relationship_to_hoh, 99), _ENROLLMENT.c.id)
    )
    found: dict[_Household, list[tuple[UUID, RowMapping]]] = defaultdict(list)
    for row in await request.fetch(statement):
        key = _Household(row["source_id"], row["household_id"], row["project_id"])
        found[key].append((row["person_id"], row))
    return [found[key] for key in wanted]


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
