"""What partners dropped is linked to people when either side has changed, and only then."""

from __future__ import annotations

import uuid
from datetime import date

import pytest
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from gateway.linking import Linking
from hmis.identity.names import normalised_name
from hmis.tables import client_fact, landing_batch, landing_household_member, partner_link
from tests.worlds import World

BORN = date(1988, 3, 14)
NAMES = {"1": "Ana", "2": "Bea", "3": "Cora"}


@pytest.fixture
async def world(database: AsyncEngine) -> World:
    world = World(database)
    await world.source()
    return world


async def _client(world: World, key: str, *, usable: bool = True) -> uuid.UUID:
    person = await world.client(key, first_name=NAMES[key], last_name="Rey", dob=BORN)
    if usable:
        async with world.engine.begin() as connection:
            await connection.execute(
                insert(client_fact).values(
                    source_id=world.sources["demo"], personal_id=key, method="NAME_DOB", value=uuid.uuid4()
                )
            )
    return person


async def _dropped(world: World, *households: str) -> None:
    async with world.engine.begin() as connection:
        batch = await connection.scalar(
            insert(landing_batch)
            .values(
                connector="energy-drop",
                batch="b",
                content_sha256=uuid.uuid4().hex,
                as_of=BORN,
                members=len(households),
                benefits=0,
                rows_refused=0,
            )
            .returning(landing_batch.c.id)
        )
        for household in households:
            await connection.execute(
                insert(landing_household_member).values(
                    batch_id=batch,
                    connector="energy-drop",
                    household_id=household,
                    dob=BORN,
                    first_normal=normalised_name(NAMES[household]),
                    last_normal=normalised_name("Rey"),
                )
            )


async def _linked(world: World) -> set[tuple[uuid.UUID, str]]:
    async with world.engine.connect() as connection:
        rows = await connection.execute(select(partner_link.c.person_id, partner_link.c.value))
        return {(row.person_id, row.value) for row in rows}


async def test_people_are_linked_to_the_households_that_name_them(world: World) -> None:
    one, two = await _client(world, "1"), await _client(world, "2")
    await _dropped(world, "1", "2", "3")
    await Linking(world.engine).renew("energy-drop")
    assert await _linked(world) == {(one, "1"), (two, "2")}


async def test_a_record_that_may_identify_nobody_is_never_linked(world: World) -> None:
    await _client(world, "1", usable=False)
    await _dropped(world, "1")
    await Linking(world.engine).renew("energy-drop")
    assert await _linked(world) == set()


async def test_nothing_is_compared_again_until_something_changed(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="gateway.linking")
    linking = Linking(world.engine)
    for _ in range(3):
        await linking.renew("energy-drop")
    assert len(caplog.records) == 1
    await _client(world, "1")
    await linking.renew("energy-drop")
    await _dropped(world, "1")
    await linking.renew("energy-drop")
    assert len(caplog.records) == 3
    assert len(await _linked(world)) == 1
