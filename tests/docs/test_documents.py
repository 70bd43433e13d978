"""What docs/documents.md tells an integrator to send is what the hub takes."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import orjson
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.viewer import Role
from gateway.documents import Documents
from gateway.settings import Settings
from gateway.trusted import faults
from hmis.documents import MOST, sha256_of
from schema.build import schema
from tests.journeys.conftest import running
from tests.worlds import World

PAGE = (Path(__file__).parents[2] / "docs" / "documents.md").read_text(encoding="utf-8")
GRAPHQL = re.findall(r"```graphql\n(.*?)\n```", PAGE, re.DOTALL)
JSON = re.findall(r"```json\n(.*?)\n```", PAGE, re.DOTALL)


@pytest.mark.parametrize("text", GRAPHQL)
def test_every_document_of_the_page_is_valid(text: str) -> None:
    assert partial(faults, Documents(schema))(text) == ()


def test_the_id_on_the_page_is_that_of_its_document() -> None:
    assert set(re.findall(r"\b[0-9a-f]{64}\b", PAGE)) == {sha256_of(GRAPHQL[0])}


def test_the_page_knows_how_many_documents_an_application_may_have() -> None:
    assert f"{MOST:,} documents" in PAGE


async def test_both_ways_to_ask_are_answered(
    database: AsyncEngine, database_url: str, tmp_path: Path
) -> None:
    world = World(database)
    await world.organization("A")
    settings = Settings(home=tmp_path, database_url=database_url, demo_issuer=True)
    async with running(settings, world) as hub:
        build = await hub.joins("build", "A", Role.INTEGRATOR)
        await hub.ask(build, GRAPHQL[1], documents=[GRAPHQL[0]])
        by_text = await hub.ask(build, GRAPHQL[0])
        for body in JSON:
            answer = await hub.post(build, orjson.loads(body))
            assert answer.status_code == 200
            assert answer.json() == by_text.json()
