"""A worker of the hub by itself: how soon it gives its first answer, and what memory it takes as it goes on.

    python tests/bench/bench_worker.py                       10,000 profiles
    python tests/bench/bench_worker.py --requests 100000     as many as the promise is about

The database runs already. From the start of the process to a whole profile of somebody, promised in two
seconds; then load over 32 connections, and the memory (RSS) of the process at ten marks: promised are 250 MB
at the most, and no growth once it is warm.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import asyncpg  # type: ignore[import-untyped]  # it has no types
from rich.console import Console

from hmis.database import embedded
from tests.bench.city import City, settle
from tests.bench.figures import Spread, machine, write_json
from tests.bench.load import press
from tests.bench.peers import HUB, Peer, running
from tests.bench.places import places_in
from tests.bench.questions import Question

STAYS = 4_000
CONNECTIONS = 32
MARKS = 10
PROMISED_S, PROMISED_MB = 2.0, 250


async def first_answers(city: City, home: Path, person: str, times: int) -> list[float]:
    """Seconds from the start of a process to its first profile."""
    seconds = []
    for _ in range(times):
        began = time.perf_counter()
        async with running(HUB, city, home) as hub:
            answer = hub.ask(Question(1, person))
            seconds.append(time.perf_counter() - began)
            if answer.json()["data"]["client"] is None:
                raise SystemExit("the first answer was none")
    return seconds


def _megabytes(process: int) -> float:
    """What a process holds in memory now. Linux."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise SystemExit("the worker is gone")


async def memory(hub: Peer, bodies: Path, requests: int) -> list[tuple[int, float]]:
    """(requests answered, MB) at each mark."""
    (process,) = hub.processes
    marks, asked = [(0, _megabytes(process))], 0
    while asked < requests:
        heard = await press(hub.urls, bodies, CONNECTIONS, 5, asked, hub.token)
        asked += round(heard.per_second * 5)
        if asked >= len(marks) * requests / MARKS:
            marks.append((asked, _megabytes(process)))
    return marks


async def bench(options: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as home:
        folder = Path(home)
        os.chmod(folder, 0o755)  # noqa: S103  the embedded server of root runs as another user
        server = options.database or await asyncio.to_thread(embedded, folder)
        city = await settle(server, STAYS, folder)
        driver = await asyncpg.connect(city.url)
        version = await driver.fetchval("show server_version")
        await driver.close()
        async with running(HUB, city, folder / "home") as hub:
            ids, _ = places_in(hub, 1_000)
            bodies = folder / "bodies.txt"
            bodies.write_bytes(b"\n".join(hub.body(Question(1, person)) for person in ids) + b"\n")
            marks = await memory(hub, bodies, options.requests)
        seconds = await first_answers(city, folder / "home", ids[0], options.starts)
    return {
        "machine": machine(version),
        "first_answer_s": Spread.of(seconds).as_json(),
        "memory": [{"requests": requests, "mb": round(mb, 1)} for requests, mb in marks],
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument(
        "--database", help="URL of a PostgreSQL that may create databases; else an embedded one"
    )
    parser.add_argument("--json", type=Path, default=Path("bench.json"))
    options = parser.parse_args()
    found = asyncio.run(bench(options))
    console = Console(width=120)
    took = found["first_answer_s"]
    console.print(
        f"First answer {took['median']:.2f} s after the start ({took['low']:.2f} to {took['high']:.2f});"
        f" promised {PROMISED_S:g} s"
    )
    told = ", ".join(f"{mark['requests']:,}: {mark['mb']:.0f}" for mark in found["memory"])
    console.print(f"Memory in MB by requests answered: {told}; promised {PROMISED_MB} MB, and flat")
    write_json(options.json, "worker", found)


if __name__ == "__main__":
    main()
