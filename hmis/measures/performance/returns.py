"""Measure 2: who left for permanent housing two years ago and has been without a home again since.

Rules: MEASURES 3.2, after HUD System Performance Measures FY2026, measures 2a and 2b.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hmis.measures.answering import percent, units
from hmis.measures.measure import Figures, in_figures, union
from hmis.measures.measure import members as members_of
from hmis.measures.performance.stays import first_of_person
from hmis.measures.project_types import ES, PERMANENT, PH, SH, SO, TH

if TYPE_CHECKING:
    from ibis.expr.types import Table

    from hmis.measures.asked import Asked
    from hmis.measures.core import Core

_TWO_YEARS = 730
_TRANSFER = 14
"""Days after leaving permanent housing in which an entry into such housing is a transfer."""
_ROWS: Mapping[str, tuple[int, ...]] = {"so": SO, "es": ES, "th": TH, "sh": SH, "ph": PH}
"""Rows of the table: the type somebody left from."""
_BUCKETS: Mapping[str, tuple[int, int]] = {
    "days_0_180": (0, 180),
    "days_181_365": (181, 365),
    "days_366_730": (366, 730),
    "days_0_730": (0, 730),
}


def members(core: Core, asked: Asked, stays: Table) -> Table:
    """Exits: the stay left. Returns: that stay and the one returned to."""
    import ibis

    exits = core.kept(_exits(asked, stays))
    returned = _returns(exits, stays)
    returned = returned.mutate(enrollment=ibis.array([returned.enrollment, returned.exit_from]).unnest())
    rows = {"": tuple(sum(_ROWS.values(), ())), **_ROWS}
    left = in_figures(exits, {_figure(row, "exits"): exits.project_type.isin(of) for row, of in rows.items()})
    back = in_figures(
        returned,
        {
            _figure(row, bucket): returned.project_type.isin(of) & returned.days.between(*days)
            for row, of in rows.items()
            for bucket, days in _BUCKETS.items()
        },
    )
    return union(members_of(left, left.figure), members_of(back, back.figure))


def _figure(row: str, column: str) -> str:
    return f"2/{row}/{column}" if row else f"2/{column}"


def _exits(asked: Asked, stays: Table) -> Table:
    """The first exit of each person to permanent housing in the period two years before."""
    left = stays.exit_date.between(asked.rs - _TWO_YEARS, asked.re - _TWO_YEARS)
    chosen = stays.filter(left, stays.destination.isin(PERMANENT))
    return first_of_person(chosen, chosen.exit_date, chosen.entry_date)


def _returns(exits: Table, stays: Table) -> Table:
    """The first stay after each exit that says its person is without a home again."""
    left = exits.select("person", "project_type", exit_from="enrollment", left_on="exit_date")
    theirs = stays.rename(entered="project_type").join(left, "person")
    later = theirs.filter(theirs.entry_date >= theirs.left_on, theirs.enrollment != theirs.exit_from)
    homeless = later.filter(~later.entered.isin(PH))
    housing = later.filter(later.entered.isin(PH), later.entry_date > later.left_on + _TRANSFER)
    housing = housing.anti_join(_transfers(housing, theirs.filter(theirs.entered.isin(PH))), "enrollment")
    names = ("person", "enrollment", "entry_date", "project_type", "exit_from", "left_on")
    found = first_of_person(both := union(homeless.select(names), housing.select(names)), both.entry_date)
    return found.mutate(days=found.entry_date - found.left_on)


def _transfers(entered: Table, housing: Table) -> Table:
    """Entries into permanent housing while in another such stay, or within days of leaving one."""
    others = housing.select("person", other="enrollment", other_entry="entry_date", other_exit="exit_date")
    pairs = entered.select("person", "enrollment", "entry_date").join(others, "person")
    return pairs.filter(
        pairs.other != pairs.enrollment,
        pairs.entry_date > pairs.other_entry,
        pairs.other_exit.isnull() | (pairs.entry_date <= pairs.other_exit + _TRANSFER),
    ).select("enrollment")


def shape(found: Figures) -> dict[str, Any]:
    """{"exits", "days_0_180", ..., "rows": {"so": {...}, ...}}: people, and percents of the exits."""
    return {"2": _shape(found, "") | {"rows": {row: _shape(found, row) for row in _ROWS}}}


def _shape(found: Figures, row: str) -> dict[str, Any]:
    exits = units(found, _figure(row, "exits"))
    counts = {bucket: units(found, _figure(row, bucket)) for bucket in _BUCKETS}
    return {
        "exits": exits,
        **counts,
        **{f"percent_{bucket.removeprefix('days_')}": percent(n, exits) for bucket, n in counts.items()},
    }
