"""Partners for tests: households, a drop to fetch, and ways to ask."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp

import connectors
from connectors.base import FetchRequest, Limits, Person, Subject
from connectors.config import Config, Secret, read_config
from connectors.energy_drop.drop import write_drop
from connectors.energy_drop.layout import Benefit, Member, Token
from connectors.energy_drop.source import EnergyDrop, build
from connectors.graphql import GraphqlSource
from connectors.http import Http
from connectors.manifest import Manifest, read_manifest
from connectors.rest import RestSource
from connectors.signing import Fixed, Sign, signer
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


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self, now: float = 1_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def asking(address: str, sign: Sign | None = None, **limits: float) -> AsyncIterator[Http]:
    """The hub's side of a partner at this address."""
    http = Http("pantry", address, Limits(**{"rate": 1_000, **limits}), sign or Fixed({}))  # type: ignore[arg-type]  # numbers
    try:
        yield http
    finally:
        await http.aclose()


async def post(http: Http, seconds: float = 5.0, *, idempotent: bool = True) -> object:
    return await http.send("POST", "/x", {"a": 1}, deadline=soon(seconds), idempotent=idempotent)


async def echo(request: Request) -> JSONResponse:
    """What /x of a partner answers to `post`."""
    return JSONResponse({"body": (await request.body()).decode(), "path": request.url.path})


ECHO = {"body": '{"a":1}', "path": "/x"}


def pantry(base_url: str, key: str = KEY) -> RestSource:
    manifest = manifest_of("pantry")
    config = Config({"base_url": base_url, "api_key": Secret(key)})
    return RestSource(manifest, Http("pantry", base_url, manifest.limits, signer(manifest.auth, config)))


def subgraph(base_url: str, token: str = KEY) -> GraphqlSource:
    manifest = manifest_of("subgraph")
    config = Config({"base_url": base_url, "token": Secret(token)})
    return GraphqlSource(manifest, Http("subgraph", base_url, manifest.limits, signer(manifest.auth, config)))


def tenancy(number: str, person: Person = ADA, **more: Any) -> dict[str, Any]:
    """A tenancy of the rent fund, with one payment unless said otherwise."""
    dob = person.dob.isoformat() if person.dob else ""
    payment = {"number": f"{number}-1", "paidOn": "2026-04-01", "amount": "850.00", "purpose": "CURRENT_RENT"}
    period = {"begins": "2026-04-01", "ends": "2026-04-30", "fund": "Example Rent Fund"}
    return {
        "id": number,
        "tenants": [{"firstName": person.first_name, "lastName": person.last_name, "dateOfBirth": dob}],
        "updatedAt": "2026-05-03T10:00:00Z",
        "payments": [payment | period],
        **more,
    }


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
        payments: Sequence[Mapping[str, str]] | None = None,
        tokens: Sequence[Token] | None = None,
    ) -> None:
        write_drop(self.folder, batch, day, members, benefits, payments, tokens)

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
