"""System counts of a year, by project type: figures of `measure system-counts` (sections 9.3, 9.5, 11.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hmis.measures.answering import units
from hmis.measures.measure import NOTHING, Figures, Measure, members, union
from hmis.measures.system_counts.residence import active, distinct_nights, nights
from hmis.measures.system_counts.universe import UNIVERSES

if TYPE_CHECKING:
    from ibis.expr.types import Table

    from hmis.measures.asked import Asked
    from hmis.measures.core import Core

_UNDUPLICATED = "unduplicated_people"


def _members(core: Core, asked: Asked) -> Table:
    there = active(core, asked)
    residents = there.filter(there.is_in_residence)
    came = there.filter(there.entry.between(asked.rs, asked.re))
    went = there.filter(there.exit.between(asked.rs, asked.re))
    slept = core.kept(nights(core, asked, residents))
    return union(
        members(there, _UNDUPLICATED),
        *(members(rows, f"people/{name}") for name, rows in _by_universe(residents)),
        *(members(rows, f"households/{name}", unit="of_household") for name, rows in _by_universe(residents)),
        *(
            members(distinct_nights(rows), f"bed_nights/{name}", amount="amount")
            for name, rows in _by_universe(slept)
        ),
        *(members(rows, f"entries/{name}", unit="enrollment") for name, rows in _by_universe(came)),
        *(members(rows, f"exits/{name}", unit="enrollment") for name, rows in _by_universe(went)),
    )


def _by_universe(rows: Table) -> list[tuple[str, Table]]:
    return [(name, rows.filter(rows.lsa_type.isin(types))) for name, types in UNIVERSES.items()]


def _shape(found: Figures) -> dict[str, Any]:
    def counts(what: str) -> dict[str, int]:
        return {name: units(found, f"{what}/{name}") for name in UNIVERSES}

    return {
        _UNDUPLICATED: units(found, _UNDUPLICATED),
        "people": counts("people"),
        "households": counts("households"),
        "bed_nights": {name: found.get(f"bed_nights/{name}", NOTHING).amount for name in UNIVERSES},
        "entries": counts("entries"),
        "exits": counts("exits"),
    }


SYSTEM_COUNTS = Measure(
    name="system-counts",
    title="Annual system counts",
    definition="People, households and nights with a bed in a project of a continuum in the period, by"
    " project type: shelter, safe haven and transitional housing from entry, night-by-night"
    " shelter by bed nights, rapid re-housing and permanent supportive housing from the"
    " move-in date. Whoever was in two types counts in each, and once in ES+SH+TH. A household is a"
    " head of household with a household type. Unduplicated people are all who were enrolled,"
    " housed or not. Entries and exits are enrollments that began or ended in the period. HUD"
    " Longitudinal System Analysis, specifications version 8, sections 3 to 5, 9 and 11.5.",
    members=_members,
    shape=_shape,
    by=("project_type", "project", "household_type", "age_group", "sex", "race_ethnicity", "veteran_status"),
    totals=("bed_nights/",),
    parts={
        _UNDUPLICATED: tuple(f"people/{name}" for name in UNIVERSES),
        # Households are not among them: whoever was head of two types of household is two.
        **{f"people/{name}": (f"bed_nights/{name}",) for name in UNIVERSES},
    },
    # Not nights: one that was spent at two places counts at the first.
    listed=(_UNDUPLICATED, "people/", "entries/", "exits/"),
    published=True,
)
