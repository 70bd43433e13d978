"""Keys, hand-made tokens and a small identity provider on loopback for the tests of `auth`."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from joserfc.jwk import ECKey, RSAKey
from joserfc.jws import JWSRegistry

from auth.issuers import Issuers, LocalIssuer
from auth.tokens import Verifier

ISSUER = "https://id.example.org"
AUDIENCE = "https://hub.example.org/graphql"
NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


def encoded(part: object) -> str:
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass
class Workshop:
    """Makes tokens, good ones and any kind of bad one: every part may be said anew."""

    ec: ECKey
    rsa: RSAKey
    stranger: ECKey
    issuer: str = ISSUER
    audience: str = AUDIENCE
    now: datetime = NOW

    def header(self, **changes: object) -> dict[str, object]:
        return _without_none({"alg": "ES256", "typ": "at+jwt", "kid": "ec-1", **changes})

    def claims(self, **changes: object) -> dict[str, object]:
        at = int(self.now.timestamp())
        good = {
            "iss": self.issuer,
            "sub": "user-7",
            "aud": self.audience,
            "client_id": "shelter-app",
            "iat": at,
            "exp": at + 300,
            "jti": "token-1",
        }
        return _without_none({**good, **changes})

    def token(self, header: object = None, claims: object = None, key: object = None) -> str:
        """A token of these parts (bytes are taken as they are), signed by the key as `alg` wants it."""
        header = self.header() if header is None else header
        algorithm = header["alg"] if isinstance(header, dict) and "alg" in header else "ES256"
        text = f"{encoded(header)}.{encoded(self.claims() if claims is None else claims)}"
        return f"{text}.{encoded(self.signature(str(algorithm), text.encode(), key))}"

    def signature(self, algorithm: str, text: bytes, key: object) -> bytes:
        if isinstance(key, bytes):
            return hmac.new(key, text, hashlib.sha256).digest()
        key = key or (self.rsa if algorithm.startswith("RS") else self.ec)
        return JWSRegistry.algorithms[algorithm if algorithm != "none" else "ES256"].sign(text, key)

    def jwks(self) -> dict[str, object]:
        return {"keys": [_public(self.ec, "ec-1"), _public(self.rsa, "rsa-1")]}


def _public(key: ECKey | RSAKey, kid: str) -> dict[str, object]:
    return {**key.as_dict(private=False), "kid": kid, "use": "sig"}


def _without_none(mapping: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in mapping.items() if value is not None}


@pytest.fixture(scope="session")
def workshop() -> Workshop:
    return Workshop(ECKey.generate_key("P-256"), RSAKey.generate_key(2048), ECKey.generate_key("P-256"))


@pytest.fixture(scope="session")
def verifier(workshop: Workshop) -> Verifier:
    other = LocalIssuer(
        "https://other.example.org", AUDIENCE, {"keys": [_public(workshop.stranger, "other-1")]}
    )
    return Verifier(Issuers([LocalIssuer(ISSUER, AUDIENCE, workshop.jwks()), other]))


@dataclass
class Answer:
    body: bytes = b"{}"
    status: str = "200 OK"
    headers: tuple[str, ...] = ()
    hangs: bool = False
    """Sends the half of it and then nothing more."""


@dataclass
class Provider:
    """An identity provider on 127.0.0.1: says what `answers` holds, remembers what was asked."""

    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    url: str = ""
    held: asyncio.Event | None = None
    """While set and not released, answers wait."""
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once somebody has asked."""
    _closing: asyncio.Event = field(default_factory=asyncio.Event)

    def publish(self, jwks: object, **metadata: object) -> None:
        """Serve these keys; `metadata` changes what discovery says."""
        known = {"issuer": self.url, "jwks_uri": f"{self.url}/keys", **metadata}
        self.answers["/.well-known/openid-configuration"] = Answer(json.dumps(known).encode())
        self.answers["/keys"] = Answer(json.dumps(jwks).encode())

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await reader.readuntil(b"\r\n\r\n")
            path = request.split(b" ", 2)[1].decode()
            self.asked.append(path)
            self.reached.set()
            if self.held is not None:
                await self.held.wait()
            await self._say(writer, self.answers.get(path, Answer(status="404 Not Found")))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # whoever asked has gone
        finally:
            writer.close()

    async def _say(self, writer: asyncio.StreamWriter, answer: Answer) -> None:
        head = [f"HTTP/1.1 {answer.status}", f"Content-Length: {len(answer.body)}", "Connection: close"]
        writer.write("\r\n".join([*head, *answer.headers, "", ""]).encode())
        writer.write(answer.body[: len(answer.body) // 2] if answer.hangs else answer.body)
        await writer.drain()
        if answer.hangs:
            await self._closing.wait()

    def release(self) -> None:
        self._closing.set()


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    provider = Provider()
    server = await asyncio.start_server(provider.serve, "127.0.0.1", 0)
    provider.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield provider
    provider.release()
    server.close()
    await server.wait_closed()


@dataclass
class Clock:
    seconds: float = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()
