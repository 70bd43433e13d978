"""Who took back their consent does not come back with the partner's next file, and the others in it do."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.categories import Category
from connectors.crosswalk import State, say
from connectors.energy_drop import landing
from connectors.energy_drop.layout import Benefit, Member
from connectors.energy_drop.mapping import Batch, Declared, DropManifest
from connectors.memory import MemorySource
from gateway.linking import Linking
from hmis.tables import (
    client_fact,
    landing_batch,
    landing_benefit,
    landing_household_member,
    partner_link,
    partner_withheld,
)
from tests.worlds import World

BORN = date(1984, 2, 29)
SHARED = Category.EXISTENCE | Category.UTILITY
REVOKE = """mutation($id: ID!) { consentRevoke(id: $id, reason: "asked to") { problems { code } } }"""
GRANT = """mutation($input: ConsentGrantInput!) { consentGrant(input: $input) { problems { code } } }"""
ENERGY = "energy-drop"


@pytest.fixture
async def world(database: AsyncEngine) -> World:
    """Ada, who lives alone or with Bea; both stayed at A."""
    world = World(database)
    await world.organization("A")
    for who in ("Ada", "Bea"):
        await world.client(who, first_name=who, last_name="Sample", dob=BORN)
        await world.stay(f"s-{who}", who, "A-p")
        fact = {"personal_id": who, "method": "NAME_DOB", "value": world.people[who]}
        await world._insert(client_fact, source_id=world.sources["demo"], **fact)
    world.partners[ENERGY] = MemorySource({}, name=ENERGY, noun="UtilityAssistance", category="utility")
    return world


async def drop(world: World, day: int, **households: str) -> None:
    """The energy office's file of that day, `E1="Ada Bea"`, taken and linked as after every sync."""
    members = [
        Member(household, first_name=name, last_name="Sample", dob=BORN, address="1 Main St")
        for household, names in households.items()
        for name in names.split()
    ]
    benefits = [Benefit(one, date(2026, 1, 1), "HEATING", Decimal(90), account="77") for one in households]
    files = {"households.csv": Declared(len(members), str(day))}
    manifest = DropManifest(f"b{day}", date(2026, 1, 1) + timedelta(days=day), files)
    async with world.engine.begin() as connection:
        await landing.replace(connection, ENERGY, manifest, Batch(tuple(members), tuple(benefits), (), False))
    await Linking(world.engine).renew(ENERGY)


async def landed(world: World) -> dict[str, list[str]]:
    """The households that are there, with their members; one of which only benefits are there has none."""
    async with world.engine.connect() as connection:
        found: dict[str, list[str]] = {
            household: [] for household in await connection.scalars(select(landing_benefit.c.household_id))
        }
        member = landing_household_member.c
        rows = await connection.execute(select(member.household_id, member.first_name).order_by(member.id))
        for household, name in rows:
            found.setdefault(household, []).append(name)
    return found


async def linked(world: World) -> set[tuple[str, str]]:
    names = {person: name for name, person in world.people.items()}
    link = partner_link.c
    async with world.engine.connect() as connection:
        rows = await connection.execute(
            select(link.person_id, link.value).where(link.valid_to.is_(None), link.status == "CONFIRMED")
        )
        return {(names[person], value) for person, value in rows}


async def ask(world: World, document: str, **variables: Any) -> None:
    answer = await world.ask(world.viewer("A"), document, **variables)
    assert answer.errors == ()
    assert [payload["problems"] for payload in answer.data.values()] == [[]]


async def withdraws(world: World, who: str) -> None:
    """They agree, and take it back."""
    await ask(world, REVOKE, id=str(await world.grant(who, categories=SHARED)))


async def agrees(world: World, who: str) -> None:
    said = {
        "client": str(world.people[who]),
        "categories": ["EXISTENCE", "UTILITY"],
        "recipients": {"communityWide": True},
        "purposes": ["CARE_COORDINATION"],
        "start": "2026-01-01",
        "method": "VERBAL",
    }
    await ask(world, GRANT, input=said)


async def test_a_household_of_one_goes_whole_and_stays_away_until_they_agree_anew(world: World) -> None:
    await drop(world, 1, E1="Ada", E2="Bea")
    assert await linked(world) == {("Ada", "E1"), ("Bea", "E2")}
    await withdraws(world, "Ada")
    assert await landed(world) == {"E2": ["Bea"]}
    await drop(world, 2, E1="Ada", E2="Bea")
    assert await landed(world) == {"E2": ["Bea"]}
    assert await linked(world) == {("Bea", "E2")}

    await agrees(world, "Ada")
    await drop(world, 3, E1="Ada", E2="Bea")
    assert await landed(world) == {"E1": ["Ada"], "E2": ["Bea"]}
    assert await linked(world) == {("Ada", "E1"), ("Bea", "E2")}
    async with world.engine.connect() as connection:
        assert (await connection.execute(select(partner_withheld))).all() == []


async def test_of_a_shared_household_only_their_own_row_goes(world: World) -> None:
    await drop(world, 1, E1="Ada Bea")
    await withdraws(world, "Ada")
    assert await landed(world) == {"E1": ["Bea"]}
    assert await linked(world) == {("Bea", "E1")}
    await drop(world, 2, E1="Ada Bea")
    assert await landed(world) == {"E1": ["Bea"]}
    assert await linked(world) == {("Bea", "E1")}


async def test_when_the_last_of_a_household_withdraws_it_goes_whole(world: World) -> None:
    await drop(world, 1, E1="Ada Bea")
    await withdraws(world, "Ada")
    await withdraws(world, "Bea")
    assert await landed(world) == {}
    await drop(world, 2, E1="Ada Bea")
    assert await landed(world) == {}

    await agrees(world, "Bea")
    await drop(world, 3, E1="Ada Bea")
    assert await landed(world) == {"E1": ["Bea"]}
    assert await linked(world) == {("Bea", "E1")}


async def test_whoever_moved_is_not_linked_with_their_new_household_either(world: World) -> None:
    await drop(world, 1, E1="Ada")
    await withdraws(world, "Ada")
    await drop(world, 2, E7="Ada")
    assert await linked(world) == set()


async def test_the_ledger_counts_what_the_partner_sent(world: World) -> None:
    await drop(world, 1, E1="Ada")
    await withdraws(world, "Ada")
    await drop(world, 2, E1="Ada")
    async with world.engine.connect() as connection:
        ledger = landing_batch.c
        sent = (await connection.execute(select(ledger.members, ledger.benefits).order_by(ledger.id))).all()
    assert [tuple(row) for row in sent] == [(1, 1), (1, 1)]


async def test_the_ids_of_withheld_households_are_kept_as_digests(world: World) -> None:
    await drop(world, 1, **{"E-4711": "Ada"})
    await withdraws(world, "Ada")
    async with world.engine.connect() as connection:
        rows = (await connection.execute(select(partner_withheld))).all()
    assert len(rows) == 2
    assert "4711" not in repr(rows)


async def test_a_household_that_staff_linked_stays_away_too(world: World) -> None:
    """Nothing in it agrees with Ada, so only the household's id can tell."""
    await drop(world, 1, E1="Adelaide")
    async with world.engine.begin() as connection:
        await say(connection, ENERGY, world.people["Ada"], "E1", State.CONFIRMED)
    await withdraws(world, "Ada")
    await drop(world, 2, E1="Adelaide")
    assert await landed(world) == {}
