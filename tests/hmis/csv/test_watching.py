"""An import is seen while it runs, and remembered where it came to nothing."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from hmis.csv import watching
from hmis.csv.watching import KEPT, import_watched
from hmis.csv.writing import write_archive
from hmis.errors import ArchiveRefused
from hmis.tables import import_attempt, import_run
from tests.worlds import NOW

EXPORT = {"ExportID": "e1", "CSVVersion": "2026", "HashStatus": 1, "ExportDate": datetime(2026, 6, 30, 10)}


def archive(folder: Path, *exports: dict[str, Any]) -> Path:
    path = folder / "export.zip"
    write_archive(path, {"Export": exports, "Client": [{"PersonalID": "p1", "FirstName": "Quillon"}]})
    return path


async def attempts(database: AsyncEngine) -> list[Any]:
    async with database.connect() as connection:
        return list((await connection.execute(select(import_attempt))).all())


async def test_one_that_came_to_something_leaves_only_its_run(database: AsyncEngine, tmp_path: Path) -> None:
    report = await import_watched(database, archive(tmp_path, EXPORT), "demo", now=NOW)
    assert await attempts(database) == []
    async with database.connect() as connection:
        assert await connection.scalar(select(import_run.c.id)) == report.import_id


async def test_why_one_was_refused_stays_to_be_read_without_a_value(
    database: AsyncEngine, tmp_path: Path
) -> None:
    with pytest.raises(ArchiveRefused):
        await import_watched(database, archive(tmp_path), "demo", now=NOW)
    (attempt,) = await attempts(database)
    assert (attempt.state, attempt.source_name, attempt.started_at) == ("REFUSED", "demo", NOW)
    assert [one["rule"] for one in attempt.findings] == ["export-missing"]
    assert attempt.ended_at is not None
    assert "Quillon" not in str(attempt)


async def test_it_says_how_far_it_is_while_it_waits_for_another(
    database: AsyncEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "_EVERY_S", 0.01)
    heard: list[str] = []
    async with database.begin() as other:
        await other.execute(text("select pg_advisory_xact_lock(hashtextextended('linking', 0))"))
        running = asyncio.create_task(
            import_watched(
                database,
                archive(tmp_path, EXPORT),
                "demo",
                now=NOW,
                progress=lambda stage, _done, _total: heard.append(stage),
            )
        )
        async with asyncio.timeout(30):
            while not (found := await attempts(database)) or found[0].stage != "people":
                continue
        (attempt,) = found
        assert attempt.state == "RUNNING"
        assert attempt.bytes_done == attempt.bytes_total > 0
    await running
    assert heard[-2:] == ["people", "done"]
    assert await attempts(database) == []


async def test_one_that_is_stopped_or_fails_says_so(database: AsyncEngine, tmp_path: Path) -> None:
    async with database.begin() as other:
        await other.execute(text("select pg_advisory_xact_lock(hashtextextended('linking', 0))"))
        running = asyncio.create_task(import_watched(database, archive(tmp_path, EXPORT), "demo", now=NOW))
        async with asyncio.timeout(30):
            while not await attempts(database):
                continue
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    (attempt,) = await attempts(database)
    assert (attempt.state, attempt.findings) == ("FAILED", [])


async def test_nobody_to_tell_is_no_reason_to_fail(database: AsyncEngine, tmp_path: Path) -> None:
    async with database.begin() as connection:
        await connection.execute(text("alter table import_attempt rename to away"))
    try:
        report = await import_watched(database, archive(tmp_path, EXPORT), "demo", now=NOW)
    finally:
        async with database.begin() as connection:
            await connection.execute(text("alter table away rename to import_attempt"))
    assert report.totals.added == 2


async def test_what_came_to_nothing_long_ago_is_forgotten(database: AsyncEngine, tmp_path: Path) -> None:
    old = {"source_name": "old", "started_at": text("now() - interval '1 year'"), "seen_at": text("now()")}
    async with database.begin() as connection:
        for _ in range(KEPT):
            await connection.execute(insert(import_attempt).values(**old))
    with pytest.raises(ArchiveRefused):
        await import_watched(database, archive(tmp_path), "demo", now=NOW)
    kept = await attempts(database)
    assert len(kept) == KEPT
    assert [one.source_name for one in kept].count("demo") == 1
