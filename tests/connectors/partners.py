"""Partners for tests: a wire that says exactly these bytes, households, and a drop to fetch."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.types import ASGIApp

import connectors
from connectors.base import FetchRequest, Person, Subject
from connectors.config import Config, Secret, read_config
from connectors.energy_drop.drop import write_drop
from connectors.energy_drop.layout import Benefit, Member
from connectors.energy_drop.source import EnergyDrop, build
from connectors.http import Http, signer
from connectors.manifest import Manifest, read_manifest
from connectors.rest import RestSource
from connectors.standin import HttpStandin, listen
from connectors.standin_sftp import ensure_key, pin, serving

FOLDER = Path(connectors.__file__).parent
KEY = "key-of-the-tests"
ADA = Person("Ada", "Sample", date(1984, 2, 29))
DAY = date(2026, 3, 1)


def soon(seconds: float = 5.0) -> float:
    return asyncio.get_running_loop().time() + seconds


def ask(
    *subjects: Subject, fields: frozenset[str], noun: str = "FoodAssistance", deadline: float | None = None
) -> FetchRequest:
    return FetchRequest(subjects, noun, fields, "CARE_COORDINATION", soon() if deadline is None else deadline)


def household(number: str, person: Person = ADA, **more: Any) -> dict[str, Any]:
    """A household of the pantry, with two visits and one programme unless said otherwise."""
    dob = person.dob.isoformat() if person.dob else ""
    return {
        "id": number,
        "members": [{"firstName": person.first_name, "lastName": person.last_name, "dateOfBirth": dob}],
        "address": {},
        "visits": [{"date": "2026-01-09"}, {"date": "2026-02-13"}],
        "registrations": [{"program": "TEFAP"}],
        "updatedAt": "2026-02-13T16:20:00Z",
        **more,
    }


def manifest_of(folder: str) -> Manifest:
    return read_manifest(FOLDER / folder / "connector.toml")


def pantry(base_url: str, key: str = KEY) -> RestSource:
    manifest = manifest_of("pantry")
    config = Config({"base_url": base_url, "api_key": Secret(key)})
    return RestSource(manifest, Http("pantry", base_url, manifest.limits, signer(manifest.auth, config)))


@asynccontextmanager
async def running(app: ASGIApp) -> AsyncIterator[str]:
    """The application on loopback, over real HTTP; gives its address."""
    server = HttpStandin(app)
    with listen(0) as listening:
        task = asyncio.create_task(server.serve([listening]))
        await server.ready.wait()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = server.force_exit = True
        await task


@asynccontextmanager
async def started(module: str, *options: str | Path) -> AsyncIterator[tuple[Process, str]]:
    """`python -m module …` on a port of its choice, and its ready line. Letting go of it ends it."""
    command = ("-m", module, "--port", "0", "--until-eof", *(str(option) for option in options))
    process = await asyncio.create_subprocess_exec(sys.executable, *command, stdin=PIPE, stdout=PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield process, (await process.stdout.readline()).decode()
    finally:
        process.stdin.close()
        async with asyncio.timeout(10):
            await process.wait()


class Act(Enum):
    RESET = "the connection is torn down before an answer"
    CLOSE = "the connection is closed before an answer"
    HANG = "nothing comes"


def answer(body: bytes | str, status: str = "200 OK", *headers: str, length: int | None = None) -> bytes:
    content = body.encode() if isinstance(body, str) else body
    size = len(content) if length is None else length
    lines = (f"HTTP/1.1 {status}", f"Content-Length: {size}", *headers, "", "")
    return "\r\n".join(lines).encode() + content


class Wire:
    """An HTTP server that answers with exactly these bytes, one answer a request, the last one for ever."""

    def __init__(self, *answers: bytes | Act) -> None:
        self.answers = list(answers)
        self.requests: list[bytes] = []
        self.asked = asyncio.Event()
        self.quiet = asyncio.Event()
        self.open = 0
        self._release = asyncio.Event()
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def request_lines(self) -> list[str]:
        return [request.split(b"\r\n", 1)[0].decode() for request in self.requests]

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        self._release.set()
        server.close()
        for writer in self._writers:
            writer.transport.abort()
        if self.open:
            await self.quiet.wait()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        self._writers.add(writer)
        self.quiet.clear()
        try:
            while await self._once(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
            self._writers.discard(writer)
            self.open -= 1
            if not self.open:
                self.quiet.set()

    async def _once(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            (line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")), b":0"
        )
        self.requests.append(head + await reader.readexactly(int(length.split(b":")[1])))
        self.asked.set()
        say = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if say is Act.HANG:
            hung_up = asyncio.create_task(reader.read(1))
            released = asyncio.create_task(self._release.wait())
            await asyncio.wait({hung_up, released}, return_when=asyncio.FIRST_COMPLETED)
            released.cancel()
            return False
        if isinstance(say, Act):
            if say is Act.RESET:
                writer.transport.abort()
            return False
        writer.write(say)
        await writer.drain()
        return True


MEMBERS = (
    Member("E-1", "Ada", "Sample", date(1984, 2, 29), "12 Example Street", "Springfield", "XX", "00000"),
    Member("E-2", "Ben", "Muster", date(1990, 5, 5)),
    Member("E-3", "Cleo", "Muster", None),
)
BENEFITS = (
    Benefit("E-1", date(2025, 11, 20), "HEATING", Decimal("400.00"), "NATURAL_GAS", prevented=True),
    Benefit("E-1", date(2026, 1, 15), "CRISIS", Decimal("150.50"), "PROPANE", restored=True),
    Benefit("E-1", date(2026, 1, 20), "WEATHERIZATION", Decimal("2000.00")),
    Benefit("E-2", date(2025, 12, 3), "COOLING", Decimal("75.00"), "KEROSENE"),
)


class Agency:
    """The energy agency: a folder behind a real SFTP server, and the hub's way in."""

    def __init__(self, home: Path, port: int) -> None:
        self.home = home
        self.folder = home / "drop"
        self.port = port
        self.today = DAY

    def lay_out(
        self,
        batch: str = "2026-03",
        day: date = DAY,
        members: tuple[Member, ...] = MEMBERS,
        benefits: tuple[Benefit, ...] = BENEFITS,
    ) -> None:
        write_drop(self.folder, batch, day, members, benefits)

    def errors(self, batch: str = "2026-03") -> list[str]:
        return (self.folder / f"ERRORS-{batch}.csv").read_text().splitlines()[1:]

    def config(self, **changes: str | int) -> dict[str, str | int]:
        return {
            "host": "127.0.0.1",
            "port": self.port,
            "user": "hub",
            "known_hosts": str(self.home / "known_hosts"),
            "client_key": str(self.home / "client_key"),
            **changes,
        }

    def source(self, engine: AsyncEngine, **changes: str | int) -> EnergyDrop:
        manifest = manifest_of("energy_drop")
        config = read_config(
            "energy-drop", manifest.config, self.config(**changes), {"SFTP_PASSWORD": "wrong"}
        )
        source = build(manifest, config, engine)
        source.today = lambda: self.today
        return source


@asynccontextmanager
async def agency(home: Path) -> AsyncIterator[Agency]:
    """The agency's server, with the hub's key let in and its host key pinned."""
    (home / "drop").mkdir()
    (home / "authorized_keys").write_text(ensure_key(home / "client_key") + "\n")
    async with serving(home / "drop", home / "host_key", authorized_key=home / "authorized_keys") as port:
        (home / "known_hosts").write_text(pin(home / "host_key", port))
        yield Agency(home, port)
