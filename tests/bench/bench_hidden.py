"""Whether time tells a hidden client from one who never was: 2,000 questions of each, interleaved.

    python tests/bench/bench_hidden.py

Prints the median of both and their ratio; more than 3 % apart is a channel. Nothing else may run beside it.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).parents[2]))

from hmis.database import embedded, engine
from hmis.migrate import upgrade
from tests.worlds import World

QUESTIONS = 2_000
APART = 0.03
CLIENT = (
    "query($id: ID!) { client(id: $id) { id name { last } birth { date } enrollments { nodes { id } } } }"
)


async def measured(url: str) -> dict[str, float]:
    """The median of each kind in milliseconds, the audit row included."""
    world = World(engine(url))
    for name in "AB":
        await world.organization(name)
    hidden = []
    for number in range(50):
        key = f"c{number}"
        hidden.append(str(await world.client(key, last_name="Stone", dob=date(1980, 1, 1))))
        await world.stay(f"s{number}", key, "B-p")
    viewer, choose = world.viewer("A"), random.Random(1)
    taken: dict[str, list[float]] = {"hidden": [], "unknown": []}
    turns = ["hidden", "unknown"] * QUESTIONS
    choose.shuffle(turns)
    for turn in turns:
        client = choose.choice(hidden) if turn == "hidden" else str(uuid4())
        began = time.perf_counter()
        answer = await world.ask(viewer, CLIENT, audited=True, id=client)
        taken[turn].append(time.perf_counter() - began)
        assert answer.data == {"client": None}
    await world.engine.dispose()
    return {turn: statistics.median(times) * 1000 for turn, times in taken.items()}


def main() -> int:
    with tempfile.TemporaryDirectory() as home:
        url = embedded(Path(home))
        asyncio.run(upgrade(url))
        medians = asyncio.run(measured(url))
    ratio = medians["hidden"] / medians["unknown"]
    print(f"hidden {medians['hidden']:.2f} ms, unknown {medians['unknown']:.2f} ms, ratio {ratio:.3f}")  # noqa: T201  # a bench
    return 0 if abs(ratio - 1) <= APART else 1


if __name__ == "__main__":
    sys.exit(main())
