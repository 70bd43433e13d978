"""The SQL says what `decide` says: over random grants, and for every kind of record."""

from __future__ import annotations

import random
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.categories import NOTHING, Category
from auth.consent import Effect, decide
from auth.grants import by_person, revoke, statement
from auth.viewer import Purpose, Role
from auth.visibility import granted
from hmis.tables import person
from tests.worlds import NOW, TODAY, World

_BITS = list(Category)


def _some(choose: random.Random) -> Category:
    mask = Category.EXISTENCE if choose.random() < 0.8 else NOTHING
    for category in choose.sample(_BITS, choose.randint(0, 8)):
        mask |= category
    return mask


async def test_random_grants_are_decided_alike_in_sql_and_in_python(database: AsyncEngine) -> None:
    choose = random.Random(20260630)
    world = World(database)
    for name in "ABC":
        await world.organization(name)
    for number in range(120):
        client = f"c{number}"
        await world.client(client)
        for _ in range(choose.randint(0, 4)):
            start = TODAY + timedelta(days=choose.randint(-3, 1))
            identifier = await world.grant(
                client,
                *choose.sample("ABC", choose.randint(0, 2)),
                categories=_some(choose),
                effect=choose.choice([Effect.PERMIT, Effect.PERMIT, Effect.DENY]),
                purposes=tuple(choose.sample(list(Purpose), 6)),
                start=start,
                end=choose.choice([None, start + timedelta(days=choose.randint(1, 4))]),
            )
            if choose.random() < 0.15:
                async with database.begin() as connection:
                    await revoke(connection, world.viewer("A"), identifier, "changed their mind", NOW)
    compared = opened = 0
    async with database.connect() as connection:
        people = list(world.people.values())
        given = by_person((await connection.execute(statement(people=people))).mappings())
        for agency in "ABC":
            for role, purpose in [
                (Role.CASE_MANAGER, Purpose.CARE_COORDINATION),
                (Role.DASHBOARD, Purpose.REPORTING),
                (Role.INTEGRATOR, Purpose.OPERATIONS),
            ]:
                viewer = world.viewer(agency, role, purpose)
                for day in (TODAY - timedelta(days=1), TODAY, TODAY + timedelta(days=1)):
                    masks = await connection.execute(
                        select(person.c.id, granted(viewer, day, person.c.id).label("mask"))
                    )
                    for row in masks:
                        expected = decide(viewer, given.get(row.id, []), day).allowed
                        assert Category(row.mask) == expected
                        compared += 1
                        opened += bool(expected)
    assert compared == 120 * 3 * 3 * 3
    assert opened > 300, "the random grants must open enough to be worth comparing"
