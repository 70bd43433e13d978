"""An OpenID provider on 127.0.0.1 over real HTTP, upright until told to do one thing wrong."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import hmac
import json
import secrets
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT, SECRET = "hub at the desk", "s3cret & +%:ü"  # characters that Basic has to escape
CANARY = "canary-9173"
"""Stands in every token, and must stand nowhere else."""

Claims = dict[str, Any]


@dataclass
class Hostile:
    """Each field is one thing that a provider may do wrong; as it is made it does all of them right."""

    now: Callable[[], datetime]
    url: str = ""
    ec: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256"))
    rsa: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048))
    stranger: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256"))
    claims: Callable[[Claims], Claims] = lambda claims: claims
    """Says the claims of an ID token anew; None = it is left out."""
    signs: str = "ES256"
    """ES256, RS256, none, HS256 (with the public key), stranger, unknown."""
    typ: str | None = "JWT"
    answers: Callable[[Claims], Claims] = lambda said: said
    """Says the parameters of its answer to the browser anew."""
    tokens: Callable[[Claims], object] = lambda answer: answer
    """Says the answer to the code anew; bytes are sent as they are."""
    metadata: Callable[[Claims], Claims] = lambda known: known
    discovery: Callable[[Request], Response] | None = None
    """What it sends in place of its metadata."""
    token_status: int = 200
    ages: int = 0
    """Seconds since who is there proved it."""
    asked: list[dict[str, str]] = field(default_factory=list)
    """What browsers brought along."""
    authorizations: list[str] = field(default_factory=list)
    """How the hub said who it is at the token endpoint."""
    tokens_given: list[str] = field(default_factory=list)
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def keys(self) -> dict[str, object]:
        return {
            "keys": [
                {**key.as_dict(private=False), "kid": kid, "use": "sig"}
                for kid, key in (("ec", self.ec), ("rsa", self.rsa))
            ]
        }

    async def discover(self, http: Request) -> Response:
        if self.discovery is not None:
            return self.discovery(http)
        known = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "end_session_endpoint": f"{self.url}/end",
            "jwks_uri": f"{self.url}/jwks",
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        }
        return JSONResponse(_said(self.metadata(known)))

    async def jwks(self, http: Request) -> Response:
        return JSONResponse(self.keys())

    async def authorize(self, http: Request) -> Response:
        said = dict(http.query_params)
        self.asked.append(said)
        code = secrets.token_urlsafe(16)
        self._codes[code] = said
        answer = {"code": code, "state": said["state"], "iss": self.url}
        return RedirectResponse(f"{said['redirect_uri']}?{urlencode(_said(self.answers(answer)))}", 303)

    async def token(self, http: Request) -> Response:
        self.authorizations.append(http.headers.get("authorization", ""))
        form = {name: values[0] for name, values in parse_qs((await http.body()).decode()).items()}
        said = self._codes.pop(form["code"], None)
        challenge = hashlib.sha256(form["code_verifier"].encode()).digest()
        if said is None or _text(challenge) != said["code_challenge"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        at = int(self.now().timestamp())
        claims = {
            "iss": self.url,
            "sub": "mia",
            "aud": CLIENT,
            "iat": at,
            "exp": at + 300,
            "nonce": said["nonce"],
            "auth_time": at - self.ages,
            "sid": "sid-1",
            "note": CANARY,
        }
        answer = {
            "access_token": f"{CANARY}-access",
            "token_type": "Bearer",
            "id_token": self.signed(_said(self.claims(claims)), self.typ),
        }
        self.tokens_given.append(answer["id_token"])
        told = self.tokens(answer)
        if isinstance(told, bytes):
            return Response(told, self.token_status, media_type="application/json")
        return JSONResponse(told, self.token_status)

    def signed(self, claims: Claims, typ: str | None) -> str:
        header = {"alg": self.signs, "kid": "ec", **({"typ": typ} if typ else {})}
        if self.signs in ("none", "HS256"):
            header["kid"] = "rsa"
            text = f"{_json(header)}.{_json(claims)}"
            pem = self.rsa.as_pem(private=False)
            mac = b"none" if self.signs == "none" else hmac.new(pem, text.encode(), hashlib.sha256).digest()
            return f"{text}.{_text(mac)}"
        key: ECKey | RSAKey = self.ec
        if self.signs == "RS256":
            header["kid"], key = "rsa", self.rsa
        elif self.signs in ("stranger", "unknown"):
            header["alg"], key = "ES256", self.stranger
            header["kid"] = "ec" if self.signs == "stranger" else "new"
        return jwt.encode(header, claims, key, algorithms=["ES256", "RS256"])

    def basic(self) -> tuple[str, str]:
        """How the hub named itself last: id and secret, as RFC 6749 (2.3.1) has them written."""
        kind, _, said = self.authorizations[-1].partition(" ")
        assert kind == "Basic"
        name, _, secret = base64.b64decode(said).decode().partition(":")
        return unquote_plus(name), unquote_plus(secret)


@asynccontextmanager
async def hostile(now: Callable[[], datetime]) -> AsyncIterator[Hostile]:
    """The provider, listening."""
    provider = Hostile(now)
    app = Starlette(
        routes=[
            Route("/.well-known/openid-configuration", provider.discover),
            Route("/jwks", provider.jwks),
            Route("/authorize", provider.authorize),
            Route("/token", provider.token, methods=["POST"]),
        ]
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        provider.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        serving = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None))
        serving.capture_signals = contextlib.nullcontext  # type: ignore[method-assign]  # they are pytest's
        running = asyncio.create_task(serving.serve(sockets=[listener]))
        try:
            yield provider
        finally:
            serving.should_exit = serving.force_exit = True
            await running


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def _said(mapping: Claims) -> Claims:
    return {name: value for name, value in mapping.items() if value is not None}


def _json(part: Claims) -> str:
    return _text(json.dumps(part).encode())


def _text(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()
