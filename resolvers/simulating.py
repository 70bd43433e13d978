"""Simulating: what a form would change, for which agencies and roles, if a client signed it today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import RowMapping

from auth.categories import Category
from auth.consent import Grant, Guardian
from auth.explaining import Explained
from auth.grants import NewGrant
from auth.viewer import Viewer
from resolvers.explaining import explained


@dataclass(frozen=True, slots=True)
class Change:
    """One category that stands otherwise afterwards, for one role at one agency."""

    viewer: Viewer
    category: Category
    before: Explained
    after: Explained


def changes(
    viewer: Viewer,
    rows: Sequence[RowMapping],
    given: Sequence[Grant],
    added: Sequence[Grant],
    as_of: date,
) -> list[Change]:
    """Every category that the added grants open or close for the viewer."""
    before = explained(viewer, rows, given, as_of)
    after = explained(viewer, rows, [*given, *added], as_of)
    return [
        Change(viewer, was.category, was, will_be)
        for was, will_be in zip(before, after, strict=True)
        if was.is_open != will_be.is_open
    ]


def as_if_recorded(
    new: NewGrant, now: datetime, groups: Mapping[UUID, frozenset[UUID]], guardian: Guardian | None
) -> Grant:
    """The grant as it would be read back, had it been recorded now."""
    living = groups.get(new.group, frozenset()) if new.group is not None else frozenset()
    return Grant(
        id=uuid4(),
        effect=new.effect,
        categories=new.categories,
        purposes=frozenset(new.purposes),
        community_wide=new.community_wide,
        agencies=frozenset(new.agencies) | living,
        start=new.start,
        end=new.end,
        labels=new.labels,
        subject=new.subject,
        sources=None if new.sources is None else frozenset(new.sources),
        data_from=new.data_from,
        data_to=new.data_to,
        provisional_until=new.provisional_until,
        form=new.form,
        signed_by_client=guardian is None,
        guardian=guardian,
        regime=new.regime,
        method=new.method,
        evidence=new.evidence,
        recorded_at=now,
    )
