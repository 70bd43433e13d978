"""The issuers whose tokens the hub believes, and their keys, cached."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from typing import Protocol

import httpx

from auth.discovery import TIMEOUT, DiscoveryFailed, checked_issuer, http_client, published_keys
from auth.keys import Keys, PublicKey
from hmis.errors import InputRefused, Unauthenticated

FRESH_FOR = 600.0
"""Seconds after which keys are fetched again, so that a withdrawn key is forgotten."""
SERVED_FOR = 3600.0
"""Seconds for which keys are still believed while the issuer does not answer."""
PAUSE = 30.0
"""Seconds between two attempts, whatever callers send: a flood of made-up kids is not passed on."""

logger = logging.getLogger(__name__)


class Issuer(Protocol):
    """One trusted issuer: its exact name, what its tokens for us must name as audience, its keys."""

    @property
    def url(self) -> str: ...

    @property
    def audience(self) -> str: ...

    async def keys_named(self, kid: str) -> tuple[PublicKey, ...]:
        """Its keys of that kid, () = it has none. Unauthenticated = its keys cannot be had at present."""


class LocalIssuer:
    """An issuer within this process: the demo's. Its keys are in memory, nothing is fetched."""

    def __init__(self, url: str, audience: str, jwks: dict[str, object]) -> None:
        self.url = url
        self.audience = audience
        self._keys = Keys.of(jwks)

    async def keys_named(self, kid: str) -> tuple[PublicKey, ...]:
        return self._keys.named(kid)


class RemoteIssuer:
    """Any OpenID provider or OAuth server that publishes its keys. `clock` counts seconds, never back."""

    def __init__(
        self,
        url: str,
        audience: str,
        client: Callable[[], httpx.AsyncClient] = http_client,
        *,
        clock: Callable[[], float] = time.monotonic,
        timeout: float = TIMEOUT,
    ) -> None:
        self.url = checked_issuer(url)
        self.audience = audience
        self._client = client
        self._clock = clock
        self._timeout = timeout
        self._keys: Keys | None = None
        self._fetched_at = 0.0
        self._next_attempt = clock()
        self._fetching: asyncio.Task[None] | None = None

    async def keys_named(self, kid: str) -> tuple[PublicKey, ...]:
        found = self._believed(kid, FRESH_FOR)
        if not found:
            await self._refresh()
            found = self._believed(kid, SERVED_FOR)
        if found is None:
            raise Unauthenticated("the issuer's keys cannot be had at present")
        return found

    def _believed(self, kid: str, age: float) -> tuple[PublicKey, ...] | None:
        """None = no keys, or none young enough to say anything."""
        if self._keys is None or self._clock() - self._fetched_at > age:
            return None
        return self._keys.named(kid)

    async def _refresh(self) -> None:
        """Fetch once for all who wait; not at all when the last attempt is too recent."""
        if self._fetching is None:
            if self._clock() < self._next_attempt:
                return
            self._next_attempt = self._clock() + PAUSE
            self._fetching = asyncio.create_task(self._fetch())
            self._fetching.add_done_callback(self._fetched)
        # One caller who hangs up must not end the fetch for the others.
        await asyncio.shield(self._fetching)

    def _fetched(self, task: asyncio.Task[None]) -> None:
        self._fetching = None

    async def _fetch(self) -> None:
        started = self._clock()
        try:
            async with self._client() as client:
                self._keys = await published_keys(client, self.url, self._timeout)
        except DiscoveryFailed as failed:
            logger.warning("keys of issuer %s were not refreshed: %s", self.url, failed)
        else:
            self._fetched_at = started


class Issuers:
    """The trusted issuers by exact name. A name that is not here costs no network call."""

    def __init__(self, issuers: Iterable[Issuer]) -> None:
        self._by_url: dict[str, Issuer] = {}
        for issuer in issuers:
            if issuer.url in self._by_url:
                raise InputRefused("The same issuer is trusted twice. Name each issuer once in the settings.")
            self._by_url[issuer.url] = issuer

    def named(self, url: str) -> Issuer | None:
        """None = not trusted."""
        return self._by_url.get(url)
