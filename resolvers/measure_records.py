"""Whom a published figure counts, for the agency that entered the stays: its own, and nobody else's.

That somebody else's stay is counted would tell of it. And a stay is listed only by figures for which what
others entered plays no part (`Measure.listed`), so an own stay's place in the list tells of nothing but
itself. To those who may see of their clients what figures are made of: stays and services.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, RowMapping, Select, Text, and_, bindparam, select
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from auth.categories import Category
from auth.consent import Grant
from auth.parameters import VIEWER
from auth.speaking import of_link
from auth.viewer import Scope
from auth.visibility import label_of, own_stay
from hmis.tables import HMIS, client_link, project_label, published_record
from resolvers import clients, measures, pages
from resolvers.fixed import fixed
from resolvers.request import Request
from resolvers.rows import EMPTY_PAGE, ClientRow, Edge, Page, PlainRow

MADE_OF = Category.ENROLLMENT | Category.SERVICES
"""What figures are made of: whoever is told that a stay is in one learns as much."""

_ENROLLMENT = HMIS["Enrollment"]


@dataclass(frozen=True, slots=True)
class MeasureRecordRow:
    """A stay of the viewer's own agency that a figure counts."""

    values: RowMapping
    client: ClientRow

    @property
    def person(self) -> UUID:
        return self.client.person

    @property
    def allowed(self) -> Category:
        return self.client.allowed

    def own_in(self, category: Category) -> bool:
        return True

    def opened_by(self, category: Category) -> tuple[Grant, ...]:
        return ()

    def fact(self, category: Category, attr: str) -> Any:
        return self.values[attr]


async def records(
    request: Request, root: PlainRow, figure: str, first: int, after: str | None
) -> Page[MeasureRecordRow]:
    """One page of the own stays behind a figure of a cube, by EnrollmentID."""
    request.trail.about_people = True
    size, start = pages.page_size(first), pages.after_text(after)
    viewer = request.viewer
    if viewer is None or not measures.may_ask(request) or Scope.CLIENTS_READ not in viewer.scopes:
        return EMPTY_PAGE
    asked = {"cube": root.id, "figure": figure, "after": start, "rows": size + 1}
    rows = await request.fetch(_own(), asked)
    loading = [request.load(clients.by_id, row["person_id"]) for row in rows[:size]]
    found = [
        Edge(MeasureRecordRow(row, client), pages.encode_text(row["enrollment_id"]))
        for row, client in zip(rows, [await one for one in loading], strict=False)
        if client is not None and client.is_own and client.allowed & MADE_OF == MADE_OF
    ]
    return Page(tuple(found), has_next=len(rows) > size and bool(found), has_previous=after is not None)


@cache
def _own() -> Select[Any]:
    listed = published_record.c
    stay = and_(
        _ENROLLMENT.c.source_id == listed.source_id, _ENROLLMENT.c.enrollment_id == listed.enrollment_id
    )
    joined = (
        published_record.join(_ENROLLMENT, stay)
        .join(project_label, label_of(_ENROLLMENT))
        .join(client_link, and_(of_link(client_link, _ENROLLMENT), client_link.c.undone_at.is_(None)))
    )
    return fixed(
        select(
            _ENROLLMENT.c.id, _ENROLLMENT.c.enrollment_id, _ENROLLMENT.c.entry_date, client_link.c.person_id
        )
        .select_from(joined)
        .where(
            listed.cube_id == bindparam("cube", type_=PgUUID()),
            listed.figure == bindparam("figure", type_=Text()),
            listed.source_id == VIEWER.source,
            listed.organization_id == VIEWER.organization,
            listed.enrollment_id > bindparam("after", type_=Text()),
            _ENROLLMENT.c.removed_at.is_(None),
            own_stay(VIEWER),
        )
        .order_by(listed.enrollment_id)
        .limit(bindparam("rows", type_=Integer()))
    )
