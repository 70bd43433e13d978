"""Measure 3.2: people sheltered in the period, all and by kind of shelter.

Rules: MEASURES 3.3, after HUD System Performance Measures FY2026, metric 3.2: active by method 5, so whoever
left on the first day spent no night. Metric 3.1 is the point-in-time count, typed in.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hmis.measures.answering import units
from hmis.measures.measure import Figures, in_figures
from hmis.measures.measure import members as members_of
from hmis.measures.presence import active_method_5
from hmis.measures.project_types import ES, SH, SHELTERED, TH

if TYPE_CHECKING:
    from ibis.expr.types import Table

    from hmis.measures.asked import Asked
    from hmis.measures.core import Core

_ROWS: Mapping[str, tuple[int, ...]] = {"all": SHELTERED, "es": ES, "sh": SH, "th": TH}


def members(core: Core, asked: Asked, stays: Table) -> Table:
    """A row for each stay that had a night of the period."""
    sheltered = stays.filter(stays.project_type.isin(SHELTERED))
    active = sheltered.filter(active_method_5(core, sheltered, asked.rs, asked.re))
    rows = in_figures(active, {f"3.2/{row}": active.project_type.isin(types) for row, types in _ROWS.items()})
    return members_of(rows, rows.figure)


def shape(found: Figures) -> dict[str, Any]:
    """{"all", "es", "sh", "th"}: people."""
    return {"3.2": {row: units(found, f"3.2/{row}") for row in _ROWS}}
