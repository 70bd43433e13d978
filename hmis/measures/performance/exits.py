"""Measure 7: who left the street for a better place, left for permanent housing, or kept it.

Rules: MEASURES 3.7, after HUD System Performance Measures FY2026, metrics 7a.1, 7b.1, 7b.2 and appendix A (which
destinations count, and which leave somebody out altogether).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hmis.measures.answering import percent, units
from hmis.measures.measure import Figures, union
from hmis.measures.measure import members as members_of
from hmis.measures.performance.stays import first_of_person, leavers, open_at_end
from hmis.measures.project_types import PERMANENT, PH, RRH, SHELTERED, SO

if TYPE_CHECKING:
    from ibis.expr.types import BooleanValue, Table

    from hmis.measures.asked import Asked
    from hmis.measures.core import Core

_OUT_OF_7A = (24, 206, 329)
"""Deceased; hospital; residential project or halfway house."""
_OUT_OF_7B = (24, 206, 215, 225)
"""Deceased; hospital; foster care; long-term care."""
_BETTER_THAN_THE_STREET = (101, 118, 204, 205, 215, 225, 302, 312, 313, 314, 327, 332)
_KEPT_HOUSING = tuple(kind for kind in PH if kind not in RRH)
"""Permanent housing other than rapid re-housing, which is meant to be left."""


def members(core: Core, asked: Asked, stays: Table) -> Table:
    """A row a person: the stay that decides."""
    street = core.kept(_from_the_street(asked, stays))
    left = core.kept(_without_housing(asked, stays))
    gone, stayed = (core.kept(rows) for rows in _housed(asked, stays))
    return union(
        members_of(street, "7a.1/universe"),
        members_of(street.filter(street.destination.isin(_BETTER_THAN_THE_STREET)), "7a.1/temporary"),
        members_of(_permanent(street), "7a.1/permanent"),
        members_of(left, "7b.1/universe"),
        members_of(_permanent(left), "7b.1/permanent"),
        members_of(gone, "7b.2/universe"),
        members_of(stayed, "7b.2/universe"),
        members_of(_permanent(gone), "7b.2/permanent"),
        members_of(stayed, "7b.2/stayed"),
    )


def _from_the_street(asked: Asked, stays: Table) -> Table:
    last = _last_exits(asked, stays.filter(stays.project_type.isin(SO)))
    return last.filter(~_went_to(last, _OUT_OF_7A))


def _without_housing(asked: Asked, stays: Table) -> Table:
    last = _last_exits(asked, stays.filter(stays.project_type.isin((*SHELTERED, *PH))))
    was_housed = last.project_type.isin(_KEPT_HOUSING) & last.moved_in.notnull()
    return last.filter(~was_housed, ~_went_to(last, _OUT_OF_7B))


def _housed(asked: Asked, stays: Table) -> tuple[Table, Table]:
    """Who left housing that is meant to be kept, after moving in; and who stays in it."""
    housing = stays.filter(stays.project_type.isin(_KEPT_HOUSING))
    last = _last_exits(asked, housing)
    staying = housing.filter(open_at_end(housing, asked))
    latest = first_of_person(staying, staying.entry_date.desc())
    return (
        last.filter(last.moved_in.notnull(), ~_went_to(last, _OUT_OF_7B)),
        latest.filter(latest.moved_in.notnull()),
    )


def _last_exits(asked: Asked, stays: Table) -> Table:
    left = leavers(stays, asked)
    return first_of_person(left, left.exit_date.desc())


def _went_to(stays: Table, destinations: tuple[int, ...]) -> BooleanValue:
    return stays.destination.isin(destinations).fill_null(False)


def _permanent(stays: Table) -> Table:
    return stays.filter(stays.destination.isin(PERMANENT))


def shape(found: Figures) -> dict[str, Any]:
    """{"7a.1": {"universe", ..., "successful", "percent"}, "7b.1": ..., "7b.2": ...}: people."""
    return {
        "7": {
            "7a.1": _shape(found, "7a.1", ("temporary", "permanent")),
            "7b.1": _shape(found, "7b.1", ("permanent",)),
            "7b.2": _shape(found, "7b.2", ("stayed", "permanent")),
        }
    }


def _shape(found: Figures, table: str, successes: tuple[str, ...]) -> dict[str, Any]:
    universe = units(found, f"{table}/universe")
    parts = {name: units(found, f"{table}/{name}") for name in successes}
    successful = sum(parts.values())
    return {"universe": universe, **parts, "successful": successful, "percent": percent(successful, universe)}
