"""What the agency of a client can tell them of disclosures to others, and what it cannot."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.categories import NOTHING, Category
from auth.viewer import AgencyKind, Purpose
from hmis.tables import HMIS, agency, audit_subject
from resolvers import clients, disclosures
from resolvers.disclosures import MOST, DisclosureRow
from tests.audits import NOW, Told, write_event
from tests.conftest import Statements
from tests.worlds import World

NAME, DOB = Category.NAME, Category.DOB


@pytest.fixture
async def world(database: AsyncEngine) -> World:
    """A client known to A only; B and C are other agencies."""
    world = World(database)
    for name in ("A", "B", "C"):
        await world.organization(name)
    await world.client("c1")
    await world.stay("s1", "c1", "A-p")
    return world


async def told(world: World, to: str, shared: Category = NAME, **changes: Any) -> None:
    async with world.engine.begin() as connection:
        line = Told(world.people["c1"], changes.pop("disclosed", shared), shared)
        await write_event(connection, line, agency_id=world.agencies[to].id, **changes)


async def seen(world: World, by: str = "A") -> list[DisclosureRow]:
    request = world.request(world.viewer(by))
    root = await clients.client(request, str(world.people["c1"]))
    assert root is not None
    return await disclosures.of_client(request, root)


async def test_the_newest_come_first_with_agency_purpose_and_categories(world: World) -> None:
    await told(world, "B", NAME | DOB, at=NOW - timedelta(days=1))
    await told(world, "C", NAME, purpose="ELIGIBILITY")
    rows = [(row.at, row.agency, row.purpose, row.categories) for row in await seen(world)]
    assert rows == [
        (NOW, "Agency C", Purpose.ELIGIBILITY, (NAME,)),
        (NOW - timedelta(days=1), "Agency B", Purpose.CARE_COORDINATION, (NAME, DOB)),
    ]


async def test_uses_and_refusals_are_no_disclosures(world: World) -> None:
    await told(world, "A", NAME)
    await told(world, "B", NOTHING, disclosed=NAME)
    await told(world, "B", NOTHING)
    assert await seen(world) == []


async def test_only_the_agency_of_a_client_is_told(world: World) -> None:
    await world.grant("c1", "B")
    await told(world, "C")
    assert await seen(world, "B") == []
    assert len(await seen(world, "A")) == 1


@pytest.mark.parametrize("kind", AgencyKind)
async def test_an_agency_whose_name_tells_is_left_out(world: World, kind: AgencyKind) -> None:
    await told(world, "B")
    async with world.engine.begin() as connection:
        await connection.execute(
            update(agency).where(agency.c.id == world.agencies["B"].id).values(kind=kind.value)
        )
    named = kind in (AgencyKind.CHO, AgencyKind.HIPAA_CE, AgencyKind.PARTNER)
    assert bool(await seen(world)) is named


@pytest.mark.parametrize("answer", [1, None, 99])
async def test_so_is_one_that_may_serve_victims_of_violence(world: World, answer: int | None) -> None:
    await told(world, "B")
    organization = HMIS["Organization"]
    async with world.engine.begin() as connection:
        await connection.execute(
            update(organization)
            .where(organization.c.organization_id == "B")
            .values(victim_service_provider=answer)
        )
    assert await seen(world) == []


async def test_parts_of_a_life_that_the_viewer_may_not_see_are_not_told(world: World) -> None:
    await told(world, "B", NAME | Category.FOOD)
    await told(world, "C", Category.FOOD)
    assert [(row.agency, row.categories) for row in await seen(world)] == [("Agency B", (NAME,))]


async def test_a_purpose_of_another_version_has_no_word(world: World) -> None:
    await told(world, "B", purpose="ASTROLOGY")
    (row,) = await seen(world)
    assert row.purpose is None


async def test_an_answer_has_so_many_and_no_more(world: World) -> None:
    async with world.engine.begin() as connection:
        for number in range(MOST + 2):
            await write_event(
                connection,
                Told(world.people["c1"], NAME, NAME),
                Told(uuid4(), NAME, NAME),
                agency_id=world.agencies["B"].id,
                at=NOW + timedelta(seconds=number),
            )
    rows = await seen(world)
    assert len(rows) == MOST
    assert rows[0].at == NOW + timedelta(seconds=MOST + 1)


async def test_many_clients_cost_one_statement(world: World, statements: Statements) -> None:
    for number in range(2, 6):
        await world.client(f"c{number}")
        await world.stay(f"s{number}", f"c{number}", "A-p")
    await told(world, "B")
    request = world.request(world.viewer("A"))
    roots = await asyncio.gather(*(clients.client(request, str(person)) for person in world.people.values()))
    statements.forget()
    found = await asyncio.gather(*(disclosures.of_client(request, root) for root in roots if root))
    assert [len(rows) for rows in found] == [1, 0, 0, 0, 0]
    assert statements.count == 1


async def test_what_a_query_shows_of_own_and_of_others_records_is_told_apart(world: World) -> None:
    """From the question to the line: A's own look is a use, B's a disclosure."""
    await world.grant("c1", "B")
    document = (
        "query($id: ID!) { client(id: $id) { birth { date } enrollments(first: 5) { nodes { entryDate } } } }"
    )
    masks = {}
    for by in ("A", "B"):
        await world.ask(world.viewer(by), document, audited=True, id=str(world.people["c1"]))
        async with world.engine.connect() as connection:
            newest = select(audit_subject).order_by(audit_subject.c.event_id.desc())
            line = (await connection.execute(newest)).first()
            assert line is not None
            masks[by] = (Category(line.disclosed), Category(line.shared))
    assert masks["A"] == (DOB | Category.ENROLLMENT, NOTHING)
    assert masks["B"] == (DOB | Category.ENROLLMENT, DOB | Category.ENROLLMENT)
    assert [row.agency for row in await seen(world)] == ["Agency B"]
