"""Disclosures: what other agencies were told of a client, for the agency the client asks.

Only for clients of whom the viewer's own agency entered a record, newest first. Who looked is named by
agency, never by person. An agency whose name alone tells of violence, HIV, treatment or running away is left
out, and so are looks for law enforcement, for they tell of the law, and parts of a life that the viewer may
not see; `hmis-hub accounting` tells the client all of it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, RowMapping, and_, func, select
from sqlalchemy.dialects.postgresql import UUID as PgUUID
from sqlalchemy.types import TypeEngine

from auth.accounting import statement
from auth.categories import Category
from auth.consent import Grant
from auth.viewer import Purpose, Viewer
from hmis.tables import audit_event
from resolvers.asked import asked, keys
from resolvers.naming import may_be_named
from resolvers.request import Request
from resolvers.rows import ClientRow

MOST = 100
"""Disclosures of one client in one answer, the newest."""


@dataclass(frozen=True, slots=True)
class DisclosureRow:
    """One operation that told another agency something of a client."""

    person: UUID
    at: datetime
    agency: str
    purpose: Purpose | None
    """None = one that this version no longer knows."""
    categories: tuple[Category, ...]
    """In the order of the list."""
    allowed: Category = Category.EXISTENCE

    def own_in(self, category: Category) -> bool:
        return True  # what the hub did: nothing that anybody entered

    def opened_by(self, category: Category) -> tuple[Grant, ...]:
        return ()  # what the hub did

    def fact(self, category: Category, attr: str) -> Any:
        return getattr(self, attr)


async def of_client(request: Request, root: ClientRow) -> list[DisclosureRow]:
    """What others were told of a client of the viewer's own agency; nothing of anybody else."""
    if not root.is_own:
        return []
    rows = []
    for told in await request.load(_told, _About(root.person, int(root.allowed))):
        shown = Category(told["shared"]) & root.allowed
        rows.append(
            DisclosureRow(
                person=root.person,
                at=told["at"],
                agency=told["agency_name"],
                purpose=_purpose(told["purpose"]),
                categories=tuple(category for category in Category if category & shown),
            )
        )
    return rows


class _About(NamedTuple):
    """Whose disclosures, and which categories the viewer may see of them."""

    person: UUID
    allowed: int


_ABOUT: dict[str, TypeEngine[Any]] = {"person_id": PgUUID(), "allowed": BigInteger()}


async def _told(request: Request, wanted: list[_About]) -> list[list[RowMapping]]:
    """The newest disclosures of each of some people that tell what the viewer may see. One statement."""
    if request.viewer is None:
        return [[] for _ in wanted]
    people = [about.person for about in wanted]
    open_to = asked(_ABOUT)
    told = statement(people).where(_may_be_named(request.viewer)).subquery()
    newest = func.row_number().over(
        partition_by=told.c.person_id, order_by=(told.c.at.desc(), told.c.id.desc())
    )
    numbered = (
        select(told, newest.label("place"))
        .join(open_to, open_to.c.person_id == told.c.person_id)
        .where(told.c.shared.bitwise_and(open_to.c.allowed) != 0)
        .subquery()
    )
    query = select(numbered).where(numbered.c.place <= MOST).order_by(numbered.c.place)
    found: dict[UUID, list[RowMapping]] = defaultdict(list)
    for row in await request.fetch(query, keys(_ABOUT, wanted)):
        found[row["person_id"]].append(row)
    return [found[person] for person in people]


def _may_be_named(viewer: Viewer) -> ColumnElement[bool]:
    """Another agency, whose name tells nothing; and no look for law enforcement."""
    return and_(
        audit_event.c.agency_id != viewer.agency.id,
        audit_event.c.purpose.is_distinct_from(Purpose.LAW_ENFORCEMENT.value),
        may_be_named(),
    )


def _purpose(stored: str | None) -> Purpose | None:
    return Purpose.__members__.get(stored or "")
