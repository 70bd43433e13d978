"""A service directory for tests: services as HSDS nests them, and the hub's way to a stand-in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.config import read_config
from connectors.hsds.source import Directory, build
from connectors.hsds.standin import Services, application
from connectors.standin import Fault, Faulty
from hmis.tables.directory import directory_location, directory_service
from tests.connectors.partners import manifest_of, running

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


@asynccontextmanager
async def directory(
    engine: AsyncEngine, *services: Mapping[str, Any], faults: tuple[Fault, ...] = (), **config: str | int
) -> AsyncIterator[Partner]:
    """A directory over real HTTP, and the source that is set up to read it."""
    held = Services(services)
    faulty = Faulty(application(held), faults)
    async with running(faulty) as address:
        manifest = manifest_of("hsds")
        # As fast as it goes: how gently a partner is asked is held where HTTP is.
        manifest = replace(manifest, limits=replace(manifest.limits, rate=100_000))
        given = {"base_url": address, "per_page": 2, **config}
        source = build(manifest, read_config("hsds", manifest.config, given, {"K": "k"}), engine)
        partner = Partner(held, faulty, source)
        source.now = lambda: partner.now
        yield partner
        await source.aclose()


async def kept(engine: AsyncEngine) -> dict[str, str]:
    """The names of the services kept, by the partner's id; unreadable and inactive ones with their status."""
    rows = select(directory_service.c.service_id, directory_service.c.name, directory_service.c.status)
    async with engine.connect() as connection:
        found = (await connection.execute(rows)).all()
    return {row.service_id: row.name if row.status == "active" else row.status for row in found}


async def places(engine: AsyncEngine) -> list[dict[str, Any]]:
    """What is kept of every place, by service and location."""
    rows = (
        select(directory_location, directory_service.c.service_id)
        .join(directory_service, directory_service.c.id == directory_location.c.service)
        .order_by(directory_service.c.service_id, directory_location.c.location_id)
    )
    async with engine.connect() as connection:
        return [dict(row) for row in (await connection.execute(rows)).mappings()]
