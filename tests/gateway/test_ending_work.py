"""A worker that is called off ends, whenever it is called off, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool, PoolTimeout
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.memory import MemorySource
from gateway.work import Work
from hmis.tables import sync_state
from tests.gateway.workers import worker

WITHIN_S = 60


async def test_a_worker_that_ends_badly_when_cancelled_has_ended(
    database: AsyncEngine, database_url: str
) -> None:
    begun = asyncio.Event()

    class Stubborn(Work):
        async def run(self, synced: asyncio.Event, *, once: bool = False) -> None:
            begun.set()
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                raise ConnectionError from None

    stubborn = worker(database, database_url)
    stubborn.__class__ = Stubborn
    working = asyncio.create_task(stubborn.keep(asyncio.Event()))
    await begun.wait()
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working


def _deaf(working: list[asyncio.Task[None]]) -> Callable[[], Awaitable[None]]:
    """Something to wait for that is called off and returns all the same, as Python 3.11's `wait_for` may."""

    async def lost() -> None:
        working[0].cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()

    return lost


async def _ends(work: Work, working: list[asyncio.Task[None]]) -> None:
    working.append(asyncio.create_task(work.keep(asyncio.Event())))
    async with asyncio.timeout(WITHIN_S):
        with pytest.raises(asyncio.CancelledError):
            await working[0]


async def test_called_off_as_its_connections_opened_it_goes_no_further_and_leaves_none(
    database: AsyncEngine, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    working: list[asyncio.Task[None]] = []
    wait, lost = AsyncConnectionPool.wait, _deaf(working)

    async def full(pool: Any, **how: Any) -> None:
        await wait(pool, **how)
        await lost()

    monkeypatch.setattr(AsyncConnectionPool, "wait", full)
    source = MemorySource({})
    before = asyncio.all_tasks()
    await _ends(worker(database, database_url, source), working)
    assert asyncio.all_tasks() == before
    assert not source.reached.is_set()


async def test_who_did_not_hear_that_it_was_called_off_is_told_again(
    database: AsyncEngine, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.work._ENDS_WITHIN_S", 0.01)
    monkeypatch.setattr("gateway.work._go_on", lambda: None)
    working: list[asyncio.Task[None]] = []
    await _ends(worker(database, database_url, ready=_deaf(working)), working)


async def test_who_hears_nothing_at_all_is_left_behind_with_a_line_in_the_log(
    database: AsyncEngine,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("gateway.work._ENDS_WITHIN_S", 0.01)
    working: list[asyncio.Task[None]] = []
    end = asyncio.Event()

    async def hears_nothing() -> None:
        working[0].cancel()
        while not end.is_set():
            with contextlib.suppress(asyncio.CancelledError):
                await end.wait()

    before = asyncio.all_tasks()
    await _ends(worker(database, database_url, ready=hears_nothing), working)
    assert "the worker does not end; it is left behind" in caplog.messages
    (left,) = asyncio.all_tasks() - before
    end.set()
    left.cancel()
    await asyncio.wait([left])


async def test_connections_that_did_not_open_in_time_are_opened_anew(
    database: AsyncEngine, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait, refused = AsyncConnectionPool.wait, False

    async def never_full(pool: Any, **how: Any) -> None:
        nonlocal refused
        if not refused:
            refused = True
            await pool.close()  # as it does when the database has no room for it
            raise PoolTimeout
        await wait(pool, **how)

    monkeypatch.setattr(AsyncConnectionPool, "wait", never_full)
    work = worker(database, database_url, MemorySource({}))
    with pytest.raises(psycopg.Error):
        await work.run(asyncio.Event(), once=True)
    await work.run(asyncio.Event(), once=True)
    async with database.connect() as connection:
        assert await connection.scalar(select(func.count()).select_from(sync_state)) == 1
