"""Answering: from a measure's members to its figures, its JSON, and the records behind a figure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from hmis.measures.measure import NOTHING, Figures, Measure, Numbers

if TYPE_CHECKING:
    from ibis.expr.types import Table

    from hmis.measures.asked import Asked
    from hmis.measures.core import Core

_HUNDREDTH = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Record:
    """One record behind a figure, by the ids that its source and the hub give it; never a name."""

    source_id: int
    personal_id: str
    enrollment_id: str | None
    person_id: str | None
    """Hub id of the person; null for a record that nobody is linked to."""


def figures(measure: Measure, core: Core, asked: Asked) -> Figures:
    """Every figure of a measure over the whole of what was asked for."""
    return {key[0]: numbers for key, numbers in counted(measure, measure.members(core, asked), ("figure",))}


def figures_by(
    measure: Measure, core: Core, asked: Asked, by: tuple[str, ...]
) -> Mapping[tuple[str, ...], Numbers]:
    """Figures within each group of some dimensions: (figure, value of each dimension) -> numbers.

    Somebody who was in two groups counts in both, so groups need not add up to the whole.
    """
    from hmis.measures.dimensions import with_dimensions

    asked = replace(asked, by=by)
    rows = with_dimensions(core, asked, measure.members(core, asked), by)
    return dict(counted(measure, rows, ("figure", *by)))


def counted(
    measure: Measure, rows: Table, by: tuple[str, ...], *, people: bool = False
) -> Iterator[tuple[tuple[str, ...], Numbers]]:
    """The numbers of each group of members. people: also how many people are behind them."""
    if measure.medians:
        rows = _ranked(rows, by)
        middle = rows.amount.sum(where=rows.is_lower) + rows.amount.sum(where=rows.is_upper)
    else:
        middle = rows.amount.count() * 0
    found = rows.group_by(*by).agg(
        units=rows.unit.nunique(),
        total=rows.amount.sum().fill_null(0),
        middle=middle.fill_null(0),
        people=rows.person.nunique() if people else rows.person.count() * 0,
    )
    for row in found.to_pyarrow().to_pylist():
        key = tuple(str(row[name]) for name in by)
        yield key, Numbers(int(row["units"]), int(row["total"]), int(row["middle"]), int(row["people"]))


def _ranked(rows: Table, by: tuple[str, ...]) -> Table:
    """Members with marks on the one or two in the middle, by amount."""
    import ibis

    within = ibis.window(group_by=by, order_by=(rows.amount, rows.unit))
    whole = ibis.window(group_by=by)
    placed = rows.mutate(place=ibis.row_number().over(within), size=rows.amount.count().over(whole))
    return placed.mutate(
        is_lower=placed.place == (placed["size"] - 1) // 2, is_upper=placed.place == placed["size"] // 2
    )


def answer(measure: Measure, core: Core, asked: Asked) -> dict[str, Any]:
    """What the measure says, as it is printed as JSON."""
    return measure.shape(figures(measure, core, asked))


def records(measure: Measure, core: Core, asked: Asked, figure: str) -> list[Record]:
    """Whom a figure counts. In the order of sources and ids; one line a record."""
    found = measure.members(core, asked)
    found = found.filter(found.figure == figure)
    of_stays = found.join(core.stay.select("enrollment", "client", "enrollment_id"), "enrollment", how="left")
    clients = core.client.select("client", "source_id", "personal_id", "person_id")
    listed = of_stays.join(clients, "client").select("source_id", "personal_id", "enrollment_id", "person_id")
    ordered = listed.distinct().order_by("source_id", "personal_id", "enrollment_id")
    return [Record(**row) for row in ordered.to_pyarrow().to_pylist()]


def mean(numbers: Numbers) -> float:
    """Two decimals, half away from zero; 0 of nobody."""
    return _rounded(Decimal(numbers.amount) / numbers.units) if numbers.units else 0.0


def median(numbers: Numbers) -> float:
    """The middle amount, or the mean of the two in the middle; 0 of nobody."""
    return numbers.middle / 2 if numbers.units else 0.0


def percent(part: int, whole: int) -> float:
    """100 x part / whole with two decimals; 0 where the whole is 0."""
    return _rounded(Decimal(100 * part) / whole) if whole else 0.0


def _rounded(exact: Decimal) -> float:
    return float(exact.quantize(_HUNDREDTH, ROUND_HALF_UP))


def units(found: Figures, figure: str) -> int:
    """How many a figure counts; 0 where it counts nobody."""
    return found.get(figure, NOTHING).units
