"""Turns: how many operations are under way at one time, not counting those that wait for a partner.

Whoever waits for a partner needs neither connection nor processor, and a slow one would otherwise fill every
place with people waiting, until those who ask nothing of it wait as long.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager


class Turns:
    """So many places, first come, first served."""

    def __init__(self, places: int) -> None:
        self._free = places
        self._waiting: deque[asyncio.Future[None]] = deque()

    @asynccontextmanager
    async def taken(self) -> AsyncIterator[Turn]:
        """A place for one operation, for as long as the block lasts."""
        await self._take()
        try:
            yield Turn(self)
        finally:
            self._give()

    async def _take(self) -> None:
        if self._free > 0 and not self._waiting:
            self._free -= 1
            return
        mine = asyncio.get_running_loop().create_future()
        self._waiting.append(mine)
        try:
            await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled():
                self._give()  # it was handed over in the very moment of giving up
            else:
                with contextlib.suppress(ValueError):
                    self._waiting.remove(mine)
            raise

    def _give(self) -> None:
        self._free += 1
        while self._free > 0 and self._waiting:
            next_one = self._waiting.popleft()
            if not next_one.done():
                self._free -= 1
                next_one.set_result(None)

    def _return(self) -> None:
        # Nobody waits for the place they had: an answer that is nearly done goes first, and new ones wait
        # until it is made good.
        self._free -= 1


class Turn:
    """One operation's place."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self._away = 0

    @contextmanager
    def away(self) -> Iterator[None]:
        """Leave the place to others meanwhile. Siblings may be away at the same time: it is one place."""
        self._away += 1
        if self._away == 1:
            self._turns._give()
        try:
            yield
        finally:
            self._away -= 1
            if self._away == 0:
                self._turns._return()
