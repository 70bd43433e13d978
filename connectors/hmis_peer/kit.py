"""For the conformance kit and for tests: a neighbouring community by HUD's files, and the two ways in."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.base import Person
from connectors.config import read_config
from connectors.hmis_peer.api import PeerApi
from connectors.hmis_peer.files import PeerFiles
from connectors.hmis_peer.source import build
from connectors.hmis_peer.standin import application, basic, lay_out
from connectors.kit.offered import ADA, BEN, Offered
from connectors.kit.recording import Heard, Recorded, running
from connectors.manifest import read_manifest
from connectors.standin_sftp import ensure_key, pin, serving

DAY = date(2026, 3, 1)
DATABASE = True
"""It answers from landing tables, whichever way in it has."""
CREDENTIALS = "hub:password-of-the-tests"
MANIFEST = Path(__file__).parent / "connector.toml"
NOUN = "PeerEnrollment"
Rows = dict[str, list[dict[str, Any]]]

_STAMPS = {"DateCreated": "2026-01-01T08:00:00", "DateUpdated": "2026-02-01T08:00:00", "UserID": "U1"}


def person(key: str, who: Person, **more: Any) -> dict[str, Any]:
    """A row of Client.csv."""
    return {
        "PersonalID": key,
        "FirstName": who.first_name,
        "LastName": who.last_name,
        "NameDataQuality": 1,
        "DOB": who.dob.isoformat() if who.dob else None,
        "DOBDataQuality": 1 if who.dob else 99,
        **_STAMPS,
        **more,
    }


def organization(key: str, victim_services: int | None = 0) -> dict[str, Any]:
    return {
        "OrganizationID": key,
        "OrganizationName": f"Organization {key}",
        "VictimServiceProvider": victim_services,
        **_STAMPS,
    }


def project(key: str, of: str = "O1", population: int | None = None, **more: Any) -> dict[str, Any]:
    return {
        "ProjectID": key,
        "OrganizationID": of,
        "ProjectName": f"Project {key}",
        "OperatingStartDate": "2020-01-01",
        "ContinuumProject": 1,
        "ProjectType": 1,
        "TargetPopulation": population,
        **_STAMPS,
        **more,
    }


def funder(key: str, at: str, code: int) -> dict[str, Any]:
    return {
        "FunderID": key,
        "ProjectID": at,
        "Funder": code,
        "GrantID": "G",
        "StartDate": "2020-01-01",
        **_STAMPS,
    }


def stay(key: str, of: str, at: str = "P1", entry: str = "2025-10-01", **more: Any) -> dict[str, Any]:
    return {
        "EnrollmentID": key,
        "PersonalID": of,
        "ProjectID": at,
        "EntryDate": entry,
        "HouseholdID": f"H-{key}",
        "RelationshipToHoH": 1,
        "EnrollmentCoC": "MA-500",
        **_STAMPS,
        **more,
    }


def left(of: str, client: str, day: str, destination: int | None = 410) -> dict[str, Any]:
    return {
        "ExitID": f"X-{of}",
        "EnrollmentID": of,
        "PersonalID": client,
        "ExitDate": day,
        "Destination": destination,
        **_STAMPS,
    }


def community(**more: list[dict[str, Any]]) -> Rows:
    """One organization with one project, Ada and Ben there, and whatever else is said."""
    rows: Rows = {
        "Organization": [organization("O1")],
        "Project": [project("P1")],
        "Funder": [funder("F1", "P1", 2)],
        "ProjectCoC": [
            {"ProjectCoCID": "C1", "ProjectID": "P1", "CoCCode": "MA-500", "Geocode": "250000", **_STAMPS}
        ],
        "Client": [person("H-1", ADA), person("H-2", BEN)],
        "Enrollment": [stay("E-1", "H-1"), stay("E-2", "H-2", entry="2026-01-10")],
        "Exit": [left("E-1", "H-1", "2025-12-24")],
    }
    for file, extra in more.items():
        rows[file] = [*rows.get(file, []), *extra]
    return rows


class Neighbour:
    """A neighbouring community's folder behind a real SFTP server, and the hub's way in."""

    def __init__(self, home: Path, port: int) -> None:
        self.home = home
        self.folder = home / "drop"
        self.port = port
        self.today = DAY
        self._laid_out = 0

    def lay_out(
        self, rows: Rows | None = None, day: date = DAY, name: str = "export.zip", **export: object
    ) -> Path:
        """Each archive is newer than the one before, as the server's clock has it."""
        path = lay_out(self.folder, community() if rows is None else rows, day, name, **export)
        self.place(path)
        return path

    def place(self, path: Path) -> None:
        self._laid_out += 1
        os.utime(path, (1_700_000_000 + self._laid_out,) * 2)

    def errors(self, name: str = "export.zip") -> list[str]:
        return (self.folder / f"ERRORS-{name}.csv").read_text().splitlines()[1:]

    def source(self, engine: AsyncEngine, **changes: str | int) -> PeerFiles:
        config: dict[str, str | int] = {
            "host": "127.0.0.1",
            "port": self.port,
            "user": "hub",
            "known_hosts": str(self.home / "known_hosts"),
            "client_key": str(self.home / "client_key"),
            **changes,
        }
        manifest = read_manifest(MANIFEST)
        source = build(manifest, read_config("hmis-peer", manifest.config, config, {}), engine)
        assert isinstance(source, PeerFiles)
        source.today = lambda: self.today
        return source


@asynccontextmanager
async def neighbour(home: Path) -> AsyncIterator[Neighbour]:
    (home / "drop").mkdir()
    (home / "authorized_keys").write_text(ensure_key(home / "client_key") + "\n")
    async with serving(home / "drop", home / "host_key", authorized_key=home / "authorized_keys") as port:
        (home / "known_hosts").write_text(pin(home / "host_key", port))
        yield Neighbour(home, port)


def api(base_url: str, engine: AsyncEngine, credentials: str = CREDENTIALS, **changes: str) -> PeerApi:
    """The hub's way in by HUD's draft API."""
    manifest = read_manifest(MANIFEST)
    given: dict[str, str | int] = {
        "mode": "api",
        "base_url": base_url,
        "basic_credentials": "env:PEER_CREDENTIALS",
        **changes,
    }
    environ = {"PEER_CREDENTIALS": basic(credentials)}
    source = build(manifest, read_config("hmis-peer", manifest.config, given, environ), engine)
    assert isinstance(source, PeerApi)
    source.today = lambda: DAY
    return source


async def offered(stack: AsyncExitStack, _home: Path, engine: AsyncEngine) -> Offered:
    """By HUD's draft API; the way by files is the same tables, and has no wire to look at."""
    heard: list[Heard] = []
    app = Recorded(application(community(), CREDENTIALS), heard)
    source = api(await stack.enter_async_context(running(app)), engine)
    await source.sync()
    heard.clear()
    return Offered(
        source,
        ("H-1", "H-2"),
        people=(ADA, BEN),
        at=lambda address: api(address, engine),
        heard=heard,
        calls=3,  # an address for each client, and the kit asks three at a time
        nobody_is_404=frozenset({"find"}),
        secrets=(basic(CREDENTIALS), CREDENTIALS),
    )
