"""Episodes: the times that somebody is in the system, homeless or housed by it, with no gap of over 14 days.

Each begins with an arrival and ends with a departure, and each of those is of exactly one kind. Within an
episode *segments* say whether somebody is homeless or housed: housed where any span says so (it weighs most),
in a gap what they were before it.

Of several rows that could stand for an arrival, one is chosen by packing what decides, and the enrollment,
into one number: its greatest (or least) is found in one pass, alike on every backend.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hmis.measures.days import whole
from hmis.measures.flow.evidence import GAP, LOOKBACK

if TYPE_CHECKING:
    from ibis.expr.types import IntegerValue, Table

    from hmis.measures.asked import Asked

HOMELESS, HOUSED = 1, 2
FIRST_TIME, RETURNED, RE_ENGAGED = 1, 2, 3
EXITED_PERMANENT, EXITED_NON_PERMANENT, INACTIVE = 1, 2, 3
_ENROLLMENTS = 2**35
_WEIGHTS = 128


def packed(decides: IntegerValue, enrollment: IntegerValue) -> IntegerValue:
    return decides * _ENROLLMENTS + enrollment


def enrollment_of(pack: IntegerValue) -> IntegerValue:
    return pack % _ENROLLMENTS


def decided(pack: IntegerValue) -> IntegerValue:
    return pack // _ENROLLMENTS


def numbered(spans: Table) -> Table:
    """Spans with the number of their person's episode, from 1 on."""
    import ibis

    def order(rows: Table, until: int) -> object:
        by = [rows.starts, rows.until, rows.enrollment, rows.is_housed]
        return ibis.window(group_by=rows.person, order_by=by, rows=(None, until))

    before = spans.known.max().over(order(spans, -1))
    marked = spans.mutate(begins=(before.isnull() | (spans.starts > before + GAP)).cast("int64"))
    return marked.mutate(episode=marked.begins.sum().over(order(marked, 0))).drop("begins")


def segments(spans: Table) -> Table:
    """`person`, `starts`, `until`, `status`: what somebody is, day by day, in each of their episodes."""
    import ibis

    turns = ibis.union(
        spans.select(
            "person", "episode", on=spans.starts, homeless=1 - spans.is_housed, housed=spans.is_housed
        ),
        spans.select(
            "person", "episode", on=spans.until, homeless=spans.is_housed - 1, housed=-spans.is_housed
        ),
    )
    days = turns.group_by("person", "episode", "on").agg(
        homeless=turns.homeless.sum().cast("int64"), housed=turns.housed.sum().cast("int64")
    )
    order = {"group_by": [days.person, days.episode], "order_by": [days["on"]]}
    so_far = ibis.window(**order, rows=(None, 0))
    held = days.mutate(
        homeless=days.homeless.sum().over(so_far),
        housed=days.housed.sum().over(so_far),
        until=days["on"].lead().over(ibis.window(**order)),
    )
    said = (held.housed > 0).ifelse(HOUSED, (held.homeless > 0).ifelse(HOMELESS, 0))
    told = held.mutate(said=said.cast("int64"))
    order = {"group_by": [told.person, told.episode], "order_by": [told["on"]]}
    # Two gaps never follow each other, so what was said last was said just before.
    status = (told.said > 0).ifelse(told.said, told.said.lag().over(ibis.window(**order)))
    found = told.mutate(status=status)
    return found.filter(found.until.notnull()).select("person", "status", "until", starts=found["on"])


def episodes(asked: Asked, spans: Table, exits: Table, months: Table) -> Table:
    """Episodes, with how each began and how it ended.

    `person`, `began`, `until`; `arrival` (FIRST_TIME …) and `came` (the enrollment that says so); `departure`
    (EXITED_PERMANENT …), as it stands when the period ends, and `departure_that_month`, as it stood when the
    month did; `went` (the enrollment). A departure means nothing while the episode lasts.
    """
    import ibis

    by_start = packed(spans.starts * _WEIGHTS - spans.weight, spans.enrollment)
    by_end = packed(spans.known * _WEIGHTS + spans.weight, spans.enrollment)
    found = spans.group_by("person", "episode").agg(
        began=spans.starts.min(),
        until=spans.until.max(),
        known=spans.known.max(),
        came=enrollment_of(by_start.min()),
        last=enrollment_of(by_end.max()),
    )
    ends = months.select("first_day", "last_day")
    found = found.left_join(ends, found.until.between(ends.first_day, ends.last_day)).drop("first_day")
    before = ibis.window(group_by=found.person, order_by=[found.episode])
    found = found.mutate(
        known_before=found.known.lag().over(before).fill_null(0), gap_before=found.episode - 1
    )
    left = _exits_between(asked, found, exits)
    earlier = left.select("person", gap_before=left.gap, exit_before=left.ever)
    found = found.left_join(earlier, ["person", "gap_before"]).drop("person_right", "gap_before_right")
    later = left.select("person", "in_period", "in_month", episode=left.gap)
    found = found.left_join(later, ["person", "episode"]).drop("person_right", "episode_right")
    return found.select(
        "person", "began", "until", "came",
        arrival=_arrival(found),
        departure=_departure(found.in_period),
        departure_that_month=_departure(found.in_month),
        went=enrollment_of(found.in_period.fill_null(found["last"])),
    )  # fmt: skip


def _exits_between(asked: Asked, found: Table, exits: Table) -> Table:
    """The last exit after what is known of an episode and before the next begins, by `person` and `gap`.

    Gap 0 is before the first episode. `ever`; `in_period` and `in_month`, of those until the period ends, or
    the month in which the episode did. An exit on the day that the next begins is before it.
    """
    import ibis

    marks = ibis.union(
        found.select("person", on=found.began, begins=whole(1), pack=whole(0)),
        exits.select(
            "person", on=exits.left, begins=whole(0),
            pack=packed(exits.left * 2 + exits.is_permanent, exits.enrollment),
        ),
    )  # fmt: skip
    order = ibis.window(
        group_by=marks.person, order_by=[marks["on"], marks.begins, marks.pack], rows=(None, 0)
    )
    placed = marks.mutate(gap=marks.begins.sum().over(order))
    placed = placed.filter(placed.begins == 0)
    of = found.select("person", "known", "last_day", gap=found.episode)
    joined = placed.left_join(of, ["person", "gap"]).drop("person_right", "gap_right")
    joined = joined.filter(joined["on"] >= joined.known.fill_null(0))
    return joined.group_by("person", "gap").agg(
        ever=joined.pack.max(),
        in_period=joined.pack.max(where=joined["on"] <= asked.re),
        in_month=joined.pack.max(where=(joined["on"] <= joined.last_day).fill_null(False)),
    )


def _arrival(found: Table) -> IntegerValue:
    """What went before says how somebody came: nothing for two years, an exit to a home, or anything else."""
    import ibis

    exited = decided(found.exit_before.fill_null(0))
    left, led = exited // 2, exited % 2
    last = ibis.greatest(found.known_before, left)
    away = found.began - left
    returned = (led == 1) & (left >= found.known_before) & (away > GAP)
    return ibis.cases(
        (found.began - last > LOOKBACK, whole(FIRST_TIME)),
        (returned, whole(RETURNED)),
        else_=whole(RE_ENGAGED),
    )


def _departure(exited: IntegerValue) -> IntegerValue:
    import ibis

    return ibis.cases(
        (exited.isnull(), whole(INACTIVE)),
        (decided(exited) % 2 == 1, whole(EXITED_PERMANENT)),
        else_=whole(EXITED_NON_PERMANENT),
    )
