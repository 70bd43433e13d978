"""How soon a hub gives its first answer: from the start of its process to a whole profile of somebody.

    python tests/bench/bench_start.py

The database runs already and knows the hub. Promised: two seconds. A machine that does something else as well
makes the clock say more; what the process itself computed meanwhile, in seconds of a processor, is steadier.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from rich.console import Console

from tests.bench.city import City, settled
from tests.bench.figures import Spread, computed_s, machine, write_json
from tests.bench.peers import HUB, running
from tests.bench.places import places_in
from tests.bench.questions import Question

STAYS = 4_000
PROMISED_S = 2.0


async def first_answers(city: City, home: Path, person: str, times: int) -> list[tuple[float, float]]:
    """By start: seconds to the first profile, and seconds of a processor that the process took for it."""
    found = []
    for _ in range(times):
        began = time.perf_counter()
        async with running(HUB, city, home) as hub:
            answer = hub.ask(Question(1, person))
            found.append((time.perf_counter() - began, computed_s(hub.processes[0])))
            if answer.json()["data"]["client"] is None:
                raise SystemExit("the first answer was none")
    return found


async def bench(options: argparse.Namespace) -> dict[str, Any]:
    async with settled(options.database, STAYS) as (city, folder, version):
        async with running(HUB, city, folder / "home") as hub:  # the first makes keys and bytecode
            ids, _ = places_in(hub, 100)
        took = await first_answers(city, folder / "home", ids[0], options.starts)
    return {
        "machine": machine(version),
        "starts": options.starts,
        "first_answer_s": Spread.of([seconds for seconds, _ in took]).as_json(),
        "processor_s": Spread.of([computed for _, computed in took]).as_json(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument(
        "--database", help="URL of a PostgreSQL that may create databases; else an embedded one"
    )
    parser.add_argument("--json", type=Path, default=Path("bench.json"))
    options = parser.parse_args()
    found = asyncio.run(bench(options))
    took, computed = found["first_answer_s"], found["processor_s"]
    Console(width=120).print(
        f"First answer {took['median']:.2f} s after the start ({took['low']:.2f} to {took['high']:.2f}),"
        f" {computed['median']:.2f} s of a processor ({computed['low']:.2f} to {computed['high']:.2f});"
        f" promised {PROMISED_S:g} s"
    )
    write_json(options.json, "start", found)


if __name__ == "__main__":
    main()
