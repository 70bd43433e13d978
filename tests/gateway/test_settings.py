"""Settings: read once, and a value that cannot be taken is one line with its variable and the mend."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from gateway.settings import Settings, variable
from hmis.errors import InputRefused


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(variable(name), raising=False)


def test_nothing_has_to_be_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = Settings.read()
    assert settings.home == tmp_path / ".hub"
    assert (settings.database_url, settings.issuers, settings.demo_issuer) == (None, (), False)
    assert str(settings.zone) == "America/New_York"


def test_issuers_stand_with_commas_between(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_ISSUERS", "https://login.example.org/realms/hub, https://id.example.net")
    assert Settings.read().issuers == ("https://login.example.org/realms/hub", "https://id.example.net")


def test_who_may_send_any_text_is_named_by_scope_or_by_issuer_and_subject(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HUB_FREE_TEXT", "explore, https://login.example.org#auth0|7")
    assert Settings.read().free_text == ("explore", "https://login.example.org#auth0|7")


def test_where_people_sign_in_is_one_provider_and_one_address(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not Settings.read().has_pages
    monkeypatch.setenv("HUB_SIGN_IN_ISSUER", "https://login.example.org/realms/hub")
    monkeypatch.setenv("HUB_SIGN_IN_CLIENT_ID", "hub")
    monkeypatch.setenv("HUB_SIGN_IN_CLIENT_SECRET", "hunter2")
    monkeypatch.setenv("HUB_PUBLIC_URL", "https://Hub.example.org:443/")
    monkeypatch.setenv("HUB_STEP_UP_ACR", "aal2, aal3")
    settings = Settings.read()
    assert settings.has_pages
    assert settings.sign_in_issuer == "https://login.example.org/realms/hub"
    assert settings.public_url == "https://hub.example.org"  # as browsers write an origin
    assert settings.step_up_acr == ("aal2", "aal3")
    assert "hunter2" not in repr(settings)


@pytest.mark.parametrize(
    ("missing", "told"),
    [
        ("HUB_PUBLIC_URL", "HUB_PUBLIC_URL must be set along with HUB_SIGN_IN_ISSUER, as an https address"),
        ("HUB_SIGN_IN_CLIENT_ID", "HUB_SIGN_IN_CLIENT_ID must be set along with HUB_SIGN_IN_ISSUER"),
    ],
)
def test_who_signs_people_in_needs_a_name_there_and_an_address_here(
    monkeypatch: pytest.MonkeyPatch, missing: str, told: str
) -> None:
    known = {
        "HUB_SIGN_IN_ISSUER": "https://login.example.org",
        "HUB_SIGN_IN_CLIENT_ID": "hub",
        "HUB_PUBLIC_URL": "http://127.0.0.1:8000",
    }
    for name, value in known.items():
        monkeypatch.setenv(name, "" if name == missing else value)
    with pytest.raises(InputRefused, match=told):
        Settings.read()


def test_who_registers_for_an_application_is_named_by_issuer_and_subject(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HUB_APPLICATIONS", "intake-app=https://login.example.org#a=b, x=http://127.0.0.1#c")
    assert Settings.read().applications == (
        "intake-app=https://login.example.org#a=b",
        "x=http://127.0.0.1#c",
    )


def test_an_empty_address_of_the_database_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_DATABASE_URL", "")
    assert Settings.read().database_url is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HUB_PORT", "eighty"),
        ("HUB_PORT", "70000"),
        ("HUB_DATABASE_URL", "mysql://hub:hunter2@db/hub"),
        ("HUB_DATABASE_URL", "hunter2"),
        ("HUB_ISSUERS", "http://login.example.org"),
        ("HUB_ISSUERS", "https://login.example.org, hunter2"),
        ("HUB_FREE_TEXT", "two words"),
        ("HUB_FREE_TEXT", "hunter2#ada"),
        ("HUB_FREE_TEXT", "https://login.example.org#"),
        ("HUB_SIGN_IN_ISSUER", "http://login.example.org"),
        ("HUB_SIGN_IN_ISSUER", "hunter2"),
        ("HUB_PUBLIC_URL", "http://hub.example.org"),
        ("HUB_PUBLIC_URL", "https://hub.example.org/pages"),
        ("HUB_PUBLIC_URL", "hunter2"),
        ("HUB_SIGN_IN_ACR", "two words"),
        ("HUB_STEP_UP_ACR", "two words"),
        ("HUB_SIGN_IN_MAX_AGE_S", "-1"),
        ("HUB_APPLICATIONS", "https://login.example.org#ada"),
        ("HUB_APPLICATIONS", "=https://login.example.org#ada"),
        ("HUB_APPLICATIONS", "intake-app=hunter2#ada"),
        ("HUB_APPLICATIONS", "intake-app=https://login.example.org#"),
        ("HUB_TIME_ZONE", "Mars/Olympus_Mons"),
        ("HUB_TIME_ZONE", "../../etc/passwd"),
        ("HUB_DEMO_ISSUER", "perhaps"),
        ("HUB_MAX_REQUEST_BYTES", "12"),
        ("HUB_MAX_COST", "-5"),
        ("HUB_COST_PER_MINUTE", "-1"),
        ("HUB_INTROSPECTION", "INTEGRATOR,CHEF"),
        ("HUB_SUGGESTIONS", "perhaps"),
        ("HUB_DEADLINE_S", "-3"),
    ],
)
def test_a_value_that_cannot_be_taken_is_one_line_with_the_mend_and_without_the_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(InputRefused) as refused:
        Settings.read()
    line = str(refused.value)
    assert line.startswith(f"{name} must ")
    assert "\n" not in line
    assert value not in line
    assert "hunter2" not in line


def test_all_values_that_cannot_be_taken_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_PORT", "eighty")
    monkeypatch.setenv("HUB_DEADLINE_S", "soon")
    with pytest.raises(InputRefused, match=r"HUB_PORT must .*; HUB_DEADLINE_S must "):
        Settings.read()


def test_the_readme_tells_of_every_setting() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    for name, field in Settings.model_fields.items():
        assert f"`{variable(name)}`" in readme
        assert field.description is not None
        assert field.description in readme


@pytest.mark.parametrize(
    ("zone", "midnight", "begins"),
    [
        ("America/New_York", "2026-06-30T04:00:00Z", date(2026, 6, 30)),
        ("America/New_York", "2026-03-08T05:00:00Z", date(2026, 3, 8)),  # the day of 23 hours
        ("America/New_York", "2026-03-09T04:00:00Z", date(2026, 3, 9)),
        ("America/New_York", "2026-11-01T04:00:00Z", date(2026, 11, 1)),  # the day of 25 hours
        ("America/New_York", "2026-11-02T05:00:00Z", date(2026, 11, 2)),
        ("America/Havana", "2026-03-08T05:00:00Z", date(2026, 3, 8)),  # 00:00 does not exist: 01:00
        ("America/Havana", "2026-11-01T04:00:00Z", date(2026, 11, 1)),  # 00:00 comes twice: the first
        ("Pacific/Auckland", "2026-06-29T12:00:00Z", date(2026, 6, 30)),
    ],
)
def test_a_day_begins_at_local_midnight_whatever_the_clocks_do(
    tmp_path: Path, zone: str, midnight: str, begins: date
) -> None:
    settings = Settings(home=tmp_path, time_zone=zone)
    turn = datetime.fromisoformat(midnight)
    assert settings.day_of(turn - timedelta(seconds=1)) == begins - timedelta(days=1)
    assert settings.day_of(turn) == begins
    assert settings.day_of(turn + timedelta(hours=1)) == begins
