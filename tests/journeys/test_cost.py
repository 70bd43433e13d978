"""What an operation may cost is never less than what it did cost, and what is hidden costs nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from auth.viewer import Role
from resolvers import pages
from tests.journeys.asking import About, every_question
from tests.journeys.conftest import Hub
from tests.schema.samples import values, whole_life

PROFILE = (Path(__file__).parent / "profile.graphql").read_text(encoding="utf-8")
FIND = 'query($n: Int!) { clients(first: $n, where: {lastName: {startsWith: "Sto"}}) { nodes { id ...S } } }'
STAYS = """fragment S on Client { name { last } enrollments(first: $n) { edges { node {
  entryDate services { date } household { members { id client { id } } } } } } }"""


async def cost(hub: Hub, token: str, document: str, variables: dict[str, Any]) -> tuple[int, int]:
    """Estimated and actual, field and type together."""
    response = await hub.post(token, {"query": document, "variables": variables}, graphql_cost="report")
    assert response.status_code == 200, response.text
    told = response.json()["extensions"]["cost"]
    for kind in ("field", "type"):
        assert told["estimated"][kind] >= told["actual"][kind], document
    return sum(told["estimated"].values()), sum(told["actual"].values())


async def about(hub: Hub) -> tuple[str, str, About]:
    """Ada, who has lived through everything there is, by those of her agency: a case manager, an officer."""
    ada: UUID = await whole_life(hub.world)
    facts = values("Client")
    guardian, grant = await hub.world.guardian("ada"), await hub.world.grant("ada", "A")
    case_manager = await hub.joins("ann", "A")
    known = About(
        client=str(ada),
        grant=str(grant),
        guardian=str(guardian),
        form=str(uuid4()),
        opening=str(await hub.world.broken_glass("ada", hub.world.viewer("A"))),
        project=str(await hub.world.project("A-z", "A")),
        cursor=pages.encode(ada),
        subject="ann",
        source="demo",
        identifier="ada",
        first=facts["first_name"],
        last=facts["last_name"],
        born=facts["dob"].isoformat(),
        last_four="6789",
        organization="A",
    )
    return case_manager, await hub.joins("ava", "A", Role.PRIVACY_OFFICER), known


async def test_no_way_of_asking_costs_more_than_was_estimated(hub: Hub) -> None:
    *tokens, known = await about(hub)
    actual = []
    for token in tokens:
        for question in every_question():
            actual.append((await cost(hub, token, question.document, question.about(known)))[1])
        actual.append((await cost(hub, token, PROFILE, {"id": known.client}))[1])
    assert max(actual) > 20
    assert sum(one > 3 for one in actual) > len(actual) / 3


@pytest.mark.parametrize("page", [1, 2, 3, 10])
async def test_pages_cost_no_more_than_their_length(hub: Hub, page: int) -> None:
    """Six people in one household, each with three stays and services."""
    token = await hub_of_a_family(hub)
    estimated, actual = await cost(hub, token, f"{FIND} {STAYS}", {"n": page})
    assert estimated >= actual > page * 3


async def hub_of_a_family(hub: Hub) -> str:
    world = hub.world
    await world.organization("A")
    for number in range(6):
        await world.client(f"c{number}", last_name=f"Stone{number}")
        for stay in range(3):
            key = f"s{number}-{stay}"
            day = date(2026, 1, 1 + stay)
            await world.stay(key, f"c{number}", "A-p", day, household_id=f"h{stay}")
            for done in range(4):
                await world.row(
                    "Services", f"{key}-{done}", enrollment_id=key, personal_id=f"c{number}", record_type=200
                )
    return await hub.joins("ann", "A")


async def test_what_is_hidden_costs_nothing(hub: Hub) -> None:
    """B sees nobody of A: neither figure says that six people are there."""
    await hub_of_a_family(hub)
    await hub.world.organization("B")
    token = await hub.joins("mia", "B")
    document = f"{FIND} {STAYS}"
    hidden = await cost(hub, token, document, {"n": 10})
    unknown = await cost(hub, token, document.replace("Sto", "Xyz"), {"n": 10})
    assert hidden == unknown
    assert hidden[1] < 6
