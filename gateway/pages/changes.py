"""Changes: a page that is open learns at once when what it shows may be shown no longer.

Consent is taken back elsewhere, a session ends, an opening closes: the page must not stand there as if
nothing were. While it is open and in sight it listens here, and is told `changed` (read yourself again),
`ending` (the session ends soon) or `ended`, and never what or why.

Nobody learns of what is hidden from them: once anything was recorded about the person's consent, the page's
document is run again as its viewer, and only a different answer is told. The page says what it showed by a
`Proof`, which the hub alone can make and read.
"""

from __future__ import annotations

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from auth.sessions import Session
from gateway.hub import Hub
from gateway.pages.page import refused, session_of
from gateway.pages.visit import Answered, Visit
from gateway.watch import Ended, Full, Open

_HEARTBEAT_S = 15.0
"""A line that says nothing, so that a connection that is gone is noticed."""
_PART = 16
_BEGIN = b"retry: 2000\n\n"


@dataclass(frozen=True, slots=True)
class Proof:
    """That somebody saw a page: what it showed, and how consent stood before it was read."""

    nonce: bytes
    shown: bytes
    standing: bytes
    """Of no use for telling whether anything hidden changed: the nonce makes each another."""

    def said(self, key: bytes) -> str:
        body = self.nonce + self.shown + self.standing
        return urlsafe_b64encode(body + _mac(key, b"seen", body)).decode()

    @classmethod
    def read(cls, said: str, key: bytes) -> Proof | None:
        """None = it is none of ours."""
        try:
            raw = urlsafe_b64decode(said.encode())
        except ValueError:
            return None
        body, mac = raw[: 3 * _PART], raw[3 * _PART :]
        if not hmac.compare_digest(mac, _mac(key, b"seen", body)):
            return None
        return cls(body[:_PART], body[_PART : 2 * _PART], body[2 * _PART :])

    def stood(self, standing: str, key: bytes) -> bool:
        """Whether nothing was recorded since."""
        return hmac.compare_digest(self.standing, _mac(key, self.nonce, standing.encode()))


def proof(key: bytes, answered: Answered, standing: str) -> Proof:
    """Of a page that was read just now.

    Args:
        key: `key_of` the session and the person.
        answered: what the page shows.
        standing: of the watch, from before it was read.
    """
    nonce = secrets.token_bytes(_PART)
    return Proof(nonce, _digest(key, answered), _mac(key, nonce, standing.encode()))


def key_of(hub: Hub, session: Session, person: str) -> bytes:
    """So that a proof is worth nothing for another session or another person. A session that goes on under
    another word keeps it."""
    return hmac.new(hub.search_key, f"changes|{session.csrf}|{person}".encode(), sha256).digest()


def _digest(key: bytes, answered: Answered) -> bytes:
    seen = [answered.data, answered.withheld, answered.obligations]
    return _mac(key, b"shown", orjson.dumps(seen, option=orjson.OPT_SORT_KEYS))


def _mac(key: bytes, what: bytes, value: bytes) -> bytes:
    return hmac.new(key, what + b"|" + value, sha256).digest()[:_PART]


async def changes(http: Request) -> Response:
    """What an open profile listens to (Server-Sent Events)."""
    hub: Hub = http.app.state.hub
    session = await session_of(http, attended=False)
    claims = session.claims if session is not None else None
    if session is None or claims is None:
        return _stream(_ended())
    person = http.path_params["id"]
    key = key_of(hub, session, person)
    seen = Proof.read(http.query_params.get("seen", ""), key)
    if seen is None:
        return refused(http, 404, "absent")
    visit = Visit(http, hub, session, claims, {})
    try:
        opened = hub.watch.open(UUID(person), session)
    except Full:
        return Response(status_code=503, headers={"Retry-After": "30"})
    asked = {"id": person, "after": http.query_params.get("after")}
    return _stream(_events(visit, opened, seen, key, asked))


def _stream(events: AsyncIterator[bytes]) -> Response:
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)


async def _ended() -> AsyncIterator[bytes]:
    yield _event("ended")


async def _events(
    visit: Visit, opened: Open, seen: Proof, key: bytes, asked: dict[str, Any]
) -> AsyncIterator[bytes]:
    with opened:
        yield _BEGIN
        warned = False
        try:
            standing = await opened.standing()
            stood = seen.stood(standing, key)
            while True:
                if not stood and _digest(key, await visit.ask("profile", **asked)) != seen.shown:
                    yield _event("changed")
                    return
                if opened.ends_soon and not warned:
                    warned = True
                    yield _event("ending")
                if not await opened.woken(_HEARTBEAT_S):
                    yield b":\n\n"
                now = await opened.standing()
                stood, standing = now == standing, now
        except Ended as ended:
            if ended.session:
                yield _event("ended")


def _event(name: str) -> bytes:
    return f"event: {name}\ndata:\n\n".encode()
