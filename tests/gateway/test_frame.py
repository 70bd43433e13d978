"""What every answer carries, and what becomes of a fault outside GraphQL."""

from __future__ import annotations

import logging
import uuid

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.frame import Frame
from tests.gateway.conftest import CANARY, Gateway


async def test_an_answer_carries_a_fresh_request_id(gateway: Gateway) -> None:
    first, second = [await gateway.client.get("/healthz") for _ in range(2)]
    ids = {uuid.UUID(first.headers["x-request-id"]), uuid.UUID(second.headers["x-request-id"])}
    assert len(ids) == 2


@pytest.mark.parametrize("given", ["7f3a", "a" * 64, "trace-1.2_3~4"])
async def test_a_sane_request_id_of_the_caller_is_kept(gateway: Gateway, given: str) -> None:
    response = await gateway.client.get("/healthz", headers={"x-request-id": given})
    assert response.headers["x-request-id"] == given


@pytest.mark.parametrize(
    "given", ["", "a" * 65, "two words", "line\tbreak", "naïve".encode().decode("latin-1"), "a;b"]
)
async def test_any_other_request_id_is_replaced(gateway: Gateway, given: str) -> None:
    response = await gateway.client.get("/healthz", headers={"x-request-id": given.encode("latin-1")})
    assert response.headers["x-request-id"] != given
    uuid.UUID(response.headers["x-request-id"])


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/nowhere", "/graphql", "/.well-known/jwks.json"])
async def test_every_answer_says_how_browsers_must_treat_it(gateway: Gateway, path: str) -> None:
    headers = (await gateway.client.get(path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert "default-src 'none'" in headers["content-security-policy"]


async def test_a_place_that_is_not_there_is_told_in_json(gateway: Gateway) -> None:
    response = await gateway.client.get("/nowhere")
    assert response.status_code == 404
    assert response.json()["errors"][0]["extensions"] == {"code": "NOT_FOUND"}


async def test_a_fault_outside_graphql_is_masked_and_not_passed_on(caplog: pytest.LogCaptureFixture) -> None:
    async def broken(_: Request) -> Response:
        raise KeyError(CANARY)

    app = Starlette(routes=[Route("/broken", broken)], middleware=[Middleware(Frame)])
    caplog.set_level(logging.DEBUG)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hub.test") as client:
        response = await client.get("/broken", params={"name": CANARY})
    assert response.status_code == 500
    assert response.json()["errors"][0]["extensions"]["code"] == "INTERNAL"
    assert CANARY not in response.text
    assert CANARY not in "\n".join(logging.Formatter().format(record) for record in caplog.records)
