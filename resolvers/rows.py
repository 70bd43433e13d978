"""What travels from the tables to the schema: rows, each with the mask of what this viewer may see of it.

A row carries the decision with it, so a field needs no further question to know whether it may speak.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from auth.categories import HMIS, NOTHING, PARTNER, Category
from auth.consent import PARTNER_RECORD, Decision, Grant, Opened, RecordFacts
from auth.obligations import opening
from hmis import labels
from hmis.labels import Label
from hmis.spec import FILES

Row = TypeVar("Row", covariant=True)
_ENTERED = int(HMIS)


class PersonalRow(Protocol):
    """Anything that tells about a person."""

    @property
    def person(self) -> UUID:
        """Whom the row is about."""

    @property
    def allowed(self) -> Category:
        """The categories this viewer may see of it."""

    def own_in(self, category: Category) -> bool:
        """Whether the viewer's own agency entered what it says of a category: a use, not a disclosure."""

    def opened_by(self, category: Category) -> tuple[Grant, ...]:
        """The grants that let this viewer see a category of it; none for what their own agency entered."""

    def fact(self, category: Category, attr: str) -> Any:
        """One value; None when there is none, or when its label hides it from this viewer."""


class SaidByTheHub:
    """What is told of grants, rules or the hub itself: nobody entered it, so no grant opens it."""

    __slots__ = ()

    def own_in(self, category: Category) -> bool:
        return True

    def opened_by(self, category: Category) -> tuple[Grant, ...]:
        return ()

    def fact(self, category: Category, attr: str) -> Any:
        return getattr(self, attr)


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """One row of an HMIS file, as one viewer may see it."""

    file: str
    values: Mapping[Any, Any]
    person: UUID
    own: bool
    """True when the viewer's own agency entered it: then it is seen as entered, labels and all."""
    opened: Opened
    decision: Decision
    """What was decided about the person, for the rows that hang on this one."""

    @property
    def allowed(self) -> Category:
        return self.opened.allowed

    @property
    def id(self) -> UUID:
        value: UUID = self.values["id"]
        return value

    @property
    def key(self) -> tuple[int, str]:
        """Source and HUD's key: what names the row in its own system."""
        return self.values["source_id"], self.values["key"]

    def own_in(self, category: Category) -> bool:
        return self.own and bool(category & HMIS)

    def shared_of(self, categories: int) -> int:
        """Of categories, as a mask, those in which it tells what others entered (not `own_in`)."""
        return categories & ~_ENTERED if self.own else categories

    def opened_by(self, category: Category) -> tuple[Grant, ...]:
        return () if self.own else opening(self.opened, category)

    def fact(self, category: Category, attr: str) -> Any:
        value = self.values[attr]
        if value is None or self.own:
            return value
        if self.file != "Client" and attr == FILES[self.file].key.attr:
            return None  # Systems count their rows: a gap would tell of one that is not shown.
        return value if self.opened.shows(category, labels.of_value(self.file, attr, value)) else None

    def open_below(self, source_id: int, day: date | None, told: Label) -> Opened:
        """What is open of a row that hangs on this one, which others entered, and tells these labels: as much
        as of this one, less what its own day and labels close."""
        return self.decision.of(RecordFacts(source_id, day, self.opened.labels | told))


@dataclass(frozen=True, slots=True, eq=False)
class ClientRow:
    """One person over the source records that this viewer may see, best record first.

    What is said of the person (a name, a birth date) is taken from the best visible record alone, so that it
    never depends on a record the viewer may not see.
    """

    person: UUID
    known_as: tuple[UUID, ...]
    """The hub ids by which this viewer knows the person (`resolvers/hub_ids.py`); the first is told."""
    records: tuple[Record, ...]
    decision: Decision
    """What grants open of the records that other agencies entered."""
    allowed: Category

    @property
    def id(self) -> UUID:
        return self.known_as[0]

    @property
    def is_own(self) -> bool:
        """Whether the viewer's own agency entered a record of the person."""
        return any(record.own for record in self.records)

    @property
    def born(self) -> date | None:
        """What decides whether the person is of age (`auth.speaking.oldest_birth`); never shown."""
        born: date | None = self.records[0].values["oldest_birth"] if self.records else None
        return born

    def record_for(self, category: Category) -> Record | None:
        """The record that speaks for one category: the one changed last among those that may."""
        needed = category._value_
        return next((one for one in self.records if one.opened.allowed._value_ & needed), None)

    def own_in(self, category: Category) -> bool:
        record = self.record_for(category)
        return record is not None and record.own_in(category)

    def shared_of(self, categories: int) -> int:
        """Of categories, as a mask, those in which what is shown was entered by others (not `own_in`)."""
        if all(one.own for one in self.records):
            return categories & ~_ENTERED
        if not self.is_own:
            return categories
        own = (one for one in Category if categories & one._value_ and self.own_in(one))
        return categories & ~sum(one._value_ for one in own)

    def opened_by(self, category: Category) -> tuple[Grant, ...]:
        if category & PARTNER:
            return opening(self.decision.of(PARTNER_RECORD), category)
        record = self.record_for(category)
        return record.opened_by(category) if record else ()

    def fact(self, category: Category, attr: str) -> Any:
        record = self.record_for(category)
        return record.fact(category, attr) if record else None


@dataclass(frozen=True, slots=True)
class HouseholdRow:
    """Stays that belong together. Members whom the viewer may not see are not in it, nor counted."""

    id: UUID
    identifier: str
    """HUD 5.09 HouseholdID: one household within one source."""
    person: UUID
    allowed: Category
    members: tuple[Record, ...]
    own: bool
    """True when the viewer's own agency entered the stay that led here."""

    def own_in(self, category: Category) -> bool:
        return self.own

    def opened_by(self, category: Category) -> tuple[Grant, ...]:
        return ()  # the stay that led here was asked, and each member's is

    def fact(self, category: Category, attr: str) -> Any:
        return getattr(self, attr)


@dataclass(frozen=True, slots=True)
class PlainRow:
    """A row about a project or an organization: nobody's life, so nothing to decide."""

    values: Mapping[Any, Any]

    @property
    def id(self) -> UUID:
        value: UUID = self.values["id"]
        return value

    @property
    def key(self) -> tuple[int, str]:
        return self.values["source_id"], self.values["key"]


@dataclass(frozen=True, slots=True)
class Edge(Generic[Row]):
    """A row in its place on a page: `after: cursor` begins behind it."""

    node: Row
    cursor: str


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """One page of a list, whether there are more after it, and whether it began behind a cursor."""

    edges: tuple[Edge[Row], ...]
    has_next: bool
    has_previous: bool

    @property
    def rows(self) -> tuple[Row, ...]:
        return tuple(edge.node for edge in self.edges)

    @property
    def start_cursor(self) -> str | None:
        return self.edges[0].cursor if self.edges else None

    @property
    def end_cursor(self) -> str | None:
        return self.edges[-1].cursor if self.edges else None


EMPTY_PAGE: Page[Any] = Page((), has_next=False, has_previous=False)


def union(records: tuple[Record, ...]) -> Category:
    """Everything that at least one of the records shows."""
    total = NOTHING
    for record in records:
        total |= record.allowed
    return total
