"""Tokens by OAuth 2.0 client credentials (RFC 6749 4.4): one for all requests to a partner, while it lasts.

The client proves itself by a secret (RFC 6749 2.3.1) or by a signed assertion (RFC 7523 2.2, as SMART Backend
Services ask for). Why this is no library's client: docs/decisions/0013-tokens-for-partners-are-held-by-us.md.
"""

from __future__ import annotations

import asyncio
import base64
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args
from urllib.parse import quote_plus
from uuid import uuid4

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from connectors.breaker import Clock
from connectors.pool import Retryable, body_of, fail, json_of, on_the_wire, pool
from hmis.errors import FailureCode

Algorithm = Literal["RS256", "ES256", "RS384", "ES384"]
ALGORITHMS: tuple[str, ...] = get_args(Algorithm)
WallClock = Callable[[], float]

_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ASSERTION_S = 180
"""SMART: an assertion lives five minutes at most; three leave room for a clock that goes wrong."""
_BEFORE_EXPIRY_S = 60.0
_UNSAID_S = 300.0
"""How long a token is taken to live when the server does not say (RFC 6749 5.1 only recommends it)."""
_TIMEOUT_S = 10.0
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")  # RFC 6750 2.1: nothing that could end the header


@dataclass(frozen=True, slots=True)
class ClientSecret:
    """client_secret_basic: id and secret are form-encoded before they are joined."""

    client_id: str
    secret: str = field(repr=False)

    def headers(self) -> Mapping[str, str]:
        pair = f"{quote_plus(self.client_id)}:{quote_plus(self.secret)}"
        return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}

    def form(self, _token_url: str) -> Mapping[str, str]:
        return {}


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """private_key_jwt: each assertion is good for one request. key_id None = the server knows one key."""

    client_id: str
    key: RSAKey | ECKey = field(repr=False)
    algorithm: str
    key_id: str | None = None
    now: WallClock = time.time

    def headers(self) -> Mapping[str, str]:
        return {}

    def form(self, token_url: str) -> Mapping[str, str]:
        moment = int(self.now())
        header = {"alg": self.algorithm, "typ": "JWT", **({"kid": self.key_id} if self.key_id else {})}
        claims = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": token_url,
            "jti": str(uuid4()),
            "iat": moment,
            "exp": moment + _ASSERTION_S,
        }
        assertion = jwt.encode(header, claims, self.key, algorithms=[self.algorithm])
        return {"client_assertion_type": _ASSERTION, "client_assertion": assertion}


@dataclass(slots=True)
class _Flight:
    """A token on its way, and how many wait for it."""

    task: asyncio.Task[str]
    waiting: int = 0


class Tokens:
    """Puts a bearer token on each request (RFC 6750 2.1). clock: monotonic seconds."""

    def __init__(
        self,
        token_url: str,
        credential: ClientSecret | PrivateKey,
        scope: str = "",
        clock: Clock = time.monotonic,
    ) -> None:
        self._url = token_url
        self._credential = credential
        self._scope = scope
        self._clock = clock
        self._client = pool(token_url, connections=1, timeout_s=_TIMEOUT_S)
        self._token: str | None = None
        self._good_until = 0.0
        self._served_before = False
        self._flight: _Flight | None = None

    async def proof(self, _request: httpx.Request, source: str) -> Mapping[str, str]:
        """The header of one request. Asks for a token when there is none; concurrent requests share one."""
        if self._token is not None and self._clock() < self._good_until:
            self._served_before = True
            return {"Authorization": f"Bearer {self._token}"}
        return {"Authorization": f"Bearer {await self._shared(source)}"}

    def renew(self) -> bool:
        """The partner refused the token: it is forgotten. False = it was refused at first use, so another
        one would be too, and asking would only double the load on the server of tokens."""
        worn_out = self._token is None or self._served_before
        self._token = None
        return worn_out

    async def _shared(self, source: str) -> str:
        flight = self._flight
        if flight is None or flight.task.done():
            flight = self._flight = _Flight(asyncio.create_task(self._ask(source)))
        flight.waiting += 1
        try:
            # One who gives up must not take the token from the others; with the last of them the call ends.
            return await asyncio.shield(flight.task)
        finally:
            flight.waiting -= 1
            if not flight.waiting:
                flight.task.cancel()
                if self._flight is flight:
                    self._flight = None

    async def _ask(self, source: str) -> str:
        form = {
            "grant_type": "client_credentials",
            **({"scope": self._scope} if self._scope else {}),
            **self._credential.form(self._url),
        }
        headers = {"Accept": "application/json", **self._credential.headers()}
        with on_the_wire(source):
            request = self._client.build_request("POST", self._url, data=form, headers=headers)
            response = await self._client.send(request, stream=True)
            try:
                _check(response.status_code, source)
                body = await body_of(response, source)
            finally:
                await response.aclose()
        return self._keep(json_of(response, body, source), source)

    def _keep(self, answer: object, source: str) -> str:
        said = answer if isinstance(answer, dict) else {}
        token, kind = said.get("access_token"), said.get("token_type")
        if not isinstance(token, str) or not _TOKEN.fullmatch(token):
            fail(source, FailureCode.BAD_DATA)
        if not isinstance(kind, str) or kind.lower() != "bearer":
            fail(source, FailureCode.BAD_DATA)
        lives = said.get("expires_in", _UNSAID_S)
        if isinstance(lives, bool) or not isinstance(lives, int | float) or lives <= 0:
            fail(source, FailureCode.BAD_DATA)
        self._token = token
        self._served_before = False
        # A token that lives for a minute only would never be kept.
        self._good_until = self._clock() + lives - min(_BEFORE_EXPIRY_S, lives / 2)
        return token

    async def aclose(self) -> None:
        if self._flight is not None:
            self._flight.task.cancel()
        await self._client.aclose()

    def __repr__(self) -> str:
        return f"Tokens({self._credential!r})"


def _check(status: int, source: str) -> None:
    """What a server of tokens says instead of one. RFC 6749 5.2: a client it does not take is 400 or 401."""
    if 200 <= status < 300:
        return
    if status in (400, 401, 403):
        fail(source, FailureCode.AUTH)
    if status in (408, 429) or status >= 500:
        raise Retryable(source, FailureCode.UNAVAILABLE)
    fail(source, FailureCode.CONFIG)  # a redirect, or no such address
