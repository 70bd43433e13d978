"""What the partners' stand-ins share: faults on demand, a port, a line when ready, and a quiet end.

Stand-ins are real servers on loopback for the demo and the tests. Nothing of the hub depends on them.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import re
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import uvicorn
from starlette.requests import ClientDisconnect
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Fault:
    """Something a partner does wrong. chance: 0 to 1.

    value: seconds late for slow, between two bytes for drip, of Retry-After for retryafter; the status for
    error.
    """

    kind: str
    value: float = 0
    chance: float = 1.0


_USUAL = {"slow": 2.0, "error": 503.0, "drip": 0.1, "retryafter": 5.0}
KINDS = (
    *("slow", "error", "html", "errorbody", "garbled", "cut"),
    *("drip", "reset", "timeout", "retryafter", "redirect"),
)
_FAULT = re.compile(r"(?P<kind>[a-z]+)(=(?P<value>\d+(\.\d+)?)s?)?(:(?P<chance>[01](\.\d+)?))?")


def parse_faults(text: str) -> tuple[Fault, ...]:
    """`slow=2s:0.1,error=503:0.05,html` -> faults. Without a chance it happens every time.

    Raises:
        ValueError: naming the part that cannot be read.
    """
    faults = []
    for part in filter(None, text.split(",")):
        read = _FAULT.fullmatch(part.strip())
        if read is None or read["kind"] not in KINDS:
            raise ValueError(
                f"{part!r} is not a fault; known: {', '.join(KINDS)} as in slow=2s:0.1,error=503:0.05"
            )
        value = float(read["value"] or _USUAL.get(read["kind"], 0))
        faults.append(Fault(read["kind"], value, float(read["chance"] or 1)))
    return tuple(faults)


class Faulty:
    """Puts faults in front of an application. /healthz stays well, so that starting up is not a gamble."""

    def __init__(self, app: ASGIApp, faults: Sequence[Fault], seed: int = 0) -> None:
        self._app = app
        self.faults = tuple(faults)
        self._random = random.Random(seed)  # noqa: S311  # repeatable on purpose

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] == "/healthz":
            return await self._app(scope, receive, send)
        for fault in self.faults:
            if self._random.random() < fault.chance:
                return await self._misbehave(fault, scope, receive, send)
        return await self._app(scope, receive, send)

    async def _misbehave(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        if fault.kind == "slow":
            await asyncio.sleep(fault.value)
            with contextlib.suppress(ClientDisconnect):  # it did not wait
                await self._app(scope, receive, send)
            return None
        if fault.kind == "cut":
            return await self._cut(scope, receive, send)
        if fault.kind == "drip":
            return await _drip(fault.value, receive, send)
        if fault.kind == "timeout":
            return await _gone(receive)
        if fault.kind == "reset":
            return _reset(send)
        return await _ANSWERS[fault.kind](fault)(scope, receive, send)

    async def _cut(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Begin the answer, then hang up."""

        async def half(message: Message) -> None:
            if message["type"] == "http.response.body":
                body = message.get("body", b"")
                message = {"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True}
            await send(message)

        await self._app(scope, receive, half)


async def _gone(receive: Receive) -> None:
    """Return when the other side has hung up."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _drip(seconds: float, receive: Receive, send: Send) -> None:
    """A good beginning, and then a byte now and then, until the other side has had enough."""
    headers = [(b"content-type", b"application/json"), (b"content-length", b"1000000")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    hung_up = asyncio.create_task(_gone(receive))
    while not hung_up.done():
        await send({"type": "http.response.body", "body": b" ", "more_body": True})
        await asyncio.wait({hung_up}, timeout=seconds)


def _reset(send: Send) -> None:
    """Tear the connection down. ASGI has no word for it, but uvicorn's `send` is of who holds the socket."""
    send.__self__.transport.abort()  # type: ignore[attr-defined]  # so it is in both of its HTTP protocols


_ANSWERS: dict[str, Callable[[Fault], Response]] = {
    "error": lambda fault: JSONResponse({"error": {"code": "FAULT"}}, status_code=int(fault.value)),
    "html": lambda _fault: HTMLResponse("<html><body>Please sign in</body></html>"),
    "errorbody": lambda _fault: JSONResponse({"error": {"code": "FAULT"}, "items": [], "matches": []}),
    "retryafter": lambda fault: JSONResponse(
        {"error": {"code": "FAULT"}}, status_code=429, headers={"Retry-After": f"{fault.value:g}"}
    ),
    "redirect": lambda _fault: RedirectResponse("/elsewhere", status_code=302),
    "garbled": lambda _fault: Response('{"items": [{"id": "H-', media_type="application/json"),
}


class HttpStandin(uvicorn.Server):
    """A server on loopback that says when it is ready. Whoever starts it also ends it: `should_exit`."""

    def __init__(self, app: ASGIApp) -> None:
        config = uvicorn.Config(
            app, log_level="warning", access_log=False, lifespan="off", ws="none", timeout_graceful_shutdown=1
        )
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """uvicorn would raise the signal again when it is done, which ends a quiet end with a traceback."""
        yield


def listen(port: int) -> socket.socket:
    """A socket on loopback; port 0 = any free one. A port in use ends the program with one line."""
    try:
        listening = socket.create_server((LOOPBACK, port))
    except OSError as fault:
        leave(f"port {port} on {LOOPBACK} cannot be used ({fault.strerror}); choose another with --port")
    # asyncio does this only for sockets that name their protocol; without it every answer waits 40 ms.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def leave(message: str) -> NoReturn:
    sys.exit(message)


def arguments(description: str) -> argparse.ArgumentParser:
    """The options every stand-in has."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 = any free one")
    parser.add_argument(
        "--until-eof",
        action="store_true",
        help="also stop when standard input closes, so that a stand-in never outlives who started it",
    )
    return parser


def http_arguments(description: str, data: str) -> argparse.ArgumentParser:
    """The options that every stand-in on HTTP has. data: what its data is called."""
    parser = arguments(description)
    parser.add_argument("--data", type=Path, required=True, help=data)
    parser.add_argument("--fault", default="", help=f"as in slow=2s:0.1,error=503:0.05; {', '.join(KINDS)}")
    parser.add_argument("--seed", type=int, default=0, help="of the faults' dice")
    return parser


def announce(title: str, port: int) -> None:
    """The line a starter waits for; the port is its last word."""
    sys.stdout.write(f"{title} is ready on {LOOPBACK} port {port}\n")
    sys.stdout.flush()


async def serve(app: ASGIApp, title: str, port: int, until_eof: bool) -> None:
    """Serve an application until told to stop, and say when it is ready."""
    server = HttpStandin(app)
    with listen(port) as listening:
        serving = asyncio.create_task(server.serve([listening]))
        await server.ready.wait()
        announce(title, listening.getsockname()[1])
        await told_to_stop(until_eof)
        server.should_exit = True
        await serving


async def told_to_stop(until_eof: bool) -> None:
    """Return at SIGINT, SIGTERM or, if so asked, when standard input closes."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    if until_eof:
        reader = asyncio.StreamReader()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        reading = asyncio.create_task(reader.read())
        reading.add_done_callback(lambda _task: stop.set())
    await stop.wait()
