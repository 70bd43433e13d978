"""Months: the calendar of a period, and the period itself as a part of what a measure answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from hmis.measures.days import day, number, years_before
from hmis.measures.measure import Figures

if TYPE_CHECKING:
    from ibis.expr.types import Table, Value

    from hmis.measures.asked import Asked

_START, _END = "period/start", "period/end"


@dataclass(frozen=True, slots=True)
class Month:
    """A month, or as much of it as lies in the period."""

    place: int
    """0, 1, 2 … in the period."""
    first: date
    last: date
    """Inclusive."""

    @property
    def name(self) -> str:
        """2022-01."""
        return f"{self.first:%Y-%m}"

    @property
    def ends_within(self) -> bool:
        """Whether the month's last night lies in the period."""
        return self.last == _last_of_month(self.last)


def months(start: date, end: date) -> list[Month]:
    """The months of a period. The first and the last may be cut by it."""
    found: list[Month] = []
    first = start
    while first <= end:
        last = min(_last_of_month(first), end)
        found.append(Month(len(found), first, last))
        first = last + timedelta(days=1)
    return found


def last_full_year(exported_until: date) -> tuple[date, date]:
    """The period of flow where none is asked for: a year that ends with the last full month of an export.

    2022-10-14 -> 2021-10-01, 2022-09-30.
    """
    is_full = _last_of_month(exported_until) == exported_until
    end = exported_until if is_full else exported_until.replace(day=1) - timedelta(days=1)
    return years_before(end + timedelta(days=1), 1), end


def _last_of_month(one: date) -> date:
    return (one.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def table(rows: Sequence[Month]) -> Table:
    """Months as a table: `place`, `name`, `first_day`, `last_day`."""
    return written(
        {"place": "int64", "name": "string", "first_day": "int64", "last_day": "int64"},
        [(one.place, one.name, number(one.first), number(one.last)) for one in rows],
    )


def written(schema: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> Table:
    """A table of a few rows that are written into the query itself.

    Not Ibis's own table in memory: on Spark what is kept would outlive it.
    """
    import ibis

    def one(row: Sequence[Any]) -> Table:
        values = zip(schema.items(), row, strict=True)
        return (
            ibis.literal(0)
            .name("written")
            .as_table()
            .select(**{name: _value(value, kind) for (name, kind), value in values})
        )

    if not rows:
        return one([None] * len(schema)).filter(ibis.literal(False))
    made = [one(row) for row in rows]
    return ibis.union(*made) if len(made) > 1 else made[0]


def _value(value: Any, kind: str) -> Value:
    import ibis

    return ibis.null(kind) if value is None else ibis.literal(value).cast(kind)


def period_asked(asked: Asked) -> Table:
    """The first and the last day as members that count nobody: so an answer can say which period it is of."""
    schema = {"figure": "string", **dict.fromkeys(("unit", "amount", "person", "enrollment"), "int64")}
    return written(schema, [(_START, None, asked.rs, None, None), (_END, None, asked.re, None, None)])


def period_of(found: Figures) -> tuple[date, date]:
    """The first and the last day of the period that figures are of."""
    return day(found[_START].amount), day(found[_END].amount)


def said(start: date, end: date) -> Mapping[str, str]:
    return {"start": start.isoformat(), "end": end.isoformat()}
