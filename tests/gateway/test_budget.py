"""Budget: what one viewer may ask for in a minute, over every worker."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.tokens import Claims
from gateway.budget import Budget
from gateway.errors import Refused
from gateway.settings import Settings
from hmis.tables import viewer_budget
from schema.build import schema
from tests.conftest import Statements
from tests.gateway.conftest import Gate, Gateway, running

NOW = datetime(2026, 6, 30, 16, 0, tzinfo=UTC)
KEY = b"k" * 32
MIA = Claims("https://login.example.org", "mia", "an application", "1", NOW)
ONE_A_SECOND = 60


def budget(engine: AsyncEngine, per_minute: int = ONE_A_SECOND) -> Budget:
    return Budget(engine, per_minute, KEY)


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


async def test_what_is_spent_comes_back_evenly(database: AsyncEngine) -> None:
    bucket = budget(database)
    assert await bucket.take(MIA, 50, NOW) == 10
    with pytest.raises(Refused) as refused:
        await bucket.take(MIA, 20, NOW)
    assert (refused.value.status, refused.value.code) == (429, "RATE_LIMITED")
    assert refused.value.headers == {"Retry-After": "10"}
    assert await bucket.take(MIA, 20, later(10)) == 0
    assert await bucket.take(MIA, 60, later(1_000)) == 0


async def test_a_refusal_spends_nothing(database: AsyncEngine) -> None:
    bucket = budget(database)
    await bucket.take(MIA, 60, NOW)
    for _ in range(5):
        with pytest.raises(Refused):
            await bucket.take(MIA, 1, NOW)
    assert await bucket.take(MIA, 1, later(1)) == 0


async def test_workers_share_it_and_viewers_do_not(database: AsyncEngine) -> None:
    one, other = budget(database), budget(database)
    await one.take(MIA, 60, NOW)
    with pytest.raises(Refused):
        await other.take(MIA, 1, NOW)
    assert await other.take(replace(MIA, subject="noa"), 1, NOW) == 59
    assert await other.take(replace(MIA, issuer="https://elsewhere.example.org"), 1, NOW) == 59


async def test_of_many_at_once_no_more_get_through_than_there_is(database: AsyncEngine) -> None:
    workers = [budget(database) for _ in range(4)]
    tries = [workers[number % 4].take(MIA, 10, NOW) for number in range(20)]
    found = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(left for left in found if isinstance(left, int)) == [0, 10, 20, 30, 40, 50]
    assert sum(isinstance(one, Refused) for one in found) == 14


async def test_what_costs_more_than_all_of_it_is_let_through_once(
    database: AsyncEngine,
) -> None:
    bucket = budget(database)
    assert await bucket.take(MIA, 1_000, NOW) == 0
    with pytest.raises(Refused) as refused:
        await bucket.take(MIA, 1_000, later(15))
    assert refused.value.headers == {"Retry-After": "45"}


async def test_one_statement_by_itself_is_all_it_costs(database: AsyncEngine, statements: Statements) -> None:
    bucket = budget(database)
    for _ in range(2):
        statements.forget()
        await bucket.take(MIA, 1, NOW)
        assert statements.count == 1


async def test_the_table_tells_nobody_who_asked(database: AsyncEngine) -> None:
    await budget(database).take(MIA, 1, NOW)
    await Budget(database, ONE_A_SECOND, b"another key").take(MIA, 1, NOW)
    async with database.connect() as connection:
        rows = (await connection.execute(select(viewer_budget))).all()
        kind = await connection.scalar(
            text("select relpersistence from pg_class where relname = 'viewer_budget'")
        )
    assert len({row.viewer for row in rows}) == 2
    assert all(len(row.viewer) == 16 and b"mia" not in row.viewer for row in rows)
    assert kind in ("u", b"u")


async def test_who_asked_long_ago_is_forgotten(database: AsyncEngine) -> None:
    bucket = budget(database)
    for subject in ("ann", "ava"):
        await bucket.take(replace(MIA, subject=subject), 1, NOW)
    much_later = later(7_200)
    for _ in range(300):
        await budget(database).take(MIA, 0, much_later)
    async with database.connect() as connection:
        assert len((await connection.execute(select(viewer_budget))).all()) == 3
    for _ in range(300):
        await bucket.take(MIA, 0, much_later)
    async with database.connect() as connection:
        assert len((await connection.execute(select(viewer_budget))).all()) == 1


@pytest.fixture
def frugal(settings: Settings) -> Settings:
    """Three projects' pages of ten in a minute, or one refused document."""
    return settings.model_copy(update={"cost_per_minute": 60})


async def test_who_asked_for_too_much_is_told_when_to_come_back(frugal: Settings, membership: None) -> None:
    asked = orjson.dumps({"query": "{ projects(first: 10) { nodes { id } } }"})
    async with running(frugal, Gate(), schema) as one, running(frugal, Gate(), schema) as other:
        for hub in (one, other, one, other):
            assert (await hub.post(asked)).status_code == 200
        response = await one.post(asked)
        elsewhere = await other.post(asked, token=one.token(subject="noa"))
    assert response.status_code == 429
    assert [error["extensions"]["code"] for error in response.json()["errors"]] == ["RATE_LIMITED"]
    assert 1 <= int(response.headers["retry-after"]) <= 60
    assert elsewhere.status_code == 200


async def test_refused_documents_are_paid_for_too(frugal: Settings, membership: None) -> None:
    async with running(frugal, Gate(), schema) as hub:
        assert (await hub.ask("{ wrong }")).status_code == 400
        assert (await hub.ask("{ wrong }")).status_code == 429


async def test_without_a_budget_nothing_is_counted(gateway: Gateway, database: AsyncEngine) -> None:
    for _ in range(3):
        await gateway.ask("{ hello }")
    async with database.connect() as connection:
        assert (await connection.execute(select(viewer_budget))).all() == []
