"""What an operator sets: typed, all faults at once, secrets never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.config import Config, ConfigKey, Secret, read_config
from hmis.errors import InputRefused

KEYS = {
    key.name: key
    for key in (
        ConfigKey("base_url", "url"),
        ConfigKey("api_key", "secret"),
        ConfigKey("port", "int", default=22),
        ConfigKey("known_hosts", "path", optional=True),
    )
}
GIVEN: dict[str, str | int] = {"base_url": "https://pantry.example/api/", "api_key": "env:PANTRY_KEY"}
ENVIRON = {"PANTRY_KEY": "very-secret"}


def _fault(**changes: str | int) -> str:
    with pytest.raises(InputRefused) as refused:
        read_config("pantry", KEYS, {**GIVEN, **changes}, ENVIRON)
    return str(refused.value)


def test_values_come_in_their_types() -> None:
    config = read_config("pantry", KEYS, {**GIVEN, "known_hosts": "known", "port": "2222"}, ENVIRON)

    assert config.text("base_url") == "https://pantry.example/api"
    assert config.number("port") == 2222
    assert config.path("known_hosts") == Path("known")
    assert config.secret("api_key") == "very-secret"


def test_what_is_optional_may_be_left_out_and_a_default_stands_in() -> None:
    config = read_config("pantry", KEYS, GIVEN, ENVIRON)

    assert config.path("known_hosts") is None
    assert config.number("port") == 22


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(InputRefused) as refused:
        read_config("pantry", KEYS, {"colour": "red", "port": "many"}, {})

    lines = str(refused.value).splitlines()
    assert [line.split(":")[0].strip() for line in lines[1:]] == [
        "config.colour",
        "config.base_url",
        "config.api_key",
        "config.port",
    ]


def test_a_secret_is_named_and_never_written() -> None:
    assert "s3cret" not in _fault(api_key="s3cret")
    assert "env:NAME" in _fault(api_key="s3cret")
    assert "OTHER_KEY is not set" in _fault(api_key="env:OTHER_KEY")


def test_a_secret_is_not_shown_by_repr_str_or_format() -> None:
    config = read_config("pantry", KEYS, GIVEN, ENVIRON)

    assert "very-secret" not in f"{config} {config!r} {config.values} {config.text('api_key')}"
    assert f"{Secret('x')}" == "***"
    assert repr(Config({"a": Secret("hidden")})).find("hidden") == -1


@pytest.mark.parametrize(
    "url",
    [
        "http://pantry.example/",
        "http://10.0.0.7:8080",
        "ftp://pantry.example",
        "pantry.example",
        "https://user:word@pantry.example",
        "https://pantry.example/?key=1",
    ],
)
def test_persons_travel_over_tls_to_a_plain_address(url: str) -> None:
    assert "config.base_url" in _fault(base_url=url)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9001", "http://localhost:9001", "http://[::1]:9001"])
def test_this_machine_itself_may_be_spoken_to_in_the_clear(url: str) -> None:
    assert read_config("pantry", KEYS, {**GIVEN, "base_url": url}, ENVIRON).text("base_url") == url
