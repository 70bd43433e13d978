"""The seeded community: written as an HMIS archive and loaded by the importer itself, once."""

from __future__ import annotations

from datetime import datetime, timedelta

import orjson
from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.energy_drop.drop import write_drop
from connectors.energy_drop.layout import KINDS, PAYMENT_COLUMNS, TRIGGER, Benefit, Member
from gateway.demo.clinic import clinic_bundle
from gateway.demo.home import DemoHome
from hmis.community import (
    AS_OF,
    Community,
    EnergyBenefit,
    EnergyHousehold,
    PartnerHousehold,
    PartnerMember,
    Tenancy,
    build,
)
from hmis.csv.watching import import_watched
from hmis.tables import import_run, source

SOURCE = "demo"
_BATCH = f"port-ellery-{AS_OF.isoformat()}"


def write_files(home: DemoHome) -> str:
    """The community's archive and what its partners hold of it. What is there already stays as it is.

    Returns the PersonalID of the person whose story crosses all four agencies.
    """
    held = (home.pantry, home.rent, home.clinic, home.drop / f"{TRIGGER}{_BATCH}")
    wanted = (home.archive, *held, home.showcase)
    if all(path.exists() for path in wanted):
        return home.showcase.read_text(encoding="utf-8")
    community = build()
    community.write_archive(home.archive)
    home.write(
        home.pantry.name, orjson.dumps({"households": [pantry_household(one) for one in community.pantry]})
    )
    home.write(
        home.rent.name, orjson.dumps({"tenancies": [tenancy_record(one) for one in community.tenancies]})
    )
    home.write(home.clinic.name, orjson.dumps(clinic_bundle(community.patients)))
    _write_drop(home, community)
    home.write(home.showcase.name, community.showcase)
    return community.showcase


async def load(writer: AsyncEngine, home: DemoHome, now: datetime) -> bool:
    """Import the archive unless this database has had it. True = it was imported."""
    async with writer.connect() as connection:
        imported = select(exists().where(import_run.c.source_id == source.c.id, source.c.name == SOURCE))
        if await connection.scalar(imported):
            return False
    await import_watched(writer, home.archive, SOURCE, now=now)
    return True


def pantry_household(household: PartnerHousehold) -> dict[str, object]:
    """A household as the pantry's own system keeps it. Who its members truly are stays with the community."""
    return {
        "id": household.key,
        "members": [_named(member) for member in household.members],
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


def _named(member: PartnerMember) -> dict[str, str]:
    return {
        "firstName": member.first_name,
        "lastName": member.last_name,
        "dateOfBirth": member.dob.isoformat() if member.dob else "",
    }


def tenancy_record(tenancy: Tenancy) -> dict[str, object]:
    """A tenancy as the rent fund's own system keeps it."""
    return {
        "id": tenancy.key,
        "tenants": [_named(member) for member in tenancy.members],
        "updatedAt": f"{tenancy.updated.isoformat()}T00:00:00Z",
        "payments": [
            {
                "number": payment.number,
                "paidOn": payment.paid.isoformat(),
                "amount": f"{payment.amount:.2f}",
                "purpose": payment.purpose,
                "begins": payment.begins.isoformat(),
                "ends": payment.ends.isoformat(),
                "fund": "Port Ellery Rent Fund",
            }
            for payment in tenancy.payments
        ],
    }


def _write_drop(home: DemoHome, community: Community) -> None:
    members = [member for household in community.energy for member in _members(household)]
    benefits = [benefit for household in community.energy for benefit in _benefits(household)]
    payments = [payment for household in community.energy for payment in _payments(household)]
    write_drop(home.drop, _BATCH, AS_OF, members, benefits, payments)


def _members(household: EnergyHousehold) -> list[Member]:
    place = (household.address, household.city, household.state, household.zip)
    return [
        Member(household.key, member.first_name, member.last_name, member.dob, *place)
        for member in household.members
    ]


def _benefits(household: EnergyHousehold) -> list[Benefit]:
    """Help with energy; rent stands in a file of its own."""
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


def _payments(household: EnergyHousehold) -> list[dict[str, str]]:
    """Rent that the office paid, in the columns of Treasury's template."""
    return [
        dict(zip(PAYMENT_COLUMNS, _treasury(household, benefit), strict=True))
        for benefit in household.benefits
        if benefit.kind not in KINDS
    ]


def _treasury(household: EnergyHousehold, benefit: EnergyBenefit) -> tuple[str, ...]:
    month = benefit.date.replace(day=1)
    ends = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return (
        *(household.address, "", "", household.city, household.state, household.zip, "0000"),
        *("Tenant", f"{benefit.amount:.2f}", f"{benefit.date:%m/%d/%Y}"),
        "Financial Assistance: Rental Arrears" if benefit.prevented else "Financial Assistance: Rent",
        *(f"{month:%m/%d/%Y}", f"{ends:%m/%d/%Y}"),
    )
