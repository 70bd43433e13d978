"""An operation whose plan meets an error begins again: reads cost twice, and nothing changes twice."""

from __future__ import annotations

from collections import Counter

import pytest
import strawberry
from graphql import parse
from graphql.execution.values import VariableValues
from graphql.utilities import get_operation_ast
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from gateway.documents import Documents
from gateway.plan.compiling import compiled
from gateway.plan.plan import Uncovered
from gateway.plan.plans import COMPILED, ERROR
from gateway.settings import Settings
from hmis.errors import InputRefused
from hmis.tables import viewer_budget
from schema.build import schema
from schema.fields import public
from tests.gateway.conftest import NOW, Gate, running
from tests.schema.declared import CORE

DONE: Counter[str] = Counter()


def _read() -> str | None:
    DONE["read"] += 1
    return "there"


def _refuse() -> str | None:
    DONE["refuse"] += 1
    raise InputRefused("first must be from 1 to 100")


def _change() -> str | None:
    DONE["change"] += 1
    raise KeyError("halfway")


@strawberry.type
class Query:
    read: str | None = public("Something that is read", _read)
    refuse: str | None = public("Something that cannot be read", _refuse)


@strawberry.type
class Mutation:
    change: str | None = public("Something that changes, and then fails", _change)


COUNTING = strawberry.Schema(query=Query, mutation=Mutation)


@pytest.fixture(autouse=True)
def _nothing_done() -> None:
    DONE.clear()


@pytest.fixture
def frugal(settings: Settings) -> Settings:
    return settings.model_copy(update={"cost_per_minute": 60})


async def test_a_query_whose_plan_fails_is_read_once_more_and_counted(
    settings: Settings, membership: None
) -> None:
    async with running(settings, Gate(), COUNTING) as hub:
        assert (await hub.ask("{ read }")).json() == {"data": {"read": "there"}}
        assert DONE == {"read": 1}
        answer = (await hub.ask("{ read refuse }")).json()
        assert answer["data"] == {"read": "there", "refuse": None}
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]
        assert DONE == {"read": 3, "refuse": 2}
        told = (await hub.client.get("/metrics")).text
    assert f'hub_operations_total{{way="{COMPILED}"}} 1.0' in told
    assert f'hub_operations_total{{way="{ERROR}"}} 1.0' in told


@pytest.mark.parametrize("document", ["mutation { change }", "mutation { a: change b: change }"])
async def test_what_changes_something_is_done_once_however_it_fails(
    settings: Settings, membership: None, document: str
) -> None:
    async with running(settings, Gate(), COUNTING) as hub:
        answer = (await hub.ask(document)).json()
        told = (await hub.client.get("/metrics")).text
    assert len(answer["errors"]) == len(answer["data"]) == DONE["change"]
    assert 'hub_operations_total{way="mutation"} 1.0' in told
    assert ERROR not in told.split("hub_operations_total", 1)[1].split("# HELP")[0]


def test_no_field_that_changes_something_has_a_plan() -> None:
    """Whatever else stands in the document, and under whatever fragments."""
    documents = Documents(schema)
    assert CORE.mutation_type is not None
    text = "query A { __typename } mutation B { ...C } fragment C on Mutation { __typename }"
    prepared = documents.prepare(text)
    found = prepared.plans.plan_for(schema, "B", {}, prepared.literals, 5)
    assert found == Uncovered("mutation")
    for name in CORE.mutation_type.fields:
        document = parse(f"mutation {{ {name} }}")
        operation = get_operation_ast(document)
        assert operation is not None
        assert compiled(schema, document, operation, VariableValues({}, {})) == Uncovered("mutation")


async def test_an_operation_that_begins_again_is_paid_for_twice(
    frugal: Settings, membership: None, database: AsyncEngine
) -> None:
    """As much as for the same operation without its error, and as much again."""
    fails = '{ projects(first: 10, after: "broken") { nodes { id } } }'
    spent = []
    async with running(frugal, Gate(), schema) as hub:
        for document in ("{ projects(first: 10) { nodes { id } } }", fails, fails):
            assert (await hub.ask(document)).status_code == 200
            spent.append(await _spent(database))
    assert spent[1] - spent[0] == pytest.approx(2 * spent[0])
    assert spent[2] - spent[1] == pytest.approx(2 * spent[0])


async def test_who_owes_for_an_error_gets_it_and_waits_before_asking_again(
    frugal: Settings, membership: None, database: AsyncEngine
) -> None:
    fails = '{ projects(first: 100, after: "broken") { nodes { id } } }'
    async with running(frugal, Gate(), schema) as hub:
        answer = await hub.ask(fails)
        assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
        refused = await hub.ask("{ viewer { role } }")
    assert refused.status_code == 429
    assert 60 < int(refused.headers["retry-after"]) <= 120


async def test_interpreted_nothing_begins_again(frugal: Settings, membership: None) -> None:
    async with running(frugal.model_copy(update={"compiled": False}), Gate(), COUNTING) as hub:
        await hub.ask("{ read refuse }")
    assert DONE == {"read": 1, "refuse": 1}


async def _spent(database: AsyncEngine) -> float:
    """Seconds of the budget."""
    async with database.connect() as connection:
        full_at = (await connection.execute(select(viewer_budget.c.full_at))).scalar_one()
    return float((full_at - NOW).total_seconds())
