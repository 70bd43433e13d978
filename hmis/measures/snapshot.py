# ruff: noqa: S608  # the only text put into this SQL is written below and in hmis.measures.columns
"""Snapshot: what measures count, as Parquet files taken from PostgreSQL at one moment.

A folder under HUB_HOME with one file a table and `snapshot.json`. All tables are of one moment (one
repeatable read). The newest two are kept: whoever counts on the one before can finish.
"""

from __future__ import annotations

import errno
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hmis.bulk import BULK_SETTINGS, bulk
from hmis.errors import InputRefused
from hmis.measures.columns import TABLES, columns
from hmis.measures.numbering import TABLES as NUMBERED
from hmis.measures.numbering import number_rows
from hmis.scratch import scratch

_FOLDER = "snapshots"
_ABOUT = "snapshot.json"
_KEPT = 2
_MEMORY = "2GB"
"""Most that DuckDB takes for it before it writes to the disk."""
_FORMAT = 2
"""Counts up when what a snapshot holds changes, so that an older one is not taken for current."""

Tell = Callable[[str], None]
"""Is told what is being done, for somebody who waits."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One snapshot. It holds no names, no SSNs and no free text."""

    folder: Path
    taken_at: datetime
    sources: Mapping[str, int]
    """Name of the source -> its number in `source_id`."""
    rows: Mapping[str, int]
    """Table -> its rows."""
    state: str
    """What the database stood at: equal states give equal snapshots."""

    def file(self, table: str) -> Path:
        return self.folder / f"{table}.parquet"


async def taken(engine: AsyncEngine, home: Path, now: datetime, tell: Tell = lambda _: None) -> Snapshot:
    """The newest snapshot, where the database still stands as it stood then; else a new one.

    Raises:
        InputRefused: HUB_HOME cannot be written to, or has no room.
    """
    async with engine.connect() as connection:
        connection = await connection.execution_options(isolation_level="REPEATABLE READ")
        async with connection.begin():
            state = await _state(connection)
            found = newest(home)
            if found is not None and found.state == state:
                return found
            sources = {row.name: row.id for row in await connection.execute(_SOURCES)}
            with _room(home):
                return await _take(connection, home / _FOLDER, now, sources, state, tell)


@contextmanager
def _room(home: Path) -> Iterator[None]:
    """What DuckDB and the system say of a full disk, as one error."""
    import duckdb

    try:
        yield
    except (OSError, duckdb.IOException, duckdb.OutOfMemoryException) as fault:
        reason = fault.strerror if isinstance(fault, OSError) else "writing failed"
        raise InputRefused(f"No snapshot could be written below {home} ({reason}); is there room?") from fault


_SOURCES = text("select id, name from source where kind = 'HMIS' order by id")
# Rows change by imports and links alone; both leave a row of their own.
_STATE = text(
    """select (select coalesce(max(id), 0) from import_run) as imported,
              (select coalesce(max(id), 0) from client_link) as linked,
              (select count(*) from client_link where undone_at is not null) as undone"""
)


async def _state(connection: AsyncConnection) -> str:
    row = (await connection.execute(_STATE)).one()
    return f"{_FORMAT}.{row.imported}.{row.linked}.{row.undone}"


def newest(home: Path) -> Snapshot | None:
    """The snapshot taken last, if there is one."""
    whole = sorted((home / _FOLDER).glob(f"*/{_ABOUT}"))
    return _read(whole[-1]) if whole else None


def _read(about: Path) -> Snapshot:
    said: dict[str, Any] = json.loads(about.read_text(encoding="utf-8"))
    taken_at = datetime.fromisoformat(said.pop("taken_at"))
    return Snapshot(folder=about.parent, taken_at=taken_at, **said)


async def _take(
    connection: AsyncConnection,
    folder: Path,
    now: datetime,
    sources: Mapping[str, int],
    state: str,
    tell: Tell,
) -> Snapshot:
    # Under another name until it is whole: of a process that is killed nothing is left that looks like one.
    with scratch(folder, ".taking-") as making:
        rows = await _write(connection, making, tell)
        about = {"taken_at": now.isoformat(), "sources": dict(sources), "rows": rows, "state": state}
        (making / _ABOUT).write_text(json.dumps(about, indent=2), encoding="utf-8")
        whole = _named(making, folder, now)
    _let_go(folder)
    return _read(whole / _ABOUT)


def _named(making: Path, folder: Path, now: datetime) -> Path:
    """Give a whole snapshot its name, which sorts behind all others even where the clock was set back."""
    name = f"{now:%Y%m%dT%H%M%S%f}"
    while True:
        others = sorted(about.parent.name for about in folder.glob(f"*/{_ABOUT}"))
        if others and others[-1] >= name:
            name = f"{others[-1]}+"
        try:
            return making.rename(folder / name)
        except OSError as fault:
            if fault.errno not in (errno.ENOTEMPTY, errno.EEXIST):  # another process was quicker
                raise


def _let_go(folder: Path) -> None:
    for before in sorted(folder.glob(f"*/{_ABOUT}"))[:-_KEPT]:
        shutil.rmtree(before.parent, ignore_errors=True)


async def _write(connection: AsyncConnection, folder: Path, tell: Tell) -> dict[str, int]:
    import duckdb

    raw: Any = await bulk(connection)
    await raw.execute(BULK_SETTINGS)
    with duckdb.connect() as database:
        database.execute(f"set preserve_insertion_order = false; set memory_limit = '{_MEMORY}'")
        database.execute(f"set temp_directory = '{folder / 'spill'}'")
        for file, table in TABLES.items():
            tell(f"Reading {file}")
            await _copy(raw, database, folder, file, table)
        tell("Numbering rows")
        rows = number_rows(database, folder)
    for file in TABLES:
        (folder / f"{file}.raw").unlink()
    shutil.rmtree(folder / "spill", ignore_errors=True)
    assert set(rows) == set(NUMBERED)
    return rows


async def _copy(raw: Any, database: Any, folder: Path, file: str, table: str) -> None:
    """One table, read by COPY and kept as Parquet. Never more of it in memory than a piece."""
    kept = columns(file)
    reads = ", ".join(f"{sql} as {name}" for name, (sql, _) in kept.items())
    written = folder / f"{file}.csv"
    await raw.copy_from_query(
        f"select {reads} from {table} t where t.removed_at is null", output=written, format="csv"
    )
    types = ", ".join(f"'{name}': '{kind}'" for name, (_, kind) in kept.items())
    database.execute(
        f"""copy (select * from read_csv('{written}', header = false, auto_detect = false, delim = ',',
                                         quote = '"', escape = '"', nullstr = '', columns = {{{types}}}))
            to '{folder / file}.raw' (format parquet, compression zstd)"""
    )
    written.unlink()
