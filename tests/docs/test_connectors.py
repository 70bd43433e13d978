"""What docs/connectors.md tells an integrator is what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from connectors.registry import installed
from connectors.standin import KINDS
from connectors.supply import SCALARS
from gateway.partners import variable
from hmis.errors import FailureCode

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "connectors.md").read_text(encoding="utf-8")


def test_the_manifest_explained_is_the_pantrys_own() -> None:
    shown = "\n".join(re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL))

    assert shown == (ROOT / "connectors" / "pantry" / "connector.toml").read_text(encoding="utf-8")


def test_every_failure_code_has_its_line() -> None:
    assert re.findall(r"^\| `([A-Z_]+)` \|", PAGE, re.MULTILINE) == [code.value for code in FailureCode]


@pytest.mark.parametrize("connector", ["pantry", "energy-drop", "gravity-fhir"])
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
