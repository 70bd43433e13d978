"""How figures of need are written as JSON."""

from __future__ import annotations

from typing import Any

from hmis.measures.answering import mean, median, units
from hmis.measures.days import number
from hmis.measures.measure import NOTHING, Figures
from hmis.measures.months import Month, months, period_of, said
from hmis.measures.need.rows import KINDS, OPEN, RESULTS, SERVICES, UNKNOWN

TYPES = {1: "by_phone", 2: "virtual", 3: "in_person"}
"""HUD 4.19.3, AssessmentType."""
LEVELS = {1: "crisis", 2: "housing"}
"""HUD 4.19.4, AssessmentLevel."""
PRIORITIZED = {1: "prioritized", 2: "not_prioritized"}
"""HUD 4.19.7, PrioritizationStatus."""
ASSESSED = {"type": TYPES, "level": LEVELS, "prioritized": PRIORITIZED}
_WITH_CAPACITY = ("ES", "TH", "RRH", "PSH", "OPH")
_WAITS = ("assessment_to_referral", "referral_to_move_in", "assessment_to_move_in")
_GAPS = ("prioritized", "never_referred", "referred", "never_housed")


def shape(found: Figures) -> dict[str, Any]:
    start, end = period_of(found)
    whole = months(start, end)
    referrals = {kind: _referrals(found, kind) for kind in KINDS.values()}
    return {
        "period": said(start, end),
        "assessed": {
            name: _people(found, f"assessed/{name}", "assessments")
            for name in ("all", *(name for names in ASSESSED.values() for name in names.values()))
        },
        "referrals": referrals,
        "waiting_days": {name: _wait(found, f"waits/{name}") for name in _WAITS},
        "gaps": {name: units(found, f"gaps/{name}") for name in _GAPS},
        "services": {name: _people(found, f"services/{name}", "services") for name in SERVICES.values()},
        "project_types": {
            kind: _missing(found, kind, referrals[kind], [one for one in whole if one.ends_within])
            for kind in _WITH_CAPACITY
        },
        "monthly": [_month(found, one) for one in whole],
    }


def _people(found: Figures, figure: str, what: str) -> dict[str, int]:
    numbers = found.get(figure, NOTHING)
    return {what: numbers.amount, "people": numbers.units}


def _referrals(found: Figures, kind: str) -> dict[str, int]:
    """How many, and what came of them; `open_after_…` are those of `open` that have waited that long."""
    count = {name: _amount(found, f"referrals/{kind}/{name}") for name in (*RESULTS.values(), UNKNOWN, *OPEN)}
    still = [count.pop(name) for name in OPEN]
    return {
        "referrals": sum(count.values()) + sum(still),
        **count,
        "open": sum(still),
        "open_after_30_days": sum(still[1:]),
        "open_after_60_days": sum(still[2:]),
        "open_after_90_days": still[3],
        "people_never_accepted": units(found, f"unmet/{kind}"),
    }


def _wait(found: Figures, figure: str) -> dict[str, float]:
    numbers = found.get(figure, NOTHING)
    return {"people": numbers.units, "mean": mean(numbers), "median": median(numbers)}


def _missing(found: Figures, kind: str, referrals: dict[str, int], nights: list[Month]) -> dict[str, int]:
    """What was asked of a type, and what it had, on the night on which most of its beds were free.

    `missing_beds`: as many as people whom it never accepted would have needed beyond those.
    """
    beds = [_beds(found, kind, night) for night in nights]
    roomiest = max(beds, key=lambda one: one["free"], default={"beds": 0, "people": 0, "free": 0})
    never = referrals["people_never_accepted"]
    return {
        "referrals": referrals["referrals"],
        "accepted": referrals["accepted"],
        "people_never_accepted": never,
        **roomiest,
        "missing_beds": max(0, never - roomiest["free"]),
    }


def _beds(found: Figures, kind: str, month: Month) -> dict[str, int]:
    """Beds, the people in them, and how many are free: none where more people are than beds."""
    level = f"capacity/type/{kind}/{number(month.last)}"
    beds, people = _amount(found, f"{level}/beds"), units(found, f"{level}/people")
    return {"beds": beds, "people": people, "free": max(0, beds - people)}


def _month(found: Figures, month: Month) -> dict[str, Any]:
    of = f"monthly/{month.name}"
    return {
        "month": month.name,
        **{what: units(found, f"{of}/{what}") for what in ("assessed", "prioritized", "moved_in")},
        "referrals": {kind: _amount(found, f"{of}/referred/{kind}") for kind in KINDS.values()},
        "accepted": {kind: _amount(found, f"{of}/accepted/{kind}") for kind in KINDS.values()},
        "beds": {kind: _beds(found, kind, month) for kind in _WITH_CAPACITY} if month.ends_within else None,
    }


def _amount(found: Figures, figure: str) -> int:
    return found.get(figure, NOTHING).amount
