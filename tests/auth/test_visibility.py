"""The SQL says what `decide` says: over random people, grants, guardians, groups, orders and policies."""

from __future__ import annotations

import os
import random
from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Date, Integer, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.categories import NOTHING, Category
from auth.consent import Effect, Facts, RecordFacts, decide
from auth.grants import by_person, revoke, statement
from auth.legal_order import LegalOrder
from auth.legal_orders import for_viewer, read_back
from auth.parameters import VIEWER
from auth.policy import Combination, Policy
from auth.viewer import Purpose, Role
from auth.visibility import granted
from hmis.labels import Label
from hmis.tables import HMIS, guardian, guardian_bar, person, visibility_group, visibility_group_member
from tests.worlds import NOW, TODAY, World

_CLIENT = HMIS["Client"]
_BITS = list(Category)
_LABELS = [Label.DV, Label.HIV, Label.SUD, Label.PART2, Label.PART2_NOTES, Label.VSP]
PEOPLE = int(os.environ.get("HUB_RANDOM_PEOPLE", "240"))


def _some(choose: random.Random) -> Category:
    mask = Category.EXISTENCE if choose.random() < 0.8 else NOTHING
    for category in choose.sample(_BITS, choose.randint(0, 8)):
        mask |= category
    return mask


def _labels(choose: random.Random) -> Label:
    mask = Label(0)
    for label in choose.sample(_LABELS, choose.choice([0, 0, 0, 1, 1, 2])):
        mask |= label
    return mask


class Population:
    """Random people of one community, written into the tables."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.choose = random.Random(seed)
        self.orders: dict[UUID, list[LegalOrder]] = defaultdict(list)

    async def write(self) -> None:
        for name in "ABC":
            await self.world.organization(name)
        self.group = await self._group()
        for number in range(PEOPLE):
            await self._person(f"c{number}")

    async def _group(self) -> UUID:
        group: UUID = (await self.world._insert(visibility_group, name="Partners")).id
        for name, since, until in [("A", -1, None), ("B", -9, -1), ("C", 1, None)]:
            await self.world._insert(
                visibility_group_member,
                group_id=group,
                agency_id=self.world.agencies[name].id,
                valid_from=TODAY + timedelta(days=since),
                valid_to=None if until is None else TODAY + timedelta(days=until),
            )
        return group

    async def _person(self, client: str) -> None:
        choose = self.choose
        born = choose.choice(
            [None, date(1980, 1, 1), TODAY.replace(year=2008), TODAY.replace(year=2008) + timedelta(days=1)]
        )
        await self.world.client(client, dob=born)
        await self.world.stay(f"s-{client}", client, f"{choose.choice('ABC')}-p")
        adult = await self._guardian(client) if choose.random() < 0.3 else None
        forms = [UUID(int=choose.getrandbits(128)) for _ in range(2)]
        for _ in range(choose.randint(0, 5)):
            await self._grant(client, adult, forms)
        for _ in range(choose.choice([0, 1, 1, 2, 3])):
            await self._order(client)

    async def _order(self, client: str) -> None:
        choose = self.choose
        reader = self.world.viewer(choose.choice("ABC"), Role.PRIVACY_OFFICER, Purpose.LAW_ENFORCEMENT)
        if choose.random() < 0.1:
            reader = replace(reader, subject="PRIVACY_OFFICER@A")
        approvers = ["first", "second", *choose.sample(["clerk", reader.subject], choose.randint(0, 2))]
        order = await self.world.legal_order(
            client,
            reader,
            *(approvers[choose.choice([0, 0, 0, 1]) :]),
            categories=_some(choose),
            labels=_labels(choose),
            start=TODAY + timedelta(days=choose.randint(-2, 1)),
            days=choose.randint(1, 3),
            ended=choose.random() < 0.1,
        )
        self.orders[self.world.people[client]].append(order)

    async def _guardian(self, client: str) -> UUID:
        choose = self.choose
        identifier: UUID = (
            await self.world._insert(
                guardian,
                person_id=self.world.people[client],
                adult="somebody",
                authority="PARENT",
                valid_from=TODAY + timedelta(days=choose.choice([-9, 0, 1])),
                valid_to=choose.choice([None, TODAY, TODAY + timedelta(days=1)]),
                recorded_by="test",
            )
        ).id
        if choose.random() < 0.3:
            async with self.world.engine.begin() as connection:
                await connection.execute(
                    insert(guardian_bar).values(guardian_id=identifier, reason="court", barred_by="test")
                )
        return identifier

    async def _grant(self, client: str, adult: UUID | None, forms: list[UUID]) -> None:
        choose = self.choose
        start = TODAY + timedelta(days=choose.randint(-3, 1))
        kind = choose.choice(["named", "named", "wide", "group"])
        effect = choose.choice([Effect.PERMIT, Effect.PERMIT, Effect.DENY])
        more: dict[str, Any] = {
            "method": choose.choice(["WRITTEN", "ELECTRONIC", "VERBAL", "NOTICE"]),
            "evidence": choose.choice([None, "sha256:0"]),
            "regime": choose.choice(["HUD", "HUD", "PART2"]),
            "labels": _labels(choose) if kind != "wide" or effect is Effect.DENY else Label(0),
            "sources": choose.choice([None, None, (1,), (2,), (1, 2)]),
            "data_from": choose.choice([None, None, TODAY - timedelta(days=9)]),
            "data_to": choose.choice([None, None, TODAY]),
            "provisional_until": choose.choice([None, None, TODAY, TODAY + timedelta(days=1)]),
            "form": choose.choice([None, *forms]),
            "signed_by_client": adult is None or choose.random() < 0.6,
            "guardian": adult if choose.random() < 0.8 else None,
            "subject": choose.choice([None, None, None, "CASE_MANAGER@A"]),
        }
        agencies: list[str] = []
        if kind == "named":
            agencies = choose.sample("ABC", choose.randint(1, 2))
        elif kind == "group":
            more["group"] = self.group
        identifier = await self.world.grant(
            client,
            *agencies,
            categories=_some(choose),
            effect=effect,
            purposes=tuple(choose.sample(list(Purpose), 7)),
            start=start,
            end=choose.choice([None, start + timedelta(days=choose.randint(1, 4))]),
            **more,
        )
        if choose.random() < 0.15:
            async with self.world.engine.begin() as connection:
                await revoke(connection, self.world.viewer("A"), identifier, "changed their mind", NOW)


_POLICIES = [
    Policy(),
    Policy(combination=Combination.LATEST),
    Policy(notice_categories=Category.EXISTENCE | Category.NAME | Category.FOOD, age_of_consent=16),
]
_RECORDS = [
    RecordFacts(None),
    RecordFacts(1),
    RecordFacts(2, TODAY - timedelta(days=20), Label.HIV),
    RecordFacts(1, TODAY - timedelta(days=3), Label.SUD | Label.DV),
    RecordFacts(1, TODAY, Label.PART2_NOTES),
    RecordFacts(1, TODAY, Label.PART2),
]


def _in_sql(record: RecordFacts) -> Any:
    return granted(
        VIEWER,
        person.c.id,
        None if record.source_id is None else literal(record.source_id, Integer()),
        literal(int(record.labels), BigInteger()),
        literal(record.day, Date()),
    ).label("mask")


async def test_random_people_are_decided_alike_in_sql_and_in_python(database: AsyncEngine) -> None:
    world = World(database)
    population = Population(world, 20260630)
    await population.write()
    compared = opened = ordered = 0
    async with database.connect() as connection:
        people = list(world.people.values())
        births = {
            world.people[row.personal_id]: row.dob
            for row in await connection.execute(select(_CLIENT.c.personal_id, _CLIENT.c.dob))
        }
        for day in (TODAY - timedelta(days=1), TODAY, TODAY + timedelta(days=1)):
            given = by_person((await connection.execute(statement(day, people=people))).mappings())
            for agency in "ABC":
                for role, purpose in [
                    (Role.CASE_MANAGER, Purpose.CARE_COORDINATION),
                    (Role.DASHBOARD, Purpose.REPORTING),
                    (Role.PRIVACY_OFFICER, Purpose.LAW_ENFORCEMENT),
                ]:
                    for policy in _POLICIES:
                        viewer = replace(world.viewer(agency, role, purpose), policy=policy)
                        for record in _RECORDS:
                            rows = await connection.execute(
                                select(person.c.id, _in_sql(record), for_viewer(person.c.id).label("orders")),
                                VIEWER.of(viewer, day, NOW),
                            )
                            for row in rows:
                                born = births[row.id]
                                facts = Facts(
                                    grants=tuple(given.get(row.id, ())),
                                    births=() if born is None else (born,),
                                    orders=tuple(population.orders[row.id]),
                                )
                                decision = decide(viewer, facts, policy, day)
                                expected = decision.of(record).allowed
                                assert set(read_back(row.orders)) == set(decision.orders)
                                assert Category(row.mask) == expected, (
                                    viewer.agency.name,
                                    day,
                                    record,
                                    policy,
                                    facts,
                                )
                                compared += 1
                                opened += bool(expected)
                                ordered += bool(expected and decision.orders)
    assert compared == PEOPLE * 3 * 3 * 3 * len(_POLICIES) * len(_RECORDS)
    assert opened > compared / 50, "the random grants must open enough to be worth comparing"
    assert ordered > compared / 100, "and so must the orders"


async def test_who_was_born_on_a_leap_day_comes_of_age_on_the_first_of_march_in_both(
    database: AsyncEngine,
) -> None:
    world = World(database)
    await world.organization("A")
    born = date(2008, 2, 29)
    leap = await world.client("leap", dob=born)
    await world.stay("s", "leap", "A-p")
    await world.grant("leap", "A", start=date(2026, 1, 1))
    viewer = world.viewer("A")
    seen = []
    async with database.connect() as connection:
        for day in (date(2026, 2, 28), date(2026, 3, 1)):
            given = by_person((await connection.execute(statement(day, people=[leap]))).mappings())
            decision = decide(viewer, Facts(tuple(given[leap]), (born,)), Policy(), day)
            mask = (
                await connection.execute(
                    select(_in_sql(RecordFacts(None))).select_from(person), VIEWER.of(viewer, day, NOW)
                )
            ).scalar_one()
            assert Category(mask) == decision.allowed
            seen.append(bool(mask))
    assert seen == [False, True]
