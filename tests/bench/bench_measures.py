"""How long measures take on a state of a million stays, in how much memory, and beside SQL written by hand.

    python tests/bench/bench_measures.py                         100,000, 300,000 and a million stays
    python tests/bench/bench_measures.py --stays 100000          one size
    python tests/bench/bench_measures.py --hub ~/.hub            and how long that hub's snapshot takes

Each size is made once (`state.py`) and counted in a process of its own, whose peak memory is told: every
measure of the catalog over the last year, from an opened snapshot to its figures. Promised for a million
stays on two cores: all of them in at most 60 s and 4 GB, growth in line with the stays, and at most 1.5 times
what counting takes the SQL of `by_hand.py` for the same numbers.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from rich.console import Console

from hmis.database import embedded, engine
from hmis.measures import core
from hmis.measures.answering import answer, figures
from hmis.measures.catalog import MEASURES
from hmis.measures.snapshot import Snapshot, taken
from tests.bench import by_hand, state
from tests.bench.figures import computed_s, in_turn, machine, ratio, write_json

STAYS = (100_000, 300_000, 1_000_000)
PROMISED_S, PROMISED_GB, PROMISED_RATIO = 60, 4, 1.5


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def make(folder: Path, stays: int) -> dict[str, Any]:
    began = time.perf_counter()
    made = state.snapshot(folder, stays)
    seconds = time.perf_counter() - began
    (folder / "rows.json").write_text(json.dumps(dict(made.rows)), encoding="utf-8")
    return {"seconds": round(seconds, 2), "peak_mb": round(_peak_mb()), "rows": sum(made.rows.values())}


def _snapshot(folder: Path) -> Snapshot:
    rows = json.loads((folder / "rows.json").read_text(encoding="utf-8"))
    return Snapshot(folder, datetime(2026, 10, 2, tzinfo=UTC), state.SOURCES, rows, "made")


def count(folder: Path) -> dict[str, Any]:
    """Every measure once, as somebody who asks for it waits for it."""
    seconds: dict[str, float] = {}
    whole, computed = time.perf_counter(), computed_s(os.getpid())
    with core.opened(_snapshot(folder)) as tables:
        for name, measure in MEASURES.items():
            began = time.perf_counter()
            answer(measure, tables, state.YEAR)
            seconds[name] = round(time.perf_counter() - began, 2)
    return {
        "seconds": seconds,
        "all_seconds": round(time.perf_counter() - whole, 2),
        "processor_s": round(computed_s(os.getpid()) - computed, 2),
        "peak_mb": round(_peak_mb()),
    }


def beside(folder: Path, rounds: int) -> dict[str, Any]:
    """Measures and the same by hand in turn; equal numbers, or the bench ends.

    A question costs its planning, whatever the number of stays, and its counting. Planning is what it takes
    on a handful of stays; so `counting` is the ratio of what grows, and `median` that of all one waits for.
    """
    (folder / "few").mkdir(exist_ok=True)
    many, few = _snapshot(folder), state.snapshot(folder / "few", 100)
    seconds_of = {"many": _in_turn(many, rounds), "few": _in_turn(few, rounds)}
    found: dict[str, Any] = {}
    for name in by_hand.BY_HAND:
        ours, theirs = seconds_of["many"][name]
        planned, planned_by_hand = (min(seconds) for seconds in seconds_of["few"][name])
        found[name] = ratio(ours, to=theirs).as_json() | {
            "counting": round((min(ours) - planned) / (min(theirs) - planned_by_hand), 2),
            "measure_s": round(min(ours), 3),
            "by_hand_s": round(min(theirs), 3),
            "planning_s": round(planned, 3),
        }
    return found


def _in_turn(made: Snapshot, rounds: int) -> dict[str, tuple[list[float], list[float]]]:
    """Seconds of each measure, and of the same by hand, round by round."""
    import duckdb

    found = {}
    with core.opened(made) as tables, duckdb.connect() as database:
        for name in by_hand.BY_HAND:
            measure = MEASURES[name]

            async def ours(_: int, measure: Any = measure) -> None:
                answer(measure, tables, state.YEAR)

            async def theirs(_: int, name: str = name) -> None:
                by_hand.figures(database, made, state.YEAR, name)

            said = {key: one.units for key, one in figures(measure, tables, state.YEAR).items() if one.units}
            by = by_hand.figures(database, made, state.YEAR, name)
            if said != by:
                raise SystemExit(f"{name} says {said}, and by hand it is {by}")
            works = {"measure": ours, "by hand": theirs}
            seconds = asyncio.run(in_turn(works, rounds=rounds, each=1, warm_up=1))
            found[name] = (seconds["measure"], seconds["by hand"])
    return found


def take(hub: Path) -> dict[str, Any]:
    """A snapshot of a hub's own database, into a folder that is deleted again."""

    async def _taken(home: Path) -> Snapshot:
        database = engine(await asyncio.to_thread(embedded, hub))
        try:
            return await taken(database, home, datetime.now(UTC))
        finally:
            await database.dispose()

    with tempfile.TemporaryDirectory(prefix="hub-bench-") as home:
        began = time.perf_counter()
        found = asyncio.run(_taken(Path(home)))
        return {
            "seconds": round(time.perf_counter() - began, 1), "peak_mb": round(_peak_mb()),
            "rows": sum(found.rows.values()), "stays": found.rows["stay"],
        }  # fmt: skip


def _in_a_process_of_its_own(what: str, folder: Path, number: int = 0) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, __file__, "--only", what, str(folder), str(number)],
        check=True, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def bench(options: argparse.Namespace, console: Console) -> dict[str, Any]:
    sizes = []
    for stays in options.stays or STAYS:
        with tempfile.TemporaryDirectory(prefix="hub-bench-") as home:
            folder = Path(home)
            made = _in_a_process_of_its_own("make", folder, stays)
            counted = _in_a_process_of_its_own("count", folder)
            ratios = _in_a_process_of_its_own("beside", folder, options.rounds)
        sizes.append({"stays": stays, "made": made, **counted, "beside": ratios})
        console.print(
            f"{stays:>9,} stays ({made['rows']:,} rows, made in {made['seconds']} s, {made['peak_mb']} MB):"
            f" all measures {counted['all_seconds']} s"
            f" ({counted['processor_s']} s of a processor), {counted['peak_mb']} MB"
        )
        for name, seconds in counted["seconds"].items():
            by = ratios.get(name)
            console.print(
                f"    {name:<24} {seconds:>6.2f} s"
                + (f"   {by['median']:.2f} x by hand, counting {by['counting']:.2f} x" if by else "")
            )
    for less, more in pairwise(sizes):
        times = more["all_seconds"] / less["all_seconds"]
        console.print(f"{more['stays'] / less['stays']:.1f} times the stays: {times:.1f} times the time")
    found: dict[str, Any] = {"sizes": sizes, "machine": machine("-")}
    if options.hub:
        found["taken"] = _in_a_process_of_its_own("take", options.hub)
        console.print(f"A snapshot of {options.hub.name}: {found['taken']}")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--stays", type=int, action="append")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--hub", type=Path, help="HUB_HOME of an embedded hub whose snapshot is timed as well"
    )
    parser.add_argument("--json", type=Path, default=Path("bench.json"))
    parser.add_argument("--only", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only:
        what, folder, number = options.only[0], Path(options.only[1]), int(options.only[2])
        works = {
            "make": lambda: make(folder, number), "count": lambda: count(folder),
            "beside": lambda: beside(folder, number), "take": lambda: take(folder),
        }  # fmt: skip
        print(json.dumps(works[what]()))  # noqa: T201  # the parent process reads it
        return
    write_json(options.json, "measures", bench(options, Console(width=120)))


if __name__ == "__main__":
    main()
