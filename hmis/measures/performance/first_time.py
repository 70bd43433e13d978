"""Measure 5: who entered a shelter (5.1) or also permanent housing (5.2) for the first time in two years.

Rules: MEASURES 3.5, after HUD System Performance Measures FY2026, metrics 5.1 and 5.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hmis.measures.answering import units
from hmis.measures.measure import Figures, union
from hmis.measures.measure import members as members_of
from hmis.measures.performance.stays import first_of_person
from hmis.measures.project_types import PH, SHELTERED

if TYPE_CHECKING:
    from ibis.expr.types import Table

    from hmis.measures.asked import Asked
    from hmis.measures.core import Core

_TWO_YEARS = 730
_TABLES: Mapping[str, tuple[int, ...]] = {"5.1": SHELTERED, "5.2": (*SHELTERED, *PH)}
_COLUMNS = ("persons", "prior", "first_time")


def members(core: Core, asked: Asked, stays: Table) -> Table:
    """Persons: the first stay entered in the period. Prior: the stays before it. First time: that first stay."""
    parts = []
    for table, types in _TABLES.items():
        entered = stays.filter(stays.entry_date.between(asked.rs, asked.re), stays.project_type.isin(types))
        entries = core.kept(first_of_person(entered, entered.entry_date))
        prior = core.kept(_prior(entries, stays))
        first_time = entries.anti_join(prior, "person")
        rows = (entries, prior, first_time)
        parts += [members_of(row, f"{table}/{column}") for column, row in zip(_COLUMNS, rows, strict=True)]
    return union(*parts)


def _prior(entries: Table, stays: Table) -> Table:
    """Stays begun before somebody's entry and still open two years before it."""
    earlier = stays.filter(stays.project_type.isin((*SHELTERED, *PH)))
    entered = entries.select("person", entered_on="entry_date")
    pairs = earlier.join(entered, "person")
    return pairs.filter(
        pairs.entry_date < pairs.entered_on,
        pairs.exit_date.isnull() | (pairs.exit_date >= pairs.entered_on - _TWO_YEARS),
    )


def shape(found: Figures) -> dict[str, Any]:
    """{"5.1": {"persons", "prior", "first_time"}, "5.2": ...}: people."""
    return {"5": {table: {name: units(found, f"{table}/{name}") for name in _COLUMNS} for table in _TABLES}}
