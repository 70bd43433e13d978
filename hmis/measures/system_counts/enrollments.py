"""Enrollments of the members of those households, with the dates the LSA takes for them (section 3.4,
tlsa_Enrollment).

One row an enrollment: `enrollment`, `client`, `person`, `household`, `is_head`, `head_person`, `project`,
`lsa_type`, `entry`, `move_in` (null = not housed), `exit` (`NEVER` = there at the end of the period),
`last_night` (night-by-night shelters alone), what its age is taken from, and the household's own dates as
`household_*`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hmis.measures.system_counts.households import AUTO_EXIT, bed_nights_recorded
from hmis.measures.system_counts.universe import MOVES_IN, NEVER, NIGHT_BY_NIGHT, RRH, RRH_SERVICES_ONLY

if TYPE_CHECKING:
    from ibis.expr.types import IntegerValue, Table

    from hmis.measures.asked import Asked
    from hmis.measures.core import Core

_RELATIONSHIPS = (1, 2, 3, 4, 5)
"""HUD 3.15.1 answers that are one."""
_OF_HOUSEHOLD = ("entry", "move_in", "exit", "last_night")


def enrollments(core: Core, asked: Asked, households: Table) -> Table:
    """Every enrollment of those households since the lookback date."""
    import ibis

    stays = _stays(core, asked, households)
    by_dates = stays.filter(stays.lsa_type != NIGHT_BY_NIGHT)
    by_night = stays.filter(stays.lsa_type == NIGHT_BY_NIGHT)
    both = ibis.union(_by_dates(by_dates, asked), _by_night(core, asked, by_night))
    return both.mutate(move_in=_move_in(both))


def bed_nights(core: Core, asked: Asked, stays: Table) -> Table:
    """Bed nights that count for a stay in a night-by-night shelter: `enrollment`, `night`.

    On or after its own entry, before its own exit, and while the head of household is there.
    """
    joined = bed_nights_recorded(core, asked).join(
        stays.select("enrollment", "entry_date", "leaves", "household_entry", "household_exit"), "enrollment"
    )
    valid = joined.filter(
        joined.night >= joined.entry_date,
        joined.night < joined.leaves,
        joined.night >= joined.household_entry,
        joined.night < joined.household_exit,
    )
    return valid.select("enrollment", "night")


def _stays(core: Core, asked: Asked, households: Table) -> Table:
    """Stays with what their household came to. `leaves` is the day of leaving as recorded."""
    of_household = {f"household_{name}": households[name] for name in _OF_HOUSEHOLD}
    known = households.select("household", "head_person", "project", "lsa_type", **of_household)
    stay = core.stay.filter(
        core.stay.relationship_to_hoh.isin(_RELATIONSHIPS), core.stay.entry_date <= asked.re
    ).select(
        "household",
        "enrollment",
        "client",
        "person",
        "is_head",
        "entry_date",
        "dob",
        "dob_ymd",
        "dob_data_quality",
        leaves=core.stay.exit_date.fill_null(NEVER),
    )
    return stay.join(known, "household")


def _by_dates(stays: Table, asked: Asked) -> Table:
    import ibis

    # Leaving after the period is the same as being there at its end.
    stays = stays.mutate(leaves=ibis.cases((stays.leaves <= asked.re, stays.leaves), else_=NEVER))
    there = stays.filter(
        stays.entry_date <= stays.household_exit,
        stays.leaves > stays.household_entry,
        stays.leaves > asked.lookback,
        stays.leaves > stays.entry_date,
    )
    left_as_housed = there.lsa_type.isin((RRH, RRH_SERVICES_ONLY)) & (there.household_move_in == there.leaves)
    leaves = ibis.cases(
        (there.leaves >= there.household_exit, there.household_exit),
        (left_as_housed & (there.leaves == asked.re), NEVER),
        (left_as_housed, there.leaves + 1),
        else_=there.leaves,
    )
    return there.mutate(
        entry=ibis.greatest(there.household_entry, there.entry_date).cast("int64"),
        exit=leaves.cast("int64"),
        last_night=ibis.null("int64"),
    )


def _by_night(core: Core, asked: Asked, stays: Table) -> Table:
    import ibis

    nights = bed_nights(core, asked, stays)
    outer = nights.group_by("enrollment").agg(first=nights.night.min(), last=nights.night.max())
    slept = stays.join(outer, "enrollment")
    still_there = (
        (slept.leaves > asked.re) & (slept.household_exit == NEVER) & (slept["last"] + AUTO_EXIT > asked.re)
    )
    return slept.mutate(
        entry=slept["first"].cast("int64"),
        exit=ibis.cases((still_there, NEVER), else_=slept["last"] + 1).cast("int64"),
        last_night=slept["last"].cast("int64"),
    ).drop("first", "last")


def _move_in(members: Table) -> IntegerValue:
    """The household's, for a member who was there on it; entry for one who came later (section 3.4)."""
    import ibis

    day = members.household_move_in
    gone = (day > members.exit) | ((day == members.exit) & (members.household_exit > members.exit))
    return ibis.cases(
        (~members.lsa_type.isin(MOVES_IN) | day.isnull() | gone.fill_null(False), ibis.null("int64")),
        (day < members.entry, members.entry),
        else_=day,
    )
