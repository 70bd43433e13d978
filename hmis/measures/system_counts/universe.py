"""Universes: project types as the LSA counts them, and the nights it counts on (sections 3.2 and 9.3)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from hmis.measures.asked import Asked

NIGHT_BY_NIGHT = 1
PSH = 3
RRH = 13
RRH_SERVICES_ONLY = 15
"""What the LSA calls project type 13 with RRHSubType 1: no beds, so never in residence (section 3.3)."""
SHELTER = (0, 2, 8)
"""Where a stay is a bed from entry to exit."""
HOUSED = (PSH, RRH)
"""Where a bed begins with the move-in date."""
MOVES_IN = (PSH, RRH, RRH_SERVICES_ONLY)
PROJECT_TYPES = (0, 1, 2, PSH, 8, RRH)
"""HUD 2.02.6 types that the LSA looks at."""

UNIVERSES: Mapping[str, tuple[int, ...]] = {
    "ES": (0, NIGHT_BY_NIGHT),
    "SH": (8,),
    "TH": (2,),
    "RRH": (RRH,),
    "PSH": (PSH,),
    "ES+SH+TH": (0, NIGHT_BY_NIGHT, 2, 8),
}
"""LSACalculated universes 11 to 16, in this order."""
SHELTERED = "ES+SH+TH"
"""The universe that takes in others: whoever was in two of them is counted once."""

HOUSEHOLD_TYPES = (1, 2, 3, 99)
"""Adults only, adults and children, children only, unknown. 0 stands for all of them."""

NEVER = 1_000_000_000
"""A day's number for what has no end. Then one comparison does for "no exit, or later than"."""

WHOLE_PERIOD = 1
"""LSA cohort: active at any time of the period."""


def point_in_time_nights(asked: Asked) -> dict[int, date]:
    """LSA cohorts 10 to 13 -> their night, of those that lie in the period (section 3.2)."""
    first, last = asked.start.year, asked.end.year
    nights = {10: date(first, 10, 31), 11: date(last, 1, 31), 12: date(last, 4, 30), 13: date(last, 7, 31)}
    return {cohort: night for cohort, night in nights.items() if asked.start <= night <= asked.end}
