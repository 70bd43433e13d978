"""`hmis-hub documents` as a process, and a hub that finds what it did and what lies in its folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from gateway.settings import Settings
from hmis import documents as stored
from hmis.documents import sha256_of
from tests.gateway.test_cli import Hub
from tests.journeys.conftest import running
from tests.worlds import World

WHO, ALSO = "query Who { viewer { role } }", "query Also { viewer { agency } }"
APP = "intake-app"


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    return Hub(tmp_path / "home")


def test_what_was_added_is_listed_and_removed(
    hub: Hub, database: AsyncEngine, database_url: str, tmp_path: Path
) -> None:
    def ran(*arguments: str) -> str:
        done = hub("documents", *arguments, HUB_DATABASE_URL=database_url)
        assert done.code == 0, done.err
        return done.out

    queries = tmp_path / "queries"
    queries.mkdir()
    (queries / "who.graphql").write_text(WHO)
    (queries / "also.graphql").write_text(ALSO)
    ids = {f"sha256:{sha256_of(text)}" for text in (WHO, ALSO)}
    assert set(ran("add", str(queries), "--application", APP).split()) == ids
    listed = [line.split("\t") for line in ran("list", "--application", APP).splitlines()]
    assert {(line[0], line[1], line[4]) for line in listed} == {(APP, one, "valid") for one in ids}
    assert all(line[3].startswith("operator:") for line in listed)
    assert ran("list", "--application", "another-app") == ""
    gone = ran("remove", f"sha256:{sha256_of(WHO)}", "sha256:unknown", "--application", APP)
    assert gone == "1 documents were removed.\n"
    assert ran("remove", "--all", "--application", APP) == "1 documents were removed.\n"
    assert ran("list") == ""


async def test_a_document_that_does_not_fit_is_one_line_and_nothing_is_kept(
    hub: Hub, database: AsyncEngine, database_url: str, tmp_path: Path
) -> None:
    (tmp_path / "wrong.graphql").write_text("{ nothingLikeThat }")
    (tmp_path / "who.graphql").write_text(WHO)
    ran = hub("documents", "add", str(tmp_path), "--application", APP, HUB_DATABASE_URL=database_url)
    assert ran.code == 1
    assert "wrong.graphql" in ran.line
    async with database.connect() as connection:
        assert await stored.listed(connection, None) == []


@pytest.mark.parametrize("arguments", [(), ("sha256:a", "--all")])
def test_remove_wants_ids_or_all_and_not_both(hub: Hub, arguments: tuple[str, ...]) -> None:
    ran = hub("documents", "remove", *arguments, "--application", APP)
    assert (ran.code, ran.line) == (1, "Name the documents by their ids, or give --all.")


async def test_a_document_in_the_hub_s_folder_is_its_application_s(
    settings: Settings, database: AsyncEngine, tmp_path: Path
) -> None:
    folder = tmp_path / "documents"
    (folder / APP).mkdir(parents=True)
    (folder / APP / "who.graphql").write_text(WHO)
    (folder / "also.graphql").write_text(ALSO)
    world = World(database)
    await world.organization("A")
    set_so = settings.model_copy(update={"documents": folder, "documents_only": True})
    async with running(set_so, world) as hub:
        await hub.joins("mia", "A")
        for application, text, status in (
            (APP, WHO, 200),
            ("another-app", WHO, 400),
            (APP, ALSO, 200),
            ("another-app", ALSO, 200),
        ):
            token = hub.token("mia", client_id=application)
            response = await hub.post(token, {"documentId": f"sha256:{sha256_of(text)}"})
            assert response.status_code == status
