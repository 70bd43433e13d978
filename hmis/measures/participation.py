"""Participation: when a project operated and took part in HMIS, and what of a stay or of beds lies within.

Outside of that nobody can say from HMIS who was there (HUD 2.02, 2.08; LSA specification, participating
projects). Spans are half open: `until` is the first day that does not belong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ibis.expr.types import Table

    from hmis.measures.core import Core

FAR = 99_999
"""A day that nothing reaches (2243-10-16): the end of what has no end."""
_TAKES_PART = 1
"""HUD 2.08.1, HMISParticipationType."""


def open_spans(core: Core) -> Table:
    """When continuum projects operated and took part: `project`, `opened`, `closed`.

    Rows of participation that touch or overlap are one span. Projects of victim service providers have none.
    """
    import ibis

    took = core.hmis_participation.filter(core.hmis_participation.hmis_participation_type == _TAKES_PART)
    took = took.select(
        "project",
        began=took.hmis_participation_status_start_date.fill_null(0),
        ended=took.hmis_participation_status_end_date.fill_null(FAR),
    )
    order = {"group_by": took.project, "order_by": [took.began, took.ended]}
    before = took.ended.max().over(ibis.window(**order, rows=(None, -1)))
    marked = took.mutate(is_first=(before.isnull() | (took.began > before + 1)).cast("int64"))
    order = {"group_by": marked.project, "order_by": [marked.began, marked.ended]}
    counted = marked.mutate(span=marked.is_first.sum().over(ibis.window(**order, rows=(None, 0))))
    spans = counted.group_by("project", "span").agg(began=counted.began.min(), ended=counted.ended.max())
    project = core.project
    project = project.filter((project.continuum_project == 1) & ~project.is_victim_service_provider)
    joined = spans.join(project, "project")
    opened = ibis.greatest(joined.began, joined.operating_start_date.fill_null(0))
    closed = ibis.least(joined.ended, joined.operating_end_date.fill_null(FAR))
    return joined.select("project", opened=opened, closed=closed).filter(lambda row: row.opened < row.closed)


def pieces(core: Core, stay: Table) -> Table:
    """Stays as far as their project took part: the columns of `stay`, and `starts`, `until`, `is_cut`.

    A piece ends on the exit day; `is_cut` says that it ends earlier, with the project's part in HMIS, so the
    exit and where it led to do not belong to it. What starts and ends on one day is nothing.
    """
    import ibis

    joined = stay.join(open_spans(core), "project")
    left = joined.exit_date.fill_null(FAR)
    cut = joined.mutate(
        starts=ibis.greatest(joined.entry_date, joined.opened).cast("int64"),
        until=ibis.least(left, joined.closed).cast("int64"),
        is_cut=joined.closed < left,
    )
    return cut.filter(cut.starts < cut.until).drop("opened", "closed")
