"""Measure: a named figure or set of figures, its definition, and the rows that are counted for it.

A measure is one expression that gives *members*: a row for everything that is counted. Figures are counts and
sums of members, so every figure can list its records, and two backends that agree on members agree on all.

Members have the columns
- `figure` (string): which figure the row counts for, such as `people/ES`.
- `unit` (int64): what is counted once, whatever the number of rows: a person, a household, a stay.
- `amount` (int64 or null): what is added up, of which mean and median are taken: nights, days, cents.
- `person` and `enrollment` (int64; `enrollment` may be null): whose record it is.
and may have `month` (year * 100 + month) or other columns of their own to count by.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ibis.expr.types import BooleanValue, StringValue, Table

    from hmis.measures.asked import Asked
    from hmis.measures.core import Core


@dataclass(frozen=True, slots=True)
class Numbers:
    """What one figure comes to. Whole numbers only; a mean is taken once, at the end, from these."""

    units: int
    """Distinct units."""
    amount: int = 0
    """Sum of the amounts."""
    middle: int = 0
    """Sum of the two middle amounts, or twice the one in the middle: twice the median."""
    people: int = 0
    """Distinct people behind the units; told only where it is asked for."""


NOTHING = Numbers(0)
Figures = Mapping[str, Numbers]


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure, as it is asked for by name."""

    name: str
    title: str
    definition: str
    """What is counted, in plain words, with the source of the rules."""
    members: Callable[[Core, Asked], Table]
    shape: Callable[[Figures], dict[str, Any]]
    """Figures -> what is printed as JSON. A figure that nobody counted for is missing in them: `NOTHING`."""
    by: tuple[str, ...] = ()
    """What its figures may be counted by: names of `hmis.measures.dimensions`."""
    medians: bool = False
    """Whether figures need the middle of their amounts."""
    totals: tuple[str, ...] = ()
    """How figures begin that say the sum of their amounts, such as `bed_nights/`; others say their units. One
    person adds no more to them than a day has one night."""
    of_nobody: tuple[str, ...] = ()
    """How figures begin that count no people and nothing that people did, such as beds."""
    parts: Mapping[str, tuple[str | tuple[str, ...], ...]] = field(default_factory=dict)
    """Figure -> figures of which each counts some of those it counts, or their nights. `measure:figure` where
    it is another measure's. A tuple among them: figures that together count everybody it counts. What is
    called `x/A+B` is made of `x/A` and `x/B` without being said to be."""
    listed: tuple[str, ...] = ()
    """How figures begin whose members are listed to the agency that entered them, once published: that a stay
    is among them depends on that stay and its household alone, so that the list tells of nobody else's."""
    published: bool = False
    """Whether it may be published: only where `parts` says all that figures have to do with each other."""
    withheld: tuple[str, ...] = ()
    """How figures begin that are not published all the same: of which the rest is small and no figure."""
    counts_alone: bool = False
    """Whether it is published without means and medians: its amounts say how often, which is no figure."""
    nests: bool = False
    """Whether what is counted in a month, or in one continuum, is some of what is counted in the year, or in
    all. Where it is not, periods that overlap are never published side by side."""


def union(*parts: Table) -> Table:
    """Members of several figures as one table."""
    import ibis

    return ibis.union(*parts) if len(parts) > 1 else parts[0]


def in_figures(rows: Table, figures: Mapping[str, BooleanValue]) -> Table:
    """Rows once for each figure that they count for, by its condition: `figure` says for which.

    One pass over the rows. A union of a filter for each figure computes them as often as there are figures.
    """
    import ibis

    named = [ibis.ifelse(counts, ibis.literal(name), ibis.null("string")) for name, counts in figures.items()]
    return rows.mutate(figure=ibis.array(named).unnest()).filter(lambda row: row.figure.notnull())


def members(
    rows: Table, figure: str | StringValue, *, unit: str = "person", amount: str | None = None
) -> Table:
    """Rows that have `person` and `enrollment` as the members of one figure, or of the one each row names."""
    import ibis

    return rows.select(
        figure=ibis.literal(figure) if isinstance(figure, str) else figure,
        unit=rows[unit].cast("int64"),
        amount=ibis.null("int64") if amount is None else rows[amount].cast("int64"),
        person=rows.person.cast("int64"),
        enrollment=rows.enrollment.cast("int64"),
    )
