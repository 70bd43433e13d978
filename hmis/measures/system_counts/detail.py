"""System counts row by row, as HUD's LSA files have them: LSACalculated rows 53, 54 and 56 of the whole
population (sections 9.3 and 9.5), and the baseline counts of LSAReport (section 11.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hmis.measures.answering import units
from hmis.measures.days import number
from hmis.measures.measure import Figures, Measure, members, union
from hmis.measures.system_counts.ages import ADULTS
from hmis.measures.system_counts.residence import active, distinct_nights, nights
from hmis.measures.system_counts.universe import (
    NEVER,
    UNIVERSES,
    WHOLE_PERIOD,
    point_in_time_nights,
)

if TYPE_CHECKING:
    from ibis.expr.types import StringValue, Table

    from hmis.measures.asked import Asked
    from hmis.measures.core import Core

_PEOPLE, _HOUSEHOLDS, _BED_NIGHTS = 53, 54, 56
_REPORT = ("UnduplicatedClient", "HouseholdEntry", "ClientEntry", "AdultHoHEntry", "ClientExit")
_A_PROJECT = 10
_CODES = {name: code for code, name in enumerate(UNIVERSES, start=11)}
_ALL_TYPES = 0


def _members(core: Core, asked: Asked) -> Table:
    there = active(core, asked)
    residents = there.filter(there.is_in_residence)
    slept = core.kept(nights(core, asked, residents))
    on_a_night = [
        slept.filter(slept.start <= number(night), slept.end > number(night)).mutate(cohort=cohort)
        for cohort, night in point_in_time_nights(asked).items()
    ]
    people = _spread(
        core,
        union(residents.mutate(cohort=WHOLE_PERIOD), *(rows.drop("start", "end") for rows in on_a_night)),
    )
    beds = _spread(core, slept.mutate(cohort=WHOLE_PERIOD))
    return union(
        *_report(there),
        _row(people, _PEOPLE, unit="person"),
        _row(people, _HOUSEHOLDS, unit="of_household"),
        _row(distinct_nights(beds, _GROUPS), _BED_NIGHTS, unit="person", amount="amount"),
    )


_GROUPS = ("cohort", "universe", "counted_type", "of_project")


def _spread(core: Core, rows: Table) -> Table:
    """Each row once for every group it counts in: its project, its universe and ES+SH+TH; its household type
    and all of them."""
    import ibis

    project = core.project.select("project", "source_id", "project_id")
    rows = rows.join(project, "project")
    nowhere = ibis.literal("")
    own = [
        rows.filter(rows.lsa_type.isin(types)).mutate(universe=_CODES[name], of_project=nowhere)
        for name, types in UNIVERSES.items()
    ]
    of_project = rows.mutate(
        universe=_A_PROJECT, of_project=rows.source_id.cast("string") + "/" + rows.project_id
    )
    everywhere = union(of_project, *own)
    return union(
        everywhere.mutate(counted_type=ibis.literal(_ALL_TYPES, "int64")),
        everywhere.mutate(counted_type=everywhere.household_type.cast("int64")),
    )


def _row(rows: Table, row: int, *, unit: str, amount: str | None = None) -> Table:
    import ibis

    named: StringValue = ibis.literal(f"{row}")
    for group in _GROUPS:
        named = named + "/" + rows[group].cast("string")
    return members(rows, named, unit=unit, amount=amount)


def _report(there: Table) -> list[Table]:
    adult_or_head = there.is_head | there.age.between(*ADULTS)
    return [
        members(there, "UnduplicatedClient"),
        members(there, "HouseholdEntry", unit="household"),
        members(there, "ClientEntry", unit="enrollment"),
        members(there.filter(adult_or_head), "AdultHoHEntry", unit="enrollment"),
        members(there.filter(there.exit < NEVER), "ClientExit"),
    ]


def _shape(found: Figures) -> dict[str, Any]:
    """Rows in the order of LSACalculated's columns. Like there, nobody is no row."""
    rows = []
    for figure, numbers in found.items():
        if figure in _REPORT:
            continue
        row, cohort, universe, household_type, project = figure.split("/", 4)
        source, _, project_id = project.partition("/")
        rows.append(
            {
                "report_row": int(row),
                "cohort": int(cohort),
                "universe": int(universe),
                "household_type": int(household_type),
                "source_id": int(source) if source else None,
                "project_id": project_id or None,
                "value": numbers.amount if int(row) == _BED_NIGHTS else numbers.units,
            }
        )
    return {
        "report": {name: units(found, name) for name in _REPORT},
        "rows": sorted(rows, key=lambda row: [str(part).rjust(40) for part in row.values()]),
    }


SYSTEM_COUNTS_DETAIL = Measure(
    name="system-counts-detail",
    title="Annual system counts, row by row",
    definition="The annual system counts by cohort (1 the whole period, 10 to 13 the nights of 31"
    " October, 31 January, 30 April and 31 July), universe (10 a project, 11 ES, 12 SH, 13 TH,"
    " 14 RRH, 15 PSH, 16 ES, SH and TH together) and household type (0 all, 1 adults only, 2"
    " adults and children, 3 children only, 99 unknown): people (row 53), households (54), bed"
    " nights (56). With the baseline counts of people, households and enrollments active in"
    " the period. HUD Longitudinal System Analysis, specifications version 8, sections 9.3,"
    " 9.5 and 11.5.",
    members=_members,
    shape=_shape,
)
