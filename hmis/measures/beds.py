"""Beds: how many nights of the period there was a bed to sleep in, by project type.

Beds are no people: that there are so many is what a continuum tells everybody (HUD Housing Inventory Count).
So they are published, and beside the nights that people spent in them (`bed_nights/…` of the system counts)
they say how much of what is there is used, without one more count of people.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hmis.measures.measure import NOTHING, Figures, Measure, union
from hmis.measures.system_counts.universe import UNIVERSES
from hmis.measures.utilization import bed_days

if TYPE_CHECKING:
    from ibis.expr.types import Table

    from hmis.measures.asked import Asked
    from hmis.measures.core import Core

_FIGURE = "available/"


def _members(core: Core, asked: Asked) -> Table:
    import ibis

    there = core.kept(bed_days(core, asked))
    return union(
        *(
            there.filter(there.kind.isin(name.split("+"))).select(
                figure=ibis.literal(f"{_FIGURE}{name}"),
                unit=there.unit.cast("int64"),
                amount=there.amount.cast("int64"),
                person=ibis.null("int64"),
                enrollment=ibis.null("int64"),
            )
            for name in UNIVERSES
        )
    )


def _shape(found: Figures) -> dict[str, Any]:
    return {"available": {name: found.get(f"{_FIGURE}{name}", NOTHING).amount for name in UNIVERSES}}


BEDS = Measure(
    name="beds",
    title="Nights with a bed to sleep in",
    definition="Beds of continuum projects that take part in HMIS, each for every night of the period on"
    " which it was in force (HUD 2.07), by project type as the annual system counts have them. Beside the"
    " nights that people spent there they say how much of what is there is used.",
    members=_members,
    shape=_shape,
    totals=(_FIGURE,),
    of_nobody=(_FIGURE,),
    published=True,
    nests=True,
)
