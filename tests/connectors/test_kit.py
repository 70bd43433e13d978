"""The kit fails every broken connector by exactly its fault, and passes its sound twin."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path
from typing import Any, get_args

import pytest

from connectors.base import Capability
from connectors.discovery import HERE as OURS
from connectors.discovery import discovered
from connectors.kit.bench import Bench
from connectors.kit.capability_checks import CALLS
from connectors.kit.running import Report, all_checks, run
from schema.build import schema
from schema.supplied import catalog

HERE = Path(__file__).parent
BROKEN = {path.parent.name: tomllib.loads(path.read_text()) for path in HERE.glob("broken/*/broken.toml")}
NOUNS = catalog(schema)


async def checked(folder: Path) -> Report:
    """A whole run. A busy machine may take its time: ten seconds are not the point here."""
    return await run(Bench(folder, NOUNS), budget_s=None)


def failed(report: Report) -> dict[str, str]:
    return {result.check.id: result.reason for result in report.failed}


@pytest.mark.parametrize("twin", ["larder", "ledger"])
async def test_the_sound_twin_is_green(twin: str) -> None:
    report = await checked(HERE / "sound" / twin)

    assert failed(report) == {}
    assert report.green
    assert report.earned == "silver"  # gold has a page, too


@pytest.mark.parametrize("name", sorted(BROKEN))
async def test_a_broken_connector_fails_by_its_fault_and_by_nothing_else(name: str, tmp_path: Path) -> None:
    broken = BROKEN[name]

    report = await checked(laid_out(name, broken, tmp_path))

    assert sorted(failed(report)) == broken["fails"], failed(report)
    assert not report.green


def laid_out(name: str, broken: dict[str, Any], home: Path) -> Path:
    """The sound twin with one fault in it."""
    folder = home / broken["of"]
    shutil.copytree(HERE / "sound" / broken["of"], folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(HERE / "broken" / name, folder, dirs_exist_ok=True)
    for without in broken.get("without", ()):
        (folder / without).unlink()
    for edit in broken.get("edit", ()):
        text = (folder / edit["file"]).read_text()
        assert edit["old"] in text
        (folder / edit["file"]).write_text(text.replace(edit["old"], edit["new"]))
    return folder


def test_every_capability_is_tried_where_it_is_not_declared() -> None:
    assert CALLS.keys() == set(get_args(Capability))


async def test_an_installed_package_is_proved_like_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "ledger_for_the_hub"
    shutil.copytree(HERE / "sound" / "ledger", folder)
    about = tmp_path / "ledger_for_the_hub-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: ledger-for-the-hub\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[hmis_hub.connectors]\nledger = ledger_for_the_hub\n")
    monkeypatch.syspath_prepend(str(tmp_path))

    found = discovered(NOUNS).installed["ledger"]
    report = await run(Bench(found.folder, NOUNS), only=["C04", "C08", "C22", "C67"], budget_s=None)

    assert [result.state for result in report.results] == ["PASS"] * 4


async def test_a_run_that_does_not_fit_its_time_is_red() -> None:
    report = await run(Bench(HERE / "sound" / "larder", NOUNS), budget_s=0)

    assert not report.green
    assert {result.reason for result in report.failed} == {"no time was left: a run has 10 s"}


async def test_what_cannot_be_looked_at_is_no_level_and_the_claim_is_lost() -> None:
    report = await run(Bench(OURS / "energy_drop", NOUNS, database=None), budget_s=None)

    assert failed(report).keys() == {"C75"}
    assert (report.green, report.earned) == (False, None)


def test_there_are_many_checks_and_each_has_its_number_a_word_and_a_hint() -> None:
    checks = all_checks()

    assert len(checks) >= 35
    assert [check.id for check in checks] == [f"C{number:02}" for number in range(1, len(checks) + 1)]
    assert all(check.title and check.docs and check.fix for check in checks)
    assert len({check.title for check in checks}) == len(checks)


def test_every_check_that_can_fail_by_a_connector_is_seen_to_fail() -> None:
    """A check that passes everything is worth nothing."""
    seen = {id for broken in BROKEN.values() for id in broken["fails"]}
    never = {check.id for check in all_checks()} - seen

    assert never == set()
