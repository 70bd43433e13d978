"""Choosing: what somebody is on a certain day, and which of their stays says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hmis.measures.flow.episodes import enrollment_of, packed
from hmis.measures.flow.evidence import GAP

if TYPE_CHECKING:
    from ibis.expr.types import Table

_COVERS = 2**20
"""More than any day or weight: a stay that lasts comes before one that ended."""


def states(segments: Table, spans: Table, moments: Table) -> Table:
    """Who is there at each moment: `person`, `place`, `status`, `enrollment`.

    moments: `place`, `on`.
    """
    joined = segments.cross_join(moments)
    there = joined.filter((joined.starts <= joined["on"]) & (joined["on"] < joined.until))
    return there.select("person", "place", "status").join(_chosen(spans, moments), ["person", "place"])


def _chosen(spans: Table, moments: Table) -> Table:
    """By weight among the stays that last: housed, permanent housing, shelter, outreach and services,
    coordinated entry. In a gap, the stay that ended last."""
    joined = spans.cross_join(moments)
    near = joined.filter((joined.starts <= joined["on"]) & (joined["on"] <= joined.known + GAP))
    decides = (near["on"] < near.until).ifelse(near.weight + _COVERS, near.known)
    best = near.group_by("person", "place").agg(best=packed(decides, near.enrollment).max())
    return best.select("person", "place", enrollment=enrollment_of(best.best))
