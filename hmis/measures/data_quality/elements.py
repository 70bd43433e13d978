"""Elements: how one data element is checked. A row of HUD's tables Q2, Q3 and Q4.

A row counts people: refused (client doesn't know or prefers not to answer), missing, issues, and all of
them. Somebody may be in several; the total is the set of them, never the sum.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hmis.measures.answering import percent, units
from hmis.measures.measure import Figures

if TYPE_CHECKING:
    from ibis.expr.types import BooleanValue

REFUSED = (8, 9)
NOT_COLLECTED = 99


@dataclass(frozen=True, slots=True)
class Checked:
    """What is wrong with one element in each row of a table; null is not wrong. None = cannot happen."""

    refused: BooleanValue | None = None
    missing: BooleanValue | None = None
    issues: BooleanValue | None = None

    def any_of(self, *names: str) -> BooleanValue | None:
        """Whether any of these is so."""
        said = [getattr(self, name) for name in names if getattr(self, name) is not None]
        return either(said) if said else None


_CELLS = {
    "refused": ("refused",),
    "missing": ("missing",),
    "missing_or_refused": ("refused", "missing"),
    "issues": ("issues",),
    "total": ("refused", "missing", "issues"),
}


def elements(question: str, rows: Mapping[str, Checked]) -> dict[str, BooleanValue]:
    """Figure -> whether a row counts for it, for all rows of a question."""
    return {
        f"{question}/{name}/{cell}": wrong
        for name, checked in rows.items()
        for cell, parts in _CELLS.items()
        if (wrong := checked.any_of(*parts)) is not None
    }


def either(wrong: Iterable[BooleanValue]) -> BooleanValue:
    """Whether any of these is so; null is not."""
    first, *others = (one.fill_null(False) for one in wrong)
    for other in others:
        first = first | other
    return first


def shape_element(found: Figures, figure: str, of: str) -> dict[str, Any]:
    """One row as it is printed. of: the figure that counts whom it is asked of."""
    asked = units(found, of)
    cells = {cell: units(found, f"{figure}/{cell}") for cell in _CELLS}
    return {**cells, "of": asked, "error_rate": percent(cells["total"], asked)}


def is_missing(value: Any) -> BooleanValue:
    """Data not collected (99), or nothing said at all."""
    missing: BooleanValue = value.isnull() | (value == NOT_COLLECTED)
    return missing
