"""What docs/connectors.md tells an integrator is what the code does."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import sys
from asyncio.subprocess import PIPE, STDOUT
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.categories import Category
from connectors.base import Person, Source, Subject
from connectors.kit.check_page import PAGE as CHECKS_PAGE
from connectors.kit.check_page import check_page
from connectors.kit.mock import people
from connectors.kit.pages import page, page_of
from connectors.registry import installed
from connectors.standin import KINDS
from connectors.supply import SCALARS
from gateway.partners import opened, variable
from hmis.errors import FailureCode, SourceFailed
from schema.build import schema
from schema.supplied import catalog
from tests.worlds import World

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "connectors.md").read_text(encoding="utf-8")


def test_the_manifest_explained_is_the_pantrys_own() -> None:
    shown = "\n".join(re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL))

    assert shown == (ROOT / "connectors" / "pantry" / "connector.toml").read_text(encoding="utf-8")


def test_every_failure_code_has_its_line() -> None:
    assert re.findall(r"^\| `([A-Z_]+)` \|", PAGE, re.MULTILINE) == [code.value for code in FailureCode]


@pytest.mark.parametrize("connector", ["pantry", "energy-drop", "gravity-fhir", "hsds", "hmis-peer"])
def test_every_setting_of_a_connector_is_named(connector: str) -> None:
    for key in installed()[connector].manifest.config:
        assert variable(connector, key) in PAGE


def test_every_type_and_every_fault_is_named() -> None:
    for word in (*SCALARS, *KINDS):
        assert re.search(rf"\b{word}\b", PAGE), word


def test_every_file_it_names_is_there() -> None:
    named = re.findall(r"`((?:connectors|tests|schema|auth|hmis|gateway|docs)/[\w./]+)`", PAGE)

    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


NOUNS = catalog(schema)
_SHIM = """set -euo pipefail
hmis-hub() { "$PYTHON" -m gateway "$@"; }
"""


def _tutorial(port: int) -> str:
    """The shell blocks of "Your own in five minutes", in order, as one script."""
    section = PAGE.split("## Your own in five minutes\n", 1)[1].split("\n### ", 1)[0]
    script = "".join(re.findall(r"```sh\n(.*?)```", section, re.DOTALL))
    assert script.count("8090") == 2
    return _SHIM + script.replace("8090", str(port))


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


FOOD = """query ($id: ID!) { client(id: $id) {
  foodAssistance { lastVisit visitCount programs source { name } } } }"""


async def test_your_own_in_five_minutes_is_green_and_shows_in_a_profile(
    tmp_path: Path, database: AsyncEngine
) -> None:
    environ = {"PYTHON": sys.executable, "PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]}
    environ |= {"HUB_HOME": str(tmp_path / "home"), "HOME": str(tmp_path)}
    port = _free_port()
    # What it starts in the background is ended with this test: by the end of its standard input.
    script = _tutorial(port).replace(f"--port {port} &", f"--port {port} --until-eof <&3 >mock.txt 2>&1 &")
    process = await asyncio.create_subprocess_exec(
        *("bash", "-c", f"exec 3<&0\n{script}\necho; read -r _ <&3 || wait"),
        cwd=tmp_path,
        env=environ,
        stdin=PIPE,
        stdout=PIPE,
        stderr=STDOUT,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        said = await _until_listed(process.stdout)
        assert said.count("green, earned gold") + said.count("green, earned platinum") == 2, said
        assert re.search(r"^on  my-food-bank: Second Helping", said, re.MULTILINE), said
        assert "agreement DSA-2026-014 until 2036-12-31" in said
        manifest = (tmp_path / "my_food_bank" / "connector.toml").read_text()
        assert len(manifest.splitlines()) <= 50

        exported = {
            "HUB_CONNECTORS": str(tmp_path / "my_food_bank"),
            "HUB_MY_FOOD_BANK_BASE_URL": f"http://127.0.0.1:{port}",
            "HUB_MY_FOOD_BANK_API_KEY": "try-me",
            "HUB_MY_FOOD_BANK_AGREEMENT": "DSA-2026-014 2026-01-01/2036-12-31",
        }
        sources = opened(exported, NOUNS, database).sources
        await _answering(sources["my-food-bank"])
        world = World(database)
        world.partners.update(sources)
        assert await _profile(world) == [
            {
                "lastVisit": "2026-02-13",
                "visitCount": 2,
                "programs": ["CSFP", "OTHER"],
                "source": {"name": "Second Helping"},
            }
        ]
        await sources["my-food-bank"].aclose()
    finally:
        process.stdin.close()
        async with asyncio.timeout(10):
            await process.wait()


async def _until_listed(out: asyncio.StreamReader) -> str:
    """What the script says up to the empty line behind its last command."""
    lines = []
    async with asyncio.timeout(120):
        while line := (await out.readline()).decode():
            if line == "\n":
                break
            lines.append(line)
    return "".join(lines)


async def _answering(source: Source) -> None:
    """Wait until the mock, which starts beside everything else, takes calls."""
    async with asyncio.timeout(60):
        while True:
            try:
                await source.find(
                    Subject("p", (), Person("No", "Body", date(1999, 9, 9))),
                    asyncio.get_running_loop().time() + 5,
                )
            except SourceFailed:
                await asyncio.sleep(0.05)
            else:
                return


async def _profile(world: World) -> object:
    """What a case manager sees of the first person whom the mock knows."""
    known = people(20, 0)[0]
    await world.organization("A")
    client = await world.client(
        "known", first_name=known.first_name, last_name=known.last_name, dob=known.dob
    )
    await world.stay("s1", "known", "A-p")
    await world.grant("known", "A", categories=Category.EXISTENCE | Category.FOOD)
    answer = await world.ask(world.viewer("A"), FOOD, id=str(client))
    return answer.data["client"]["foodAssistance"]


@pytest.mark.parametrize("connector", sorted(installed()))
def test_the_page_of_a_connector_is_written_from_its_manifest(connector: str) -> None:
    partner = installed()[connector]

    assert page_of(partner).read_text(encoding="utf-8") == page(partner), "run hmis-hub connector docs"


def test_the_page_of_the_checks_is_written_from_the_checks() -> None:
    assert CHECKS_PAGE.read_text(encoding="utf-8") == check_page(), "run hmis-hub connector docs"
