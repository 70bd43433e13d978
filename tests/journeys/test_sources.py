"""Those who run the hub see how partners are doing, and those who work with clients do not."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import insert

from auth.categories import Category
from auth.viewer import Role
from connectors.base import Person
from connectors.memory import MemorySource, Record
from hmis.errors import FailureCode, SourceFailed
from hmis.tables import sync_state
from tests.worlds import NOW, World

DOCUMENT = """{ sources { id name version supplies capabilities level breaker calls retries waiting dropped
  failures { code count } lastSuccess lastFailureAt lastFailure latencyP50Ms latencyP95Ms
  syncedAt syncFailure lagS } }"""
FOOD = "query($id: ID!) { client(id: $id) { foodAssistance { visitCount } } }"
ADA = Person("Ada", "Quill", date(1980, 5, 1))


async def asked_about_ada(world: World, times: int, fault: SourceFailed | None = None) -> MemorySource:
    await world.organization("A")
    ada = await world.client("ada", first_name="Ada", last_name="Quill", dob=ADA.dob)
    await world.stay("s", "ada", "A-p")
    await world.grant("ada", "A", categories=Category.EXISTENCE | Category.FOOD)
    source = MemorySource({"h1": Record(ADA, {"visitCount": 3})}, name="pantry", title="A food bank")
    world.partners["pantry"] = source
    source.fault = fault
    for _ in range(times):
        await world.ask(world.viewer("A"), FOOD, id=str(ada))
    return source


@pytest.mark.parametrize("role", [Role.INTEGRATOR, Role.PRIVACY_OFFICER])
async def test_an_operator_sees_state_lag_and_last_success(world: World, role: Role) -> None:
    await asked_about_ada(world, 1)
    before = NOW - timedelta(minutes=4)
    async with world.engine.begin() as connection:
        state = {"connector": "pantry", "last_started": NOW, "last_success": before, "last_code": "TIMEOUT"}
        await connection.execute(insert(sync_state), state)
    (seen,) = (await world.ask(world.viewer("A", role=role), DOCUMENT)).data["sources"]

    assert seen.pop("lastSuccess") is not None
    assert seen.pop("latencyP50Ms") <= seen.pop("latencyP95Ms")
    assert seen == {
        "id": "pantry",
        "name": "A food bank",
        "version": "1-memory",
        "supplies": ["FoodAssistance"],
        "capabilities": ["changes", "check", "find", "submit", "track"],
        "level": None,
        "breaker": "CLOSED",
        "calls": 2,
        "retries": 0,
        "waiting": 0,
        "dropped": 0,
        "failures": [],
        "lastFailureAt": None,
        "lastFailure": None,
        "syncedAt": before.isoformat(),
        "syncFailure": "TIMEOUT",
        "lagS": 240.0,
    }


async def test_a_partner_in_trouble_is_seen_to_be_left_alone(world: World) -> None:
    await asked_about_ada(world, 6, SourceFailed("pantry", FailureCode.UNAVAILABLE, retryable=True))
    (seen,) = (await world.ask(world.viewer("A", role=Role.INTEGRATOR), DOCUMENT)).data["sources"]

    assert (seen["breaker"], seen["calls"], seen["lastFailure"]) == ("OPEN", 5, "UNAVAILABLE")
    assert seen["failures"] == [{"code": "UNAVAILABLE", "count": 5}]
    assert (seen["lastSuccess"], seen["syncedAt"], seen["lagS"]) == (None, None, None)


@pytest.mark.parametrize("role", [Role.CASE_MANAGER, Role.DASHBOARD])
async def test_how_often_a_partner_is_asked_is_told_to_nobody_else(world: World, role: Role) -> None:
    await asked_about_ada(world, 1)

    assert (await world.ask(world.viewer("A", role=role), DOCUMENT)).data == {"sources": []}
