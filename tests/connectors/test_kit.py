"""The kit fails every broken connector by exactly its fault, and passes its sound twin."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest

from connectors.kit.bench import Bench
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
