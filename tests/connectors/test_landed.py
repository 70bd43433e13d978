"""Who landed records are about: the rungs of the ladder that disclose nobody, one after the other."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID, uuid4

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from connectors.base import Person
from connectors.crosswalk import State, links, say
from connectors.energy_drop.kit import DAY
from connectors.kit.offered import ADA
from connectors.landed import Claim, Linked, climb, link_members
from connectors.tokens import token
from hmis.tables import (
    landing_batch,
    landing_benefit,
    landing_household_member,
    landing_token,
    match_candidate,
    partner_link,
    person,
)


async def _people(engine: AsyncEngine, count: int = 1) -> list[UUID]:
    numbers = [uuid4() for _ in range(count)]
    async with engine.begin() as connection:
        await connection.execute(insert(person), [{"id": number} for number in numbers])
    return numbers


async def _batch(connection: AsyncConnection) -> int:
    batch = await connection.scalar(
        insert(landing_batch)
        .values(
            connector="energy-drop",
            batch="b",
            content_sha256="0",
            as_of=DAY,
            members=1,
            benefits=0,
            rows_refused=0,
        )
        .returning(landing_batch.c.id)
    )
    assert batch is not None
    return batch


async def _land(connection: AsyncConnection, *members: tuple[str, str, str, date | None]) -> None:
    batch = await _batch(connection)
    shared = {"batch_id": batch, "connector": "energy-drop"}
    await connection.execute(
        insert(landing_household_member),
        [
            shared | {"household_id": number, "first_normal": first, "last_normal": last, "dob": dob}
            for number, first, last, dob in members
        ],
    )


async def _linked(engine: AsyncEngine, *people: UUID) -> dict[UUID, set[str]]:
    async with engine.connect() as connection:
        found = await links(connection, "energy-drop", people)
    return {number: {link.value for link in of} for number, of in found.items()}


async def _link(engine: AsyncEngine, *people: tuple[UUID, Person]) -> Linked:
    async with engine.begin() as connection:
        return await link_members(connection, "energy-drop", people)


async def test_members_are_linked_when_names_and_birth_date_agree(database: AsyncEngine) -> None:
    ada, twin, other = await _people(database, 3)
    async with database.begin() as connection:
        await _land(
            connection,
            ("E-1", "ada", "sample", ADA.dob),
            ("E-2", "ada", "sample", ADA.dob),
            ("E-3", "ada", "sample", date(1984, 2, 28)),
            ("E-4", "ada", "smaple", ADA.dob),
            ("E-5", "ada", "sample", None),
            ("E-6", "", "sample", ADA.dob),
        )

    linked = await _link(
        database,
        (ada, Person("ADÁ", "O'Sample", ADA.dob)),
        (ada, Person("Ada", "Sam-ple", ADA.dob)),
        (twin, Person("Ida", "Sample", ADA.dob)),
        (other, Person(None, "Sample", ADA.dob)),
    )

    assert linked == Linked(made=2, ended=0, ambiguous=0)
    assert await _linked(database, ada, twin, other) == {ada: {"E-1", "E-2"}}


async def test_two_people_of_one_name_and_birth_date_stay_unlinked(database: AsyncEngine) -> None:
    one, other = await _people(database, 2)
    async with database.begin() as connection:
        await _land(connection, ("E-1", "ada", "sample", ADA.dob))

    assert await _link(database, (one, ADA), (other, ADA)) == Linked(made=0, ended=0, ambiguous=1)
    assert await _linked(database, one, other) == {}


async def test_linking_again_makes_nothing_new(database: AsyncEngine) -> None:
    (ada,) = await _people(database)
    async with database.begin() as connection:
        await _land(connection, ("E-1", "ada", "sample", ADA.dob))

    assert (await _link(database, (ada, ADA))).made == 1
    assert await _link(database, (ada, ADA)) == Linked(made=0, ended=0, ambiguous=0)


async def test_a_link_that_the_rule_would_not_make_any_more_is_ended(database: AsyncEngine) -> None:
    ada, double = await _people(database, 2)
    async with database.begin() as connection:
        await _land(connection, ("E-1", "ada", "sample", ADA.dob))
    await _link(database, (ada, ADA))

    assert await _link(database, (ada, ADA), (double, ADA)) == Linked(made=0, ended=1, ambiguous=1)
    assert await _linked(database, ada, double) == {}


async def test_members_are_not_linked_against_a_rejection(database: AsyncEngine) -> None:
    (ada,) = await _people(database)
    async with database.begin() as connection:
        await _land(connection, ("E-1", "ada", "sample", ADA.dob))
        await say(connection, "energy-drop", ada, "E-1", State.REJECTED)

    assert (await _link(database, (ada, ADA))).made == 0
    assert await _linked(database, ada) == {}


async def _questions(engine: AsyncEngine) -> set[tuple[UUID, str, str, str]]:
    candidate = match_candidate.c
    asked = (candidate.person_id, candidate.value, candidate.method, candidate.state)
    async with engine.connect() as connection:
        return {(row[0], row[1], row[2], row[3]) for row in await connection.execute(select(*asked))}


async def test_two_people_who_agree_with_one_record_are_a_question_until_they_are_told_apart(
    database: AsyncEngine,
) -> None:
    one, other = await _people(database, 2)
    async with database.begin() as connection:
        await _land(connection, ("E-1", "ada", "sample", ADA.dob))
    await _link(database, (one, ADA), (other, ADA))
    assert await _questions(database) == {
        (one, "E-1", "NAME_DOB", "OPEN"),
        (other, "E-1", "NAME_DOB", "OPEN"),
    }

    assert await _link(database, (one, ADA)) == Linked(made=1, ended=0, ambiguous=0)
    assert {state for *_, state in await _questions(database)} == {"WITHDRAWN"}

    await _link(database, (one, ADA), (other, ADA))
    assert (other, "E-1", "NAME_DOB", "OPEN") in await _questions(database)


async def test_what_staff_said_is_neither_ended_nor_asked(database: AsyncEngine) -> None:
    one, other = await _people(database, 2)
    async with database.begin() as connection:
        await _land(connection, ("E-1", "ada", "sample", ADA.dob))
        await say(connection, "energy-drop", one, "E-1", State.CONFIRMED)
        await say(connection, "energy-drop", other, "E-1", State.REJECTED)

    assert await _link(database, (one, ADA), (other, ADA)) == Linked(made=0, ended=0, ambiguous=1)
    assert await _link(database) == Linked(made=0, ended=0, ambiguous=0)
    assert await _linked(database, one, other) == {one: {"E-1"}}
    assert await _questions(database) == set()


KEY = b"k" * 32


async def _land_tokens(connection: AsyncConnection, *tokens: tuple[str, str | None]) -> None:
    batch = await _batch(connection)
    shared = {"batch_id": batch, "connector": "energy-drop"}
    await connection.execute(
        insert(landing_token), [shared | {"record_id": record, "token": made} for record, made in tokens]
    )


async def test_tokens_link_without_a_name_having_come_to_us(database: AsyncEngine) -> None:
    ada, other = await _people(database, 2)
    async with database.begin() as connection:
        await _land_tokens(connection, ("E-1", token(KEY, ADA)), ("E-2", token(b"o" * 32, ADA)))
        people = [(ada, ADA), (other, Person("Ida", "Sample", ADA.dob))]
        linked = await link_members(connection, "energy-drop", people, KEY)
        rows = await connection.execute(select(partner_link.c.person_id, partner_link.c.method))

    assert linked == Linked(made=1, ended=0, ambiguous=0)
    assert [tuple(row) for row in rows] == [(ada, "TOKEN")]
    assert await _linked(database, ada, other) == {ada: {"E-1"}}


async def test_tokens_of_an_agreement_whose_key_is_not_there_link_nobody(database: AsyncEngine) -> None:
    (ada,) = await _people(database)
    async with database.begin() as connection:
        await _land_tokens(connection, ("E-1", token(KEY, ADA)))

    assert await _link(database, (ada, ADA)) == Linked(made=0, ended=0, ambiguous=0)


async def test_an_account_that_both_know_links_before_names_are_looked_at(database: AsyncEngine) -> None:
    ada, bea = await _people(database, 2)
    async with database.begin() as connection:
        await _land(connection, ("E-1", "ada", "sample", ADA.dob))
        batch = await _batch_again(connection)
        account = {"vendor": "Northgas", "account": "77"}
        benefit = {"household_id": "E-1", "benefit_date": DAY, "kind": "HEATING", "amount": 1, **account}
        await connection.execute(
            insert(landing_benefit).values(batch_id=batch, connector="energy-drop", **benefit)
        )
        held = {"namespace": "UTILITY_ACCOUNT", "value": "Northgas|77", "method": "STAFF"}
        await connection.execute(insert(partner_link).values(person_id=ada, connector="pantry", **held))

    assert await _link(database, (ada, ADA), (bea, ADA)) == Linked(made=1, ended=0, ambiguous=1)
    assert await _linked(database, ada, bea) == {ada: {"E-1"}}
    assert await _questions(database) == {(bea, "E-1", "NAME_DOB", "OPEN")}
    async with database.connect() as connection:
        made = partner_link.c.connector == "energy-drop"
        rows = (await connection.execute(select(partner_link).where(made))).mappings().all()
    assert [(row["method"], row["evidence"]) for row in rows] == [("SHARED_ID", {"agreed": ["identifier"]})]


async def _batch_again(connection: AsyncConnection) -> int:
    batch = await connection.scalar(select(landing_batch.c.id))
    assert batch is not None
    return batch


def _claims(*claims: tuple[str, Iterable[UUID]]) -> list[Claim]:
    return [(record, frozenset(people)) for record, people in claims]


def test_a_cheaper_rung_has_the_first_word() -> None:
    ada, bea = uuid4(), uuid4()
    pairs, doubts, ambiguous = climb(
        {
            "NAME_DOB": _claims(("E-1", {ada}), ("E-2", {ada, bea})),
            "TOKEN": _claims(("E-1", {ada, bea}), ("E-2", {bea})),
        }
    )

    assert {(pair.person, pair.value, pair.method) for pair in pairs} == {(bea, "E-2", "TOKEN")}
    asked = {(doubt.pair.person, doubt.pair.value, doubt.pair.method) for doubt in doubts}
    assert asked == {(ada, "E-1", "TOKEN"), (bea, "E-1", "TOKEN"), (ada, "E-2", "NAME_DOB")}
    assert ambiguous == 2
