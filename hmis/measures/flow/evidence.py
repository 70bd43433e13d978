"""Evidence: from which day to which a stay says that somebody is homeless, or housed.

Rules: the flow of Eva (Abt, github.com/abtassociates/eva: how long a sign of homelessness is valid), on HUD
3.10, 3.12, 3.20, 3.917, 4.12 and 4.14. A *span* has `person`, `enrollment`, `starts`, `until` (the first day
that it does not hold), `known` (the last day that anything is known of: the exit day, or the last day that
evidence holds), `is_housed`, `weight`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hmis.measures.days import whole
from hmis.measures.participation import FAR, pieces
from hmis.measures.people import in_coc
from hmis.measures.presence import BED_NIGHT, move_in_used
from hmis.measures.project_types import NIGHT_BY_NIGHT, PH, SO

if TYPE_CHECKING:
    from ibis.expr.types import BooleanValue, Table

    from hmis.measures.asked import Asked
    from hmis.measures.core import Core

GAP = 14
"""Days between what is known and what comes next within which somebody was there all the while."""
LOOKBACK = 730
"""Days after which somebody who comes is taken to come for the first time."""
_SHELTERED = (0, 2, 8)
_COORDINATED_ENTRY = 14
_SERVICES = (*SO, 6, 7, 11)
"""Outreach, services only, other, day shelter."""
_BY_EVIDENCE = (NIGHT_BY_NIGHT, *_SERVICES, _COORDINATED_ENTRY)
_TRANSITIONAL = 302
"""Of HUD 3.12.1: transitional housing for homeless people."""
_HOUSED_WEIGHT, _PH_WEIGHT, _SHELTER_WEIGHT, _SERVICES_WEIGHT, _ENTRY_WEIGHT = 100, 80, 60, 40, 30
# How long one piece of evidence holds, in days.
_NIGHT_HOLDS, _SERVICES_HOLD, _ENTRY_HOLDS = 15, 60, 90


def stays(core: Core, asked: Asked) -> Table:
    """Stays that can say something, as far as their project took part: `pieces` with `moved_in`."""
    stay = in_coc(core.stay, asked)
    stay = stay.filter(stay.project_type.isin((*_SHELTERED, *PH, *_BY_EVIDENCE)))
    stay = stay.mutate(moved_in=move_in_used(stay, asked.re).cast("int64"))
    found = pieces(core, stay)
    return found.filter((found.until >= asked.rs - LOOKBACK) & (found.starts <= asked.re + GAP))


def exits(stay: Table) -> Table:
    """Where stays ended: `person`, `enrollment`, `left`, `is_permanent`.

    A stay that ended because its project did led nowhere that anybody knows.
    """
    ended = stay.filter(stay.until < FAR)
    led = ended.destination.between(400, 499).fill_null(False) & ~ended.is_cut
    return ended.select("person", "enrollment", left=ended.until, is_permanent=led.cast("int64"))


def spans(core: Core, asked: Asked, stay: Table) -> Table:
    """What all stays say, with everything that the period and two years before it are judged by."""
    import ibis

    found = ibis.union(_sheltered(stay), *_permanent(stay), _by_evidence(core, asked, stay))
    found = found.filter((found.starts < found.until) & (found.known >= asked.rs - LOOKBACK))
    # Whoever leaves on the first day was there when it began.
    leaves = (found.until == asked.rs) & (found.known == asked.rs)
    return found.mutate(until=leaves.ifelse(found.until + 1, found.until))


def _sheltered(stay: Table) -> Table:
    there = stay.filter(stay.project_type.isin(_SHELTERED))
    return there.select(
        "person", "enrollment", "starts", "until",
        known=there.until, is_housed=whole(0), weight=whole(_SHELTER_WEIGHT),
    )  # fmt: skip


def _permanent(stay: Table) -> tuple[Table, Table]:
    """Before the move-in, the day of it included, and from the day after it on."""
    import ibis

    there = stay.filter(stay.project_type.isin(PH))
    moved = ibis.greatest(there.moved_in.fill_null(FAR) + 1, there.starts)
    before = there.mutate(until=ibis.least(moved, there.until))
    after = there.filter(there.moved_in.notnull()).mutate(
        starts=ibis.greatest(there.moved_in.fill_null(FAR) + 1, there.starts)
    )
    columns = ("person", "enrollment", "starts", "until")
    return (
        before.select(*columns, known=before.until, is_housed=whole(0), weight=whole(_PH_WEIGHT)),
        after.select(*columns, known=after.until, is_housed=whole(1), weight=whole(_HOUSED_WEIGHT)),
    )


def _by_evidence(core: Core, asked: Asked, stay: Table) -> Table:
    """Where people come and go: from each piece of evidence for as long as it holds, or until they leave."""
    import ibis

    there = stay.filter(stay.project_type.isin(_BY_EVIDENCE))
    holds = there.project_type.cases(
        (NIGHT_BY_NIGHT, _NIGHT_HOLDS), (_COORDINATED_ENTRY, _ENTRY_HOLDS), else_=_SERVICES_HOLD
    )
    weight = there.project_type.cases(
        (NIGHT_BY_NIGHT, _SHELTER_WEIGHT), (_COORDINATED_ENTRY, _ENTRY_WEIGHT), else_=_SERVICES_WEIGHT
    )
    there = there.mutate(holds=holds.cast("int64"), weight=weight.cast("int64"))
    columns = ("person", "enrollment", "starts", "until", "holds", "weight")
    entered = there.filter(_entry_is_evidence(there)).select(*columns, on=there.starts)
    seen = _seen(core)
    # Earlier than that nothing holds into the two years before the period.
    seen = seen.filter(seen["on"].between(asked.rs - LOOKBACK - _ENTRY_HOLDS, asked.re + GAP))
    joined = there.select(*columns, "project_type").join(seen, "enrollment")
    counts = (joined["on"] >= joined.starts) & (joined["on"] < joined.until)
    counts &= ~joined.is_night | (joined.project_type == NIGHT_BY_NIGHT)
    return _runs(ibis.union(entered, joined.filter(counts).select(*columns, "on")))


def _entry_is_evidence(stay: Table) -> BooleanValue:
    situation = stay.living_situation
    from_street = (stay.los_under_threshold == 1) & (stay.previous_street_essh == 1)
    came_homeless = _homeless(situation) | (situation.between(200, 299) & from_street)
    return stay.project_type.isin((NIGHT_BY_NIGHT, *SO)) | came_homeless.fill_null(False)


def _homeless(situation: Table) -> BooleanValue:
    return situation.between(100, 199) | (situation == _TRANSITIONAL)


def _seen(core: Core) -> Table:
    """The days on which somebody was seen to be homeless: `enrollment`, `on`, `is_night`."""
    import ibis

    nights = core.service.filter(core.service.record_type == BED_NIGHT)
    nights = nights.select("enrollment", on=nights.date_provided.cast("int64"), is_night=ibis.literal(True))
    living = core.current_living_situation
    living = living.filter(_homeless(living.current_living_situation))
    living = living.select(
        "enrollment", on=living.information_date.cast("int64"), is_night=ibis.literal(False)
    )
    return ibis.union(nights, living)


def _runs(evidence: Table) -> Table:
    """Evidence of one stay that holds without a break, as one span."""
    import ibis

    of_stay = [evidence.enrollment, evidence.starts]
    before = (
        evidence["on"].max().over(ibis.window(group_by=of_stay, order_by=[evidence["on"]], rows=(None, -1)))
    )
    begins = before.isnull() | (evidence["on"] > before + evidence.holds + 1)
    marked = evidence.mutate(begins=begins.cast("int64"))
    of_stay = [marked.enrollment, marked.starts]
    run = marked.begins.sum().over(ibis.window(group_by=of_stay, order_by=[marked["on"]], range=(None, 0)))
    numbered = marked.mutate(run=run)
    keys = ("person", "enrollment", "starts", "until", "holds", "weight", "run")
    runs = numbered.group_by(*keys).agg(first=numbered["on"].min(), last=numbered["on"].max())
    return runs.select(
        "person", "enrollment",
        starts=runs["first"],
        until=ibis.least(runs["last"] + runs.holds + 1, runs.until),
        known=ibis.least(runs["last"] + runs.holds, runs.until),
        is_housed=whole(0), weight=runs.weight,
    )  # fmt: skip
