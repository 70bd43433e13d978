"""The seeded community: written as an HMIS archive and loaded by the importer itself, once."""

from __future__ import annotations

from datetime import datetime

import orjson
from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.energy_drop.drop import write_drop
from connectors.energy_drop.layout import KINDS, TRIGGER, Benefit, Member
from gateway.demo.home import DemoHome
from hmis.community import AS_OF, Community, EnergyHousehold, PartnerHousehold, build
from hmis.csv.loading import import_archive
from hmis.tables import import_run, source

SOURCE = "demo"
_BATCH = f"port-ellery-{AS_OF.isoformat()}"


def write_files(home: DemoHome) -> str:
    """The community's archive and what its two partners hold of it. What is there already stays as it is.

    Returns the PersonalID of the person whose story crosses all four agencies.
    """
    wanted = (home.archive, home.pantry, home.drop / f"{TRIGGER}{_BATCH}", home.showcase)
    if all(path.exists() for path in wanted):
        return home.showcase.read_text(encoding="utf-8")
    community = build()
    community.write_archive(home.archive)
    home.write(home.pantry.name, orjson.dumps({"households": [_pantry(one) for one in community.pantry]}))
    _write_drop(home, community)
    home.write(home.showcase.name, community.showcase)
    return community.showcase


async def load(writer: AsyncEngine, home: DemoHome, now: datetime) -> bool:
    """Import the archive unless this database has had it. True = it was imported."""
    async with writer.connect() as connection:
        imported = select(exists().where(import_run.c.source_id == source.c.id, source.c.name == SOURCE))
        if await connection.scalar(imported):
            return False
    await import_archive(writer, home.archive, SOURCE, now=now)
    return True


def _pantry(household: PartnerHousehold) -> dict[str, object]:
    """A household as the pantry's own system keeps it. Who its members truly are stays with the community."""
    return {
        "id": household.key,
        "members": [
            {
                "firstName": member.first_name,
                "lastName": member.last_name,
                "dateOfBirth": member.dob.isoformat() if member.dob else "",
            }
            for member in household.members
        ],
        "address": {
            "line": household.address,
            "city": household.city,
            "state": household.state,
            "zip": household.zip,
        },
        "visits": [{"date": visit.isoformat()} for visit in household.visits],
        "registrations": [{"program": program} for program in household.programs],
        "updatedAt": f"{household.updated.isoformat()}T00:00:00Z",
    }


def _write_drop(home: DemoHome, community: Community) -> None:
    members = [member for household in community.energy for member in _members(household)]
    benefits = [benefit for household in community.energy for benefit in _benefits(household)]
    write_drop(home.drop, _BATCH, AS_OF, members, benefits)


def _members(household: EnergyHousehold) -> list[Member]:
    place = (household.address, household.city, household.state, household.zip)
    return [
        Member(household.key, member.first_name, member.last_name, member.dob, *place)
        for member in household.members
    ]


def _benefits(household: EnergyHousehold) -> list[Benefit]:
    """Help with energy. The office also pays rent, which is another category and not in this agreement."""
    return [
        Benefit(
            household.key,
            benefit.date,
            benefit.kind,
            benefit.amount,
            household.heating_fuel,
            household.vendor,
            household.account,
            benefit.restored,
            benefit.prevented,
        )
        for benefit in household.benefits
        if benefit.kind in KINDS
    ]
