"""What stand-ins ask before they answer: a bearer token of their own server, or a signature.

These check as strictly as the documents say, so that what is let in here is what a partner would let in.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable, Mapping
from urllib.parse import parse_qs, unquote_plus

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ALGORITHMS = ["RS256", "ES256", "RS384", "ES384"]
_SKEW_S = 300
_OPEN = "/healthz"
WallClock = Callable[[], float]


class TokenServer:
    """OAuth 2.0 client credentials: `POST /token` (RFC 6749 4.4), for one client.

    secret, key: what the client may prove itself with: client_secret_basic, or an assertion (RFC 7523) of
    this public key. lives_s: how long a token is good. issued: how many were given out.
    """

    def __init__(
        self,
        client_id: str,
        *,
        secret: str | None = None,
        key: RSAKey | ECKey | None = None,
        lives_s: float = 300,
        now: WallClock = time.time,
    ) -> None:
        self._client_id, self._secret, self._key = client_id, secret, key
        self._lives_s, self._now = lives_s, now
        self._good: dict[str, float] = {}
        self._seen: dict[str, float] = {}
        self.issued = 0
        self.scopes: list[str] = []
        self.route = Route("/token", self._token, methods=["POST"])

    def revoke_all(self) -> None:
        self._good.clear()

    def knows(self, token: str) -> bool:
        return self._good.get(token, 0) > self._now()

    async def _token(self, request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        if form.get("grant_type") != "client_credentials":
            return _refused(400, "unsupported_grant_type")
        if not (self._by_secret(request.headers) or self._by_key(form, str(request.url))):
            return _refused(401, "invalid_client")
        token = secrets.token_urlsafe(24)
        self._good[token] = self._now() + self._lives_s
        self.issued += 1
        self.scopes.append(form.get("scope", ""))
        content = {"access_token": token, "token_type": "Bearer", "expires_in": self._lives_s}
        return JSONResponse(content, headers={"Cache-Control": "no-store"})

    def _by_secret(self, headers: Mapping[str, str]) -> bool:
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if self._secret is None or scheme.lower() != "basic":
            return False
        try:
            user, _, password = base64.b64decode(given, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return False
        pair = (unquote_plus(user), unquote_plus(password))
        return _same(pair[0], self._client_id) and _same(pair[1], self._secret)

    def _by_key(self, form: Mapping[str, str], url: str) -> bool:
        """SMART Backend Services: iss and sub the client, aud this address, five minutes at most, once."""
        if self._key is None or form.get("client_assertion_type") != _ASSERTION:
            return False
        try:
            claims = jwt.decode(form["client_assertion"], self._key, algorithms=_ALGORITHMS).claims
        except (JoseError, KeyError, ValueError):
            return False
        now, expires = self._now(), claims.get("exp")
        if claims.get("iss") != self._client_id or claims.get("sub") != self._client_id:
            return False
        if claims.get("aud") != url or not isinstance(expires, int) or not now < expires <= now + _SKEW_S:
            return False
        return _first_time(self._seen, str(claims.get("jti") or ""), expires, now)


class BearerOnly:
    """Lets in who carries a token of the server (RFC 6750); everybody else is told 401."""

    def __init__(self, app: ASGIApp, server: TokenServer) -> None:
        self._app, self._server = app, server

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in (_OPEN, self._server.route.path):
            return await self._app(scope, receive, send)
        scheme, _, token = Headers(scope=scope).get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and self._server.knows(token):
            return await self._app(scope, receive, send)
        headers = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
        return await _refused(401, "invalid_token", headers)(scope, receive, send)


class SignedOnly:
    """Lets in signed requests: the right signature, a clock within five minutes, a nonce not seen before.

    keys: key -> secret. The header names are those of the manifest's [auth].
    """

    def __init__(
        self,
        app: ASGIApp,
        keys: Mapping[str, str],
        *,
        key_header: str = "X-API-Key",
        timestamp_header: str = "X-Timestamp",
        nonce_header: str = "X-Nonce",
        now: WallClock = time.time,
    ) -> None:
        self._app, self._keys, self._now = app, keys, now
        self._key_header, self._timestamp = key_header, timestamp_header.lower()
        self._nonce = nonce_header.lower()
        self._seen: dict[str, float] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] == _OPEN:
            return await self._app(scope, receive, send)
        body = await Request(scope, receive).body()
        if not self._is_signed(scope, Headers(scope=scope), body):
            return await _refused(401, "BAD_SIGNATURE")(scope, receive, send)

        async def again() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        return await self._app(scope, again, send)

    def _is_signed(self, scope: Scope, headers: Headers, body: bytes) -> bool:
        scheme, _, signature = headers.get("authorization", "").partition(" ")
        secret = self._keys.get(headers.get(self._key_header, ""))
        signed = headers.get("signed-headers", "").split(",")
        if scheme != "HMAC-SHA256" or secret is None or not all(name in headers for name in signed):
            return False
        if not {"host", "signed-headers", self._timestamp, self._nonce} <= set(signed):
            return False
        query = scope["query_string"]
        target = scope["raw_path"] + (b"?" + query if query else b"")
        head = f"{scope['method']} {target.decode('ascii')} HTTP/1.1\r\n"
        head += "".join(f"{name}: {headers[name]}\r\n" for name in signed)
        right = hmac.new(secret.encode(), head.encode("latin-1") + body, hashlib.sha256).hexdigest()
        if not _same(signature, right):
            return False
        timestamp, now = headers[self._timestamp], self._now()
        if not timestamp.isdigit() or abs(int(timestamp) - now) > _SKEW_S:
            return False
        return _first_time(self._seen, headers[self._nonce], int(timestamp) + _SKEW_S, now)


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def _first_time(seen: dict[str, float], word: str, until: float, now: float) -> bool:
    """Whether this word is new; it is remembered for as long as it could be used again."""
    for old in [one for one, end in seen.items() if end < now]:
        del seen[old]
    if not word or word in seen:
        return False
    seen[word] = until
    return True


def _refused(status: int, error: str, headers: Mapping[str, str] | None = None) -> Response:
    return JSONResponse({"error": error}, status, headers)
