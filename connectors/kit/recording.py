"""What a partner of the kit hears, written down: a recording before any application, over real HTTP."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connectors.standin import LOOPBACK, HttpStandin, listen


@dataclass(frozen=True, slots=True)
class Heard:
    """One request, as it came over the wire. target: path and query."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def everything(self) -> str:
        lines = "\n".join(f"{name}: {value}" for name, value in self.headers)
        return f"{self.method} {self.target}\n{lines}\n{self.body.decode(errors='replace')}"


class Recorded:
    """Writes down every request that an application gets. but: paths of which it does not, that of tokens."""

    def __init__(self, app: ASGIApp, heard: list[Heard], but: tuple[str, ...] = ()) -> None:
        self._app, self._heard, self._but = app, heard, but

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in self._but:
            await self._app(scope, receive, send)
            return
        messages: list[Message] = []
        body, more = b"", True
        while more:
            message = await receive()
            messages.append(message)
            body += message.get("body", b"")
            more = message.get("more_body", False)
        query: Any = scope["query_string"]
        target = scope["raw_path"].decode() + (f"?{query.decode()}" if query else "")
        headers = tuple((name.decode(), value.decode("latin-1")) for name, value in scope["headers"])
        self._heard.append(Heard(scope["method"], target, headers, body))

        async def again() -> Message:
            return messages.pop(0) if messages else await receive()

        await self._app(scope, again, send)


class _Prompt(HttpStandin):
    """Ends when it is told to, and not up to a tenth of a second later: the kit starts and ends many."""

    async def main_loop(self) -> None:
        await self.on_tick(0)
        while not self.should_exit:  # noqa: ASYNC110  # uvicorn is told by a flag
            await asyncio.sleep(0.002)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.transport.abort()


@asynccontextmanager
async def running(app: ASGIApp) -> AsyncIterator[str]:
    """The application on loopback, over real HTTP; gives its address."""
    server = _Prompt(app)
    with listen(0) as listening:
        task = asyncio.create_task(server.serve([listening]))
        await server.ready.wait()
        try:
            yield f"http://{LOOPBACK}:{listening.getsockname()[1]}"
        finally:
            server.should_exit = server.force_exit = True
            await task
