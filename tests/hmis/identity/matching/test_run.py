"""Matching in the database: links can be undone, what somebody said holds, and some are never read."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from hmis.bulk import BULK_SETTINGS, bulk
from hmis.community.population import Population
from hmis.errors import InputRefused
from hmis.identity.links import undo
from hmis.identity.matching import answering, reading, reviewing
from hmis.identity.matching.run import Found, match
from tests.populations import figures, fill
from tests.worlds import NOW, TODAY, World

ADA = {
    "first_name": "Adaeze", "last_name": "Quillfeather", "name_data_quality": 1, "ssn": "734123456",
    "ssn_data_quality": 1, "dob": date(1990, 5, 3), "dob_data_quality": 1, "sex": 0, "veteran_status": 0,
}  # fmt: skip
NO_SSN = {"ssn": None, "ssn_data_quality": 99}
OTHER_SSN = {"ssn": "799887766"}
TYPED = {"last_name": "Quilfeather"}
"""With it, and without an SSN, the exact rules do not find her."""

Run = Callable[..., Awaitable[Found]]


@pytest.fixture
def run(database: AsyncEngine) -> Run:
    async def matching(*sources: str, write: bool = True, **more: Any) -> Found:
        async with database.connect() as connection:
            raw = await bulk(connection)
            async with raw.transaction():
                await raw.execute(BULK_SETTINGS)
                return await match(raw, sources, NOW, write=write, **more)

    return matching


@pytest.fixture
async def world(database: AsyncEngine) -> World:
    """Ada at A; and at B, in another source, with slips and without an SSN."""
    world = World(database)
    await world.organization("A", source="north")
    await world.organization("B", source="south")
    await world.client("ada", source="north", **ADA)
    await world.client("ada2", source="south", **(ADA | TYPED | NO_SSN))
    return world


@pytest.fixture
def people(fetch: Any) -> Callable[[], Awaitable[set[frozenset[str]]]]:
    """Who is linked with whom now."""

    async def groups() -> set[frozenset[str]]:
        rows = await fetch(
            "select array_agg(personal_id) from client_link where undone_at is null group by person_id"
        )
        return {frozenset(keys) for (keys,) in rows}

    return groups


def said(*groups: str) -> set[frozenset[str]]:
    return {frozenset(group.split()) for group in groups}


async def questions(database: AsyncEngine) -> list[reviewing.Open]:
    async with database.connect() as connection:
        return await reviewing.open_questions(await bulk(connection), 100)


async def answer(database: AsyncEngine, question: UUID, **given: Any) -> tuple[UUID, UUID]:
    async with database.connect() as connection:
        raw = await bulk(connection)
        async with raw.transaction():
            return await answering.decided(raw, question, "operator:kit", NOW, **given)


async def test_two_records_with_slips_are_linked(world: World, run: Run, people: Any, fetch: Any) -> None:
    found = await run()
    assert (found.records, found.compared, found.united, found.questions) == (2, 2, 1, {})
    assert set(found.whom) == {world.people["ada"], world.people["ada2"]}
    assert await people() == said("ada ada2")
    assert await fetch("select personal_id, method from client_link where undone_at is null order by 1") == [
        ("ada", "FIRST"),
        ("ada2", "MODEL"),
    ]


async def test_a_trial_writes_nothing(world: World, run: Run, dump: Any) -> None:
    await world.client("eve", source="south", **(ADA | OTHER_SSN))
    before = await dump()
    found = await run(write=False)
    assert (found.united + sum(found.questions.values()) > 0, found.whom) == (True, [])
    assert await dump() == before


async def test_once_linked_there_is_nothing_more_to_do(world: World, run: Run, dump: Any) -> None:
    await run()
    before = await dump()
    assert (await run()).united == 0
    assert await dump() == before


async def test_an_undone_link_is_never_made_again(world: World, run: Run, people: Any) -> None:
    await run()
    async with world.engine.begin() as connection:
        await undo(connection, "south", "ada2", NOW)
    assert await people() == said("ada", "ada2")
    found = await run()
    assert (found.united, found.remembered, found.questions) == (0, 1, {})
    assert await people() == said("ada", "ada2")


async def test_only_the_sources_asked_for_are_compared(world: World, run: Run, people: Any) -> None:
    await world.client("ada3", source="north", **(ADA | TYPED | NO_SSN | {"first_name": "Adaze"}))
    assert (await run("north")).compared == 2
    assert await people() == said("ada", "ada2", "ada3")
    with pytest.raises(InputRefused, match="no source west"):
        await run("north", "west")


async def test_a_record_elsewhere_speaks_against_a_link(world: World, run: Run, people: Any) -> None:
    """Ada of the south has a record in the west with another SSN."""
    await world.client("west", source="west", person_of="ada2", **(ADA | OTHER_SSN))
    found = await run("north", "south")
    assert (found.records, found.compared, found.united) == (3, 2, 0)
    assert found.questions == {"SSN": 1}


async def test_who_is_known_to_victim_services_alone_is_not_even_read(
    world: World, run: Run, people: Any, database: AsyncEngine
) -> None:
    await world.organization("V", source="demo", victim_services=True)
    await world.organization("D", source="demo")
    await world.client("hidden", **ADA)
    await world.stay("e1", "hidden", "V-p")
    async with database.connect() as connection:
        raw = await bulk(connection)
        async with raw.transaction():
            alone = await reading.read(raw, await reading.source_ids(raw, ["demo"]), TODAY)
    assert (alone.records, alone.people, [len(table) for table in alone.tables]) == ([], [], [0])
    found = await run()
    assert found.records == 2
    assert await people() == said("ada ada2", "hidden")


async def test_a_source_of_victim_services_alone_is_not_read_at_all(world: World, run: Run) -> None:
    await world.organization("V", source="demo", victim_services=True)
    await world.client("without-stay", **ADA)
    assert (await run("demo")).records == 0


async def test_who_stayed_elsewhere_too_is_matched(world: World, run: Run, people: Any) -> None:
    await world.organization("V", source="demo", victim_services=True)
    await world.organization("D", source="demo")
    await world.client("known", **ADA)
    await world.stay("e1", "known", "V-p")
    await world.stay("e2", "known", "D-p")
    await run()
    assert await people() == said("ada ada2 known")


async def test_removed_records_are_not_read(world: World, run: Run, database: AsyncEngine) -> None:
    async with database.begin() as connection:
        await connection.execute(text("update client set removed_at = now() where personal_id = 'ada2'"))
    assert (await run()).records == 1


async def test_a_hashed_record_identifies_nobody(world: World, run: Run) -> None:
    hashed = {"first_name": "a" * 64, "last_name": "b" * 64, "ssn": "c" * 64}
    await world.client("masked", source="south", **(ADA | hashed))
    assert (await run()).compared == 2


async def test_two_who_agreed_to_something_are_asked_about_and_not_united(
    world: World, run: Run, people: Any, agree: Any, database: AsyncEngine
) -> None:
    await agree("ada", "ada2")
    found = await run()
    assert (found.united, found.questions) == (0, {"CONSENT": 1})
    (question,) = await questions(database)
    with pytest.raises(InputRefused, match="Ask the client"):
        await answer(database, question.id, same=True)
    with pytest.raises(InputRefused, match="neither"):
        await answer(database, question.id, same=True, consent_of=UUID(int=1))
    assert await people() == said("ada", "ada2")
    left, _ = await answer(database, question.id, same=True, consent_of=world.people["ada2"])
    assert left == world.people["ada2"]
    assert await people() == said("ada ada2")


async def test_the_one_who_agreed_to_something_keeps_the_hub_id(
    world: World, run: Run, agree: Any, fetch: Any
) -> None:
    await agree("ada2")
    await run()
    ids = await fetch("select distinct person_id from client_link where undone_at is null")
    assert ids == [(world.people["ada2"],)]


async def test_a_question_says_why_and_names_no_value(world: World, run: Run, database: AsyncEngine) -> None:
    await world.client("eve", source="south", **(ADA | OTHER_SSN))
    await run()
    raised = await questions(database)
    question = next(one for one in raised if one.reason == "SSN")
    assert {*question.one_records, *question.other_records} >= {"north:ada", "south:eve"}
    assert round(sum(step["bits"] for step in question.evidence) - question.weight, 1) == 0
    assert {step["fact"]: step["says"] for step in question.evidence} == {
        "any two records": "",
        "first_name": "same",
        "last_name": "same",
        "birth_date": "same",
        "ssn": "other",
        "sex": "same",
        "veteran": "neither",
    }
    async with database.connect() as connection:
        kept = str((await connection.execute(text("select m::text from match_review m"))).all()).lower()
    for value in ("adaeze", "quil", "734123456", "799887766", "1990"):
        assert value not in kept


async def test_who_is_said_to_be_different_is_never_asked_about_again(
    world: World, run: Run, database: AsyncEngine, people: Any
) -> None:
    await world.client("eve", source="south", **(ADA | OTHER_SSN))
    await run()
    for question in await questions(database):
        await answer(database, question.id, same=False)
    before = await people()
    found = await run()
    assert (found.united, found.questions) == (0, {})
    assert found.remembered >= 1
    assert await questions(database) == []
    assert await people() == before


async def test_who_is_said_to_be_the_same_is_one_as_staff_said(
    world: World, run: Run, database: AsyncEngine, fetch: Any
) -> None:
    await world.client("eve", source="south", **(ADA | OTHER_SSN))
    await run()
    question = next(one for one in await questions(database) if one.reason == "SSN")
    left, gone = await answer(database, question.id, same=True)
    assert {left, gone} == {question.one, question.other}
    assert await fetch(
        "select distinct method from client_link where undone_at is null and linked_at = :now "
        "and method = 'STAFF'",
        now=NOW,
    ) == [("STAFF",)]
    assert await fetch("select state, decided_by from match_review where state <> 'OPEN'") == [
        ("SAME", "operator:kit")
    ]
    with pytest.raises(InputRefused, match="no such open question"):
        await answer(database, question.id, same=True)


async def test_a_question_that_no_longer_arises_is_withdrawn(
    world: World, run: Run, database: AsyncEngine, fetch: Any
) -> None:
    await world.client("eve", source="south", **(ADA | OTHER_SSN))
    await run()
    assert await questions(database)
    async with database.begin() as connection:
        await connection.execute(
            text(
                "update client set first_name = 'Zelda', last_name = 'Ironside', dob = '1961-01-09' "
                "where personal_id = 'eve'"
            )
        )
    await run()
    assert [
        one for one in await questions(database) if "south:eve" in one.one_records + one.other_records
    ] == []
    assert ("WITHDRAWN",) in await fetch("select distinct state from match_review")


async def test_questions_about_a_person_go_where_records_come_or_go(
    world: World, run: Run, database: AsyncEngine
) -> None:
    await world.client("eve", source="south", **(ADA | OTHER_SSN))
    await world.client("eve2", source="north", person_of="eve", **(ADA | OTHER_SSN))
    await run()
    assert await questions(database)
    async with database.begin() as connection:
        await undo(connection, "north", "eve2", NOW)
    assert [one for one in await questions(database) if world.people["eve"] in (one.one, one.other)] == []


async def test_an_import_does_not_part_what_the_model_linked(
    craft: Any, load: Any, run: Run, people: Any
) -> None:
    """No exact rule holds the two together, and the next export touches both."""
    facts = {"FirstName": "Adaeze", "LastName": "Quillfeather", "NameDataQuality": "1", "DOBDataQuality": "1"}
    craft.stay("1")
    craft.files["Client"][-1].update(facts | {"DOB": "1990-05-03", "SSN": "219099999", "SSNDataQuality": "1"})
    craft.stay("2")
    craft.files["Client"][-1].update(facts | {"LastName": "Quilfeather", "DOB": "1990-05-03"})
    await load(craft)
    await run()
    assert await people() == said("c1 c2")
    for row in craft.files["Client"]:
        row["VeteranStatus"] = "1"
    await load(craft)
    assert await people() == said("c1 c2")


async def test_a_record_that_was_corrected_since_is_parted_and_asked_about(
    world: World, run: Run, people: Any, database: AsyncEngine
) -> None:
    await run()
    assert await people() == said("ada ada2")
    async with database.begin() as connection:
        await connection.execute(
            text("update client set ssn = '799887766', ssn_data_quality = 1 where personal_id = 'ada2'")
        )
    found = await run()
    assert (found.parted, found.united, found.questions) == (1, 0, {"SSN": 1})
    assert await people() == said("ada", "ada2")


async def test_a_number_that_very_many_have_is_nobodys(world: World, run: Run, people: Any) -> None:
    for number in range(21):
        stranger = {"first_name": f"{chr(97 + number) * 2}olanda", "last_name": "Ironside"}
        await world.client(f"s{number}", source="south", **(ADA | stranger))
    found = await run()
    assert found.united == 1
    assert frozenset({"ada", "ada2"}) in await people()


async def test_a_population_is_found_whatever_the_order_of_its_records(
    database: AsyncEngine, run: Run, fetch: Any
) -> None:
    lines = list(Population(21).records(1_500))
    truth = {line.personal_id: line.person for line in lines}

    async def found(order: list[Any], *sources: str) -> tuple[set[frozenset[str]], dict[Any, int]]:
        async with database.begin() as connection:
            await connection.execute(text("truncate source, person, client restart identity cascade"))
        # The same records in the same sources, written in another order.
        await fill(database, order, sources)
        done = await run()
        rows = await fetch(
            "select array_agg(personal_id) from client_link where undone_at is null group by person_id"
        )
        return {frozenset(keys) for (keys,) in rows}, done.questions

    groups, asked = await found(lines, "north")
    assert (groups, asked) == await found(lines[::-1], "north")
    numbers = list(truth)
    figure = figures(
        [[numbers.index(key) for key in group] for group in groups], [truth[key] for key in numbers]
    )
    assert figure.precision >= 0.999
    assert figure.recall >= 0.88


async def test_nothing_of_anybody_is_logged(
    world: World, run: Run, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    steps: list[str] = []
    with caplog.at_level(logging.DEBUG, logger="splink"):
        await run(say=steps.append)
    said_by_all = "\n".join([*steps, caplog.text, *capfd.readouterr()]).lower()
    assert "comparing 2 records of 2 people" in said_by_all
    for value in ("adaeze", "quil", "734123456", "1990"):
        assert value not in said_by_all
