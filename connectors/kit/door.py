"""What a partner of the kit asks before it answers: what [auth] of the manifest says, and as strictly."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from pathlib import Path

import httpx
from joserfc.jwk import ECKey, RSAKey
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from connectors.config import Config
from connectors.manifest import Manifest
from connectors.signing import Auth, Sign, filled, signer
from connectors.standin_auth import BearerOnly, SignedOnly, TokenServer

TOKEN_PATH = "/token"  # noqa: S105  # a path


def guarded(app: ASGIApp, manifest: Manifest, config: Config) -> ASGIApp:
    """The application behind the door that the manifest speaks of; config: as the hub is set up to knock.

    Raises:
        InputRefused: the settings do not do for its [auth].
    """
    auth = manifest.auth
    given = {name: filled(text, config) or "" for name, text in auth.keys.items()}
    if auth.scheme == "hmac":
        return SignedOnly(
            app,
            {given["key"]: given["secret"]},
            key_header=given["key_header"],
            timestamp_header=given["timestamp_header"],
            nonce_header=given["nonce_header"],
        )
    if auth.scheme == "oauth2-client-credentials":
        server = TokenServer(given["client_id"], secret=given.get("client_secret"), key=_key(auth, config))
        return BearerOnly(Starlette(routes=[server.route, Mount("/", app)]), server)
    return _HeadersOnly(app, signer(auth, config), manifest.id)


class _HeadersOnly:
    """Lets in who sends the headers of the manifest; everybody else is told 401."""

    def __init__(self, app: ASGIApp, sign: Sign, name: str) -> None:
        self._app, self._sign, self._name = app, sign, name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        wanted = await self._sign.proof(httpx.Request("POST", "http://partner"), self._name)
        if _sent(wanted, Headers(scope=scope)):
            return await self._app(scope, receive, send)
        return await JSONResponse({"error": {"code": "NOT_YOU"}}, 401)(scope, receive, send)


def _sent(wanted: Mapping[str, str], headers: Headers) -> bool:
    return all(
        hmac.compare_digest(headers.get(name, "").encode(), value.encode()) for name, value in wanted.items()
    )


def pem_for(auth: Auth) -> str:
    """A private key for the manifest's algorithm, made anew."""
    algorithm = auth.keys.get("algorithm", "")
    curve = "P-384" if algorithm == "ES384" else "P-256"
    key = RSAKey.generate_key(2048) if algorithm.startswith("RS") else ECKey.generate_key(curve)
    return key.as_pem(private=True).decode()


def private_key_of(auth: Auth) -> str:
    """The entry of [config] that holds the private key; "" = there is none."""
    return auth.keys.get("private_key", "").strip("{}").removeprefix("config.")


def token_url_of(auth: Auth) -> str:
    """The entry of [config] that says where tokens are given out; "" = nowhere."""
    return auth.keys.get("token_url", "").strip("{}").removeprefix("config.")


def _key(auth: Auth, config: Config) -> RSAKey | ECKey | None:
    name = private_key_of(auth)
    if not name:
        return None
    path: Path | None = config.path(name)
    pem = path.read_text(encoding="ascii") if path is not None else filled(auth.keys["private_key"], config)
    kind = RSAKey if auth.keys["algorithm"].startswith("RS") else ECKey
    return kind.import_key(pem or "")
