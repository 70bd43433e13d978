"""How figures of utilization are written as JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from hmis.measures.answering import percent
from hmis.measures.days import number
from hmis.measures.measure import NOTHING, Figures
from hmis.measures.months import months, period_of, said
from hmis.measures.project_types import NAMES

_QUARTERLY = ((10, 31), (1, 31), (4, 30), (7, 31))
"""The nights that HUD counts on beside the year as a whole (LSA specification, cohorts)."""
_COUNTED = ("beds", "units", "people", "households")


def shape(found: Figures) -> dict[str, Any]:
    start, end = period_of(found)
    nights = [month.last for month in months(start, end) if month.ends_within]
    length = number(end) - number(start) + 1

    def block(level: str) -> dict[str, Any]:
        return {
            "nights": [_night(found, level, night) for night in nights],
            "average": _use(lambda what: _mean(found.get(f"{level}/average/{what}", NOTHING).amount, length)),
        }

    levels = sorted({name.rsplit("/", 2)[0] for name in found if name.startswith("project/")})
    return {
        "period": {**said(start, end), "nights": length},
        **block("all"),
        "project_types": {
            kind: block(f"type/{kind}")
            for kind in dict.fromkeys(NAMES.values())
            if any(level.startswith(f"project/{kind}/") for level in levels)
        },
        "projects": [{**_project(level), **block(level)} for level in levels],
    }


def _project(level: str) -> dict[str, Any]:
    _, kind, source, project = level.split("/", 3)
    return {"source": int(source), "project_id": project, "project_type": kind}


def _night(found: Figures, level: str, night: date) -> dict[str, Any]:
    def counted(what: str) -> int:
        numbers = found.get(f"{level}/{number(night)}/{what}", NOTHING)
        return numbers.amount if what in ("beds", "units") else numbers.units

    quarterly = (night.month, night.day) in _QUARTERLY
    return {"night": night.isoformat(), "quarterly": quarterly, **_use(counted)}


def _use(counted: Callable[[str], int] | Callable[[str], Decimal]) -> Mapping[str, float]:
    """What was there, who was in it, and the percentage of it that is."""
    values = {what: counted(what) for what in _COUNTED}
    exact = {what: Decimal(value) for what, value in values.items()}
    return {
        **{what: value if isinstance(value, int) else float(value) for what, value in values.items()},
        "bed_utilization": _percent(exact["people"], exact["beds"]),
        "unit_utilization": _percent(exact["households"], exact["units"]),
    }


def _percent(part: Decimal, whole: Decimal) -> float:
    return percent(int(100 * part), int(100 * whole))


def _mean(nights: int, length: int) -> Decimal:
    return (Decimal(nights) / length).quantize(Decimal("0.01"), ROUND_HALF_UP)
