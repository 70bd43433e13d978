"""Nights: from stays to spans of nights, and from spans to what somebody was on every day between two changes.

A span is `[first, after)`: the nights from `first` up to and not including `after`. Nobody's nights are written
out one by one: where spans begin and end, counters of each kind go up and down (a sweep), so the work grows with
the number of stays and not with their length.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hmis.measures.presence import bed_nights
from hmis.measures.project_types import ES, NIGHT_BY_NIGHT, PH, SH, TH

if TYPE_CHECKING:
    from ibis.expr.types import IntegerValue, Table

    from hmis.measures.asked import Asked
    from hmis.measures.core import Core

SHELTER = (*ES, *SH)
KINDS = (
    "shelter",  # nights in ES and SH; of night-by-night shelters the recorded bed nights alone
    "transitional",  # nights in TH
    "waiting",  # enrolled in permanent housing and literally homeless at entry, before moving in
    "told",  # from the day homelessness began, as the client tells it, up to entry
    "housed",  # nights in permanent housing from move-in
    "in_shelter",  # shelter, transitional, waiting before birth and lookback are looked at:
    "in_transitional",  # they say who is looked at at all, and what takes a night away
    "in_waiting",
)


def spans(core: Core, asked: Asked, stays: Table) -> Table:
    """Every span of nights of these stays: `person`, `enrollment`, `kind`, `first`, `after`."""
    import ibis

    end = _end(stays, asked)
    by_dates = stays.filter(stays.project_type != NIGHT_BY_NIGHT)
    nights = _bed_nights(core, asked, stays)
    shelter = by_dates.filter(by_dates.project_type.isin(SHELTER))
    transitional = by_dates.filter(by_dates.project_type.isin(TH))
    waiting = _waiting(asked, by_dates)
    housed = by_dates.filter(by_dates.moved_in.notnull())
    return ibis.union(
        *_counted("shelter", shelter, shelter.entry_date, _end(shelter, asked), asked),
        *_counted("shelter", nights, nights.night, nights.night + 1, asked),
        *_counted("transitional", transitional, transitional.entry_date, _end(transitional, asked), asked),
        *_counted(
            "waiting", waiting, waiting.entry_date, waiting.moved_in.fill_null(_end(waiting, asked)), asked
        ),
        _span("housed", housed, housed.moved_in, _end(housed, asked)),
        _told(asked, stays, nights),
    )


def _end(stays: Table, asked: Asked) -> IntegerValue:
    """The day after the last night: the exit day is not a night, and the period's last night is."""
    import ibis

    return ibis.least(stays.exit_date.fill_null(asked.re + 1), asked.re + 1)


def _span(kind: str, stays: Table, first: IntegerValue, after: IntegerValue) -> Table:
    import ibis

    made = stays.select(
        "person",
        "enrollment",
        kind=ibis.literal(KINDS.index(kind), "int8"),
        first=first.cast("int32"),
        after=after.cast("int32"),
    )
    return made.filter(made.first < made.after)


def _counted(
    kind: str, stays: Table, first: IntegerValue, after: IntegerValue, asked: Asked
) -> tuple[Table, Table]:
    """Nights spent, and those of them that count: not before birth, and before lookback only where the stay
    began after it."""
    return (
        _span(f"in_{kind}", stays, first, after),
        _span(kind, stays, _not_before(asked, stays, first), after),
    )


def _not_before(asked: Asked, stays: Table, first: IntegerValue) -> IntegerValue:
    import ibis

    born = stays.dob.fill_null(first)
    lookback = (stays.entry_date >= asked.lookback).ifelse(first, asked.lookback)
    return ibis.greatest(first, born, lookback)


def _bed_nights(core: Core, asked: Asked, stays: Table) -> Table:
    nights = bed_nights(core, stays).drop("person")
    until = nights.filter(nights.night <= asked.re)
    facts = stays.select("enrollment", "person", "entry_date", "dob", "began")
    return core.kept(until.join(facts, "enrollment"))


def _waiting(asked: Asked, stays: Table) -> Table:
    """Permanent housing that tells of homelessness in the period: entered, moved in, or left without moving in."""
    rs, re = asked.rs, asked.re
    of_period = (
        stays.entry_date.between(rs, re)
        | stays.moved_in.between(rs, re).fill_null(False)
        | (stays.moved_in.isnull() & stays.exit_date.between(rs, re).fill_null(False))
    )
    return stays.filter(stays.project_type.isin(PH), stays.was_homeless, of_period)


def _told(asked: Asked, stays: Table, nights: Table) -> Table:
    """From the day homelessness began (HUD 3.917.3) up to and including entry; for night by night, up to and
    including the first bed night of the period."""
    import ibis

    telling = stays.filter(
        stays.was_homeless, stays.began.notnull(), stays.project_type.isin((*SHELTER, *TH, *PH))
    )
    by_dates = telling.filter(
        telling.project_type != NIGHT_BY_NIGHT, telling.entry_date >= asked.lookback
    ).mutate(until=lambda row: row.entry_date)
    first_nights = (
        nights.filter(nights.night >= asked.rs).group_by("enrollment").agg(until=lambda row: row.night.min())
    )
    by_night = telling.join(first_nights, "enrollment")
    both = ibis.union(
        *(
            rows.select("person", "enrollment", "entry_date", "dob", "began", "until")
            for rows in (by_dates, by_night)
        )
    )
    return _span("told", both, _not_before(asked, both, both.began), both.until + 1)


def segments(spans: Table) -> Table:
    """What people were, from change to change: `person`, `first`, `after`, and how often of each kind."""
    import ibis

    events = ibis.union(
        spans.select("person", "kind", day=spans.first, change=ibis.literal(1, "int64")),
        spans.select("person", "kind", day=spans.after, change=ibis.literal(-1, "int64")),
    )
    changes = events.group_by("person", "day").agg(
        **{
            kind: events.change.sum(where=events.kind == place).fill_null(0)
            for place, kind in enumerate(KINDS)
        }
    )
    # Nights that follow each other without a change are one segment.
    changes = changes.filter(ibis.or_(*(changes[kind] != 0 for kind in KINDS)))
    running = ibis.window(group_by="person", order_by="day", preceding=None, following=0)
    onward = ibis.window(group_by="person", order_by="day")
    return changes.select(
        "person",
        first=changes.day,
        after=changes.day.lead().over(onward),
        **{kind: changes[kind].sum().over(running) for kind in KINDS},
    )
