"""Group commit: rows of the requests in flight are inserted and committed together, on one connection.

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

from asyncpg import InterfaceError, PostgresError  # type: ignore[import-untyped]  # it has no types

from hmis.errors import AuditUnavailable

log = logging.getLogger(__name__)

MOST = 128
"""Rows of one statement: three times as many as operations are under way (`gateway.hub.AT_ONCE`), so that a
longer queue does not make a commit that everybody in it waits for."""
WITHIN_S = 10.0
"""Seconds for one commit, or for a connection. All who wait stand behind it, so it may not hang."""

_FAULTS = (PostgresError, InterfaceError, OSError, TimeoutError)
"""Whatever the database, the driver or the way between them can raise."""

Connect = Callable[[], Awaitable[Any]]
"""A fresh asyncpg connection, which nobody else uses."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    row: bytes
    committed: asyncio.Future[None]


class GroupCommit:
    """Commits JSON objects by one statement, whose only parameter is the text of a JSON array of them.

    The connection is made when first needed, and anew when it was lost.
    """

    def __init__(self, connect: Connect, statement: str) -> None:
        self._connect = connect
        self._text = statement
        self._connection: Any = None
        self._statement: Any = None
        self._waiting: list[_Waiting] = []
        self._committing: asyncio.Task[None] | None = None
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
        if self._committing is None:
            self._committing = asyncio.create_task(self._commit_all())
        await mine.committed

    async def aclose(self) -> None:
        """Commit what waits and end. Rows that come later are not taken."""
        self._closed = True
        if self._committing is not None:
            await asyncio.wait([self._committing])
        await self._end()

    async def _commit_all(self) -> None:
        try:
            while self._waiting:
                group, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                try:
                    await self._commit(group)
                finally:
                    _fail(group)  # those of whom nothing was said
        finally:
            self._committing = None
            _fail(self._waiting)  # none, unless this was cut off
            self._waiting = []

    async def _commit(self, group: Sequence[_Waiting]) -> None:
        try:
            await self._execute(group)
        except _FAULTS as fault:
            # A statement that was refused has left nothing, so it may be tried again in parts. When the
            # connection is gone nobody knows, and a second try could write a row twice.
            if len(group) > 1 and self._is_open:
                for one in group:
                    await self._commit([one])
                return
            # The type only: its words may quote the row.
            log.error(
                "the audit could not be written, %d answers not given: %s", len(group), type(fault).__name__
            )
            if isinstance(fault, OSError):  # a timeout is one, too: what is under way on it is not known
                self._abandon()
            _fail(group)
        else:
            for one in group:
                if not one.committed.done():
                    one.committed.set_result(None)

    async def _execute(self, group: Sequence[_Waiting]) -> None:
        if not self._is_open:
            self._abandon()
            async with asyncio.timeout(WITHIN_S):
                self._connection = await self._connect()
                self._statement = await self._connection.prepare(self._text)
        rows = b"[%b]" % b",".join(one.row for one in group)
        await self._statement.fetch(rows.decode(), timeout=WITHIN_S)

    @property
    def _is_open(self) -> bool:
        return self._statement is not None and not self._connection.is_closed()

    def _abandon(self) -> None:
        connection, self._connection, self._statement = self._connection, None, None
        if connection is not None:
            connection.terminate()

    async def _end(self) -> None:
        if self._connection is not None:
            with suppress(*_FAULTS):
                await self._connection.close(timeout=WITHIN_S)
        self._abandon()


def unavailable() -> AuditUnavailable:
    return AuditUnavailable("The audit could not be written, so no answer was given.")


def _fail(group: Sequence[_Waiting]) -> None:
    for one in group:
        if not one.committed.done():
            one.committed.set_exception(unavailable())
