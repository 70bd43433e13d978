"""Finding clients: by what staff know of them, as far as the viewer may see what is asked by."""

from __future__ import annotations

from enum import Enum
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    Text,
    bindparam,
    literal_column,
    not_,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from auth.categories import Category
from auth.parameters import VIEWER
from auth.reach import is_short, reach
from auth.speaking import AS_IT_STANDS, any_row, of_link
from auth.visibility import visible_record
from hmis.errors import InputRefused
from hmis.tables import HMIS, client_label, client_link, source
from resolvers import clients, pages
from resolvers.fixed import fixed
from resolvers.request import Request
from resolvers.rows import EMPTY_PAGE, ClientRow, Edge, Page
from resolvers.sought import ClientFilter, Fact, Shape, needed

_CLIENT = HMIS["Client"]


class Order(Enum):
    """How people stand in a list."""

    ID = "ID"
    NAME = "NAME"


async def clients_where(
    request: Request, where: ClientFilter, order: Order, first: int, after: str | None
) -> Page[ClientRow]:
    """People who meet a filter, as far as this viewer may see what filter and order read."""
    request.trail.about_people = True
    size, facts = pages.page_size(first), where.facts()
    request.trail.searched |= where.terms().items()
    values: dict[str, object] = {}
    for known in facts.values():
        values |= known
    way = _in_order_of_names if order is Order.NAME else _in_order_of_ids
    start = pages.after_part_and_id(after) if order is Order.NAME else pages.after_id(after)
    if request.viewer is None:
        return EMPTY_PAGE
    found = await way(request, tuple(facts), size + 1, start, values)
    shown = found[:size]
    rows = [await loading for loading in [request.load(clients.by_id, person) for person, _ in shown]]
    return Page(
        edges=tuple(
            Edge(row, pages.encode(*place, row.person))
            for row, (_, place) in zip(rows, shown, strict=True)
            if row is not None
        ),
        has_next=len(found) > size,
        has_previous=after is not None,
    )


_Found = list[tuple[UUID, tuple[str, ...]]]
"""People, each with what its cursor says before the id."""


async def _in_order_of_ids(
    request: Request, shape: Shape, rows: int, start: Any, values: dict[str, object]
) -> _Found:
    walk = _walk(shape, _Walk.BY_ID, start is not None, _most(rows))
    found = await request.fetch(walk, {**values, "after": start})
    return [(row["person_id"], ()) for row in found]


def _most(rows: int) -> int:
    """What a statement reads for so many rows. A constant of it, and one of few: told as a parameter,
    PostgreSQL would not know while it plans that a page is short, and read everybody."""
    return next(most for most in (11, 26, 51, pages.MOST_ROWS + 1) if rows <= most)


async def _in_order_of_names(
    request: Request, shape: Shape, rows: int, start: Any, values: dict[str, object]
) -> _Found:
    """First those whose name the viewer may see, by it; then the others, by hub id."""
    part, person = start or (_Walk.BY_NAME.name, None)
    values = {**values, "after": person}
    found: _Found = []
    if part == _Walk.BY_NAME.name:
        if person is not None:
            # The cursor holds no name: that of its person is looked up anew.
            place = await request.fetch(_place(shape), values)
            if not place:
                raise InputRefused("after is no longer a place in this order; begin at the first page again")
            values["after_name"] = place[0]["name_order"]
        named = await request.fetch(_walk(shape, _Walk.BY_NAME, person is not None, _most(rows)), values)
        found = [(row["person_id"], (_Walk.BY_NAME.name,)) for row in named]
    missing = rows - len(found)
    if missing > 0 and not any(fact.category is Category.NAME for fact in shape):
        behind = part == _Walk.WITHOUT_NAME.name
        rest = await request.fetch(_walk(shape, _Walk.WITHOUT_NAME, behind, _most(missing)), values)
        found += [(row["person_id"], (_Walk.WITHOUT_NAME.name,)) for row in rest]
    return found


class _Walk(Enum):
    """One way through the people who meet a filter."""

    BY_ID = "by hub id"
    BY_NAME = "by name, those whose name may be seen"
    WITHOUT_NAME = "by hub id, those whose name may not be seen"


@lru_cache(maxsize=256)
def _walk(shape: Shape, walk: _Walk, is_behind: bool, most: int) -> Select[Any]:
    """The first people on the way, `most` of them, that the viewer may see, behind the person `after`.

    Walked in order, each asked about until the page is full; for a viewer who may see few, only those few are
    looked at. Which of the two it is PostgreSQL decides as it begins, and nobody is told.
    """
    people = reach(VIEWER)
    short = select(is_short(VIEWER, people)).scalar_subquery()
    page = literal_column(str(most), Integer())
    few = _visible(shape, walk, is_behind, people).where(short).limit(page)
    many = _visible(shape, walk, is_behind, None).where(not_(short)).limit(page)
    either = union_all(select(few.subquery()), select(many.subquery())).subquery("either")
    person, name = either.c.person_id, either.c.name_order
    return fixed(select(either).order_by(*((name, person) if walk is _Walk.BY_NAME else (person,))))


_AFTER = bindparam("after", type_=PgUUID())
_AFTER_NAME = bindparam("after_name", type_=Text(collation="C"))


def _visible(shape: Shape, walk: _Walk, is_behind: bool, people: CTE | None) -> Select[Any]:
    """People by the first of their records that meets the filter and shows what filter and order read."""
    named = walk is _Walk.BY_NAME
    reads = needed(shape) | Category.NAME if named else needed(shape)
    met = _met(shape, people)
    person, name = client_link.c.person_id, _CLIENT.c.name_order
    if named:
        met = met.where(name.is_not(None))
        if is_behind:
            # The first condition is what the index can use.
            met = met.where(name >= _AFTER_NAME, tuple_(name, person) > tuple_(_AFTER_NAME, _AFTER))
    elif is_behind:
        met = met.where(person > _AFTER)
    # To find and sort what meets a filter costs little, to ask whether it may be seen costs much more. Behind
    # the OFFSET it is asked in this order, and no more often than until the page is full.
    met = met.order_by(name, person) if named else met.order_by(person)
    record = met.offset(AS_IT_STANDS).subquery("met")
    found = select(record.c.person_id, record.c.name_order).where(
        visible_record(VIEWER, record.c.person_id, record, record.c.labels, reads),
        not_(_another(shape, reads, record, ("name_order",) if named else ())),
    )
    if walk is _Walk.WITHOUT_NAME:
        found = found.where(not_(_shows_name(shape, record.c.person_id)))
    return found


def _another(shape: Shape, reads: Category, than: FromClause, before: tuple[str, ...]) -> ColumnElement[bool]:
    """Another record of the person meets the filter, shows the same, and stands before this one."""
    record = _met(shape, None).subquery("another")
    key = (*before, "source_id", "personal_id")
    return any_row(
        record.c.person_id == than.c.person_id,
        # Nearly everybody has one record, and it is not another one: said first, nothing more is asked.
        or_(record.c.source_id != than.c.source_id, record.c.personal_id != than.c.personal_id),
        tuple_(*(record.c[column] for column in key)) < tuple_(*(than.c[column] for column in key)),
        visible_record(VIEWER, record.c.person_id, record, record.c.labels, reads),
        of=record,
    )


def _shows_name(shape: Shape, person: ColumnElement[Any]) -> ColumnElement[bool]:
    """A record of the person that meets the filter shows a name."""
    record = _met(shape, None).where(_CLIENT.c.name_order.is_not(None)).subquery("named")
    reads = needed(shape) | Category.NAME
    return any_row(
        record.c.person_id == person,
        visible_record(VIEWER, record.c.person_id, record, record.c.labels, reads),
        of=record,
    )


@lru_cache(maxsize=64)
def _place(shape: Shape) -> Select[Any]:
    """The name that the person `after` stands by; no row when the viewer may not see one."""
    record = _met(shape, None).where(_CLIENT.c.name_order.is_not(None)).subquery("met")
    reads = needed(shape) | Category.NAME
    return fixed(
        select(record.c.name_order)
        .where(
            record.c.person_id == _AFTER,
            visible_record(VIEWER, record.c.person_id, record, record.c.labels, reads),
        )
        .order_by(record.c.name_order)
        .limit(1)
    )


def _met(shape: Shape, people: CTE | None) -> Select[Any]:
    """Live records that meet the filter, each with its person; of some people only where they are given."""
    person = client_link.c.person_id
    met = (
        select(
            person,
            client_link.c.source_id,
            client_link.c.personal_id,
            _CLIENT.c.name_order,
            client_label.c.labels,
        )
        .select_from(client_link)
        .join(_CLIENT, of_link(client_link, _CLIENT))
        .join(client_label, of_link(client_link, client_label))
        .where(client_link.c.undone_at.is_(None), _CLIENT.c.removed_at.is_(None))
    )
    if Fact.IDENTIFIER in shape:
        met = met.join(source, source.c.id == client_link.c.source_id)
    for fact in shape:
        met = met.where(*fact.is_met())
    if people is not None:
        met = met.where(person.in_(select(people.c.person_id)))
    return met
