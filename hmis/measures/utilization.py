"""Utilization: beds and units in force on a night, and who slept in them.

A night counts for a stay that is active on it (HUD HMIS Reporting Glossary, bed nights): the exit day is
none, in permanent housing nights count from the move-in, in a night-by-night shelter a night is one that was
recorded. Inventory is HUD 2.07; its end date is the last night in force. Both only while the project operated
and took part in HMIS. Averages are whole sums of nights, by subtraction of days, divided once.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hmis.measures.measure import Measure, union
from hmis.measures.months import months, period_asked, table
from hmis.measures.participation import FAR, open_spans, pieces
from hmis.measures.people import in_coc
from hmis.measures.presence import active_method_1, bed_nights, move_in_used
from hmis.measures.project_types import NAMES, NIGHT_BY_NIGHT, PH, RRH, SERVICES_ONLY, WITH_BEDS
from hmis.measures.utilization_shape import shape

if TYPE_CHECKING:
    from ibis.expr.types import BooleanValue, StringValue, Table

    from hmis.measures.asked import Asked
    from hmis.measures.core import Core

_LEVELS = ("everywhere", "of_type", "of_project")


def occupied(core: Core, asked: Asked) -> Table:
    """Who slept in a bed and when: `project`, `household`, `person`, `enrollment`, `starts`, `until`.

    `until` is the morning after the last night. Not cut to the period.
    """
    import ibis

    stay = in_coc(core.stay, asked)
    stay = stay.filter(_has_beds(stay) & active_method_1(stay, asked.rs, asked.re))
    stays = pieces(core, stay.mutate(moved_in=move_in_used(stay, asked.re)))
    by_dates = stays.filter(stays.project_type != NIGHT_BY_NIGHT)
    moved_in = ibis.greatest(by_dates.moved_in.cast("int64"), by_dates.starts)
    starts = by_dates.project_type.isin(PH).ifelse(moved_in, by_dates.starts)
    # Nobody who has not moved in has a night, whatever a backend's `greatest` makes of null.
    housed = ~by_dates.project_type.isin(PH) | by_dates.moved_in.notnull()
    by_dates = by_dates.mutate(starts=starts).filter(housed)
    service = core.service.filter(core.service.date_provided.between(asked.rs, asked.re))
    nights = bed_nights(replace(core, service=service), stay)
    nights = nights.select("enrollment", night=nights.night.cast("int64"))
    by_night = stays.join(nights, "enrollment")
    by_night = by_night.filter((by_night.night >= by_night.starts) & (by_night.night < by_night.until))
    by_night = by_night.mutate(starts=by_night.night, until=by_night.night + 1)
    columns = ("project", "household", "person", "enrollment", "starts", "until")
    found = ibis.union(by_dates.select(*columns), by_night.select(*columns))
    return _labelled(core, _touching(found, asked))


def available(core: Core, asked: Asked) -> Table:
    """Beds and units that were there to be slept in: `project`, `beds`, `units`, `starts`, `until`."""
    import ibis

    project = core.project.filter(_has_beds(core.project)).select("project")
    inventory = core.inventory.join(project, "project")
    if asked.coc is not None:
        inventory = inventory.filter(inventory.coc_code == asked.coc)
    joined = inventory.join(open_spans(core), "project")
    found = joined.select(
        "project",
        beds=joined.bed_inventory.fill_null(0),
        units=joined.unit_inventory.fill_null(0),
        starts=ibis.greatest(joined.inventory_start_date.fill_null(0), joined.opened),
        until=ibis.least(joined.inventory_end_date.fill_null(FAR - 1) + 1, joined.closed),
    )
    return _labelled(core, _touching(found, asked))


def _has_beds(rows: Table) -> BooleanValue:
    only_services = rows.project_type.isin(RRH) & (rows.rrh_sub_type == SERVICES_ONLY).fill_null(False)
    return rows.project_type.isin(WITH_BEDS) & ~only_services


def _touching(rows: Table, asked: Asked) -> Table:
    rows = rows.filter((rows.starts <= asked.re) & (rows.until > asked.rs))
    return rows.filter(rows.starts < rows.until)


def _labelled(core: Core, rows: Table) -> Table:
    """With a column for each level that figures are taken at: what their names begin with."""
    project = core.project
    kind: StringValue = project.project_type.cases(*NAMES.items(), else_="Other")
    labels = project.select(
        "project",
        everywhere=kind[:0] + "all",
        of_type="type/" + kind,
        of_project="project/" + kind + "/" + project.source_id.cast("string") + "/" + project.project_id,
    )
    return rows.join(labels, "project")


def _members(core: Core, asked: Asked) -> Table:
    slept, there = core.kept(occupied(core, asked)), core.kept(available(core, asked))
    parts = [period_asked(asked)]
    for level in _LEVELS:
        for what in ("beds", "units"):
            counted = _counted(there, "project", what)
            nights = _within(counted, asked)
            parts.append(_on_nights(asked, counted, level, what))
            parts.append(_figure(nights.mutate(size=nights["size"] * nights.nights), level, "average", what))
        for what, unit in (("people", "person"), ("households", "household")):
            counted = _counted(slept, unit)
            parts.append(_on_nights(asked, counted, level, what))
            parts.append(_figure(_once(_within(counted, asked), level), level, "average", what))
    return union(*parts)


def nightly_by_type(core: Core, asked: Asked) -> Table:
    """Members for the beds of each project type, and the people in them, on the last night of each month."""
    beds, people = (
        _counted(available(core, asked), "project", "beds"),
        _counted(occupied(core, asked), "person"),
    )
    return union(_on_nights(asked, beds, "of_type", "beds"), _on_nights(asked, people, "of_type", "people"))


def bed_days(core: Core, asked: Asked) -> Table:
    """Beds for every night of the period that they were in force: `kind`, `unit` the project, `amount`."""
    there = _within(_counted(available(core, asked), "project", "beds"), asked)
    return there.select("unit", kind=there.of_type.replace("type/", ""), amount=there["size"] * there.nights)


def _counted(rows: Table, unit: str, size: str | None = None) -> Table:
    """With `unit`, `size`, and whose it is: a bed is nobody's."""
    if size is None:
        return rows.mutate(unit=rows[unit], size=_nobody())
    return rows.mutate(unit=rows[unit], size=rows[size], person=_nobody(), enrollment=_nobody())


def _nobody() -> object:
    import ibis

    return ibis.null("int64")


def _on_nights(asked: Asked, rows: Table, level: str, what: str) -> Table:
    """Members of each month's last night."""
    ends = table([month for month in months(asked.start, asked.end) if month.ends_within])
    joined = rows.cross_join(ends)
    on = joined.filter((joined.starts <= joined.last_day) & (joined.last_day < joined.until))
    return _figure(on, level, on.last_day.cast("string"), what)


def _within(rows: Table, asked: Asked) -> Table:
    """Cut to the period, with how many `nights` that leaves."""
    import ibis

    cut = rows.mutate(starts=ibis.greatest(rows.starts, asked.rs), until=ibis.least(rows.until, asked.re + 1))
    return cut.mutate(nights=cut.until - cut.starts)


def _once(rows: Table, level: str) -> Table:
    """Nights of each unit at a level, each night once: `size` is what a row adds to those before it."""
    import ibis

    earlier = ibis.window(
        group_by=[rows[level], rows.unit],
        order_by=[rows.starts, rows.until, rows.enrollment],
        rows=(None, -1),
    )
    known = rows.mutate(known=rows.until.max().over(earlier).fill_null(0))
    return known.mutate(size=ibis.greatest(known.until - ibis.greatest(known.starts, known.known), 0))


def _figure(rows: Table, level: str, when: str | StringValue, what: str) -> Table:
    return rows.select(
        figure=rows[level] + "/" + when + "/" + what,
        unit=rows.unit.cast("int64"),
        amount=rows["size"].cast("int64"),
        person=rows.person.cast("int64"),
        enrollment=rows.enrollment.cast("int64"),
    )


UTILIZATION = Measure(
    name="utilization",
    title="Use of beds and units, by night",
    definition="Beds and units of HMIS-participating projects that were in force on a night (HUD 2.07), and"
    " the people and households who slept in them: enrolled, not yet left, in permanent housing moved in, in"
    " night-by-night shelters with that night recorded (HMIS Reporting Glossary). On the last night of each"
    " month, four of which are the quarterly counts (10-31, 01-31, 04-30, 07-31), and on average over the"
    " period; for all, by project type and by project.",
    members=_members,
    shape=shape,
)
