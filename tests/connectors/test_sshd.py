"""Debian's own sshd in place of a stand-in: what the hub speaks is SFTP, not what one library makes of it."""

from __future__ import annotations

import asyncio
import getpass
import os
import shutil
import socket
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.base import Source
from connectors.energy_drop.kit import Agency
from connectors.hmis_peer.kit import Neighbour
from connectors.standin_sftp import ensure_key, pin
from hmis.errors import FailureCode, SourceFailed
from hmis.tables import landing_batch
from tests.connectors.peers import count

SSHD = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/sbin")
pytestmark = pytest.mark.skipif(SSHD is None, reason="there is no sshd on this machine (openssh-server)")


class Server:
    """A running sshd, and what it says in its log."""

    def __init__(self, process: Process, port: int, home: Path) -> None:
        self.process = process
        self.port = port
        self.home = home

    async def said(self) -> str:
        """Everything it has logged; it is ended first, so that there is no more to come."""
        self.process.terminate()
        assert self.process.stderr is not None
        told = (await self.process.stderr.read()).decode()
        await self.process.wait()
        return told

    def config(self) -> dict[str, str | int]:
        return {"user": getpass.getuser(), "folder": str(self.home / "drop")}


def _prepare(home: Path) -> int:
    """Write what sshd needs; gives a port that was free a moment ago."""
    (home / "drop").mkdir()
    (home / "authorized_keys").write_text(ensure_key(home / "client_key") + "\n")
    ensure_key(home / "host_key")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (home / "known_hosts").write_text(pin(home / "host_key", port))
    config = f"""
ListenAddress 127.0.0.1:{port}
HostKey {home / "host_key"}
AuthorizedKeysFile {home / "authorized_keys"}
PidFile none
UsePAM no
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
Subsystem sftp internal-sftp
ForceCommand internal-sftp
LogLevel VERBOSE
"""
    (home / "sshd_config").write_text(config)
    if os.geteuid() == 0:  # where it puts away its rights; an init script makes it
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    return port


@asynccontextmanager
async def sshd(home: Path) -> AsyncIterator[Server]:
    """sshd on a free port of loopback, with a host key of its own that the hub has pinned."""
    assert SSHD is not None
    port = _prepare(home)
    process = await asyncio.create_subprocess_exec(
        SSHD, "-D", "-e", "-f", str(home / "sshd_config"), stderr=PIPE
    )
    try:
        assert process.stderr is not None
        async with asyncio.timeout(20):
            while b"Server listening on" not in (line := await process.stderr.readline()):
                assert line, "sshd ended before it listened"
        yield Server(process, port, home)
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with sshd(tmp_path) as running:
        yield running


def _sources(server: Server, engine: AsyncEngine) -> list[Source]:
    """Both kinds of files, laid out, and the hub's way to each."""
    agency, neighbour = Agency(server.home, server.port), Neighbour(server.home, server.port)
    agency.lay_out()
    neighbour.lay_out()
    return [agency.source(engine, **server.config()), neighbour.source(engine, **server.config())]


async def test_both_kinds_of_files_are_fetched_and_answered(server: Server, database: AsyncEngine) -> None:
    for source in _sources(server, database):
        assert (await source.sync()).state == "TAKEN"
        assert (await source.sync()).state == "UNCHANGED"

    written = {path.name for path in (server.home / "drop").glob("ERRORS-*")}
    assert written == {"ERRORS-2026-03.csv", "ERRORS-export.zip.csv"}
    assert "Accepted publickey" in await server.said()


async def test_an_sshd_with_another_host_key_is_told_nothing(server: Server, database: AsyncEngine) -> None:
    sources = _sources(server, database)
    (server.home / "known_hosts").write_text(pin(server.home / "impostor", server.port))

    for source in sources:
        with pytest.raises(SourceFailed) as failed:
            await source.sync()
        assert failed.value.code is FailureCode.AUTH

    assert await count(database, landing_batch) == 0
    assert not list((server.home / "drop").glob("ERRORS-*"))
    said = await server.said()
    assert "Connection from 127.0.0.1" in said
    assert getpass.getuser() not in said.replace(str(server.home), "")
    assert "Accepted" not in said


async def test_a_key_that_sshd_does_not_know_does_not_get_in(server: Server, database: AsyncEngine) -> None:
    sources = _sources(server, database)
    (server.home / "authorized_keys").write_text(ensure_key(server.home / "stranger") + "\n")

    for source in sources:
        with pytest.raises(SourceFailed) as failed:
            await source.sync()
        assert failed.value.code is FailureCode.AUTH

    assert await count(database, landing_batch) == 0
