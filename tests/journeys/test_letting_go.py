"""What was read for an answer is given back when it has left, and not when Python next looks for garbage."""

from __future__ import annotations

import gc

import pytest

from resolvers.request import Request
from tests.journeys.conftest import Hub

DOCUMENTS = {
    "a person": "query($id: ID!) { client(id: $id) { id enrollments { nodes { id } } } }",
    "a list": "{ clients(where: {}) { nodes { name { first } } } }",
    "nobody": '{ client(id: "nobody") { id } }',
}


@pytest.mark.parametrize("what", DOCUMENTS)
async def test_no_request_is_left_when_its_answer_has_left(hub: Hub, what: str) -> None:
    await hub.world.organization("A")
    ada = await hub.world.client("ada", first_name="Ada")
    await hub.world.stay("s", "ada", "A-p")
    token = await hub.joins("ann", "A")
    gc.collect()
    gc.disable()
    try:
        for _ in range(2):
            response = await hub.ask(token, DOCUMENTS[what], id=str(ada))
            assert "errors" not in response.json()
        left = [one for one in gc.get_objects() if type(one) is Request]
    finally:
        gc.enable()
    assert left == []
