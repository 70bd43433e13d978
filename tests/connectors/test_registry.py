"""Which partners there are and which are switched on."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from connectors.energy_drop.source import EnergyDrop
from connectors.manifest import ManifestRefused
from connectors.registry import build, installed
from connectors.rest import RestSource
from hmis.errors import InputRefused
from tests.connectors.partners import FOLDER

ENGINE = create_async_engine("postgresql+asyncpg://nobody@127.0.0.1:9/none")
PANTRY: dict[str, str | int] = {"base_url": "https://pantry.example", "api_key": "env:PANTRY_KEY"}
ENERGY: dict[str, str | int] = {
    "host": "sftp.example",
    "user": "hub",
    "known_hosts": "known_hosts",
    "password": "env:SFTP_PASSWORD",
}
ENVIRON = {"PANTRY_KEY": "k", "SFTP_PASSWORD": "p"}


def test_every_folder_with_a_manifest_is_a_partner() -> None:
    assert {"pantry", "energy-drop"} <= installed().keys()


def test_only_what_is_configured_is_built() -> None:
    assert build({}, ENGINE, ENVIRON) == {}

    sources = build({"pantry": PANTRY, "energy-drop": ENERGY}, ENGINE, ENVIRON)

    assert isinstance(sources["pantry"], RestSource)
    assert isinstance(sources["energy-drop"], EnergyDrop)
    assert {noun for source in sources.values() for noun in source.offers} == {
        "FoodAssistance",
        "UtilityAssistance",
        "RentalAssistance",
    }


def test_an_unknown_connector_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(InputRefused, match="did you mean pantry"):
        build({"panty": PANTRY}, ENGINE, ENVIRON)


def test_a_drop_needs_a_key_or_a_password() -> None:
    without = {key: value for key, value in ENERGY.items() if key != "password"}

    with pytest.raises(InputRefused, match="client_key or"):
        build({"energy-drop": without}, ENGINE, ENVIRON)


def test_a_folder_and_its_id_have_one_name(tmp_path: Path) -> None:
    (tmp_path / "larder").mkdir()
    manifest = (FOLDER / "pantry" / "connector.toml").read_text()
    (tmp_path / "larder" / "connector.toml").write_text(manifest)

    with pytest.raises(ManifestRefused, match="larder"):
        installed(root=tmp_path)
