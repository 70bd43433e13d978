"""Whether an operation may be asked by GET, and the net below that decision."""

from __future__ import annotations

import pytest
from graphql import parse

from gateway.plan.by_get import by_post_only
from schema.build import schema
from tests.gateway.conftest import CANARY, NOW, Gateway


async def test_whatever_told_of_people_all_the_same_does_not_leave(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.answering.by_post_only", lambda *_: None)
    response = await gateway.client.get(
        "/graphql",
        params={"query": "{ person }"},
        headers={"authorization": f"Bearer {gateway.token(now=NOW)}"},
    )
    assert response.status_code == 405
    assert CANARY not in response.text


def test_a_document_of_nested_fragments_is_decided_in_one_pass() -> None:
    levels = 60
    spread = [f"fragment f{n} on Query {{ ...f{n + 1} ...f{n + 1} }}" for n in range(levels)]
    document = parse(f"{{ ...f0 }} {' '.join(spread)} fragment f{levels} on Query {{ viewer {{ agency }} }}")
    assert by_post_only(schema, document, None) == "Query.viewer may tell of people."
