"""Stored: published cubes in PostgreSQL, read and replaced as a whole."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from hmis.bulk import BulkConnection, bulk
from hmis.errors import InputRefused
from hmis.measures.publishing.counted import Place, Scope
from hmis.tables import published_cell, published_cube, published_record

_ONE_AT_A_TIME = 0x70756273
_AT_ONCE = 100_000


@dataclass(frozen=True, slots=True)
class Shown:
    """A cell as it is published. value None = suppressed."""

    value: int | None
    mean: float | None = None
    median: float | None = None


@dataclass(frozen=True, slots=True)
class Cube:
    """A cube as it is, or will be, published."""

    id: UUID
    measure: str
    scope: Scope
    by: tuple[str, ...]
    cells: Mapping[Place, Shown]
    records: Any = None
    """As `Counts.records`; not read back."""


@dataclass(frozen=True, slots=True)
class About:
    """What is said of every cube that is published at once."""

    titles: Mapping[str, tuple[str, str]]
    """Measure -> title and definition."""
    snapshot_at: datetime
    sources: tuple[str, ...]
    now: datetime
    operator: str


async def stored(connection: AsyncConnection, measures: Iterable[str]) -> list[Cube]:
    """What is published of some measures."""
    cube, cell = published_cube.c, published_cell.c
    rows = await connection.execute(
        select(published_cube, published_cell)
        .join_from(published_cube, published_cell, cell.cube_id == cube.id)
        .where(cube.measure.in_(list(measures)))
        .order_by(cube.id, cell.place)
    )
    found: dict[UUID, Cube] = {}
    cells: dict[UUID, dict[Place, Shown]] = {}
    for row in rows.mappings():
        known = cells.setdefault(row["id"], {})
        known[(row["figure"], *row["key"])] = Shown(row["value"], row["mean"], row["median"])
        scope = Scope(row["start_on"], row["end_on"], row["coc"], row["victim_services"])
        found.setdefault(row["id"], Cube(row["id"], row["measure"], scope, tuple(row["by"]), known))
    return list(found.values())


async def replace_with(
    connection: AsyncConnection, before: Collection[Cube], after: Iterable[Cube], about: About
) -> None:
    """Put cubes in the place of others, in the transaction of the connection.

    Raises:
        InputRefused: what is published is no longer what `before` says.
    """
    await connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _ONE_AT_A_TIME})
    after = list(after)
    now = await stored(connection, {cube.measure for cube in after})
    ids = {cube.id for cube in before}
    taken = {(cube.measure, cube.scope) for cube in now if cube.id not in ids}
    if not ids <= {cube.id for cube in now} or any(
        measure == cube.measure and scope.meets(cube.scope) for measure, scope in taken for cube in after
    ):
        raise InputRefused("Somebody else published this measure meanwhile. Look at it, and publish again.")
    await connection.execute(delete(published_cube).where(published_cube.c.id.in_(ids)))
    for cube in after:
        title, definition = about.titles[cube.measure]
        await connection.execute(
            insert(published_cube).values(
                id=cube.id,
                measure=cube.measure,
                title=title,
                definition=definition,
                period=cube.scope.period,
                start_on=cube.scope.start,
                end_on=cube.scope.end,
                coc=cube.scope.coc,
                by=list(cube.by),
                victim_services=cube.scope.victim_services,
                snapshot_at=about.snapshot_at,
                sources=list(about.sources),
                published_at=about.now,
                published_by=about.operator,
            )
        )
        await connection.execute(
            insert(published_cell),
            [
                {
                    "cube_id": cube.id,
                    "place": number,
                    "figure": place[0],
                    "key": list(place[1:]),
                    "value": shown.value,
                    "mean": shown.mean,
                    "median": shown.median,
                }
                for number, (place, shown) in enumerate(cube.cells.items())
            ],
        )
        if cube.records is not None:
            await _list(await bulk(connection), cube)


async def _list(raw: BulkConnection, cube: Cube) -> None:
    """The stays behind the figures of a cube, for those who entered them."""
    import pyarrow as pa
    from pyarrow import csv

    for batch in cube.records.to_batches(max_chunksize=_AT_ONCE):
        piece = pa.table(batch.columns, names=batch.schema.names)
        piece = piece.append_column("cube_id", pa.repeat(str(cube.id), len(piece)))
        written = BytesIO()
        csv.write_csv(piece, written, csv.WriteOptions(include_header=False))
        written.seek(0)
        await raw.copy_to_table(
            published_record.name, source=written, columns=piece.column_names, format="csv"
        )


def new(
    measure: str, scope: Scope, by: tuple[str, ...], cells: Mapping[Place, Shown], records: Any = None
) -> Cube:
    """A cube that is about to be published."""
    return Cube(uuid4(), measure, scope, by, cells, records)
