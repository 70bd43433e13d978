"""People: how many were served in a period, each counted once, and by which rule they count as served."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hmis.measures.answering import units
from hmis.measures.measure import Figures, Measure, members, union
from hmis.measures.presence import active_method_1, active_method_2, active_method_5

if TYPE_CHECKING:
    from ibis.expr.types import Table

    from hmis.measures.asked import Asked
    from hmis.measures.core import Core


def in_coc(stay: Table, asked: Asked) -> Table:
    """Stays that are reported for a continuum: the head of household's CoC says which (HUD 3.16.1).

    Victim service providers are left out: what they know is counted for them alone (34 U.S.C. 12291(b)(2)).
    """
    known = stay.filter(~stay.is_victim_service_provider)
    return known if asked.coc is None else known.filter(known.head_enrollment_coc == asked.coc)


def _people(core: Core, asked: Asked) -> Table:
    stay = in_coc(core.stay, asked)
    return members(stay.filter(active_method_1(stay, asked.rs, asked.re)), "people")


def _active(core: Core, asked: Asked) -> Table:
    stay = in_coc(core.stay, asked)
    rs, re = asked.rs, asked.re
    return union(
        members(stay.filter(active_method_1(stay, rs, re)), "method_1"),
        members(stay.filter(active_method_2(core, stay, rs, re)), "method_2"),
        members(stay.filter(active_method_5(core, stay, rs, re)), "method_5"),
    )


def _shape_people(found: Figures) -> dict[str, Any]:
    return {"people": units(found, "people")}


def _shape_active(found: Figures) -> dict[str, Any]:
    return {name: units(found, name) for name in ("method_1", "method_2", "method_5")}


UNDUPLICATED_PEOPLE = Measure(
    name="unduplicated-people",
    title="Unduplicated people",
    definition="People with an enrollment open on any day of the period, each counted once whatever the"
    " number of records or agencies that know them. HUD HMIS Reporting Glossary, active clients, method 1.",
    members=_people,
    shape=_shape_people,
    by=("project_type", "household_type", "age_group", "sex", "race_ethnicity", "veteran_status"),
    listed=("people",),
    published=True,
    nests=True,
)

ACTIVE_PEOPLE = Measure(
    name="active-people",
    title="People active in the period, by each of HUD's methods",
    definition="Method 1: enrolled on any day. Method 2: left, or was served or met in the period. Method 5:"
    " spent a night. Each person counts once. HUD HMIS Reporting Glossary, active clients.",
    members=_active,
    shape=_shape_active,
    by=("project_type", "household_type"),
    parts={
        "method_1": ("method_2", "method_5", "unduplicated-people:people"),
        "unduplicated-people:people": ("method_1",),
    },
    listed=("method_",),
    published=True,
    nests=True,
)
