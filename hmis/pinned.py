"""Pinned connections: a statement of known text, run by the driver itself where it stays prepared.

A pool resets a connection whenever it is given back, and SQLAlchemy reads a statement anew and wraps its
rows. For one that is asked all day that costs more than PostgreSQL's answer. Here a connection is given back
as it is, and next taken by whoever reads in the same name.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import astuple
from typing import Any

import asyncpg  # type: ignore[import-untyped]  # it has no types

from hmis.context import NOBODY, TELL, Context

LOST = (OSError, asyncpg.InterfaceError, asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError)
"""What the driver raises where there is no server, or no longer."""


class _Session:
    """One connection, and in whose name it reads."""

    __slots__ = ("connection", "context")

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.context: Context | None = None


class Pinned:
    """So many connections at the most; who finds none waits for one."""

    def __init__(self, connect: Callable[[], Awaitable[Any]], most: int) -> None:
        self._connect = connect
        self._idle: list[_Session] = []
        self._free = asyncio.Semaphore(most)
        self._most, self._used = most, 0

    async def rows(self, context: Context | None, text: str, values: Sequence[Any]) -> list[Any]:
        """The rows of one reading statement, read for `context`.

        Raises:
            asyncpg.PostgresError, OSError: as the driver says. A connection that was lost while nobody used
                it is replaced once, unseen.
        """
        async with self._free:
            self._used += 1
            try:
                session, is_new = await self._taken(context)
                try:
                    found = await self._run(session, context, text, values)
                except (*LOST, asyncpg.InternalClientError):
                    # The driver calls it an error of its own when the server hangs up just as it asks.
                    if is_new:
                        raise
                    self.terminate()  # the server went away: the others are as lost
                    session, _ = await self._taken(context)
                    found = await self._run(session, context, text, values)
                self._idle.append(session)
                return found
            finally:
                self._used -= 1

    async def _taken(self, context: Context | None) -> tuple[_Session, bool]:
        """A connection, and whether it was opened for this. Told the same before, if there is one."""
        for at in range(len(self._idle) - 1, -1, -1):
            if self._idle[at].context == context:
                return self._idle.pop(at), False
        # To be told something else is a round trip of its own, so while there is room another one is opened.
        if len(self._idle) + self._used > self._most:
            return self._idle.pop(0), False
        return _Session(await self._connect()), True

    @staticmethod
    async def _run(session: _Session, context: Context | None, text: str, values: Sequence[Any]) -> list[Any]:
        try:
            if session.context != context:
                await session.connection.fetchrow(TELL, *(NOBODY if context is None else astuple(context)))
                session.context = context
            found: list[Any] = await session.connection.fetch(text, *values)
        except BaseException:
            # Whatever it was: nobody knows what the session was told, or what it still has to say.
            session.connection.terminate()
            raise
        return found

    def terminate(self) -> None:
        """Close what is idle, at once."""
        idle, self._idle = self._idle, []
        for session in idle:
            session.connection.terminate()
