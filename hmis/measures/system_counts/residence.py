"""Who was active in the period, who of them had a bed, and on which nights (sections 5.1, 5.2, 9.2, 9.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hmis.measures.system_counts.ages import household_types, with_ages
from hmis.measures.system_counts.enrollments import bed_nights, enrollments
from hmis.measures.system_counts.households import households
from hmis.measures.system_counts.universe import HOUSED, NIGHT_BY_NIGHT, SHELTER

if TYPE_CHECKING:
    from ibis.expr.types import BooleanValue, Table

    from hmis.measures.asked import Asked
    from hmis.measures.core import Core


def active(core: Core, asked: Asked) -> Table:
    """Enrollments active in the period (section 5.2), computed once.

    Beside what `enrollments` says of them: `age`, `household_type`, `is_in_residence` (HUD: AIR), and
    `of_household`, the pair of head of household and household type that is one household (section 9.3).
    """
    known = core.kept(with_ages(enrollments(core, asked, core.kept(households(core, asked))), asked))
    there = known.filter(known.household_exit >= asked.rs, known.exit >= asked.rs)
    typed = there.join(household_types(known, asked), "household")
    in_residence = _in_residence(typed, asked, "household_") & _in_residence(typed, asked)
    return core.kept(
        typed.mutate(
            is_in_residence=in_residence.fill_null(False),
            of_household=typed.head_person * 100 + typed.household_type,
        )
    )


def _in_residence(rows: Table, asked: Asked, whose: str = "") -> BooleanValue:
    """At least one bed night in the period, by the dates of an enrollment or of its household."""
    slept = rows[f"{whose}last_night"].between(asked.rs, asked.re)
    return (rows[f"{whose}exit"] > asked.rs) & (
        rows.lsa_type.isin(SHELTER)
        | ((rows.lsa_type == NIGHT_BY_NIGHT) & slept)
        | (rows.lsa_type.isin(HOUSED) & rows[f"{whose}move_in"].notnull())
    )


def nights(core: Core, asked: Asked, residents: Table) -> Table:
    """Nights in a bed, as days from `start` up to but not including `end`: one row a stay, or a bed night.

    The day of leaving is no night; in housing nights begin with the move-in date (section 9.5).
    """
    import ibis

    by_dates = residents.filter(residents.lsa_type != NIGHT_BY_NIGHT)
    begins = ibis.cases((by_dates.lsa_type.isin(HOUSED), by_dates.move_in), else_=by_dates.entry)
    by_dates = by_dates.mutate(
        start=ibis.greatest(begins, asked.rs).cast("int64"),
        end=ibis.least(by_dates.exit, asked.re + 1).cast("int64"),
    )
    by_night = residents.filter(residents.lsa_type == NIGHT_BY_NIGHT)
    slept = bed_nights(core, asked, by_night).filter(lambda row: row.night >= asked.rs)
    by_night = by_night.join(slept, "enrollment").mutate(
        start=lambda row: row.night.cast("int64"), end=lambda row: row.night.cast("int64") + 1
    )
    both = ibis.union(by_dates, by_night.drop("night"))
    return both.filter(both.end > both.start)


def distinct_nights(nights: Table, by: tuple[str, ...] = ()) -> Table:
    """Nights with `amount`: those of a row that no earlier row of the same person within `by` has.

    A night in two beds is one night, so amounts add up to distinct nights of persons.
    """
    import ibis

    before = ibis.window(
        group_by=("person", *by), order_by=("start", "end", "enrollment"), preceding=(None, 1)
    )
    placed = nights.mutate(reached=nights.end.max().over(before).fill_null(0))
    fresh = ibis.greatest(placed.end - ibis.greatest(placed.start, placed.reached), 0)
    return placed.mutate(amount=fresh).drop("reached").filter(fresh > 0)
