"""Over HTTP: what nobody should send reaches no database, and the cost is told to those who ask."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson
import pytest
from graphql import get_introspection_query
from sqlalchemy import event

from gateway.settings import Settings
from schema.build import schema
from tests.gateway.abusive import ABUSIVE, BATCHES
from tests.gateway.conftest import Gate, Gateway, running

PROJECTS = "query($n: Int) { projects(first: $n) { nodes { name } } }"
REPORT = {"graphql-cost": "report"}


@pytest.fixture
async def hub(settings: Settings, membership: None) -> AsyncIterator[Gateway]:
    """The gateway with the hub's own schema."""
    async with running(settings, Gate(), schema) as gateway:
        yield gateway


async def posted(hub: Gateway, document: str, headers: Any = (), **variables: Any) -> httpx.Response:
    body = orjson.dumps({"query": document, "variables": variables})
    return await hub.post(body, headers={"accept": "application/graphql-response+json", **dict(headers)})


def codes(response: httpx.Response) -> set[str]:
    return {error["extensions"]["code"] for error in response.json()["errors"]}


async def test_what_nobody_should_send_is_refused_before_anything_is_read(hub: Gateway) -> None:
    sent: list[str] = []
    engines = [hub.app.state.hub.writer.sync_engine, hub.app.state.hub.reader.engine.sync_engine]
    for engine in engines:
        event.listen(engine, "before_cursor_execute", lambda *of: sent.append(of[2]))
    for name, abuse in ABUSIVE.items():
        body = orjson.dumps({"query": abuse.document, "variables": abuse.variables})
        if len(body) > hub.settings.max_request_bytes:
            continue  # refused by its size alone
        response = await hub.post(body, headers={"accept": "application/graphql-response+json"})
        assert (response.status_code, codes(response)) == (400, {abuse.code}), name
        assert "data" not in response.json(), name
    for name, batch in BATCHES.items():
        response = await hub.post(orjson.dumps(batch))
        assert (response.status_code, codes(response)) == (400, {"BAD_REQUEST"}), name
    about_sealing = ("audit_leaf", "audit_checkpoint")
    assert [text for text in sent if not any(table in text for table in about_sealing)] == []


async def test_the_cost_is_told_to_those_who_ask(hub: Gateway) -> None:
    asked = (await posted(hub, PROJECTS, REPORT, n=7)).json()
    assert asked == {
        "data": {"projects": {"nodes": [{"name": "Project 6-p"}]}},
        "extensions": {
            "cost": {
                "estimated": {"field": 2, "type": 2 + 7},
                "actual": {"field": 2, "type": 3},
                "maximum": hub.settings.max_cost,
            }
        },
    }
    silent = (await posted(hub, PROJECTS, n=7)).json()
    assert silent == {"data": asked["data"]}


async def test_an_operation_that_may_cost_too_much_is_refused_with_both_figures(
    settings: Settings, membership: None
) -> None:
    strict = settings.model_copy(update={"max_cost": 50})
    async with running(strict, Gate(), schema) as hub:
        assert (await posted(hub, PROJECTS, n=40)).status_code == 200
        response = await posted(hub, PROJECTS, n=60)
    assert (response.status_code, codes(response)) == (400, {"COST_TOO_HIGH"})
    message = response.json()["errors"][0]["message"]
    assert str(2 + 2 + 60) in message
    assert "50" in message


async def test_the_schema_is_told_to_the_roles_that_may_ask(settings: Settings, membership: None) -> None:
    """Mia is a case manager."""
    question = get_introspection_query()
    for allowed, status in (
        (("INTEGRATOR",), 400),
        (("nobody",), 400),
        (("INTEGRATOR", "CASE_MANAGER"), 200),
        (("everybody",), 200),
    ):
        strict = settings.model_copy(update={"introspection": allowed})
        async with running(strict, Gate(), schema) as hub:
            response = await posted(hub, question)
            assert response.status_code == status, allowed
            if status == 400:
                assert codes(response) == {"INTROSPECTION_REFUSED"}
                assert "types" not in response.text
            assert (await posted(hub, "{ viewer { __typename role } }")).status_code == 200


async def test_with_the_demo_issuer_everybody_may_ask_for_the_schema(hub: Gateway) -> None:
    response = await posted(hub, get_introspection_query())
    assert len(response.json()["data"]["__schema"]["types"]) > 100


async def test_suggestions_are_made_where_they_are_wanted(settings: Settings, membership: None) -> None:
    for suggestions in (False, True):
        changed = settings.model_copy(update={"suggestions": suggestions})
        async with running(changed, Gate(), schema) as hub:
            response = await posted(hub, "{ viewr { role } }")
            assert ("did you mean" in response.text.lower()) is suggestions
