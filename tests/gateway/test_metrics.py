"""/metrics: which way operations were answered, and nothing of what was asked."""

from __future__ import annotations

from tests.gateway.conftest import CANARY, Gateway


async def test_operations_are_counted_by_the_way_they_were_answered(gateway: Gateway) -> None:
    await gateway.ask("{ __typename }")
    await gateway.ask("{ __typename }")
    await gateway.ask("{ hello }")
    told = (await gateway.client.get("/metrics")).text
    assert 'hub_operations_total{way="compiled"} 2.0' in told
    # The small schema's own fields are none of the hub's, and no plan covers them.
    assert 'hub_operations_total{way="field"} 1.0' in told


async def test_what_was_asked_for_is_not_in_the_metrics(gateway: Gateway) -> None:
    await gateway.ask("query ($word: String) { echo(word: $word) }", word=CANARY)
    response = await gateway.client.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain")
    assert CANARY not in response.text
    assert "echo" not in response.text
