"""Flow: inflow, outflow and the change of each month.

Everybody who is in the system on a day of the period stands once among those who were there when it began or
came into it, and once among those who are there when it ends or left it. A month's inflow is who became
homeless in it, its outflow who ceased to be, so inflow - outflow is the change of those who are homeless.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hmis.measures.days import whole
from hmis.measures.flow.choosing import states
from hmis.measures.flow.episodes import (
    EXITED_NON_PERMANENT,
    EXITED_PERMANENT,
    FIRST_TIME,
    HOMELESS,
    HOUSED,
    INACTIVE,
    RE_ENGAGED,
    RETURNED,
    decided,
    enrollment_of,
    episodes,
    numbered,
    packed,
    segments,
)
from hmis.measures.flow.evidence import exits, spans, stays
from hmis.measures.flow.shape import shape
from hmis.measures.measure import Measure, union
from hmis.measures.months import months, period_asked, table, written

if TYPE_CHECKING:
    from ibis.expr.types import StringValue, Table

    from hmis.measures.asked import Asked
    from hmis.measures.core import Core

_STATUS = {HOUSED: "housed", HOMELESS: "homeless"}
_ARRIVALS = {
    FIRST_TIME: "first_time",
    RETURNED: "returned_from_permanent",
    RE_ENGAGED: "re_engaged_from_non_permanent",
}
_DEPARTURES = {
    EXITED_PERMANENT: "exited_permanent",
    EXITED_NON_PERMANENT: "exited_non_permanent",
    INACTIVE: "inactive",
}


def _members(core: Core, asked: Asked) -> Table:
    import ibis

    stay = core.kept(stays(core, asked))
    told = core.kept(numbered(spans(core, asked, stay)))
    in_period = table(months(asked.start, asked.end))
    times = core.kept(episodes(asked, told, exits(stay), in_period))
    days = core.kept(segments(told).filter(lambda row: row.until > asked.rs))
    # Place 0 is the first day; after each month its last night.
    ends = in_period.select(place=in_period.place + 1, on=in_period.last_day)
    start = written({"place": "int64", "on": "int64"}, [(0, asked.rs)])
    there = core.kept(states(days, told, ibis.union(start, ends)))
    last = len(months(asked.start, asked.end))
    return union(
        period_asked(asked),
        *_whole(asked, times, there.filter(there.place == 0), there.filter(there.place == last)),
        *_monthly(asked, core.kept(_months(days, there, in_period)), times, in_period, there),
    )


def _whole(asked: Asked, times: Table, at_start: Table, at_end: Table) -> list[Table]:
    """The period as one: who was there, who came; who is there, who went."""
    import ibis

    came = times.filter((times.began > asked.rs) & (times.began <= asked.re))
    came = came.anti_join(at_start, "person")
    first = came.group_by("person").agg(pack=packed(came.began * 4 + came.arrival, came.came).min())
    went = times.filter((times.until > asked.rs) & (times.until <= asked.re))
    went = went.anti_join(at_end, "person")
    last = went.group_by("person").agg(pack=packed(went.until * 4 + went.departure, went.went).max())
    came, went = _unpacked(first), _unpacked(last)
    inflow = [(at_start, _named(at_start.status, _STATUS)), (came, _named(came.kind, _ARRIVALS))]
    outflow = [(at_end, _named(at_end.status, _STATUS)), (went, _named(went.kind, _DEPARTURES))]
    return [
        *(_figures(rows, "inflow/" + name) for rows, name in inflow),
        *(_figures(rows, ibis.literal("inflow/all")) for rows, _ in inflow),
        *(_figures(rows, "outflow/" + name) for rows, name in outflow),
        *(_figures(rows, ibis.literal("outflow/all")) for rows, _ in outflow),
    ]


def _months(days: Table, there: Table, in_period: Table) -> Table:
    """Who is homeless on a day of a month: `person`, `place`, `name`, `began`, `ended`.

    `began` and `ended`: what they are when the month begins and ends; 0 = not there.
    """
    import ibis

    homeless = days.filter(days.status == HOMELESS).cross_join(in_period)
    during = homeless.filter((homeless.starts <= homeless.last_day) & (homeless.until > homeless.first_day))
    nothing = whole(0)
    marks = ibis.union(
        during.select("person", "place", is_homeless=nothing + 1, began=nothing, ended=nothing),
        there.select("person", place=there.place, is_homeless=nothing, began=there.status, ended=nothing),
        there.select("person", place=there.place - 1, is_homeless=nothing, began=nothing, ended=there.status),
    )
    found = marks.group_by("person", "place").agg(
        is_homeless=marks.is_homeless.max(), began=marks.began.max(), ended=marks.ended.max()
    )
    counts = (found.is_homeless == 1) | (found.began == HOMELESS) | (found.ended == HOMELESS)
    return found.filter(counts).join(in_period.select("place", "name"), "place")


def _monthly(asked: Asked, rows: Table, times: Table, in_period: Table, there: Table) -> list[Table]:
    """Each month's inflow and outflow by kind, and who is homeless when it ends."""
    came = _in_month(times.filter(times.began > asked.rs), "began", "arrival", "came", in_period)
    first = came.group_by("person", "place").agg(pack=came.pack.min())
    went = _in_month(times.filter(times.until > asked.rs), "until", "departure_that_month", "went", in_period)
    last = went.group_by("person", "place").agg(pack=went.pack.max())
    became = rows.filter(rows.began != HOMELESS)
    ceased = rows.filter(rows.ended != HOMELESS)
    before = there.select("person", "enrollment", place=there.place)
    after = there.select("person", "enrollment", place=there.place - 1)
    left = rows.filter(rows.ended == HOMELESS)
    return [
        _month_figures(became.filter(became.began == HOUSED), before, "inflow/from_housed"),
        _month_figures(became.filter(became.began == 0), _unpacked(first), "inflow/", _ARRIVALS),
        _month_figures(ceased.filter(ceased.ended == HOUSED), after, "outflow/to_housed"),
        _month_figures(ceased.filter(ceased.ended == 0), _unpacked(last), "outflow/", _DEPARTURES),
        _month_figures(left, after, "homeless_at_end"),
    ]


def _in_month(times: Table, on: str, kind: str, enrollment: str, in_period: Table) -> Table:
    joined = times.cross_join(in_period)
    within = joined.filter(joined[on].between(joined.first_day, joined.last_day))
    return within.select("person", "place", pack=packed(within[on] * 4 + within[kind], within[enrollment]))


def _month_figures(rows: Table, stays: Table, what: str, kinds: dict[int, str] | None = None) -> Table:
    joined = rows.join(stays, ["person", "place"])
    named = "monthly/" + joined.name + "/" + what
    return _figures(joined, named if kinds is None else named + _named(joined.kind, kinds))


def _unpacked(rows: Table) -> Table:
    return rows.mutate(kind=decided(rows.pack) % 4, enrollment=enrollment_of(rows.pack)).drop("pack")


def _named(code: Table, names: dict[int, str]) -> StringValue:
    named: StringValue = code.cases(*names.items(), else_="")
    return named


def _figures(rows: Table, figure: StringValue) -> Table:
    import ibis

    return rows.select(
        figure=figure,
        unit=rows.person.cast("int64"),
        amount=ibis.null("int64"),
        person=rows.person.cast("int64"),
        enrollment=rows.enrollment.cast("int64"),
    )


PARTS: dict[str, tuple[str | tuple[str, ...], ...]] = {
    # Everybody stands once on each side, by one stay: the two are equal but where stays are told apart.
    "inflow/all": (
        "outflow/all",
        tuple(f"inflow/{name}" for name in (*_STATUS.values(), *_ARRIVALS.values())),
    ),
    "outflow/all": (
        "inflow/all",
        tuple(f"outflow/{name}" for name in (*_STATUS.values(), *_DEPARTURES.values())),
    ),
}
WITHHELD = ("period/", "monthly/")
"""Not months: whoever is homeless as one ends is so as the next begins, which ties each to all others. A
month is published as a period."""

FLOW = Measure(
    name="flow",
    title="Inflow, outflow and monthly change",
    definition="People in continuum projects that take part in HMIS, prevention left out, each once: there"
    " when the period begins (housed by the system or homeless) or come into it (for the first time in 730"
    " days, back after an exit to permanent housing 15 to 730 days before, or re-engaged); and there when it"
    " ends, or gone (to permanent housing, elsewhere, or nothing more is known of them). Evidence of"
    " homelessness holds 90 days in coordinated entry, 60 in outreach and services, 15 after a bed night; a"
    " gap of 14 days or less is none. Each month's inflow less its outflow is the change of those homeless."
    " Rules after Eva (Abt).",
    members=_members,
    shape=shape,
    by=("project_type", "household_type", "age_group", "sex", "race_ethnicity", "veteran_status"),
    parts=PARTS,
    published=True,
    withheld=WITHHELD,
)
