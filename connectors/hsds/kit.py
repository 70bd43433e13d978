"""For the conformance kit and for tests: a service directory, and the hub's way to a stand-in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.config import read_config
from connectors.hsds.source import Directory, build
from connectors.hsds.standin import Services, application
from connectors.kit.offered import SECRET, Offered
from connectors.kit.recording import Heard, Recorded, running
from connectors.manifest import read_manifest
from connectors.standin import Fault, Faulty

DATABASE = True
"""What it reads lands in tables."""
CHANGED = datetime(2026, 6, 1, 12, tzinfo=UTC)
SYNCED = datetime(2026, 6, 30, 9, tzinfo=UTC)
SHELTER = ("BH-1800.1500-100", "Domestic Violence Shelters")
PANTRIES = ("BD-1800.2000", "Food Pantries")


def term(code: str | None, name: str | None, value: str | None = None) -> dict[str, Any]:
    """An attribute that says a term of a taxonomy."""
    return {
        "id": f"a-{code}",
        "link_id": "l",
        "value": value,
        "taxonomy_term": {"id": f"t-{code}", "code": code, "name": name},
    }


def weekly(days: str, opens: str, closes: str, **more: Any) -> dict[str, Any]:
    return {"id": "h", "freq": "WEEKLY", "byday": days, "opens_at": opens, "closes_at": closes, **more}


def at(
    place: str, latitude: float | None = 40.0, longitude: float | None = -75.0, **more: Any
) -> dict[str, Any]:
    """A service at a location. `location` in more: changes of the location itself."""
    location = {
        "id": place,
        "location_type": "physical",
        "name": f"House {place}",
        "latitude": latitude,
        "longitude": longitude,
        "addresses": [
            {
                "id": f"{place}-a",
                "address_1": f"{place} Street",
                "city": "Springfield",
                "state_province": "IL",
                "postal_code": "62701",
                "country": "US",
                "address_type": "physical",
            }
        ],
        **more.pop("location", {}),
    }
    return {"id": f"sal-{place}", "location": location, **more}


def service(
    number: str, *places: dict[str, Any], terms: tuple[tuple[str, str], ...] = (PANTRIES,), **more: Any
) -> dict[str, Any]:
    """A full service, active and at one place unless said otherwise."""
    return {
        "id": number,
        "name": f"Service {number}",
        "status": "active",
        "last_modified": CHANGED.isoformat(),
        "organization": {"id": "o", "name": "Example Organization", "description": "It helps"},
        "attributes": [term(code, name) for code, name in terms],
        "service_at_locations": list(places or (at(f"L{number}"),)),
        **more,
    }


@dataclass
class Partner:
    """A stand-in and the source that reads it. Time stands still at `now`."""

    services: Services
    faulty: Faulty
    source: Directory
    now: datetime = field(default=SYNCED)

    def change(self, number: str, **values: Any) -> None:
        """A service is changed, and says so by the partner's clock."""
        old = self.services.by_id(number)
        assert old is not None
        when = datetime.fromisoformat(old["last_modified"]) + timedelta(hours=1)
        place = self.services.all.index(old)
        self.services.all[place] = {**old, "last_modified": when.isoformat(), **values}

    def remove(self, number: str) -> None:
        self.services.all = [one for one in self.services.all if one["id"] != number]


def source_at(engine: AsyncEngine, address: str, **config: str | int) -> Directory:
    """The source that is set up to read a directory."""
    manifest = read_manifest(Path(__file__).parent / "connector.toml")
    # As fast as it goes: how gently a partner is asked is held where HTTP is.
    hurried = replace(manifest, limits=replace(manifest.limits, rate=100_000))
    given = {"base_url": address, "per_page": 2, **config}
    source = build(hurried, read_config("hsds", manifest.config, given, {"K": SECRET}), engine)
    source.limits = manifest.limits
    return source


@asynccontextmanager
async def directory(
    engine: AsyncEngine, *services: Mapping[str, Any], faults: tuple[Fault, ...] = (), **config: str | int
) -> AsyncIterator[Partner]:
    """A directory over real HTTP, and the source that is set up to read it."""
    held = Services(services)
    faulty = Faulty(application(held), faults)
    async with running(faulty) as address:
        source = source_at(engine, address, **config)
        partner = Partner(held, faulty, source)
        source.now = lambda: partner.now
        yield partner
        await source.aclose()


async def offered(stack: AsyncExitStack, _home: Path, engine: AsyncEngine) -> Offered:
    """Of nobody: there are no records of people to ask about."""
    heard: list[Heard] = []
    held = Services([service("1"), service("2")])
    address = await stack.enter_async_context(running(Recorded(application(held, SECRET), heard)))
    return Offered(
        source_at(engine, address, api_key="env:K"),
        (),
        at=lambda other: source_at(engine, other, api_key="env:K"),
        heard=heard,
    )
