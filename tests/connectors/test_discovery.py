"""A connector outside the hub works like one of its own, and is in nobody's way."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from connectors import manifest
from connectors.base import FetchRequest, Found, Subject
from connectors.discovery import Discovered, discovered
from connectors.registry import build
from connectors.rest import RestSource
from connectors.wire import Wire, answer
from hmis.errors import InputRefused
from tests.connectors.partners import FOLDER, household, soon

PANTRY = (FOLDER / "pantry" / "connector.toml").read_text()
ENGINE = create_async_engine("postgresql+asyncpg://nobody@127.0.0.1:9/none")
CODE = """
from connectors.memory import MemorySource
from .words import TITLE

def build(manifest, config, engine):
    return MemorySource({}, name=manifest.id, title=TITLE)
"""


def connector(folder: Path, text: str = PANTRY) -> Path:
    folder.mkdir(parents=True)
    name = folder.name.replace("_", "-")
    (folder / "connector.toml").write_text(text.replace('id = "pantry"', f'id = "{name}"'))
    return folder


def with_code(folder: Path, title: str) -> Path:
    connector(folder, PANTRY.replace('protocol = "rest"', 'protocol = "code"'))
    (folder / "source.py").write_text(CODE)
    (folder / "words.py").write_text(f"TITLE = {title!r}\n")
    return folder


def found(*extra: Path) -> Discovered:
    return discovered(extra=extra, packages=False)


def test_a_folder_and_a_folder_of_folders_are_looked_at(tmp_path: Path) -> None:
    alone = connector(tmp_path / "larder")
    connector(tmp_path / "many" / "soup_kitchen")

    there = found(alone, tmp_path / "many", alone)

    assert {"pantry", "energy-drop", "larder", "soup-kitchen"} <= there.installed.keys()
    assert there.installed["soup-kitchen"].where == f"folder {tmp_path / 'many'}"
    assert there.refused == ()


def test_a_folder_without_a_connector_is_a_slip_of_the_operator(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="no connector in"):
        found(tmp_path)


def test_an_installed_package_says_so_itself_and_is_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connector(tmp_path / "larder_connector", PANTRY.replace('"pantry"', '"larder"'))
    (tmp_path / "larder_connector" / "__init__.py").write_text(
        "raise RuntimeError('installing is not enabling')"
    )
    about = tmp_path / "larder_connector-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: larder-connector\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[hmis_hub.connectors]\nlarder = larder_connector\n")
    monkeypatch.syspath_prepend(str(tmp_path))

    larder = discovered().installed["larder"]

    assert (larder.where, larder.package) == ("package larder-connector", "larder_connector")
    assert "larder_connector" not in sys.modules


def test_the_same_id_twice_names_both_places_and_neither_is_used(tmp_path: Path) -> None:
    mine = connector(tmp_path / "pantry")

    there = found(mine)

    assert "pantry" not in there.installed
    (refused,) = there.refused
    assert str(mine) in str(refused.fault)
    assert str(FOLDER / "pantry") in str(refused.fault)


def test_a_broken_connector_is_in_nobodys_way(tmp_path: Path) -> None:
    there = found(connector(tmp_path / "larder", PANTRY.replace("batch_max", "batchmax")))

    assert "pantry" in there.installed
    assert [(refused.id, "did you mean batch_max" in str(refused.fault)) for refused in there.refused] == [
        ("larder", True)
    ]


def test_modules_of_a_folder_stand_in_for_nobody_elses(tmp_path: Path) -> None:
    first, second = with_code(tmp_path / "a" / "larder", "One"), with_code(tmp_path / "soup", "Two")
    there = found(first, second)
    config: dict[str, str | int] = {"base_url": "https://partner.example", "api_key": "env:KEY"}
    before = set(sys.modules)

    sources = build({"larder": config, "soup": config}, ENGINE, {"KEY": "k"}, there.installed)

    assert [source.title for source in sources.values()] == ["One", "Two"]
    assert all(name.startswith("_hub_connector_") for name in sys.modules.keys() - before)


async def test_a_transform_makes_an_answer_readable(tmp_path: Path) -> None:
    transform = 'request = "POST /households/batch"\ntransform = ".unwrap:unwrap"'
    folder = connector(tmp_path / "larder", PANTRY.replace('request = "POST /households/batch"', transform))
    (folder / "unwrap.py").write_text("def unwrap(answer):\n    return {'items': answer['wrapped']}\n")
    wrapped = json.dumps({"wrapped": [household("H-1")]})

    async with Wire(answer(wrapped)).serving() as address:
        config: dict[str, str | int] = {"base_url": address, "api_key": "env:KEY"}
        source = build({"larder": config}, ENGINE, {"KEY": "k"}, found(folder).installed)["larder"]
        assert isinstance(source, RestSource)
        fields = source.offers["FoodAssistance"].fields
        request = FetchRequest((Subject("p", ("H-1",)),), "FoodAssistance", fields, "", soon())
        outcomes = await source.fetch(request)
        await source.aclose()

    assert isinstance(outcomes["p"], Found)


@pytest.mark.parametrize("written", [".nowhere:unwrap", ".unwrap:missing", "no.such.package:unwrap"])
def test_a_transform_that_is_not_there_is_refused(tmp_path: Path, written: str) -> None:
    transform = f'request = "POST /households/batch"\ntransform = "{written}"'
    folder = connector(tmp_path / "larder", PANTRY.replace('request = "POST /households/batch"', transform))
    (folder / "unwrap.py").write_text("")
    config: dict[str, str | int] = {"base_url": "https://partner.example", "api_key": "env:KEY"}

    with pytest.raises(InputRefused, match="there is no function"):
        build({"larder": config}, ENGINE, {"KEY": "k"}, found(folder).installed)


@pytest.mark.parametrize(("spoken", "loaded"), [(1, {1}), (2, {1, 2}), (3, {2, 3})])
def test_this_contract_and_the_one_before_are_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoken: int, loaded: set[int]
) -> None:
    monkeypatch.setattr(manifest, "CONTRACT", spoken)
    for number in range(1, 5):
        connector(tmp_path / f"c{number}", PANTRY.replace("contract = 1", f"contract = {number}"))

    there = discovered(extra=[tmp_path], root=tmp_path / "none", packages=False)

    assert {one.manifest.contract for one in there.installed.values()} == loaded
