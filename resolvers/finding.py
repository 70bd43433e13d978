"""Finding clients: by what staff know of them, as far as the viewer may see what is asked by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import lru_cache
from typing import Any, cast
from uuid import UUID

from sqlalchemy import (
    CTE,
    ColumnElement,
    Date,
    FromClause,
    Integer,
    Select,
    Text,
    bindparam,
    func,
    literal,
    not_,
    null,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from auth.categories import Category
from auth.parameters import VIEWER
from auth.reach import is_short, reach
from auth.speaking import of_link
from auth.visibility import visible_record
from hmis.errors import InputRefused
from hmis.tables import HMIS, client_label, client_link, source
from resolvers import clients, pages
from resolvers.request import Request
from resolvers.rows import EMPTY_PAGE, ClientRow, Edge, Page

_CLIENT = HMIS["Client"]


@dataclass(frozen=True, slots=True)
class TextFilter:
    """A whole text or its beginning, whatever the case. Exactly one is set."""

    equals: str | None = None
    starts_with: str | None = None

    def range(self, name: str, end: str = "") -> tuple[str, str]:
        """The first text that meets it and the first that no longer does, byte by byte.

        Not LIKE: below row-level security no index may serve it, only comparisons that cannot leak.
        end: what stands behind a whole text where texts are kept.
        """
        if (self.equals is None) == (self.starts_with is None):
            raise InputRefused(f"{name} takes exactly one of eq and startsWith")
        if self.equals is not None:
            whole = self.equals.strip().lower() + end
            # Nothing but the text itself lies before it with the lowest of characters behind.
            return whole, _after_all_with(whole) if end else whole + "\1"
        beginning = (self.starts_with or "").strip().lower()
        if not beginning:
            raise InputRefused(f"{name}.startsWith must have at least one character")
        return beginning, _after_all_with(beginning)


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

    def range(self, name: str) -> tuple[date, date]:
        """The first and the last day that meet it."""
        if self.equals is None and self.since is None and self.until is None:
            raise InputRefused(f"{name} takes eq, or gte and lte")
        first = [day for day in (self.equals, self.since) if day is not None]
        last = [day for day in (self.equals, self.until) if day is not None]
        return max(first, default=date.min), min(last, default=date.max)


class _Fact(Enum):
    """What a caller may know of a person: what a record must meet, and the category that reading it tells."""

    IDENTIFIER = "identifier", Category.EXISTENCE
    FIRST_NAME = "first_name", Category.NAME
    LAST_NAME = "last_name", Category.NAME
    DATE_OF_BIRTH = "date_of_birth", Category.DOB
    SSN_LAST_FOUR = "ssn_last_four", Category.SSN_LAST4

    def __init__(self, parameter: str, category: Category) -> None:
        self.parameter = parameter
        self.category = category

    def is_met(self) -> list[ColumnElement[bool]]:
        """The record says so."""
        name = self.parameter
        match self:
            case _Fact.IDENTIFIER:
                return [
                    source.c.name == bindparam(f"{name}_source", type_=Text()),
                    _CLIENT.c.personal_id == bindparam(name, type_=Text()),
                ]
            case _Fact.SSN_LAST_FOUR:
                # Of nine characters only: the end of a hash is shown to nobody, so nobody may search by it.
                ends = _CLIENT.c.ssn_last_four == bindparam(name, type_=Text())
                return [ends, func.length(_CLIENT.c.ssn) == 9]
            case _Fact.DATE_OF_BIRTH:
                first, last = (bindparam(f"{name}_{end}", type_=Date()) for end in ("first", "last"))
                return [_CLIENT.c.dob >= first, _CLIENT.c.dob <= last]
            case _:
                column = _CLIENT.c.first_name_lower if self is _Fact.FIRST_NAME else _CLIENT.c.name_order
                since, until = (bindparam(f"{name}_{end}", type_=Text()) for end in ("first", "last"))
                return [column >= since, column < until]


@dataclass(frozen=True, slots=True)
class ClientFilter:
    """What a caller knows of a person. One visible record must meet all of it."""

    identifier: tuple[str, str] | None = None
    first_name: TextFilter | None = None
    last_name: TextFilter | None = None
    date_of_birth: DateFilter | None = None
    ssn_last_four: str | None = None

    def facts(self) -> dict[_Fact, dict[str, object]]:
        """Each fact that is known, with the values of its parameters."""
        found: dict[_Fact, dict[str, object]] = {}
        if self.identifier is not None:
            name, value = self.identifier
            found[_Fact.IDENTIFIER] = {"identifier_source": name, "identifier": value}
        if self.first_name is not None:
            found[_Fact.FIRST_NAME] = _ends("first_name", self.first_name.range("firstName"))
        if self.last_name is not None:
            found[_Fact.LAST_NAME] = _ends("last_name", self.last_name.range("lastName", end="\1"))
        if self.date_of_birth is not None:
            found[_Fact.DATE_OF_BIRTH] = _ends("date_of_birth", self.date_of_birth.range("dateOfBirth"))
        if self.ssn_last_four is not None:
            if not (len(self.ssn_last_four) == 4 and self.ssn_last_four.isdigit()):
                raise InputRefused("ssnLastFour takes four digits")
            found[_Fact.SSN_LAST_FOUR] = {"ssn_last_four": self.ssn_last_four}
        return found


def _ends(name: str, ends: tuple[object, object]) -> dict[str, object]:
    return {f"{name}_first": ends[0], f"{name}_last": ends[1]}


_Shape = tuple[_Fact, ...]
"""Which facts a filter knows: what its statement looks like."""


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
    values: dict[str, object] = {"rows": size + 1}
    for known in facts.values():
        values |= known
    way = _in_order_of_names if order is Order.NAME else _in_order_of_ids
    start = pages.after_part_and_id(after) if order is Order.NAME else pages.after_id(after)
    if request.viewer is None:
        return EMPTY_PAGE
    found = await way(request, tuple(facts), start, values)
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


async def _in_order_of_ids(request: Request, shape: _Shape, start: Any, values: dict[str, object]) -> _Found:
    found = await request.fetch(_walk(shape, _Walk.BY_ID, start is not None), {**values, "after": start})
    return [(row["person_id"], ()) for row in found]


async def _in_order_of_names(
    request: Request, shape: _Shape, start: Any, values: dict[str, object]
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
        rows = await request.fetch(_walk(shape, _Walk.BY_NAME, person is not None), values)
        found = [(row["person_id"], (_Walk.BY_NAME.name,)) for row in rows]
    missing = cast(int, values["rows"]) - len(found)
    if missing and not any(fact.category is Category.NAME for fact in shape):
        behind = part == _Walk.WITHOUT_NAME.name
        rows = await request.fetch(_walk(shape, _Walk.WITHOUT_NAME, behind), {**values, "rows": missing})
        found += [(row["person_id"], (_Walk.WITHOUT_NAME.name,)) for row in rows]
    return found


class _Walk(Enum):
    """One way through the people who meet a filter."""

    BY_ID = "by hub id"
    BY_NAME = "by name, those whose name may be seen"
    WITHOUT_NAME = "by hub id, those whose name may not be seen"


@lru_cache(maxsize=256)
def _walk(shape: _Shape, walk: _Walk, is_behind: bool) -> Select[Any]:
    """The first `rows` people on the way that the viewer may see, behind the person `after`.

    Walked in order, each asked about until the page is full; for a viewer who may see few, only those few are
    looked at. Which of the two it is PostgreSQL decides as it begins, and nobody is told.
    """
    people = reach(VIEWER)
    short = select(is_short(VIEWER, people)).scalar_subquery()
    few = _visible(shape, walk, is_behind, people).where(short).limit(_ROWS)
    many = _visible(shape, walk, is_behind, None).where(not_(short)).limit(_ROWS)
    either = union_all(select(few.subquery()), select(many.subquery())).subquery("either")
    order = (either.c.name_order, either.c.person_id) if walk is _Walk.BY_NAME else (either.c.person_id,)
    return select(either).order_by(*order)


_ROWS = bindparam("rows", type_=Integer())
_AFTER = bindparam("after", type_=PgUUID())


def _visible(shape: _Shape, walk: _Walk, is_behind: bool, people: CTE | None) -> Select[Any]:
    """People by one of their records that meets the filter and shows what filter and order read."""
    reads = needed(shape)
    met = _met(shape, people, None if walk is _Walk.BY_NAME or not is_behind else _AFTER)
    if walk is _Walk.BY_NAME:
        return _named(shape, met, is_behind)
    if shape:
        # To find and sort what meets a filter costs little, to ask whether it may be seen costs much more.
        # Without a filter PostgreSQL walks by person anyway.
        met = met.order_by(client_link.c.person_id)
    record = met.subquery("met")
    person = record.c.person_id
    found = (
        select(person, null().cast(Text).label("name_order"))
        .distinct()
        .where(visible_record(VIEWER, person, record, record.c.labels, reads))
        .order_by(person)
    )
    if walk is _Walk.WITHOUT_NAME:
        found = found.where(not_(_another(shape, person, None)))
    return found


def _named(shape: _Shape, met: Select[Any], is_behind: bool) -> Select[Any]:
    """People by the first of their names: a person stands where the first record that shows one puts them."""
    reads = needed(shape) | Category.NAME
    record = met.where(_CLIENT.c.name_order.is_not(None)).subquery("met")
    name, person = record.c.name_order, record.c.person_id
    found = (
        select(person, name)
        .where(
            visible_record(VIEWER, person, record, record.c.labels, reads),
            not_(_another(shape, person, record)),
        )
        .order_by(name, person)
    )
    if is_behind:
        place = tuple_(bindparam("after_name", type_=Text(collation="C")), _AFTER)
        # The first is what the index can use.
        found = found.where(name >= bindparam("after_name", type_=Text(collation="C")))
        found = found.where(tuple_(name, person) > place)
    return found


def _another(shape: _Shape, person: ColumnElement[Any], than: FromClause | None) -> ColumnElement[bool]:
    """Another record of the person meets the filter, shows its name, and stands before a record."""
    record = _met(shape, None, None).where(_CLIENT.c.name_order.is_not(None)).subquery("another")
    reads = needed(shape) | Category.NAME
    found = (
        select(literal(1))
        .select_from(record)
        .where(
            record.c.person_id == person,
            visible_record(VIEWER, record.c.person_id, record, record.c.labels, reads),
        )
    )
    if than is not None:
        key = ("name_order", "source_id", "personal_id")
        found = found.where(
            tuple_(*(record.c[column] for column in key)) < tuple_(*(than.c[column] for column in key))
        )
    return found.exists()


@lru_cache(maxsize=64)
def _place(shape: _Shape) -> Select[Any]:
    """The name that the person `after` stands by; no row when the viewer may not see one."""
    record = _met(shape, None, None).where(_CLIENT.c.name_order.is_not(None)).subquery("met")
    reads = needed(shape) | Category.NAME
    return (
        select(record.c.name_order)
        .where(
            record.c.person_id == _AFTER,
            visible_record(VIEWER, record.c.person_id, record, record.c.labels, reads),
        )
        .order_by(record.c.name_order)
        .limit(1)
    )


def needed(shape: Sequence[_Fact]) -> Category:
    """What a filter reads, and who may not see it of a person does not find them by it."""
    reads = Category.EXISTENCE
    for fact in shape:
        reads |= fact.category
    return reads


def _met(shape: Sequence[_Fact], people: CTE | None, after: ColumnElement[Any] | None) -> Select[Any]:
    """Live records that meet the filter, each with its person; of some people only, or behind one."""
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
    if _Fact.IDENTIFIER in shape:
        met = met.join(source, source.c.id == client_link.c.source_id)
    for fact in shape:
        met = met.where(*fact.is_met())
    if people is not None:
        met = met.where(person.in_(select(people.c.person_id)))
    return met if after is None else met.where(person > after)
