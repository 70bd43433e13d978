"""Around every request: its id, the headers every answer has, one line in the log, and the last resort."""

from __future__ import annotations

import logging
import re
import time
import uuid

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.answers import encoded
from gateway.errors import fault_of

log = logging.getLogger(__name__)

HEADER = "X-Request-Id"
_SANE = re.compile(r"[A-Za-z0-9._~-]{1,64}")
_HEADER = HEADER.lower().encode()
_ALWAYS = [
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
]
"""Unless the answer says otherwise. Names in lower case, as ASGI has them."""


class Frame:
    """Nothing that the application raises gets past it: the server outside would print the exception with
    its words, which may quote a record."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        request_id = scope.setdefault("state", {})["request_id"] = _request_id(scope)
        started = time.monotonic()
        status = 0

        async def framed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers: list[tuple[bytes, bytes]] = message["headers"]
                there = {name for name, _ in headers}
                headers.append((_HEADER, request_id.encode()))
                headers += [always for always in _ALWAYS if always[0] not in there]
            await send(message)

        try:
            await self._app(scope, receive, framed)
        except Exception as error:
            fault = fault_of(error)
            if status == 0:
                await _last_resort(fault.status, encoded({"errors": [fault.entry()]}), framed)
        finally:
            # The path only: a query string may hold anything.
            took = (time.monotonic() - started) * 1000
            log.info("%s %s %d %.0f ms request=%s", scope["method"], scope["path"], status, took, request_id)


def _request_id(scope: Scope) -> str:
    """The caller's, when it is a plain word that can go into a log line as it is; else a fresh one."""
    given = Headers(scope=scope).getlist(HEADER)
    if len(given) == 1 and _SANE.fullmatch(given[0]):
        return given[0]
    return str(uuid.uuid4())


async def _last_resort(status: int, body: bytes, send: Send) -> None:
    headers = [
        (b"content-type", b"application/json; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
