"""GET /graphql: what tells of nobody is served and may be kept for a minute; the rest is asked by POST."""

from __future__ import annotations

import logging
from typing import Any

import httpx
import orjson
import pytest
from sqlalchemy import func, select

from gateway.settings import Settings
from hmis.tables import audit_event
from tests.journeys.conftest import Hub, running
from tests.worlds import World

CANARY = "Vantreight"
RESPONSE = "application/graphql-response+json"
PROJECTS = "{ projects(first: 5) { edges { node { name organization { name } } } } }"


async def get(hub: Hub, token: str | None, headers: Any = (), **parameters: Any) -> httpx.Response:
    """GET with these parameters; those that are no text as JSON."""
    params = {
        name: value if isinstance(value, str) else orjson.dumps(value).decode()
        for name, value in parameters.items()
    }
    sent = {"authorization": f"Bearer {token}"} if token else {}
    return await hub.http.get("/graphql", params=params, headers={**sent, **dict(headers)})


@pytest.fixture
async def token(hub: Hub) -> str:
    await hub.world.organization("A")
    return await hub.joins("mia", "A")


async def test_projects_are_served_by_get_and_kept_by_the_caller_alone(hub: Hub, token: str) -> None:
    response = await get(hub, token, query=PROJECTS)
    assert response.status_code == 200
    assert response.json() == (await hub.ask(token, PROJECTS)).json()
    assert response.headers["cache-control"] == "private, max-age=60"
    assert response.headers["vary"] == "Accept, Authorization, GraphQL-Cost"


async def test_what_did_not_change_is_not_sent_again(hub: Hub, token: str) -> None:
    tag = (await get(hub, token, query=PROJECTS)).headers["etag"]
    again = await get(hub, token, {"if-none-match": f'"other", W/{tag}'}, query=PROJECTS)
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    await hub.world.project("another", "A")
    changed = await get(hub, token, {"if-none-match": tag}, query=PROJECTS)
    assert changed.status_code == 200
    assert changed.headers["etag"] != tag


async def test_variables_and_the_operation_stand_in_the_url_as_json_and_text(hub: Hub, token: str) -> None:
    document = "query A($n: Int!) { projects(first: $n) { edges { node { id } } } } query B { __typename }"
    one = await get(hub, token, query=document, operationName="A", variables={"n": 1})
    other = await get(hub, token, query=document, operationName="B", extensions={})
    assert len(one.json()["data"]["projects"]["edges"]) == 1
    assert other.json() == {"data": {"__typename": "Query"}}


async def test_an_answer_by_post_is_never_kept(hub: Hub, token: str) -> None:
    assert (await hub.ask(token, PROJECTS)).headers["cache-control"] == "no-store"


async def test_an_answer_with_an_error_is_not_kept(hub: Hub, token: str) -> None:
    response = await get(hub, token, query="{ projects(first: 1000) { edges { cursor } } }")
    assert response.json()["errors"]
    assert response.headers["cache-control"] == "no-store"


async def test_without_a_token_nothing_is_served(hub: Hub) -> None:
    assert (await get(hub, None, query="{ __typename }")).status_code == 401


BY_POST = {
    "a client": '{ client(id: "1") { id } }',
    "nothing of a client but its type": '{ client(id: "1") { __typename } }',
    "clients behind a fragment": "query A { ...f } fragment f on Query { ...g } "
    "fragment g on Query { clients(where: {}) { edges { cursor } } }",
    "a client beside projects": '{ projects { __typename } ... on Query { a: client(id: "1") { id } } }',
    "who is asking": "{ viewer { agency } }",
    "orders of courts": "{ legalOrders { id } }",
    "openings": "{ breakGlassOpenings { id } }",
    "a place to look near": "{ services(near: {latitude: 1, longitude: 2}) { edges { cursor } } }",
    "a change": 'mutation { documentRemove(ids: ["1"]) { problems { code } } }',
    "a change of which nothing is asked": "mutation { __typename }",
}


@pytest.mark.parametrize("case", BY_POST)
async def test_anything_else_is_refused_before_it_is_looked_at(hub: Hub, token: str, case: str) -> None:
    for accept in (RESPONSE, "application/json"):
        response = await get(hub, token, {"accept": accept}, query=BY_POST[case])
        [error] = response.json()["errors"]
        assert (response.status_code, error["extensions"]["code"]) == (405, "METHOD_NOT_ALLOWED")
        assert response.headers["allow"] == "POST"
        assert response.headers["cache-control"] == "no-store"
        assert "data" not in response.json()
    async with hub.world.engine.connect() as connection:
        assert await connection.scalar(select(func.count()).select_from(audit_event)) == 0


async def test_an_operation_that_is_not_meant_does_not_count(hub: Hub, token: str) -> None:
    document = 'query A { __typename } query B { client(id: "1") { ...c } } fragment c on Client { id }'
    assert (await get(hub, token, query=document, operationName="A")).status_code == 200
    assert (await get(hub, token, query=document, operationName="B")).status_code == 405


async def test_a_name_in_a_url_is_in_no_log_of_ours(
    hub: Hub, token: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    asked = "query($w: ClientWhere!) { clients(where: $w) { edges { cursor } } }"
    response = await get(hub, token, query=asked, variables={"w": {"lastName": {"eq": CANARY}}})
    assert response.status_code == 405
    assert "GET /graphql 405" in caplog.text
    assert CANARY not in caplog.text
    assert CANARY not in response.text


MALFORMED = {
    "no document": "operationName=A",
    "an empty document": "query=",
    "a document twice": "query={__typename}&query={__typename}",
    "variables that are no JSON": "query={__typename}&variables=nonsense",
    "variables that are a list": "query={__typename}&variables=[]",
    "bytes that are not UTF-8": "query=%ff",
    "extensions that are a text": 'query={__typename}&extensions="a"',
}


@pytest.mark.parametrize("case", MALFORMED)
async def test_a_malformed_url_is_refused(hub: Hub, token: str, case: str) -> None:
    response = await hub.http.get(f"/graphql?{MALFORMED[case]}", headers={"authorization": f"Bearer {token}"})
    assert response.status_code == 400
    assert [error["extensions"]["code"] for error in response.json()["errors"]] == ["BAD_REQUEST"]


async def test_a_url_may_be_no_longer_than_a_body(settings: Settings, world: World) -> None:
    await world.organization("A")
    async with running(settings.model_copy(update={"max_request_bytes": 1_000}), world) as hub:
        token = await hub.joins("mia", "A")
        response = await get(hub, token, query="{ __typename }", operationName="a" * 1_000)
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (414, "URI_TOO_LONG")
