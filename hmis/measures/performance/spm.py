"""The system performance measures: all as `spm`, and each by its own name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from hmis.measures.measure import Figures, Measure, union
from hmis.measures.performance import (
    exits,
    first_time,
    income,
    length_of_time,
    published,
    returns,
    sheltered,
)
from hmis.measures.performance.stays import PEOPLE_DIMENSIONS, stays, universe

if TYPE_CHECKING:
    from ibis.expr.types import Table

    from hmis.measures.asked import Asked
    from hmis.measures.core import Core

_SOURCE = "HUD System Performance Measures, HMIS Programming Specifications, FY2026"


@dataclass(frozen=True, slots=True)
class _Part:
    """One of HUD's measures: its rows from the stays that all of them look at."""

    title: str
    definition: str
    members: Callable[[Core, Asked, Table], Table]
    shape: Callable[[Figures], dict[str, Any]]
    medians: bool = False
    is_plain: bool = False
    """Whether it asks of a stay only what the record says: neither moved in nor homeless before."""


_PARTS: Mapping[str, _Part] = {
    "1": _Part(
        "Length of time without a home",
        "Nights without a home up to the last one in the period: in shelter and safe haven (line 1) and in"
        " transitional housing (line 2), less nights in other housing; in 1b also nights before a shelter or"
        " before moving in.",
        length_of_time.members,
        length_of_time.shape,
        medians=True,
    ),
    "2": _Part(
        "Returns to homelessness",
        "Of people who left for permanent housing two years before the period: how many came back, by days"
        " until then and by the type of project they left.",
        returns.members,
        returns.shape,
        is_plain=True,
    ),
    "3.2": _Part(
        "People sheltered in the year",
        "People with a night of the period in emergency shelter, safe haven or transitional housing.",
        sheltered.members,
        sheltered.shape,
        is_plain=True,
    ),
    "4": _Part(
        "Growth of income",
        "Of adults in projects of the CoC program: whose earned, other and total income grew, for those who"
        " stay (a year or longer) and those who left.",
        income.members,
        income.shape,
    ),
    "5": _Part(
        "First time without a home",
        "Of people who entered in the period: how many were in no shelter and no permanent housing in the two"
        " years before.",
        first_time.members,
        first_time.shape,
        is_plain=True,
    ),
    "7": _Part(
        "Placement and housing kept",
        "Of people who left street outreach, shelter or housing: how many left for a better or a permanent"
        " place, and how many keep their housing.",
        exits.members,
        exits.shape,
    ),
}


def _measure(name: str, title: str, definition: str, parts: tuple[_Part, ...]) -> Measure:
    def members(core: Core, asked: Asked) -> Table:
        looked_at = universe(core, asked) if all(part.is_plain for part in parts) else stays(core, asked)
        return union(*(part.members(core, asked, looked_at) for part in parts))

    def shape(found: Figures) -> dict[str, Any]:
        shaped: dict[str, Any] = {}
        for part in parts:
            shaped |= part.shape(found)
        return shaped

    medians = any(part.medians for part in parts)
    return Measure(
        name, title, f"{definition} {_SOURCE}.", members, shape, by=PEOPLE_DIMENSIONS, medians=medians
    )


SPM = replace(
    _measure(
        "spm",
        "System performance measures",
        "Measures 1a, 1b, 2, 3.2, 4, 5 and 7 of a continuum; 3.1 is typed in and 6 asks nothing of anybody.",
        tuple(_PARTS.values()),
    ),
    published=True,
    parts=published.PARTS,
    withheld=published.WITHHELD,
)
EACH = tuple(_measure(f"spm-{name}", part.title, part.definition, (part,)) for name, part in _PARTS.items())
"""`spm-1`, `spm-2`, ...: one of them alone."""
