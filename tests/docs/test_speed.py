"""docs/speed.md shows the figures of docs/speed.json, and the commands that it names are there."""

import json
import re

from tests.bench.speed_page import FIGURES, PAGE, joined, placed, taken_over

TEXT = PAGE.read_text(encoding="utf-8")


def test_the_page_shows_the_figures_measured_last() -> None:
    assert placed(TEXT, json.loads(FIGURES.read_text(encoding="utf-8"))) == TEXT


def test_every_bench_that_the_page_tells_to_run_is_there() -> None:
    named = re.findall(r"make bench B=(\w+)", TEXT)
    assert named
    missing = [name for name in named if not (PAGE.parents[1] / f"tests/bench/bench_{name}.py").exists()]
    assert missing == []


def test_a_bench_that_was_not_run_keeps_its_figures() -> None:
    known = {"operations": {"when": "before"}, "audit": {"rows": []}}
    newest = {"operations": {"when": "now"}, "import": []}
    assert taken_over(known, newest) == {"operations": {"when": "now"}, "audit": {"rows": []}}


def test_a_bench_that_was_run_in_parts_has_the_operations_of_all() -> None:
    def part(stays: int, note: str) -> dict[str, object]:
        return {"when": "now", "cities": [{"stays": stays}], "note": note, "measured": [{"stays": stays}]}

    small, large = part(4_000, "Quiet."), part(400_000, "")
    found = joined([{"operations": small, "start": 1}, {"operations": large}, {"start": 2}])
    assert found == {
        "operations": {**small, "cities": [{"stays": 4_000}, {"stays": 400_000}],
                       "measured": [{"stays": 4_000}, {"stays": 400_000}]},
        "start": 2,
    }  # fmt: skip
