"""Stays: the enrollments that system performance measures look at, with what they say of each.

Universe (HUD System Performance Measures, HMIS Programming Specifications FY2026, "Selecting data"):
projects of the continuum (2.02.4) of the types below, in the CoC asked for, entered by the end of the period.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hmis.measures.people import in_coc
from hmis.measures.presence import homelessness_began, literally_homeless_at_entry, move_in_used
from hmis.measures.project_types import PH, SHELTERED, SO

if TYPE_CHECKING:
    from ibis.expr.types import BooleanValue, Table

    from hmis.measures.asked import Asked
    from hmis.measures.core import Core

TYPES = (*SHELTERED, *PH, *SO)
"""HUD 2.02.6 types of these measures: shelter, safe haven, transitional, permanent housing, outreach."""
PEOPLE_DIMENSIONS = ("sex", "race_ethnicity", "veteran_status")
"""What hangs on the person. Figures that follow people from stay to stay divide by nothing else."""


def universe(core: Core, asked: Asked) -> Table:
    """What its record says of each stay: `enrollment`, `person`, `project_type`, days and destination."""
    return _chosen(core, asked).select(
        "enrollment", "person", "project_type", "entry_date", "exit_date", "destination"
    )


def _chosen(core: Core, asked: Asked) -> Table:
    inside = in_coc(core.stay, asked)
    return inside.filter(
        inside.continuum_project == 1, inside.project_type.isin(TYPES), inside.entry_date <= asked.re
    )


def stays(core: Core, asked: Asked) -> Table:
    """The universe, computed once, with

    - `moved_in`: the move-in day used, for permanent housing; else null;
    - `was_homeless`: literally homeless at entry;
    - `began`: the day homelessness began before this stay, or null.
    """
    import ibis

    chosen = _chosen(core, asked)
    return core.kept(
        chosen.select(
            "enrollment",
            "person",
            "project",
            "project_type",
            "entry_date",
            "exit_date",
            "destination",
            "dob",
            "dob_ymd",
            "dob_data_quality",
            moved_in=chosen.project_type.isin(PH).ifelse(move_in_used(chosen, asked.re), ibis.null("int32")),
            was_homeless=literally_homeless_at_entry(chosen).fill_null(False),
            began=homelessness_began(chosen),
        )
    )


def open_at_end(stays: Table, asked: Asked) -> BooleanValue:
    """A stayer: has not left by the end of the period."""
    return stays.exit_date.isnull() | (stays.exit_date > asked.re)


def left_in_period(stays: Table, asked: Asked) -> BooleanValue:
    """Left on a day of the period, the first and the last included."""
    return stays.exit_date.between(asked.rs, asked.re).fill_null(False)


def leavers(stays: Table, asked: Asked) -> Table:
    """Stays left in the period by people who have none open at its end."""
    stayers = stays.filter(open_at_end(stays, asked)).select("person")
    return stays.filter(left_in_period(stays, asked)).anti_join(stayers, "person")


def first_of_person(stays: Table, *order: object) -> Table:
    """One stay a person: the first in that order, and of equals the one whose enrollment comes first."""
    import ibis

    within = ibis.window(group_by="person", order_by=(*order, stays.enrollment))
    return stays.mutate(place=ibis.row_number().over(within)).filter(lambda row: row.place == 0).drop("place")
