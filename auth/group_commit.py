"""Group commit: rows of the requests in flight are inserted and committed together.

A commit waits for the disk, and while it waits more requests come to the same point. Their rows gather, and
the next commit takes all of them. Each request waits for its own row and for nothing else: a row that the
database refuses fails the request that brought it, not its neighbours.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from asyncpg import PostgresError  # type: ignore[import-untyped]  # it has no types

from hmis.errors import AuditUnavailable

log = logging.getLogger(__name__)

LANES = 2
"""Connections. While the rows of one wait for the disk, the other inserts what has come meanwhile. With more
of them the groups are smaller, and each costs a statement (tests/bench/bench_audit.py)."""
MOST = 128
"""Rows of one statement: more than operations are under way at a time (`gateway.hub.AT_ONCE`), and few enough
for one commit that everybody in it waits for."""
WITHIN_S = 10.0
"""Seconds for one commit, or for a connection. All who wait stand behind it, so it may not hang."""

Connect = Callable[[], Awaitable[Any]]
"""A fresh asyncpg connection, which nobody else uses."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    row: bytes
    committed: asyncio.Future[None]


class GroupCommit:
    """Commits JSON objects by one statement, whose only parameter is the text of a JSON array of them.

    Connections are made when first needed, and anew when they were lost.
    """

    def __init__(self, connect: Connect, statement: str, lanes: int = LANES) -> None:
        self._waiting: list[_Waiting] = []
        # The lane that was used last is taken first, so one that is never needed never connects.
        self._idle = [_Lane(connect, statement) for _ in range(lanes)]
        self._under_way: set[asyncio.Task[None]] = set()
        self._closed = False

    async def commit(self, row: bytes) -> None:
        """Return when the row is committed. A caller who is cancelled leaves it behind, to be committed: what
        was done was done, whether or not somebody still waits to hear of it.

        Raises:
            AuditUnavailable: it was not committed, or nobody can tell whether it was.
        """
        if self._closed:
            raise unavailable()
        mine = _Waiting(row, asyncio.get_running_loop().create_future())
        self._waiting.append(mine)
        if self._idle:
            task = asyncio.create_task(self._commit_all(self._idle.pop()))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
        await mine.committed

    async def aclose(self) -> None:
        """Commit what waits, and end. Rows that come later are not taken."""
        self._closed = True
        while self._under_way:
            await asyncio.wait(self._under_way)
        for lane in self._idle:
            await lane.aclose()

    async def _commit_all(self, lane: _Lane) -> None:
        try:
            while self._waiting:
                group, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                try:
                    await _commit(lane, group)
                finally:
                    _fail(group)  # nobody, unless this was cut off
        finally:
            self._idle.append(lane)


async def _commit(lane: _Lane, group: Sequence[_Waiting]) -> None:
    try:
        await lane.execute([one.row for one in group])
    except Exception as fault:
        if lane.said_no(fault) and len(group) > 1:
            for one in group:
                await _commit(lane, [one])
            return
        # The type only: its words may quote the row.
        log.error("the audit was not written, and %d answers not given: %s", len(group), type(fault).__name__)
        _fail(group)
    else:
        for one in group:
            if not one.committed.done():
                one.committed.set_result(None)


class _Lane:
    """One connection with its prepared statement."""

    def __init__(self, connect: Connect, statement: str) -> None:
        self._connect = connect
        self._text = statement
        self._connection: Any = None
        self._statement: Any = None

    async def execute(self, rows: Sequence[bytes]) -> None:
        """Insert and commit the rows: all of them, or an exception."""
        if not self._is_open:
            self._abandon()
            async with asyncio.timeout(WITHIN_S):
                self._connection = await self._connect()
                self._statement = await self._connection.prepare(self._text)
        await self._statement.fetch("[" + b",".join(rows).decode() + "]", timeout=WITHIN_S)

    def said_no(self, fault: Exception) -> bool:
        """Whether PostgreSQL refused the statement alone, so that nothing of it is there and it may be tried
        again in parts. Otherwise nobody can tell, and a second try could write a row twice."""
        if isinstance(fault, PostgresError) and fault.severity_en == "ERROR" and self._is_open:
            return True
        self._abandon()
        return False

    @property
    def _is_open(self) -> bool:
        return self._statement is not None and not self._connection.is_closed()

    def _abandon(self) -> None:
        connection, self._connection, self._statement = self._connection, None, None
        if connection is not None:
            connection.terminate()

    async def aclose(self) -> None:
        if self._connection is not None:
            with suppress(Exception):  # it is given up in any case
                await self._connection.close(timeout=WITHIN_S)
        self._abandon()


def unavailable() -> AuditUnavailable:
    return AuditUnavailable("The audit could not be written, so no answer was given.")


def _fail(group: Sequence[_Waiting]) -> None:
    for one in group:
        if not one.committed.done():
            one.committed.set_exception(unavailable())
