"""Projects, organizations and what HUD asks of them: nobody's life, so shown to every viewer.

Two things are kept back all the same: a victim service provider and its projects exist for that provider
alone, and where a project tells by itself of violence or HIV, its address is nobody else's business
(VAWA 34 USC 12291(b)(2); 24 CFR 574.440).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    RowMapping,
    Select,
    Text,
    and_,
    false,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.types import TypeEngine

from auth.parameters import VIEWER
from auth.visibility import label_of, own_stay
from hmis.spec import FILES
from hmis.tables import HMIS, project_label, source
from resolvers import pages
from resolvers.ahead import NOT_READ
from resolvers.asked import asked, keys
from resolvers.fixed import fixed
from resolvers.request import Batch, Request
from resolvers.rows import EMPTY_PAGE, Edge, Page, PlainRow, Record

_PROJECT = HMIS["Project"]
_ORGANIZATION = HMIS["Organization"]
_PARTICIPATION = HMIS["ProjectCoC"]
_AFFILIATION = HMIS["Affiliation"]
_COLUMNS = {column.key: f"organization__{column.key}" for column in _ORGANIZATION.c}
"""What the columns of an organization are called beside those of its projects."""
_Key = tuple[int, str]
_KEY: dict[str, TypeEngine[Any]] = {"source_id": Integer(), "key": Text()}


@cache
def _select() -> Select[Any]:
    """Projects the viewer may know of, with the columns of their organization beside them."""
    own = func.coalesce(own_stay(VIEWER), false())
    return (
        select(
            _PROJECT,
            _PROJECT.c.project_id.label("key"),
            source.c.name.label("source_name"),
            own.label("own"),
            or_(own, project_label.c.labels == 0).label("address_open"),
            *(_ORGANIZATION.c[column].label(beside) for column, beside in _COLUMNS.items()),
        )
        .join_from(
            _PROJECT,
            _ORGANIZATION,
            and_(
                _ORGANIZATION.c.source_id == _PROJECT.c.source_id,
                _ORGANIZATION.c.organization_id == _PROJECT.c.organization_id,
            ),
        )
        .join(source, source.c.id == _PROJECT.c.source_id)
        .join(project_label, label_of(_PROJECT))
        .where(_PROJECT.c.removed_at.is_(None), or_(own, project_label.c.shareable))
    )


class OfStay:
    """The resolver for the project a stay is at."""

    async def __call__(self, request: Request, root: Record) -> PlainRow | None:
        there: PlainRow | None = self.at_once(request, root)
        if there is not NOT_READ:
            return there
        return await request.load(_by_key, (root.values["source_id"], root.values["project_id"]))

    def at_once(self, request: Request, root: Record) -> Any:
        """The same without waiting; NOT_READ where it was not read ahead."""
        read = request.ahead.projects if request.ahead is not None else None
        # One that is not in it may be of a stay that was not read ahead.
        key = root.values["source_id"], root.values["project_id"]
        return NOT_READ if read is None else read.get(key, NOT_READ)


of_stay = OfStay()


async def _by_key(request: Request, wanted: list[_Key]) -> list[PlainRow | None]:
    rows = await request.fetch(_named(), keys(_KEY, wanted))
    found = {(row["source_id"], row["key"]): PlainRow(row) for row in rows}
    return [found.get(key) for key in wanted]


@cache
def _named() -> Select[Any]:
    return fixed(of_keys(asked(_KEY)))


def of_keys(named: FromClause) -> Select[Any]:
    """The projects that a table with the columns source_id and key names."""
    return _select().join(
        named, and_(named.c.source_id == _PROJECT.c.source_id, named.c.key == _PROJECT.c.project_id)
    )


def organization_of_project(root: PlainRow) -> PlainRow:
    """The organization that runs a project; read together with it."""
    project = root.values
    values = {column: project[beside] for column, beside in _COLUMNS.items()}
    return PlainRow({**values, "key": values["organization_id"], "source_name": project["source_name"]})


async def projects(
    request: Request,
    first: int,
    after: str | None,
    *,
    coc: str | None = None,
    project_type: int | None = None,
    source_name: str | None = None,
) -> Page[PlainRow]:
    """Projects this viewer may know of, ordered by hub id."""
    size, start = pages.page_size(first), pages.after_id(after)
    if request.viewer is None:
        return EMPTY_PAGE
    statement = _select().order_by(_PROJECT.c.id).limit(size + 1)
    if start is not None:
        statement = statement.where(_PROJECT.c.id > start)
    if project_type is not None:
        statement = statement.where(_PROJECT.c.project_type == project_type)
    if source_name is not None:
        statement = statement.where(source.c.name == source_name)
    if coc is not None:
        statement = statement.where(
            select(literal(1))
            .where(
                _PARTICIPATION.c.source_id == _PROJECT.c.source_id,
                _PARTICIPATION.c.project_id == _PROJECT.c.project_id,
                _PARTICIPATION.c.coc_code == coc,
                _PARTICIPATION.c.removed_at.is_(None),
            )
            .correlate(_PROJECT)
            .exists()
        )
    found = await request.fetch(statement)
    shown = found[:size]
    return Page(
        edges=tuple(Edge(PlainRow(row), pages.encode(row["id"])) for row in shown),
        has_next=len(found) > size,
        has_previous=after is not None,
    )


async def project(request: Request, identifier: str) -> PlainRow | None:
    """One project by hub id; None for an unknown one or one this viewer may not know of."""
    try:
        wanted = UUID(identifier)
    except ValueError:
        return None
    rows = await request.fetch(_select().where(_PROJECT.c.id == wanted))
    return PlainRow(rows[0]) if rows else None


def _known(file: str) -> ColumnElement[bool]:
    """Affiliations to a project that the viewer may not know of are neither shown nor counted."""
    if file != "Affiliation":
        return literal(True)
    known = _select().with_only_columns(_PROJECT.c.source_id, _PROJECT.c.project_id).subquery()
    named = and_(
        known.c.source_id == _AFFILIATION.c.source_id, known.c.project_id == _AFFILIATION.c.res_project_id
    )
    return select(literal(1)).where(named).correlate(_AFFILIATION).exists()


@cache
def _batch(file: str) -> Batch[_Key, list[RowMapping]]:
    table = HMIS[file]

    named = asked(_KEY)
    statement = (
        select(table, table.c[FILES[file].key.attr].label("key"))
        .select_from(named)
        .join(table, and_(table.c.source_id == named.c.source_id, table.c.project_id == named.c.key))
        .where(table.c.removed_at.is_(None), _known(file))
        .order_by(table.c[FILES[file].key.attr])
    )

    async def rows_of_projects(request: Request, wanted: list[_Key]) -> list[list[RowMapping]]:
        found: dict[_Key, list[RowMapping]] = defaultdict(list)
        for row in await request.fetch(statement, keys(_KEY, wanted)):
            found[row["source_id"], row["project_id"]].append(row)
        return [found[key] for key in wanted]

    return rows_of_projects


def each(file: str) -> Callable[[Request, PlainRow], Awaitable[list[PlainRow]]]:
    """The resolver for a list of one kind of record about a project."""

    async def rows(request: Request, root: PlainRow) -> list[PlainRow]:
        found = await request.load(_batch(file), root.key)
        return [PlainRow({**row, "address_open": root.values["address_open"]}) for row in found]

    return rows


async def residential_project(request: Request, root: PlainRow) -> PlainRow | None:
    """The residential project that an affiliation names, if the viewer may know of it."""
    return await request.load(_by_key, (root.values["source_id"], root.values["res_project_id"]))


def address_of(root: PlainRow, attr: str) -> Any:
    """A part of a project's address; None where the address itself would tell."""
    return root.values[attr] if root.values["address_open"] else None
