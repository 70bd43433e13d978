"""Over a real server on a free port: the stop, and what a socket shows that an ASGI transport hides."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import pytest
import strawberry

from gateway.errors import Refused
from gateway.serving import Server, address_of, listening, server
from gateway.settings import Settings
from hmis.errors import InputRefused
from tests.gateway.conftest import Gate, Gateway, running

HELLO = b'{"query": "{ hello }"}'
SLOW = b'{"query": "{ slow }"}'


@dataclass
class Served:
    gateway: Gateway
    server: Server
    client: httpx.AsyncClient
    serving: asyncio.Task[None]

    async def post(self, content: bytes) -> httpx.Response:
        return await self.client.post("/graphql", content=content, headers=self.headers)

    @property
    def headers(self) -> dict[str, str]:
        return {"content-type": "application/json", "authorization": f"Bearer {self.gateway.token()}"}


@asynccontextmanager
async def served(settings: Settings, schema: strawberry.Schema | None = None) -> AsyncIterator[Served]:
    """A gateway on a port of its own; stopped at the end, if it was not before."""
    async with running(settings, Gate(), schema) as gateway:
        with listening(settings.model_copy(update={"port": 0})) as listener:
            one = server(gateway.app, settings)
            serving = asyncio.create_task(one.serve(sockets=[listener]))
            await one.ready.wait()
            async with httpx.AsyncClient(base_url=address_of(listener), trust_env=False) as client:
                try:
                    yield Served(gateway, one, client, serving)
                finally:
                    gateway.gate.opened.set()
                    one.should_exit = True
                    await serving


async def test_a_question_over_a_socket_is_answered(settings: Settings, membership: None) -> None:
    async with served(settings) as hub:
        response = await hub.post(HELLO)
    assert response.json() == {"data": {"hello": "world"}}
    assert "server" not in response.headers
    assert response.headers["x-request-id"]


async def test_a_stop_lets_a_running_request_finish_and_takes_no_new_one(
    settings: Settings, membership: None
) -> None:
    async with served(settings) as hub:
        slow = asyncio.create_task(hub.post(SLOW))
        await hub.gateway.gate.entered.wait()
        hub.server.should_exit = True
        await _refused(hub)
        assert not hub.serving.done()
        hub.gateway.gate.opened.set()
        response = await slow
        await hub.serving
    assert response.json() == {"data": {"slow": "done"}}
    assert response.headers["connection"] == "close"


async def _refused(hub: Served) -> None:
    """Returns when a new connection is not taken any more."""
    async with asyncio.timeout(10):
        while True:
            with contextlib.suppress(httpx.ReadError, httpx.RemoteProtocolError):
                async with httpx.AsyncClient(base_url=hub.client.base_url, trust_env=False) as another:
                    try:
                        await another.get("/healthz")
                    except httpx.ConnectError:
                        return


async def test_a_stop_waits_no_longer_than_it_was_told(settings: Settings, membership: None) -> None:
    async with served(settings.model_copy(update={"stop_within_s": 0})) as hub:
        slow = asyncio.create_task(hub.post(SLOW))
        await hub.gateway.gate.entered.wait()
        hub.server.should_exit = True
        await hub.serving
        with pytest.raises(httpx.HTTPError):
            (await slow).raise_for_status()


async def test_a_body_beyond_the_limit_ends_its_connection(settings: Settings, membership: None) -> None:
    async with served(settings) as hub:

        async def endless() -> AsyncIterator[bytes]:
            while True:
                yield b" " * 65_536

        # It is cut off while it still sends, so the answer may or may not get through to it.
        with contextlib.suppress(httpx.TransportError):
            response = await hub.client.post("/graphql", content=endless(), headers=hub.headers)
            assert response.status_code == 413
            assert response.headers["connection"] == "close"
        assert (await hub.post(HELLO)).status_code == 200


async def test_a_body_a_little_beyond_the_limit_is_told_so(settings: Settings, membership: None) -> None:
    async with served(settings) as hub:
        for _ in range(3):
            assert (await hub.post(b" " * (settings.max_request_bytes * 2))).status_code == 413
        assert (await hub.post(HELLO)).status_code == 200


async def test_a_body_that_ends_early_does_no_harm(settings: Settings, membership: None) -> None:
    async with served(settings) as hub:
        address = hub.client.base_url
        _, writer = await asyncio.open_connection(address.host, address.port)
        head = "".join(f"{name}: {value}\r\n" for name, value in hub.headers.items())
        writer.write(f"POST /graphql HTTP/1.1\r\nhost: hub\r\ncontent-length: 99\r\n{head}\r\n{{".encode())
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        assert (await hub.post(HELLO)).status_code == 200


def test_a_port_in_use_is_refused_with_the_mend(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InputRefused, match=rf"^Port {port} on 127\.0\.0\.1 is in use\. .*HUB_PORT\.$"):
            listening(settings.model_copy(update={"port": port}))


@pytest.mark.parametrize("host", ["203.0.113.7", "no-such-host.invalid"])
def test_an_address_of_another_machine_is_refused(settings: Settings, host: str) -> None:
    with pytest.raises(InputRefused, match="HUB_HOST"):
        listening(settings.model_copy(update={"host": host, "port": 0}))


def test_a_refusal_keeps_its_status() -> None:
    assert Refused(413, "REQUEST_TOO_LARGE", "x").status == 413
