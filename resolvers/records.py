"""What hangs on a stay: exits, services, income, health and the other dated records, one statement a kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    FromClause,
    Integer,
    RowMapping,
    Text,
    and_,
    or_,
    select,
)
from sqlalchemy.types import TypeEngine

from auth.categories import Category
from auth.columns import told
from auth.consent import Opened
from auth.visibility import row_labels
from hmis import labels
from hmis.labels import Label
from hmis.spec import FILES
from hmis.tables import HMIS
from resolvers.ahead import NOT_READ
from resolvers.asked import asked, keys
from resolvers.fixed import fixed
from resolvers.opening import ALL_ROWS, OpenRows, open_rows
from resolvers.request import Batch, Request
from resolvers.rows import Record

HANGS_ON = {
    "Exit": ("enrollment_id", "exit_date", Category.ENROLLMENT),
    "IncomeBenefits": ("enrollment_id", "information_date", Category.INCOME_BENEFITS),
    "HealthAndDV": ("enrollment_id", "information_date", Category.HEALTH_DISABILITY),
    "EmploymentEducation": ("enrollment_id", "information_date", Category.EDUCATION_EMPLOYMENT),
    "Disabilities": ("enrollment_id", "information_date", Category.HEALTH_DISABILITY),
    "Services": ("enrollment_id", "date_provided", Category.SERVICES),
    "CurrentLivingSituation": ("enrollment_id", "information_date", Category.CURRENT_LOCATION),
    "Assessment": ("enrollment_id", "assessment_date", Category.CE_ASSESSMENT),
    "AssessmentQuestions": ("assessment_id", "assessment_question_order", Category.CE_ASSESSMENT),
    "AssessmentResults": ("assessment_id", "assessment_result_type", Category.CE_ASSESSMENT),
    "Event": ("enrollment_id", "event_date", Category.CE_ASSESSMENT),
    "YouthEducationStatus": ("enrollment_id", "information_date", Category.EDUCATION_EMPLOYMENT),
}
"""HUD's key of the parent, the day a list is read by (newest first), and what a row needs to be there."""


class _Parent(NamedTuple):
    """The record that others hang on, and how much of them this viewer may see at the most."""

    source_id: int
    key: str
    whole: bool
    seen: int
    named: int
    open: tuple[OpenRows, ...]


_PARENT: dict[str, TypeEngine[Any]] = {
    "source_id": Integer(),
    "parent": Text(),
    "whole": Boolean(),
    "seen": BigInteger(),
    "named": BigInteger(),
}
_ROWS: dict[str, TypeEngine[Any]] = {
    **_PARENT,
    "undated": Boolean(),
    "dated": Boolean(),
    "since": Date(),
    "until": Date(),
    "labels": BigInteger(),
}


def _parent(file: str, root: Record) -> _Parent:
    seen, named = root.decision.widest
    whole = root.own or root.decision.break_glass is not None
    rows = (ALL_ROWS,) if whole else open_rows(root, file, HANGS_ON[file][2])
    return _Parent(*root.key, whole, int(seen), int(named), rows)


@cache
def _batch(file: str) -> Batch[_Parent, Sequence[Mapping[Any, Any]]]:
    """The batch that answers one kind of record for many parents. One for each kind, so that keys gather."""
    table, (parent, day, _) = HMIS[file], HANGS_ON[file]

    # A parent stands in it once for each kind of row that is open, so that no other is even counted.
    parents = asked(_ROWS)
    # Questions and results are read in the order they were asked; everything else newest first. On one day by
    # hub id: HUD's key is told to the own agency only, so no order may tell it to others.
    order = table.c[day].asc() if parent == "assessment_id" else table.c[day].desc().nulls_last()
    statement = fixed(
        select(
            *told(file, parents.c.whole, parents.c.seen, parents.c.named),
            table.c[FILES[file].key.attr].label("key"),
        )
        .select_from(parents)
        .join(table, and_(table.c.source_id == parents.c.source_id, table.c[parent] == parents.c.parent))
        .where(
            table.c.removed_at.is_(None),
            row_labels(file, table).bitwise_and(parents.c.labels.bitwise_not()) == 0,
            _of_days(table.c[day], parents),
        )
        .order_by(order, table.c.id)
    )

    async def rows_of_parents(request: Request, wanted: list[_Parent]) -> list[list[RowMapping]]:
        found: dict[tuple[int, str], list[RowMapping]] = defaultdict(list)
        rows = [(*one[:-1], *rows) for one in wanted for rows in one.open]
        for row in await request.fetch(statement, keys(_ROWS, rows)):
            found[row["source_id"], row[parent]].append(row)
        return [found[one.source_id, one.key] for one in wanted]

    return rows_of_parents


def _of_days(day: ColumnElement[Any], parents: FromClause) -> ColumnElement[bool]:
    """The row is of a day that is open. What is read by another order has no day."""
    if not isinstance(day.type, Date):
        return parents.c.undated
    since = or_(parents.c.since.is_(None), day >= parents.c.since)
    until = or_(parents.c.until.is_(None), day < parents.c.until)
    return or_(and_(day.is_(None), parents.c.undated), and_(day.is_not(None), parents.c.dated, since, until))


async def of_parent(request: Request, file: str, root: Record) -> list[Record]:
    """Records of one kind that hang on a stay (or an assessment), newest first, without those whose day or
    label hides them from this viewer."""
    rows = _read_ahead(request, file, root)
    if rows is None:
        rows = await request.load(_batch(file), _parent(file, root))
    return _open_of(file, root, rows)


def _read_ahead(request: Request, file: str, root: Record) -> Sequence[Mapping[Any, Any]] | None:
    return None if request.ahead is None else request.ahead.hanging_on(root.key, file)


def _open_of(file: str, root: Record, rows: Sequence[Mapping[Any, Any]]) -> list[Record]:
    return [
        Record(file, row, root.person, root.own, opened, root.decision)
        for row, opened in opened_rows(file, root, rows)
    ]


def opened_rows(
    file: str, root: Record, rows: Sequence[Mapping[Any, Any]]
) -> list[tuple[Mapping[Any, Any], Opened]]:
    """Of rows that hang on a record those that are there for this viewer, each with what is open of it."""
    _, day, category = HANGS_ON[file]
    needed = category._value_
    if root.own:  # its rows are as open as itself, whatever their day
        return [(row, root.opened) for row in rows] if root.opened.allowed._value_ & needed else []
    # Most of what was asked on one day is as open as the rest of it.
    known: dict[tuple[object, Label], Opened] = {}
    found = []
    for row in rows:
        place = row[day], labels.of_row(file, row)
        opened = known.get(place)
        if opened is None:
            dated, told = place
            opened = known[place] = root.open_below(
                row["source_id"], dated if isinstance(dated, date) else None, told
            )
        if opened.allowed._value_ & needed:
            found.append((row, opened))
    return found


@dataclass(frozen=True, slots=True)
class Hanging:
    """The resolver for what hangs on a row of its parent, of one kind."""

    file: str
    latest: bool = False
    """Only the newest, or None where there is none; else all of them."""

    async def __call__(self, request: Request, root: Record) -> Any:
        return self._of(await of_parent(request, self.file, root))

    def at_once(self, request: Request, root: Record) -> Any:
        """The same without waiting; NOT_READ where it was not read ahead."""
        rows = _read_ahead(request, self.file, root)
        return NOT_READ if rows is None else self._of(_open_of(self.file, root, rows))

    def open_at_once(
        self, request: Request, root: Record
    ) -> Sequence[tuple[Mapping[Any, Any], Opened]] | None:
        """The rows themselves, each with what is open of it; None where they were not read ahead."""
        rows = _read_ahead(request, self.file, root)
        if rows is None:
            return None
        found = opened_rows(self.file, root, rows)
        return found[:1] if self.latest else found

    def _of(self, found: list[Record]) -> Any:
        if self.latest:
            return found[0] if found else None
        return found


def each(file: str) -> Hanging:
    """The resolver for a list of one kind of record."""
    return Hanging(file)


exit_of_stay = Hanging("Exit", latest=True)
"""How a stay ended. None = not ended, as far as is known. The latest, should a source hold several."""
