"""What an issuer publishes, kept for a while: fetched once for all who wait, and not again too soon."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from auth.discovery import DiscoveryFailed

FRESH_FOR = 600.0
"""Seconds after which it is fetched again, so that a withdrawn key is forgotten."""
SERVED_FOR = 3600.0
"""Seconds for which it is still believed while the issuer does not answer."""
PAUSE = 30.0
"""Seconds between two attempts, whatever callers send: a flood of made-up kids is not passed on."""

logger = logging.getLogger(__name__)

_Kept = TypeVar("_Kept")


class Refreshed(Generic[_Kept]):
    """One document. `clock` counts seconds, never back.

    fetch: DiscoveryFailed = not now.
    what: it is, for the log.
    """

    def __init__(
        self,
        fetch: Callable[[], Awaitable[_Kept]],
        what: str,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetch = fetch
        self._what = what
        self._clock = clock
        self._kept: _Kept | None = None
        self._fetched_at = 0.0
        self._next_attempt = clock()
        self._fetching: asyncio.Task[None] | None = None

    def within(self, age: float) -> _Kept | None:
        """It, if it is known and not older than that."""
        return self._kept if self._kept is not None and self._clock() - self._fetched_at <= age else None

    async def now(self) -> _Kept | None:
        """It, as fresh as can be had without asking again and again; None = not at present."""
        fresh = self.within(FRESH_FOR)
        return fresh if fresh is not None else await self.refreshed()

    async def refreshed(self) -> _Kept | None:
        """It, fetched anew for all who wait, unless the last attempt is too recent."""
        if self._fetching is None and self._clock() >= self._next_attempt:
            self._next_attempt = self._clock() + PAUSE
            self._fetching = asyncio.create_task(self._refresh())
            self._fetching.add_done_callback(self._refreshed)
        if self._fetching is not None:
            # One caller who hangs up must not end the fetch for the others.
            await asyncio.shield(self._fetching)
        return self.within(SERVED_FOR)

    def _refreshed(self, task: asyncio.Task[None]) -> None:
        self._fetching = None

    async def _refresh(self) -> None:
        started = self._clock()
        try:
            self._kept = await self._fetch()
        except DiscoveryFailed as failed:
            logger.warning("%s were not refreshed: %s", self._what, failed)
        else:
            self._fetched_at = started
