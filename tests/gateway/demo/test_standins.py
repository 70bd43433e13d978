"""The partners of the demo start whatever their keys look like."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.demo import standins
from gateway.demo.home import DemoHome


async def test_a_key_that_begins_with_a_dash_is_a_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = DemoHome.open(tmp_path)
    home.pantry.write_text(json.dumps({"households": []}))
    home.rent.write_text(json.dumps({"tenancies": []}))
    home.clinic.write_text(json.dumps({"entry": []}))
    home.drop.mkdir(exist_ok=True)
    # One random key in 64 begins like an option.
    monkeypatch.setattr(standins.secrets, "token_urlsafe", lambda _length: "-key-of-the-pantry")
    async with standins.running(home) as environment:
        assert environment["HUB_PANTRY_API_KEY"] == "-key-of-the-pantry"
        assert environment["HUB_PANTRY_BASE_URL"].startswith("http://127.0.0.1:")
