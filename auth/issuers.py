"""The issuers whose tokens the hub believes, and their keys, cached."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Protocol

import httpx

from auth.discovery import TIMEOUT, checked_issuer, http_client, published_keys
from auth.keys import Keys, PublicKey
from auth.refreshed import FRESH_FOR, Refreshed
from hmis.errors import InputRefused, Unauthenticated


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
        self._timeout = timeout
        self._keys = Refreshed(self._published, f"keys of issuer {self.url}", clock=clock)

    async def keys_named(self, kid: str) -> tuple[PublicKey, ...]:
        keys = self._keys.within(FRESH_FOR)
        # A key that is not there may be a new one.
        if keys is None or not (found := keys.named(kid)):
            keys = await self._keys.refreshed()
            found = () if keys is None else keys.named(kid)
        if keys is None:
            raise Unauthenticated("the issuer's keys cannot be had at present")
        return found

    async def _published(self) -> Keys:
        async with self._client() as client:
            return await published_keys(client, self.url, self._timeout)


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
