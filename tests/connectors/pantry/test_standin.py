"""The food bank on loopback: an honest score, faults by chance, a quiet start and end."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from connectors.base import Found, Subject
from connectors.likeness import score
from connectors.standin import Fault, listen, parse_faults
from tests.connectors.partners import KEY, ask, household, pantry, started

ADA = ("Ada", "Sample", "1984-02-29")


@pytest.mark.parametrize(
    ("held", "points"),
    [
        (("Ada", "Sample", "1984-02-29"), 100),
        (("ADÁ", "sample", "1984-02-29"), 100),
        (("Ada", "Smaple", "1984-02-29"), 94),
        (("Ida", "Sampel", "1984-02-29"), 88),
        (("Sample", "Ada", "1984-02-29"), 92),
        (("Ada", "Sample", "1984-02-28"), 88),
        (("Ada", "Sample", "1984-02-92"), 0),
        (("Ada", "Muster", "1984-02-29"), 58),
        (("Zoe", "Quill", "1950-01-01"), 0),
    ],
)
def test_the_score_is_full_for_equals_and_less_for_every_slip(
    held: tuple[str, str, str], points: int
) -> None:
    assert score(ADA, held) == points


def test_a_birth_date_with_day_and_month_swapped_is_a_slip() -> None:
    assert score(("Ada", "Sample", "1984-02-09"), ("Ada", "Sample", "1984-09-02")) == 88


def test_faults_are_read_with_value_and_chance() -> None:
    assert parse_faults("slow=3s:0.1,error=500:0.05,html,retryafter") == (
        Fault("slow", 3, 0.1),
        Fault("error", 500, 0.05),
        Fault("html", 0, 1),
        Fault("retryafter", 5, 1),
    )
    assert parse_faults("") == ()
    with pytest.raises(ValueError, match="'sloow' is not a fault"):
        parse_faults("sloow")


def _command(*options: str | Path) -> list[str]:
    return [sys.executable, "-m", "connectors.pantry.standin", *(str(option) for option in options)]


async def test_the_command_serves_until_its_starter_lets_go(tmp_path: Path) -> None:
    data = tmp_path / "households.json"
    data.write_text(json.dumps({"households": [household("H-1")]}))

    async with started("connectors.pantry.standin", "--data", data, "--key", KEY) as (process, ready):
        assert ready.startswith("pantry stand-in is ready on 127.0.0.1 port ")
        source = pantry(f"http://127.0.0.1:{ready.split()[-1]}")
        outcomes = await source.fetch(
            ask(Subject("p", ("H-1",)), fields=source.offers["FoodAssistance"].fields)
        )
        await source.aclose()

    assert process.returncode == 0
    assert isinstance(outcomes["p"], Found)


@pytest.mark.parametrize("content", ["", "{}", '{"households": '])
def test_data_that_cannot_be_read_is_one_line(tmp_path: Path, content: str) -> None:
    data = tmp_path / "households.json"
    data.write_text(content)

    ended = subprocess.run(_command("--data", data), capture_output=True, text=True, check=False, timeout=30)

    assert ended.returncode == 1
    assert ended.stderr.startswith("the pantry stand-in cannot start")
    assert len(ended.stderr.splitlines()) == 1


def test_a_port_in_use_is_one_line() -> None:
    with listen(0) as taken, pytest.raises(SystemExit, match="cannot be used"):
        listen(taken.getsockname()[1])
