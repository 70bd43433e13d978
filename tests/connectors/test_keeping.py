"""Answers are written down behind whoever asked: together, not too many, and nothing that was taken back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors import keeping
from connectors.keeping import Keeper
from hmis.identity import forgetting
from hmis.tables import partner_cache, person
from tests.conftest import Statements

NOW = datetime(2026, 6, 30, 16, 0, tzinfo=UTC)
PEOPLE = [UUID(int=number) for number in range(1, 6)]
SECRET = "Zyxwvutsrq"


@pytest.fixture
async def people(database: AsyncEngine) -> AsyncEngine:
    async with database.begin() as connection:
        await connection.execute(insert(person), [{"id": one} for one in PEOPLE])
    return database


def answer(who: UUID, connector: str = "pantry", visits: int = 3, **other: Any) -> dict[str, Any]:
    return {
        "person_id": who,
        "connector": connector,
        "noun": "FoodAssistance",
        "key_sha256": f"{connector} {who}",
        "rows": [{"values": {"visitCount": visits}}],
        "fetched_at": NOW,
        "fresh_until": NOW + timedelta(hours=1),
        "stale_until": NOW + timedelta(hours=2),
        **other,
    }


async def kept(engine: AsyncEngine) -> dict[str, Any]:
    column = partner_cache.c
    async with engine.connect() as connection:
        rows = await connection.execute(select(column.key_sha256, column.rows))
        return {row.key_sha256: row.rows[0]["values"]["visitCount"] for row in rows}


async def test_answers_that_come_together_are_written_together(
    people: AsyncEngine, statements: Statements
) -> None:
    keeper = Keeper()
    for who in PEOPLE:
        keeper.keep(people, [answer(who), answer(who, "rent")])
    assert statements.count == 0  # whoever brought them has gone on
    await keeper.settled()

    # What is gone, who may be kept (two for each partner), and all of the answers.
    assert statements.count <= 8
    assert len(await kept(people)) == 10


async def test_of_two_answers_to_one_question_the_later_is_kept(people: AsyncEngine) -> None:
    keeper = Keeper()
    keeper.keep(people, [answer(PEOPLE[0])])
    keeper.keep(people, [answer(PEOPLE[0], visits=4)])
    await keeper.settled()
    assert await kept(people) == {f"pantry {PEOPLE[0]}": 4}

    keeper.keep(people, [answer(PEOPLE[0], visits=5)])
    await keeper.settled()
    assert await kept(people) == {f"pantry {PEOPLE[0]}": 5}


async def test_what_was_taken_back_before_it_was_written_is_not_written(people: AsyncEngine) -> None:
    keeper = Keeper()
    keeper.keep(people, [answer(PEOPLE[0]), answer(PEOPLE[0], "rent"), answer(PEOPLE[1])])
    async with people.begin() as connection:
        await forgetting.withdraw(connection, PEOPLE[0], {"pantry": 1})
    await keeper.settled()

    assert (await kept(people)).keys() == {f"rent {PEOPLE[0]}", f"pantry {PEOPLE[1]}"}


async def test_no_more_waits_than_may(people: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "MOST", 3)
    keeper = Keeper()
    keeper.keep(people, [answer(who) for who in PEOPLE])
    await keeper.settled()
    assert len(await kept(people)) == 3

    keeper.keep(people, [answer(who) for who in PEOPLE[3:]])
    await keeper.settled()
    assert len(await kept(people)) == 5


async def test_what_cannot_be_written_is_left_and_said_without_its_words(
    people: AsyncEngine, caplog: pytest.LogCaptureFixture
) -> None:
    keeper = Keeper()
    keeper.keep(people, [answer(PEOPLE[0], noun=None, rows=[{"values": {"name": SECRET}}])])
    await keeper.settled()
    keeper.keep(people, [answer(PEOPLE[1])])
    await keeper.settled()

    assert await kept(people) == {f"pantry {PEOPLE[1]}": 3}
    assert "1 answers could not be kept" in caplog.text
    assert SECRET not in caplog.text


async def test_with_nothing_to_write_nobody_waits(people: AsyncEngine, statements: Statements) -> None:
    keeper = Keeper()
    keeper.keep(people, [])
    await keeper.settled()
    assert statements.count == 0
