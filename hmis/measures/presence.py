"""Presence: whether a stay counts in a period, and from when somebody was homeless or housed.

Every function takes the `stay` table of `hmis.measures.core` (or one with its columns) and gives an
expression on it. RS and RE are day numbers, both inclusive. Rules after HUD's HMIS Reporting
Glossary (active clients, methods 1, 2 and 5; move-in date; date homelessness began).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hmis.measures.days import age, ymd_of
from hmis.measures.project_types import BY_DATES, ES, NIGHT_BY_NIGHT, PH, SH, SO

if TYPE_CHECKING:
    from ibis.expr.types import BooleanColumn, BooleanValue, IntegerValue, Table

    from hmis.measures.core import Core

BED_NIGHT = 200
"""HUD 4.14, Services.RecordType."""
_CHILD = 17


def active_method_1(stay: Table, rs: int, re: int) -> BooleanValue:
    """Enrolled at any time of the period."""
    return (stay.entry_date <= re) & (stay.exit_date.isnull() | (stay.exit_date >= rs))


def active_method_2(core: Core, stay: Table, rs: int, re: int) -> BooleanValue:
    """Left in the period, or was served or met in it while enrolled (outreach, services)."""
    met = met_in_period(core, stay, rs, re)
    left = stay.exit_date.between(rs, re)
    open_still = (stay.entry_date <= re) & (stay.exit_date.isnull() | (stay.exit_date > re))
    return left.fill_null(False) | (open_still & stay.enrollment.isin(met.enrollment))


def met_in_period(core: Core, stay: Table, rs: int, re: int) -> Table:
    """The enrollments with a service or current living situation in the period, on or after entry."""
    import ibis

    served = core.service.select("enrollment", on="date_provided")
    living = core.current_living_situation.select("enrollment", on="information_date")
    dated = ibis.union(served, living).filter(lambda row: row["on"].between(rs, re))
    entries = stay.select("enrollment", "entry_date")
    joined = dated.join(entries, "enrollment")
    return joined.filter(joined["on"] >= joined.entry_date).select("enrollment").distinct()


def bed_nights(core: Core, stay: Table) -> Table:
    """One row a stay and night in a night-by-night shelter: `enrollment`, `person`, `night`.

    A night before entry, or on the exit day or later, is none.
    """
    nights = core.service.filter(core.service.record_type == BED_NIGHT)
    return _within(nights.select("enrollment", night="date_provided").distinct(), stay)


def _within(nights: Table, stay: Table) -> Table:
    stays = stay.filter(stay.project_type == NIGHT_BY_NIGHT)
    joined = nights.join(stays.select("enrollment", "person", "entry_date", "exit_date"), "enrollment")
    within = (joined.night >= joined.entry_date) & (
        joined.exit_date.isnull() | (joined.night < joined.exit_date)
    )
    return joined.filter(within).select("enrollment", "person", "night")


def active_method_5(core: Core, stay: Table, rs: int, re: int) -> BooleanValue:
    """Spent a night in the period: a bed night, or a stay whose exit day is not its only day in it."""
    nights = core.service.filter(
        core.service.record_type == BED_NIGHT, core.service.date_provided.between(rs, re)
    )
    in_range = _within(nights.select("enrollment", night="date_provided"), stay)
    by_dates = (stay.entry_date <= re) & (stay.exit_date.isnull() | (stay.exit_date > rs))
    return ((stay.project_type == NIGHT_BY_NIGHT) & stay.enrollment.isin(in_range.enrollment)) | (
        stay.project_type.isin(BY_DATES) & by_dates
    )


def literally_homeless_at_entry(stay: Table) -> BooleanValue:
    """From a place not meant for people, a shelter or safe haven, at once or shortly before entry."""
    situation = stay.living_situation
    always = stay.project_type.isin((*ES, *SO, *SH))
    shortly = (
        (stay.previous_street_essh == 1)
        & (stay.los_under_threshold == 1)
        & (situation.between(0, 99) | situation.between(200, 299) | situation.between(300, 499))
    )
    residential = stay.project_type.isin((2, *PH))
    return always | (residential & (situation.between(100, 199) | shortly).fill_null(False))


def move_in_used(stay: Table, re: int) -> IntegerValue:
    """The day somebody moved in, or null. Own where it lies within the stay; else what the head's means.

    The head's date holds for who was there on it; who joins later moved in on entering. A date outside the
    stay is treated as missing. Exit on the move-in day is within.
    """
    import ibis

    own = stay.move_in_date
    own_valid = (own >= stay.entry_date) & (own <= re) & (stay.exit_date.isnull() | (own <= stay.exit_date))
    head = stay.head_move_in_date
    head_valid = (
        (head >= stay.head_entry_date)
        & (head <= re)
        & (stay.head_exit_date.isnull() | (head <= stay.head_exit_date))
    )
    present = (stay.entry_date <= head) & (stay.exit_date.isnull() | (stay.exit_date >= head))
    joined_later = (stay.entry_date > head) & (stay.entry_date <= re)
    return ibis.cases(
        (own_valid.fill_null(False), own),
        ((head_valid & present).fill_null(False), head),
        ((head_valid & joined_later).fill_null(False), stay.entry_date),
        else_=ibis.null("int32"),
    )


def homelessness_began(stay: Table) -> IntegerValue:
    """The day somebody says they became homeless before this stay (HUD 3.917.3), or null.

    Own, not before birth; else the head's, for a member of 17 or younger who came the same day.
    """
    import ibis

    own = stay.date_to_street_essh
    own_valid: BooleanColumn = own.notnull() & (stay.dob.isnull() | (own >= stay.dob))
    young = age(stay.dob_ymd, ymd_of(stay.entry_date)) <= _CHILD
    together = stay.entry_date == stay.head_entry_date
    head = stay.head_date_to_street_essh
    return ibis.cases(
        (own_valid.fill_null(False), own),
        ((young & together).fill_null(False), head),
        else_=ibis.null("int32"),
    )
