"""Households that the LSA knows of, with the dates it takes for them (section 3.3, tlsa_HHID).

One row a household, by its head's stay:
`household`, `head_person`, `project`, `lsa_type`, `entry`, `move_in` (null = not housed), `exit` (`NEVER` =
there at the end of the period), `last_night` (night-by-night shelters alone).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hmis.measures.presence import BED_NIGHT
from hmis.measures.system_counts.universe import (
    MOVES_IN,
    NEVER,
    NIGHT_BY_NIGHT,
    PROJECT_TYPES,
    PSH,
    RRH,
    RRH_SERVICES_ONLY,
)

if TYPE_CHECKING:
    from ibis.expr.types import BooleanValue, IntegerValue, Table

    from hmis.measures.asked import Asked
    from hmis.measures.core import Core

AUTO_EXIT = 90
"""Days without a bed night after which somebody has left a night-by-night shelter (section 3.3)."""


def households(core: Core, asked: Asked) -> Table:
    """Every household of the report's projects since the lookback date."""
    heads = _participating(core, asked, _heads(core, asked))
    heads = _with_nights(core, asked, heads)
    return heads.select(
        "household",
        "project",
        "lsa_type",
        "last_night",
        head_person=heads.person,
        entry=_entry(heads),
        move_in=_move_in(heads, asked.re),
        exit=_exit(heads, asked.re),
    )


def bed_nights_recorded(core: Core, asked: Asked) -> Table:
    """`enrollment`, `night`: bed nights from the lookback date to the end of the period."""
    services = core.service
    recorded = services.filter(
        services.record_type == BED_NIGHT, services.date_provided.between(asked.lookback, asked.re)
    )
    return recorded.select("enrollment", night="date_provided").distinct()


def _heads(core: Core, asked: Asked) -> Table:
    """Stays of heads of household in the projects of the report; `left_on` is when they left as recorded."""
    import ibis

    stay = core.stay
    in_project = (
        ~stay.is_victim_service_provider
        & (stay.continuum_project == 1)
        & stay.project_type.isin(PROJECT_TYPES)
        & ((stay.project_type != RRH) | stay.rrh_sub_type.isin((1, 2)))
        & (stay.operating_start_date <= asked.re)
        & (
            stay.operating_end_date.isnull()
            | (
                (stay.operating_end_date > stay.operating_start_date)
                & (stay.operating_end_date > asked.lookback)
            )
        )
    )
    alone = stay.is_head & (stay.heads == 1) & stay.household_is_named
    heads = stay.filter(in_project, alone, stay.entry_date <= asked.re)
    if asked.coc is not None:
        heads = heads.filter(heads.enrollment_coc == asked.coc)
    return _in_its_coc(core, heads).select(
        "household",
        "enrollment",
        "person",
        "project",
        "entry_date",
        "move_in_date",
        lsa_type=ibis.cases(
            ((heads.project_type == RRH) & (heads.rrh_sub_type == 1), RRH_SERVICES_ONLY),
            else_=heads.project_type,
        ),
        operating_start=heads.operating_start_date,
        operating_end=_within(heads.operating_end_date, asked.re),
        left_on=heads.exit_date.fill_null(NEVER),
    )


def _in_its_coc(core: Core, heads: Table) -> Table:
    """Those whose project serves the CoC their stay is reported for: the project list of section 4.1."""
    coc = core.project_coc.select("project", "coc_code").distinct()
    return heads.semi_join(coc, (heads.project == coc.project) & (heads.enrollment_coc == coc.coc_code))


def _within(day: IntegerValue, re: int) -> IntegerValue:
    """An end after the period is none (section 3.3, HMISEnd)."""
    import ibis

    return ibis.cases((day <= re, day), else_=NEVER)


def _participating(core: Core, asked: Asked, heads: Table) -> Table:
    """Heads with the latest time that their project took part in HMIS while they were there: `starts` and
    `ends`, the days between which the project's operation and participation both run."""
    import ibis

    taking_part = core.hmis_participation.filter(
        lambda row: (
            (row.hmis_participation_type == 1) & (row.hmis_participation_status_start_date <= asked.re)
        )
    ).select(
        "project",
        hmis_start="hmis_participation_status_start_date",
        hmis_end=lambda row: row.hmis_participation_status_end_date.fill_null(NEVER),
    )
    joined = heads.join(taking_part, "project")
    joined = joined.filter(
        joined.hmis_end > joined.entry_date,
        joined.hmis_end > asked.lookback,
        joined.left_on > joined.hmis_start,
    )
    latest = ibis.window(
        group_by=joined.enrollment, order_by=(joined.hmis_start.desc(), joined.hmis_end.desc())
    )
    chosen = joined.mutate(place=ibis.row_number().over(latest)).filter(lambda row: row.place == 0)
    chosen = chosen.mutate(
        starts=ibis.greatest(chosen.hmis_start, chosen.operating_start),
        ends=ibis.least(_within(chosen.hmis_end, asked.re), chosen.operating_end),
    )
    # Who leaves after the project ended is taken to be there until its end.
    chosen = chosen.mutate(leaves=ibis.cases((chosen.left_on <= chosen.ends, chosen.left_on), else_=NEVER))
    return chosen.filter(
        chosen.starts < chosen.ends,
        chosen.entry_date < chosen.ends,
        chosen.leaves > asked.lookback,
        chosen.leaves > chosen.entry_date,
        chosen.leaves > chosen.starts,
    )


def _with_nights(core: Core, asked: Asked, heads: Table) -> Table:
    """First and last bed night of who is in a night-by-night shelter; who has none there was not there."""
    of_shelter = heads.filter(heads.lsa_type == NIGHT_BY_NIGHT)
    nights = bed_nights_recorded(core, asked).join(
        of_shelter.select("enrollment", "entry_date", "starts", "ends", "leaves"), "enrollment"
    )
    valid = nights.filter(
        nights.night >= nights.entry_date,
        nights.night >= nights.starts,
        nights.night < nights.leaves,
        nights.night < nights.ends,
    )
    outer = valid.group_by("enrollment").agg(first_night=valid.night.min(), last_night=valid.night.max())
    joined = heads.left_join(outer, "enrollment").drop("enrollment_right")
    return joined.filter((joined.lsa_type != NIGHT_BY_NIGHT) | joined.last_night.notnull())


def _entry(heads: Table) -> IntegerValue:
    import ibis

    begins = ibis.greatest(heads.entry_date, heads.starts)
    return ibis.cases((heads.lsa_type == NIGHT_BY_NIGHT, heads.first_night), else_=begins)


def _move_in(heads: Table, re: int) -> IntegerValue:
    import ibis

    day = heads.move_in_date
    housed: BooleanValue = (
        heads.lsa_type.isin(MOVES_IN)
        & (day <= re)
        & (day >= heads.entry_date)
        & (day < heads.ends)
        & (day <= heads.leaves)
        & ((day != heads.leaves) | (heads.lsa_type != PSH))
    )
    return ibis.cases((housed.fill_null(False), ibis.greatest(day, heads.starts)), else_=ibis.null("int64"))


def _exit(heads: Table, re: int) -> IntegerValue:
    import ibis

    by_night = heads.lsa_type == NIGHT_BY_NIGHT
    moved_and_left = (
        heads.lsa_type.isin((RRH, RRH_SERVICES_ONLY))
        & (heads.move_in_date == heads.leaves)
        & (heads.move_in_date < heads.ends)
    )
    return ibis.cases(
        (by_night & (heads.last_night == re), NEVER),
        (by_night & ((heads.leaves < re) | (heads.last_night + AUTO_EXIT <= re)), heads.last_night + 1),
        # Rapid re-housing may end on the day of moving in, and that night is counted.
        (moved_and_left & (heads.leaves == re), NEVER),
        (moved_and_left & (heads.leaves < re), heads.leaves + 1),
        ((heads.ends < NEVER) & (heads.leaves >= heads.ends), heads.ends),
        (heads.leaves > re, NEVER),
        else_=heads.leaves,
    )
