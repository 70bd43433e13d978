"""Measure 1: how long people are without a home, in nights, on four readings of what a night without one is.

Rules: MEASURES 3.1, after HUD System Performance Measures, HMIS Programming Specifications FY2026, measure 1,
steps 1 to 9.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hmis.measures.answering import mean, median
from hmis.measures.measure import NOTHING, Figures
from hmis.measures.performance.nights import KINDS, SHELTER, segments, spans
from hmis.measures.presence import active_method_5
from hmis.measures.project_types import PH, TH

if TYPE_CHECKING:
    from ibis.expr.types import BooleanValue, Table

    from hmis.measures.asked import Asked
    from hmis.measures.core import Core

_YEAR = 365
"""Days from the last night back to the day from which nights count with gaps between them."""


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of the two tables: which nights it counts and which it takes away, by `nights.KINDS`."""

    figure: str
    active: tuple[str, ...]
    counted: tuple[str, ...]
    taken_away: tuple[str, ...]

    @property
    def spent(self) -> tuple[str, ...]:
        """The same nights before birth and lookback are looked at; what is only told of is not among them."""
        return tuple(f"in_{kind}" for kind in self.counted if kind != "told")


LINES = (
    _Line("1a/line1", ("shelter",), ("shelter",), ("in_transitional", "housed")),
    _Line("1a/line2", ("shelter", "transitional"), ("shelter", "transitional"), ("housed",)),
    _Line("1b/line1", ("shelter", "waiting"), ("shelter", "waiting", "told"), ("in_transitional", "housed")),
    _Line(
        "1b/line2",
        ("shelter", "transitional", "waiting"),
        ("shelter", "transitional", "waiting", "told"),
        ("housed",),
    ),
)


def members(core: Core, asked: Asked, stays: Table) -> Table:
    """A row for each stay whose nights were counted; the one of the last night carries the days of all."""
    import ibis

    found, nights = _episodes(core, asked, stays)
    counted = ibis.union(
        *(
            nights.filter(nights.kind.isin([KINDS.index(kind) for kind in line.counted])).mutate(
                figure=ibis.literal(line.figure)
            )
            for line in LINES
        )
    )
    of_stays = counted.group_by("figure", "person", "enrollment").agg(
        first=counted.first.min(), after=counted.after.max()
    )
    joined = of_stays.join(found, ["figure", "person"]).filter(
        lambda row: (row.first <= row.last) & (row.after > row.since)
    )
    latest = ibis.window(group_by=("figure", "person"), order_by=(ibis.desc("after"), ibis.asc("enrollment")))
    placed = joined.mutate(place=ibis.row_number().over(latest))
    return placed.select(
        "figure",
        unit=placed.person.cast("int64"),
        amount=(placed.place == 0).ifelse(placed.days, ibis.null("int64")),
        person=placed.person.cast("int64"),
        enrollment=placed.enrollment.cast("int64"),
    )


def episodes(core: Core, asked: Asked, stays: Table) -> Table:
    """How long each person was without a home, by `figure`: `since` the first and until the `last` of the nights
    counted, and how many `days` they are."""
    return _episodes(core, asked, stays)[0]


def _episodes(core: Core, asked: Asked, stays: Table) -> tuple[Table, Table]:
    active = core.kept(_active(core, asked, stays))
    nights = core.kept(spans(core, asked, stays.semi_join(active, "person")))
    changes = core.kept(segments(nights).join(active, "person"))
    return core.kept(_counted(asked, changes)), nights


def _active(core: Core, asked: Asked, stays: Table) -> Table:
    """Who spent a night of the period where it may count, and in which kind of project (step 1)."""
    on = active_method_5(core, stays, asked.rs, asked.re)
    kinds = stays.project_type
    by = {
        "shelter": on & kinds.isin(SHELTER),
        "transitional": on & kinds.isin(TH),
        "waiting": on & kinds.isin(PH) & stays.was_homeless,
    }
    found = stays.group_by("person").agg(**{f"active_{kind}": is_so.any() for kind, is_so in by.items()})
    return found.filter(lambda row: row.active_shelter | row.active_transitional | row.active_waiting)


def _counted(asked: Asked, changes: Table) -> Table:
    """Steps 2 to 8: the nights that are left, joined where no gap is between them, and counted from the last."""
    import ibis

    left = ibis.union(*(_left(line, changes) for line in LINES))
    person = ("figure", "person")
    in_order = ibis.window(group_by=person, order_by="first")
    until_here = ibis.window(group_by=person, order_by="first", preceding=None, following=0)
    whole = ibis.window(group_by=person)
    joined = left.mutate(joins=(left.after.lag().over(in_order) == left.first).fill_null(False))
    begins = joined.joins.ifelse(ibis.null("int32"), joined.first)
    islands = joined.mutate(island=begins.max().over(until_here), last=joined.after.max().over(whole) - 1)
    spans = islands.group_by(*person, "island", "last").agg(after=islands.after.max())
    # Within a year of the last night all nights count; before it those that join the night after them or that
    # year's first day (step 6b). So an island counts whole or not at all: where it ends before that day, not.
    counted = spans.filter((spans.last >= asked.rs) & (spans.after >= spans.last - _YEAR))
    return counted.group_by(*person, "last").agg(
        since=counted.island.min(), days=(counted.after - counted.island).sum().cast("int64")
    )


def _left(line: _Line, changes: Table) -> Table:
    """The nights of a line, for people it looks at: active in its projects, with a night spent in them left."""
    import ibis

    free = ibis.and_(*(changes[kind] == 0 for kind in line.taken_away))
    looked_at = changes.filter(
        ibis.or_(*(changes[f"active_{kind}"] for kind in line.active)), free, _any(changes, line.spent)
    )
    nights = changes.filter(free, _any(changes, line.counted))
    return nights.semi_join(looked_at, "person").select(
        "person", "first", "after", figure=ibis.literal(line.figure)
    )


def _any(changes: Table, kinds: tuple[str, ...]) -> BooleanValue:
    import ibis

    return ibis.or_(*(changes[kind] > 0 for kind in kinds))


def shape(found: Figures) -> dict[str, Any]:
    """{"1a": {"line1": {"persons", "mean", "median"}, ...}, ...}"""
    return {
        table: {line: _shape(found, f"{table}/{line}") for line in ("line1", "line2")}
        for table in ("1a", "1b")
    }


def _shape(found: Figures, figure: str) -> dict[str, Any]:
    numbers = found.get(figure, NOTHING)
    return {"persons": numbers.units, "mean": mean(numbers), "median": median(numbers)}
