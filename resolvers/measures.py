"""Published measures: counts of a community that tell of nobody, the same for everybody who may ask for them.

Only what was published is there, small numbers hidden before it was written (`hmis/measures/publishing`); no
question counts anything, and no answer depends on whose clients the viewer sees.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Boolean, RowMapping, Select, Text, and_, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import UUID as PgUUID
from sqlalchemy.types import TypeEngine

from auth.viewer import Scope
from hmis.measures.publishing.periods import fixed_period
from hmis.tables import published_cell, published_cube
from resolvers.asked import asked, keys
from resolvers.fixed import fixed
from resolvers.request import Request
from resolvers.rows import PlainRow

_KEY: dict[str, TypeEngine[Any]] = {"cube_id": PgUUID(as_uuid=True)}
_NAMED: dict[str, TypeEngine[Any]] = {
    **{name: Text() for name in ("measure", "period", "coc", "by")},
    "victim_services": Boolean(),
}
_EARLIER = 12
"""How many periods before another are told."""
_SEVERAL = ","
"""Between the dimensions of one cube: PostgreSQL unnests arrays of arrays to their last element."""


class _Named(NamedTuple):
    """What makes a cube the one that is meant."""

    measure: str
    period: str
    coc: str
    by: str
    victim_services: bool


def may_ask(request: Request) -> bool:
    """Whether the viewer's role and token are for measures."""
    return request.viewer is not None and Scope.MEASURES_READ in request.viewer.scopes


async def measures(request: Request) -> list[PlainRow]:
    """Every measure of which something is published, by name."""
    if not may_ask(request):
        return []
    return [PlainRow({**row, "scopes": _scopes(row["cubes"])}) for row in await request.fetch(_measures())]


def _scopes(cubes: list[tuple[list[str], str, bool, list[str]]]) -> list[dict[str, Any]]:
    """A measure's cubes, put together where they were published together."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for period, coc, victim_services, by in cubes:
        new = {"period": period, "coc": coc, "victim_services": victim_services, "by": []}
        found.setdefault((*period, coc, victim_services), new)["by"] += by
    return [{**scope, "by": sorted(scope["by"])} for scope in found.values()]


@cache
def _measures() -> Select[Any]:
    cube = published_cube.c

    def each(value: Any) -> Any:
        return func.jsonb_agg(value.distinct(), type_=JSONB)

    period = func.jsonb_build_array(cube.start_on, cube.end_on, cube.period)
    return fixed(
        select(
            cube.measure,
            func.max(cube.title).label("title"),
            func.max(cube.definition).label("definition"),
            each(func.to_jsonb(cube.by)).label("by"),
            each(period).label("periods"),
            each(cube.coc).label("cocs"),
            func.bool_or(cube.victim_services).label("victim_services"),
            func.jsonb_agg(
                func.jsonb_build_array(period, cube.coc, cube.victim_services, cube.by), type_=JSONB
            ).label("cubes"),
        )
        .group_by(cube.measure)
        .order_by(cube.measure)
    )


async def measure(
    request: Request,
    name: str,
    start: date,
    end: date,
    coc: str | None,
    by: Sequence[str],
    victim_services: bool,
) -> PlainRow | None:
    """One cube; None where it is not published, or the viewer may not ask."""
    period = fixed_period(start, end)
    if period is None or not may_ask(request):
        return None
    return await request.load(_cubes, _Named(name, period, coc or "", _SEVERAL.join(by), victim_services))


async def _cubes(request: Request, wanted: list[_Named]) -> list[PlainRow | None]:
    rows = await request.fetch(_of_names(), keys(_NAMED, wanted))
    found = {_Named(*(row[f"asked_{name}"] for name in _NAMED)): PlainRow(row) for row in rows}
    return [found.get(one) for one in wanted]


@cache
def _of_names() -> Select[Any]:
    cube, named = published_cube.c, asked(_NAMED)
    same = and_(
        cube.measure == named.c.measure,
        cube.period == named.c.period,
        cube.coc == named.c.coc,
        cube.by == func.string_to_array(named.c.by, _SEVERAL),
        cube.victim_services == named.c.victim_services,
    )
    told = (named.c[name].label(f"asked_{name}") for name in _NAMED)
    return fixed(select(published_cube, *told).select_from(published_cube.join(named, same)))


async def cells(request: Request, root: PlainRow, figures: Sequence[str] | None) -> list[PlainRow]:
    """The counts of a cube, in its order; figures: how those begin that are wanted, None = all."""
    found: list[RowMapping] = await request.load(_cells_of_cubes, root.id)
    wanted = ("",) if figures is None else tuple(figures)
    by = root.values["by"]
    return [PlainRow({**row, "by": by}) for row in found if row["figure"].startswith(wanted)]


async def _cells_of_cubes(request: Request, wanted: list[UUID]) -> list[list[RowMapping]]:
    found: dict[UUID, list[RowMapping]] = defaultdict(list)
    for row in await request.fetch(_cells(), keys(_KEY, [(one,) for one in wanted])):
        found[row["cube_id"]].append(row)
    return [found[one] for one in wanted]


@cache
def _cells() -> Select[Any]:
    cubes = asked(_KEY)
    cell = published_cell.c
    joined = published_cell.join(cubes, cubes.c.cube_id == cell.cube_id)
    return fixed(select(published_cell).select_from(joined).order_by(cell.cube_id, cell.place))


async def earlier(request: Request, root: PlainRow) -> list[PlainRow]:
    """The same counts of periods before that are as long."""
    found: list[PlainRow] = await request.load(_earlier_cubes, root.id)
    return found


async def _earlier_cubes(request: Request, wanted: list[UUID]) -> list[list[PlainRow]]:
    found: dict[UUID, list[PlainRow]] = defaultdict(list)
    for row in await request.fetch(_before(), keys(_KEY, [(one,) for one in wanted])):
        if len(found[row["asked_id"]]) < _EARLIER:
            found[row["asked_id"]].append(PlainRow(row))
    return [found[one] for one in wanted]


@cache
def _before() -> Select[Any]:
    cubes = asked(_KEY)
    later, cube = published_cube.alias("later").c, published_cube.c
    same = (cube[name] == later[name] for name in ("measure", "coc", "by", "victim_services"))
    # A month, a year and a fiscal year have names of different lengths.
    as_long = func.length(cube.period) == func.length(later.period)
    joined = cubes.join(later.id.table, later.id == cubes.c.cube_id).join(
        published_cube, and_(*same, as_long, cube.end_on < later.end_on)
    )
    told = select(published_cube, later.id.label("asked_id")).select_from(joined)
    return fixed(told.order_by(later.id, cube.end_on.desc()))
