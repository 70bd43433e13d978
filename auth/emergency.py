"""Break-glass: one person opened for one viewer, for an hour at most, without the client being asked.

Loud by design: every opening waits for a privacy officer to say whether it was justified.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    DateTime,
    FromClause,
    Integer,
    Select,
    Text,
    and_,
    any_,
    exists,
    func,
    insert,
    literal,
    not_,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PgUUID
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from auth.parameters import VIEWER
from auth.speaking import of_link
from auth.viewer import Viewer
from auth.visibility import label_of, own_stay
from hmis.tables import (
    HMIS,
    break_glass,
    break_glass_ask,
    break_glass_review,
    client_label,
    client_link,
    project_label,
    source,
)

_CLIENT = HMIS["Client"]
_ENROLLMENT = HMIS["Enrollment"]

LONGEST = timedelta(minutes=60)
FRESH = timedelta(minutes=5)
"""How long ago somebody may have signed in to open anything."""
_SKEW = timedelta(minutes=1)
SHORTEST_REASON = 10
_NOBODY = UUID(int=0)
ASKING = timedelta(hours=1)
MOST_ASKED = 10
"""Asks of one person within `ASKING`. Identifiers run in series, so without it one could try them out."""


class Outcome(StrEnum):
    """What the privacy officer found."""

    JUSTIFIED = "JUSTIFIED"
    NOT_JUSTIFIED = "NOT_JUSTIFIED"


def signed_in_lately(viewer: Viewer, now: datetime) -> bool:
    """Whether the viewer proved who they are within the last minutes; a token that does not say is old."""
    return viewer.auth_time is not None and -_SKEW <= now - viewer.auth_time <= FRESH


@dataclass(frozen=True, slots=True)
class Known:
    """How somebody is named whom one cannot see: by hub id, or by what a source system calls them."""

    person: UUID = _NOBODY
    identifier: str | None = None
    """None = by hub id."""
    source: str | None = None
    """None = whichever calls somebody so. Where that is more than one, none of them is meant."""

    def is_meant(self, link: FromClause) -> ColumnElement[bool]:
        """The record is linked to whoever is meant."""
        if self.identifier is None:
            return link.c.person_id == literal(self.person, PgUUID())
        called = link.c.personal_id == literal(self.identifier, Text())
        # Every source is named where none is, so that the index of keys serves.
        named = select(source.c.id)
        if self.source is not None:
            named = named.where(source.c.name == literal(self.source, Text()))
        return and_(
            called, link.c.source_id == any_(func.array(named.scalar_subquery(), type_=ARRAY(Integer())))
        )


async def may_ask(connection: AsyncConnection, viewer: Viewer, now: datetime) -> bool:
    """Note that the viewer asks for an opening, unless they have asked too often to be let try.

    Every ask counts, whoever is meant and whether or not there is anybody: what is left tells nothing.
    """
    mine = and_(
        break_glass_ask.c.subject == viewer.subject,
        break_glass_ask.c.agency_id == viewer.agency.id,
        break_glass_ask.c.asked_at > now - ASKING,
    )
    # One after the other: who asks many times at once would be counted before any is written.
    await connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(viewer.subject, 0))))
    asked = await connection.scalar(select(func.count()).select_from(break_glass_ask).where(mine))
    if (asked or 0) >= MOST_ASKED:
        return False
    await connection.execute(
        insert(break_glass_ask).values(subject=viewer.subject, agency_id=viewer.agency.id, asked_at=now)
    )
    return True


async def open_for(
    connection: AsyncConnection, viewer: Viewer, known: Known, reason: str, now: datetime, closes_at: datetime
) -> UUID | None:
    """Open a person for the viewer, where there is one whom anybody else but a victim service provider knows.

    One statement whoever is meant. What comes back, who was opened, is for the audit alone: for the caller an
    unknown person, a hidden one and one known to a victim service provider alone are the same.
    """
    link, client = client_link.alias(), _CLIENT.alias()
    shared = (
        select(link.c.person_id)
        .distinct()
        .select_from(link.join(client, of_link(link, client)).join(client_label, of_link(link, client_label)))
        .where(
            known.is_meant(link),
            link.c.undone_at.is_(None),
            client.c.removed_at.is_(None),
            client_label.c.labels.is_not(None),
        )
        .cte("shared")
    )
    is_one = select(func.count()).select_from(shared).scalar_subquery() == 1
    row = select(
        shared.c.person_id,
        literal(viewer.subject, Text()),
        literal(viewer.agency.id, PgUUID()),
        literal(reason, Text()),
        literal(now, DateTime(timezone=True)),
        literal(closes_at, DateTime(timezone=True)),
    ).where(is_one)
    columns = ["person_id", "subject", "agency_id", "reason", "opened_at", "closes_at"]
    opened = insert(break_glass).from_select(columns, row).returning(break_glass.c.person_id)
    person: UUID | None = (await connection.execute(opened)).scalar_one_or_none()
    return person


def open_now(people: Iterable[UUID]) -> Select[Any]:
    """Until when people stand open to the viewer: of each who does, one row."""
    return (
        select(break_glass.c.person_id, func.max(break_glass.c.closes_at).label("closes_at"))
        .where(
            break_glass.c.person_id.in_(people),
            break_glass.c.subject == VIEWER.subject,
            break_glass.c.agency_id == VIEWER.agency,
            break_glass.c.opened_at <= VIEWER.now,
            break_glass.c.closes_at > VIEWER.now,
            not_(VIEWER.under_order),
        )
        .group_by(break_glass.c.person_id)
    )


@cache
def openings() -> Select[tuple[object, ...]]:
    """What a privacy officer reads: openings by people of their agency, and those of clients of theirs."""
    return (
        select(break_glass, break_glass_review.c.outcome, break_glass_review.c.reviewed_at)
        .outerjoin(break_glass_review, break_glass_review.c.break_glass_id == break_glass.c.id)
        .where(or_(break_glass.c.agency_id == VIEWER.agency, _of_own_client()))
        .order_by(break_glass.c.opened_at.desc(), break_glass.c.id)
    )


def _of_own_client() -> ColumnElement[bool]:
    """The opening showed records that the viewer's agency entered at a project others may ever see."""
    link, client, stay = client_link.alias(), _CLIENT.alias(), _ENROLLMENT.alias()
    stayed = and_(stay.c.source_id == link.c.source_id, stay.c.personal_id == link.c.personal_id)
    return exists(
        select(literal(1))
        .select_from(
            link.join(client, of_link(link, client)).join(stay, stayed).join(project_label, label_of(stay))
        )
        .where(
            link.c.person_id == break_glass.c.person_id,
            link.c.undone_at.is_(None),
            client.c.removed_at.is_(None),
            stay.c.removed_at.is_(None),
            own_stay(VIEWER),
            project_label.c.shareable,
        )
        .correlate(break_glass)
    )


async def review(
    connection: AsyncConnection, viewer: Viewer, identifier: UUID, outcome: Outcome, now: datetime
) -> None:
    """Write what a privacy officer found. The first finding stands."""
    await connection.execute(
        pg_insert(break_glass_review)
        .values(break_glass_id=identifier, reviewer=viewer.subject, outcome=outcome.value, reviewed_at=now)
        .on_conflict_do_nothing(index_elements=["break_glass_id"])
    )
