"""`hmis-hub connector` as a process: exit codes, JSON for scripts, and one line for what is wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.kit.bench import Bench
from connectors.kit.running import all_checks, run
from gateway.check_database import on_demand
from gateway.partners import listed
from schema.build import schema
from schema.supplied import catalog
from tests.connectors.partners import FOLDER

ROOT = Path(__file__).parents[2]
LEDGER = ROOT / "tests" / "connectors" / "sound" / "ledger"
NOUNS = catalog(schema)
DAY = date(2026, 6, 1)


def hub(home: Path, *arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HUB_HOME": str(home), **variables}
    return subprocess.run(
        [sys.executable, "-m", "gateway", "connector", *(str(one) for one in arguments)],
        cwd=home,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture
def larder(tmp_path: Path) -> Path:
    assert hub(tmp_path, "new", "larder", "--id", "larder", "--noun", "FoodAssistance").returncode == 0
    return tmp_path / "larder"


def test_a_broken_connector_is_red_and_says_what_mends_it(larder: Path) -> None:
    manifest = larder / "connector.toml"
    manifest.write_text(manifest.read_text().replace("batch_max", "batchmax"))

    ran = hub(larder.parent, "check", larder, "--json")

    told = json.loads(ran.stdout)
    assert ran.returncode == 1
    assert (told["connector"], told["green"], told["level"]["earned"]) == ("larder", False, None)
    (failed,) = [check for check in told["checks"] if check["result"] == "FAIL"]
    assert failed["id"] == "C02"
    assert "did you mean batch_max?" in failed["reason"]
    assert failed["fix"]
    assert len(told["checks"]) == len(all_checks()) + 1


def test_what_is_not_there_is_one_line(tmp_path: Path) -> None:
    ran = hub(tmp_path, "check", "pantri")

    assert ran.returncode == 1
    assert ran.stderr == "hmis-hub: There is no folder and no connector pantri; did you mean pantry?.\n"


def test_wrong_usage_is_two(larder: Path) -> None:
    assert hub(larder.parent, "check").returncode == 2
    assert hub(larder.parent, "mock", larder, "--fault", "sloow").returncode == 2


def test_the_mock_of_a_connector_with_code_is_its_own_stand_in(tmp_path: Path) -> None:
    mocking = subprocess.Popen(
        [sys.executable, "-m", "gateway", "connector", "mock", LEDGER, "--until-eof", "--", "--key", "k"],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HUB_HOME": str(tmp_path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert mocking.stdout is not None
    ready = mocking.stdout.readline()
    mocking.communicate(timeout=30)

    assert ready.startswith("ledger stand-in is ready on 127.0.0.1 port ")
    assert mocking.returncode == 0


def _listed(environ: dict[str, str]) -> dict[str, dict[str, Any]]:
    return {line["id"]: line for line in listed(environ, NOUNS, DAY)}


@pytest.mark.parametrize(
    ("agreement", "on", "why"),
    [
        ("DSA-1 2026-01-01/2026-12-31", True, "agreement DSA-1 until 2026-12-31"),
        ("DSA-1 2025-01-01/2026-05-31", False, "agreement DSA-1 ended on 2026-05-31"),
        ("DSA-1 2026-06-02/2026-12-31", False, "agreement DSA-1 begins on 2026-06-02"),
        ("", False, "HUB_PANTRY_AGREEMENT is not set"),
    ],
)
def test_the_list_says_whether_a_connector_is_on_and_why(agreement: str, on: bool, why: str) -> None:
    environ = {"HUB_PANTRY_BASE_URL": "https://food.example.org", "HUB_PANTRY_AGREEMENT": agreement}

    pantry = _listed(environ)["pantry"]

    assert pantry["on"] is on
    assert pantry["why"].startswith(why)
    assert pantry["supplies"] == {"FoodAssistance": "food"}
    assert pantry["capabilities"] == ["changes", "check", "fetch", "find", "submit", "track"]
    assert pantry["level"] == "gold"


def test_the_list_shows_what_is_off_and_what_is_broken(larder: Path) -> None:
    (larder / "connector.toml").write_text("contract = 7")

    lines = _listed({"HUB_CONNECTORS": str(larder)})

    assert (lines["energy-drop"]["on"], lines["energy-drop"]["why"]) == (False, "no variable of it is set")
    assert lines["larder"]["where"] == f"folder {larder}"
    assert "contract: must be 1" in lines["larder"]["why"]


def test_the_list_is_json_for_scripts(larder: Path) -> None:
    ran = hub(larder.parent, "list", "--json", HUB_CONNECTORS=str(larder))

    assert {line["id"] for line in json.loads(ran.stdout)} >= {"pantry", "energy-drop", "larder"}


async def test_the_database_of_a_check_is_its_own_and_gone_afterwards(tmp_path: Path) -> None:
    async with on_demand(tmp_path) as database:
        report = await run(
            Bench(FOLDER / "energy_drop", NOUNS, database=database), only=["C22", "C69"], budget_s=None
        )
        engine: AsyncEngine = await database()
        name = engine.url.database

    assert [result.state for result in report.results] == ["PASS", "PASS"]
    assert name is not None
    assert name.startswith("check_")
    async with on_demand(tmp_path) as database:
        assert (await database()).url.database != name
