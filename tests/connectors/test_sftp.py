"""A drop behind a server that takes calls and then says nothing more: what is called off ends."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from connectors.sftp import Access, Drop, visited
from connectors.standin import LOOPBACK
from connectors.standin_sftp import ensure_key, pin
from hmis.errors import FailureCode, SourceFailed

NAME = "2026-03.csv"


class Silent:
    """What a server is asked for, until `at` is; from then on it answers nothing more."""

    def __init__(self, folder: Path, at: str) -> None:
        self.asked = asyncio.Event()
        self.ended = asyncio.Event()
        silent = self

        class Folder(asyncssh.SFTPServer):
            def __init__(self, channel: asyncssh.SSHServerChannel[bytes]) -> None:
                super().__init__(channel, chroot=os.fsencode(folder))

        def answered(name: str) -> Callable[..., Any]:
            usual = getattr(asyncssh.SFTPServer, name)

            async def answer(*given: Any) -> Any:
                if name == at or silent.asked.is_set():
                    silent.asked.set()
                    await silent.ended.wait()
                return usual(*given)

            return answer

        for name in ("open", "read", "write", "close"):
            setattr(Folder, name, answered(name))
        self.factory = Folder


@asynccontextmanager
async def silent_at(at: str, home: Path) -> AsyncIterator[tuple[Access, Silent]]:
    (home / "drop").mkdir()
    (home / "drop" / NAME).write_text("a\n")
    ensure_key(home / "host_key")
    (home / "authorized").write_text(ensure_key(home / "client_key"))
    silent = Silent(home / "drop", at)
    server = await asyncssh.listen(
        LOOPBACK,
        0,
        server_host_keys=[str(home / "host_key")],
        authorized_client_keys=str(home / "authorized"),
        sftp_factory=silent.factory,
        config=None,
        gss_host=None,
    )
    port = server.get_port()
    (home / "known_hosts").write_text(pin(home / "host_key", port))
    try:
        yield Access(LOOPBACK, port, "hub", home / "known_hosts", client_key=home / "client_key"), silent
    finally:
        silent.ended.set()
        server.close()
        await server.wait_closed()
        # What asyncssh read ahead tells of its end when it is collected. Told while Python 3.11 compiles
        # something, that ends the process (python/cpython#106905), so it is told here.
        gc.collect()


READ: Callable[[Drop], Awaitable[Any]] = lambda drop: drop.read(NAME)  # noqa: E731  # beside its name in the table
WRITE: Callable[[Drop], Awaitable[Any]] = lambda drop: drop.write("ERRORS", b"1\n")  # noqa: E731
CASES = [
    *(pytest.param(at, READ, id=f"read, {at}") for at in ("open", "read", "close")),
    *(pytest.param(at, WRITE, id=f"write, {at}") for at in ("open", "write", "close")),
]


@pytest.mark.parametrize(("at", "ask"), CASES)
async def test_a_look_ends_when_its_time_is_over(
    tmp_path: Path, at: str, ask: Callable[[Drop], Awaitable[Any]]
) -> None:
    async with silent_at(at, tmp_path) as (access, silent), asyncio.timeout(30):
        with pytest.raises(SourceFailed) as failed:
            async with visited("drop", access, 1) as drop:
                await ask(drop)
        assert silent.asked.is_set()
    assert (failed.value.code, failed.value.retryable) == (FailureCode.TIMEOUT, True)


@pytest.mark.parametrize(("at", "ask"), CASES)
async def test_a_look_ends_when_it_is_called_off(
    tmp_path: Path, at: str, ask: Callable[[Drop], Awaitable[Any]]
) -> None:
    async with silent_at(at, tmp_path) as (access, silent), asyncio.timeout(30):

        async def look() -> None:
            async with visited("drop", access, 600) as drop:
                await ask(drop)

        looking = asyncio.create_task(look())
        await silent.asked.wait()
        looking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await looking
