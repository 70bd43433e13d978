"""A partner is on when one of its variables is set."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from connectors.registry import installed
from gateway.partners import in_variables, lapsed, opened, switched_on, token_keys, variable
from hmis.errors import InputRefused
from schema.build import schema
from schema.supplied import catalog

NOUNS = catalog(schema)


def test_installing_is_not_enabling() -> None:
    assert switched_on(installed(), {}) == {}


def test_variables_switch_a_partner_on_and_a_secret_is_only_named() -> None:
    environ = {"HUB_PANTRY_BASE_URL": "https://food.example.org", "HUB_PANTRY_API_KEY": "hunter2"}
    assert switched_on(installed(), environ) == {
        "pantry": {"base_url": "https://food.example.org", "api_key": "env:HUB_PANTRY_API_KEY"}
    }


@pytest.mark.parametrize(
    ("connector", "key", "name"),
    [
        ("pantry", "base_url", "HUB_PANTRY_BASE_URL"),
        ("energy-drop", "known_hosts", "HUB_ENERGY_DROP_KNOWN_HOSTS"),
    ],
)
def test_a_variable_is_named_after_connector_and_key(connector: str, key: str, name: str) -> None:
    assert variable(connector, key) == name


def test_a_refusal_names_the_variable_in_one_line() -> None:
    fault = InputRefused("Connector pantry cannot be set up:\n  config.api_key: must be set (secret)")
    line = str(in_variables(fault, "pantry"))
    assert "HUB_PANTRY_API_KEY: must be set" in line
    assert "\n" not in line


def test_the_key_of_an_agreement_is_read_where_a_manifest_has_a_place_for_it() -> None:
    environ = {"HUB_ENERGY_DROP_TOKEN_KEY": "k" * 32, "HUB_PANTRY_TOKEN_KEY": "p" * 32}
    assert token_keys(installed(), environ) == {"energy-drop": b"k" * 32}
    assert token_keys(installed(), {}) == {}


def test_a_key_that_could_be_guessed_is_refused_by_its_variable() -> None:
    with pytest.raises(InputRefused) as refused:
        token_keys(installed(), {"HUB_ENERGY_DROP_TOKEN_KEY": "hunter2"})
    assert str(refused.value) == "HUB_ENERGY_DROP_TOKEN_KEY must have at least 32 bytes."


HOME = {"HUB_PANTRY_BASE_URL": "https://food.example.org", "HUB_PANTRY_API_KEY": "hunter2"}
ENGINE = create_async_engine("postgresql+asyncpg://nobody@127.0.0.1:9/none")


def test_an_agreement_alone_lists_a_connector() -> None:
    assert switched_on(installed(), {"HUB_PANTRY_AGREEMENT": "DSA-1 2026-01-01/2026-12-31"}) == {"pantry": {}}


def test_nobody_is_asked_without_an_agreement() -> None:
    with pytest.raises(InputRefused, match="HUB_PANTRY_AGREEMENT is not set: nobody is asked without"):
        opened(HOME, NOUNS, ENGINE)
    with pytest.raises(InputRefused, match="HUB_PANTRY_AGREEMENT must read like"):
        opened({**HOME, "HUB_PANTRY_AGREEMENT": "DSA-1"}, NOUNS, ENGINE)


def test_outside_its_days_a_partner_is_closed() -> None:
    partners = opened({**HOME, "HUB_PANTRY_AGREEMENT": "DSA-1 2026-01-01/2026-12-31"}, NOUNS, ENGINE)

    assert partners.sources.keys() == {"pantry"}
    assert lapsed(partners.agreements, date(2026, 12, 31)) == frozenset()
    assert lapsed(partners.agreements, date(2027, 1, 1)) == {"pantry"}


def test_a_broken_connector_stops_the_hub_only_when_it_is_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "larder").mkdir()
    (tmp_path / "larder" / "connector.toml").write_text("contract = 7")
    folders = {"HUB_CONNECTORS": str(tmp_path)}

    assert opened(folders, NOUNS, ENGINE).sources == {}
    assert f"connector larder (folder {tmp_path}) cannot be used; it is off" in caplog.text
    with pytest.raises(InputRefused, match=r"larder/connector.toml cannot be used.*contract: must be 1"):
        opened({**folders, "HUB_LARDER_BASE_URL": "https://larder.example.org"}, NOUNS, ENGINE)


async def test_what_quality_a_connector_claims_is_known_to_the_hub(database: AsyncEngine) -> None:
    environ = {**HOME, "HUB_PANTRY_AGREEMENT": "DSA-1 2026-01-01/2026-12-31"}
    asked = opened(environ, catalog(schema), database)
    for source in asked.sources.values():
        await source.aclose()

    assert asked.levels == {"pantry": "gold"}
