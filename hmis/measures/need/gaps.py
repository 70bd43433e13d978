"""Gaps: how long people wait from an assessment to a referral to a home, and who never gets that far."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hmis.measures.need.rows import HOUSING, SHELTER_OR_HOUSING

if TYPE_CHECKING:
    from ibis.expr.types import Table


def waits(assessed: Table, referred: Table, moved: Table) -> dict[str, Table]:
    """Days each person waited, of those who got there: `person`, `enrollment`, `days`.

    From somebody's first assessment, or first referral to housing, of the period.
    """
    first, housing = _first(assessed), _of(referred, HOUSING)
    return {
        "assessment_to_referral": _next(first, housing),
        "referral_to_move_in": _next(_first(housing), moved),
        "assessment_to_move_in": _next(first, moved),
    }


def gaps(assessed: Table, referred: Table, homes: Table) -> dict[str, Table]:
    """People who should have come further: `person`, `enrollment`."""
    prioritized = _first(assessed.filter(assessed.prioritized == 1))
    housing = _first(_of(referred, HOUSING))
    sent = _next(prioritized, _of(referred, SHELTER_OR_HOUSING))
    return {
        "prioritized": prioritized,
        "never_referred": prioritized.anti_join(sent, "person"),
        "referred": housing,
        "never_housed": housing.anti_join(_next(housing, homes), "person"),
    }


def unmet(referred: Table) -> Table:
    """People sent to something and never accepted by it: `person`, `enrollment`, `kind`."""
    accepted = referred.filter(referred.result == "accepted").select("person", "kind").distinct()
    return referred.anti_join(accepted, ["person", "kind"])


def _of(referred: Table, events: tuple[int, ...]) -> Table:
    return referred.filter(referred.event.isin(events))


def _first(rows: Table) -> Table:
    """Each person's first: `person`, `on`, and the enrollment that says so."""
    found = rows.group_by("person").agg(on=rows["on"].min())
    same = rows.select("person", "on", "enrollment").join(found, ["person", "on"])
    return same.group_by("person", "on").agg(enrollment=same.enrollment.min())


def _next(since: Table, then: Table) -> Table:
    """Days from one thing to the first of another on that day or later, of those for whom there is one."""
    later = then.select("person", then=then["on"])
    joined = since.join(later, "person")
    joined = joined.filter(joined.then >= joined["on"])
    return joined.group_by("person", "enrollment").agg(days=(joined.then - joined["on"]).min())
