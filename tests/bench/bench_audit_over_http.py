"""What the audit costs whoever asks the hub by HTTP: the profile of a client, in three ways side by side.

    python tests/bench/bench_audit_over_http.py

The same hub three times: with the audit as it is (the rows of those under way committed together), with a
commit for each answer, and with none, which only this bench can make (`hub_audited.py`). First each is seen
to write what it should: one row for a question, or nothing. Promised: at most 15 % below none, with 32
connections. `bench_audit.py` measures the same without HTTP and GraphQL, where the audit weighs more.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import asyncpg  # type: ignore[import-untyped]  # it has no types
from rich.console import Console
from rich.table import Table

from tests.bench.bench_audit import EACH, GROUPED, NONE
from tests.bench.city import City, settled
from tests.bench.figures import Spread, computed_s, machine, ratio, write_json
from tests.bench.load import Heard, press
from tests.bench.peers import HUB, Peer, running
from tests.bench.places import places_in
from tests.bench.questions import Question

STAYS = 4_000
CONNECTIONS = (8, 32)
PROMISED = 0.85
_WARM_UP = 2  # rounds: connections are opened, and statements prepared on each
_ROWS = {GROUPED: 1, EACH: 1, NONE: 0}


async def _check(city: City, hubs: Mapping[str, Peer], question: Question) -> None:
    """Ends the bench where one answers otherwise than the others, or writes more or less than it should."""
    driver = await asyncpg.connect(city.url)
    try:
        for setting in ("fsync", "synchronous_commit"):
            if await driver.fetchval("select current_setting($1)", setting) != "on":
                raise SystemExit("This PostgreSQL does not wait for the disk: there is nothing to measure.")
        answers = set()
        for name, hub in hubs.items():
            before = await driver.fetchval("select count(*) from audit_event")
            answers.add(await asyncio.to_thread(lambda hub=hub: hub.ask(question).content))
            written = await driver.fetchval("select count(*) from audit_event") - before
            if written != _ROWS[name]:
                raise SystemExit(f"{name}: {written} rows were written")
        if len(answers) != 1:
            raise SystemExit("the three do not answer the same")
    finally:
        await driver.close()


async def bench(options: argparse.Namespace) -> dict[str, Any]:
    async with settled(options.database, STAYS) as (city, folder, version), AsyncExitStack() as stack:
        hubs = {
            name: await stack.enter_async_context(running(HUB, city, folder / "home", audit=name))
            for name in _ROWS
        }
        ids, _ = places_in(hubs[GROUPED], options.ids)
        asked = [Question(1, person) for person in ids]
        bodies = folder / "bodies.txt"
        bodies.write_bytes(b"\n".join(hubs[GROUPED].body(question) for question in asked) + b"\n")
        await _check(city, hubs, asked[0])
        rows = [
            {"connections": connections, **_summed_up(await _rounds(hubs, bodies, connections, options))}
            for connections in CONNECTIONS
        ]
    return {"machine": machine(version), "rounds": options.rounds, "seconds": options.seconds, "rows": rows}


async def _rounds(
    hubs: Mapping[str, Peer], bodies: Path, connections: int, options: argparse.Namespace
) -> dict[str, list[tuple[Heard, float]]]:
    """What each did in every round, in turn, and the milliseconds of a processor that an answer took it."""
    heard: dict[str, list[tuple[Heard, float]]] = {name: [] for name in hubs}
    for turn in range(options.rounds + _WARM_UP):
        for name in list(hubs) if turn % 2 else reversed(hubs):
            hub = hubs[name]
            begin, reads, before = turn * 131, turn < _WARM_UP, computed_s(hub.processes[0])
            found = await press(hub.urls, bodies, connections, options.seconds, begin, hub.token, reads=reads)
            if turn >= _WARM_UP:
                computed_ms = (computed_s(hub.processes[0]) - before) * 1000
                heard[name].append((found, computed_ms / found.answers))
    return heard


def _summed_up(heard: Mapping[str, list[tuple[Heard, float]]]) -> dict[str, Any]:
    rates = {name: [one.per_second for one, _ in runs] for name, runs in heard.items()}
    return {
        name: {
            "per_second": Spread.of(rates[name]).as_json(),
            "p50_ms": Spread.of([one.p50_ms for one, _ in runs]).as_json(),
            "processor_ms": Spread.of([computed for _, computed in runs]).as_json(),
            "to_none": ratio(rates[name], rates[NONE]).as_json(),
        }
        for name, runs in heard.items()
    }


def _print(found: Mapping[str, Any]) -> None:
    table = Table("connections", title="Profiles a second; of those without an audit; processor of the hub")
    for name in _ROWS:
        table.add_column(name, justify="right")
    for row in found["rows"]:
        cells = (
            f"{row[name]['per_second']['median']:,.0f} ({row[name]['to_none']['median']:.0%};"
            f" {row[name]['processor_ms']['median']:.2f} ms)"
            for name in _ROWS
        )
        table.add_row(str(row["connections"]), *cells)
    console = Console(width=120)
    console.print(table)
    console.print(f"Promised, committed together and over 32 connections: {PROMISED:.0%} of none")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3, help="of load on one hub in one round")
    parser.add_argument("--ids", type=int, default=1_000, help="different clients asked about")
    parser.add_argument(
        "--database", help="URL of a PostgreSQL that may create databases; else an embedded one"
    )
    parser.add_argument("--json", type=Path, default=Path("bench.json"))
    options = parser.parse_args()
    found = asyncio.run(bench(options))
    _print(found)
    write_json(options.json, "audit_over_http", found)


if __name__ == "__main__":
    main()
