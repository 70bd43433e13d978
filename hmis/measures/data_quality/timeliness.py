"""Timeliness (Q6): days from when something was until it was written down, for starts and exits.

Counts records, not people: every stay that began or ended in the period was written down once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hmis.measures.answering import units
from hmis.measures.data_quality.marking import marked
from hmis.measures.data_quality.universe import Universe
from hmis.measures.measure import Figures

if TYPE_CHECKING:
    from ibis.expr.types import BooleanValue, IntegerValue, Table

_SPANS: dict[str, tuple[int | None, int | None]] = {
    "days_under_0": (None, -1),
    "days_0": (0, 0),
    "days_1_3": (1, 3),
    "days_4_6": (4, 6),
    "days_7_10": (7, 10),
    "days_11_or_more": (11, None),
}
"""Name -> first and last number of days; None = no bound."""
_EVENTS = {"starts": ("entry_date", "date_created"), "exits": ("exit_date", "exit_date_created")}


def timeliness(found: Universe) -> list[Table]:
    """The members of Q6."""
    records = found.records
    cells: dict[str, BooleanValue] = {}
    for event, (when, written) in _EVENTS.items():
        happened = records[when].between(found.asked.rs, found.asked.re)
        days = records[written] - records[when]
        cells |= {f"Q6/{event}/{name}": happened & _within(days, *span) for name, span in _SPANS.items()}
    return [marked(found.core, records, cells, unit="enrollment")]


def _within(days: IntegerValue, first: int | None, last: int | None) -> BooleanValue:
    if first is None:
        return days <= last
    return days >= first if last is None else days.between(first, last)


def shape_timeliness(found: Figures) -> dict[str, Any]:
    """Q6 as it is printed."""
    return {event: {name: units(found, f"Q6/{event}/{name}") for name in _SPANS} for event in _EVENTS}
