"""Disclosures: what other agencies were told of a client, for the agency the client asks.

Only for clients of whom the viewer's own agency entered a record, newest first. Who looked is named by
agency, never by person. An agency whose name alone tells of violence, HIV, treatment or running away is left
out, and so are looks for law enforcement, for they tell of the law, and parts of a life that the viewer may
not see; `hmis-hub accounting` tells the client all of it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, DateTime, RowMapping, Text, and_, func, or_, select
from sqlalchemy.dialects.postgresql import UUID as PgUUID
from sqlalchemy.types import TypeEngine

from auth.accounting import statement
from auth.categories import Category
from auth.viewer import Purpose, Viewer
from hmis.tables import audit_event
from resolvers.asked import asked, keys
from resolvers.naming import may_be_named
from resolvers.request import BREAK_GLASS, Request
from resolvers.rows import ClientRow, SaidByTheHub

MOST = 100
"""Disclosures of one client in one answer, the newest."""


@dataclass(frozen=True, slots=True)
class DisclosureRow(SaidByTheHub):
    """One operation that told another agency something of a client."""

    person: UUID
    at: datetime
    agency: str
    purpose: Purpose | None
    """None = one that this version no longer knows."""
    categories: tuple[Category, ...]
    """In the order of the list."""
    emergency: bool
    """It was opened in an emergency: the client was not asked."""
    allowed: Category = Category.EXISTENCE


async def of_client(
    request: Request,
    root: ClientRow,
    since: date | None = None,
    until: date | None = None,
    agency_name: str | None = None,
) -> list[DisclosureRow]:
    """What others were told of a client of the viewer's own agency; nothing of anybody else.

    since, until: the first and the last day, as days turn in the community's time zone.
    """
    if not root.is_own:
        return []
    rows = []
    about = _About(root.person, int(root.allowed), *_moments(since, until, request.zone), agency_name)
    for told in await request.load(_told, about):
        shown = Category(told["shared"]) & root.allowed
        rows.append(
            DisclosureRow(
                person=root.person,
                at=told["at"],
                agency=told["agency_name"],
                purpose=_purpose(told["purpose"]),
                categories=tuple(category for category in Category if category & shown),
                emergency=told["exception"] == BREAK_GLASS,
            )
        )
    return rows


class _About(NamedTuple):
    """Whose disclosures, and which categories the viewer may see of them."""

    person: UUID
    allowed: int
    since: datetime | None
    before: datetime | None
    agency: str | None
    """Its name; None = of every one."""


_ABOUT: dict[str, TypeEngine[Any]] = {
    "person_id": PgUUID(),
    "allowed": BigInteger(),
    "since": DateTime(timezone=True),
    "before": DateTime(timezone=True),
    "wanted": Text(),
}
_FIRST, _LAST = date(1900, 1, 1), date(2999, 12, 31)
"""Nothing was told of anybody before or after."""


def _moments(since: date | None, until: date | None, zone: tzinfo) -> tuple[datetime | None, datetime | None]:
    """When the first day begins and the last one has ended; None = however early or late."""
    first = datetime.combine(max(since, _FIRST), time.min, zone) if since else None
    last = datetime.combine(min(until, _LAST) + timedelta(days=1), time.min, zone) if until else None
    return first, last


async def _told(request: Request, wanted: list[_About]) -> list[list[RowMapping]]:
    """The newest disclosures of each of some people that tell what the viewer may see. One statement."""
    if request.viewer is None:
        return [[] for _ in wanted]
    people = list({about.person for about in wanted})
    open_to = asked(_ABOUT)
    told = statement(people).where(_may_be_named(request.viewer)).subquery()
    newest = func.row_number().over(
        partition_by=tuple(open_to.c), order_by=(told.c.at.desc(), told.c.id.desc())
    )
    numbered = (
        select(told, *list(open_to.c)[1:], newest.label("place"))
        .join(open_to, open_to.c.person_id == told.c.person_id)
        .where(
            told.c.shared.bitwise_and(open_to.c.allowed) != 0,
            or_(open_to.c.since.is_(None), told.c.at >= open_to.c.since),
            or_(open_to.c.before.is_(None), told.c.at < open_to.c.before),
            or_(open_to.c.wanted.is_(None), told.c.agency_name == open_to.c.wanted),
        )
        .subquery()
    )
    query = select(numbered).where(numbered.c.place <= MOST).order_by(numbered.c.place)
    found: dict[_About, list[RowMapping]] = defaultdict(list)
    for row in await request.fetch(query, keys(_ABOUT, wanted)):
        found[_About(*(row[name] for name in _ABOUT))].append(row)
    return [found[about] for about in wanted]


def _may_be_named(viewer: Viewer) -> ColumnElement[bool]:
    """Another agency, whose name tells nothing; and no look for law enforcement."""
    return and_(
        audit_event.c.agency_id != viewer.agency.id,
        audit_event.c.purpose.is_distinct_from(Purpose.LAW_ENFORCEMENT.value),
        may_be_named(),
    )


def _purpose(stored: str | None) -> Purpose | None:
    return Purpose.__members__.get(stored or "")
