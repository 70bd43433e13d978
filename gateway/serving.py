"""Serving: a port taken before anything else starts, one process, and a stop that lets requests finish."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import socket
from collections.abc import Awaitable, Callable, Iterator, Mapping

import uvicorn
from starlette.applications import Starlette

from gateway.app import create_app
from gateway.command import STOPS
from gateway.hub import Hub
from gateway.settings import Settings
from hmis.errors import InputRefused


def listening(settings: Settings) -> socket.socket:
    """A socket on HUB_HOST and HUB_PORT.

    Raises:
        InputRefused: the port is in use, or not ours to take.
    """
    place = f"Port {settings.port} on {settings.host}"
    try:
        family, _, _, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        return socket.create_server(address, family=family)
    except socket.gaierror:
        raise InputRefused(f"HUB_HOST {settings.host} is no address of this machine.") from None
    except OSError as fault:
        if fault.errno == errno.EADDRINUSE:
            why = "is in use. Stop what uses it, or choose another with --port or HUB_PORT."
        elif fault.errno == errno.EADDRNOTAVAIL:
            why = "cannot be had: HUB_HOST is no address of this machine."
        else:
            why = f"cannot be had ({fault.strerror}). Choose another with --port or HUB_PORT."
        raise InputRefused(f"{place} {why}") from None


def address_of(listener: socket.socket) -> str:
    """Where a listening socket can be reached, as a URL."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class Server(uvicorn.Server):
    """uvicorn without its ending: it would raise the signal again, and the process would die of it before
    the embedded database was stopped."""

    def __init__(self, config: uvicorn.Config, app: Starlette) -> None:
        super().__init__(config)
        self._app = app
        self.ready = asyncio.Event()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # Pages that listen would do so for ever, and be waited for.
        hub: Hub = self._app.state.hub
        hub.watch.stop()
        await super().shutdown(sockets)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in STOPS:
            loop.add_signal_handler(number, self.handle_exit, number, None)
        # They stay: who asks a second time while the rest is closed must not cut that short.
        yield


def server(app: Starlette, settings: Settings) -> Server:
    """A server for an application whose lifespan somebody else holds open."""
    config = uvicorn.Config(
        app,
        lifespan="off",
        http="httptools",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=settings.stop_within_s,
    )
    return Server(config, app)


Announce = Callable[[Hub], Awaitable[None]]


async def serve(
    settings: Settings,
    listener: socket.socket,
    announce: Announce,
    environ: Mapping[str, str] = os.environ,
) -> None:
    """Serve until told to stop: no new connections then, and running requests finish.

    announce: called once, when requests are answered.
    """
    app = create_app(settings, environ=environ)
    with listener:
        async with app.router.lifespan_context(app):
            running = server(app, settings)
            announcing = asyncio.create_task(_announced(running, announce, app.state.hub))
            try:
                await running.serve(sockets=[listener])
            finally:
                announcing.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await announcing


async def _announced(running: Server, announce: Announce, hub: Hub) -> None:
    await running.ready.wait()
    await announce(hub)
