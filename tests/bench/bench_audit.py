"""What the audit of an answer costs: rows committed together, a commit for each, and no audit at all.

    python tests/bench/bench_audit.py

Each operation reads a profile by one prepared statement, as somebody would write it by hand, and waits until
its audit row is committed, by the hub's own statement. So the audit weighs more here than in the hub, where
HTTP and GraphQL cost as well. Every commit is on disk: `fsync` and `synchronous_commit` are on.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

sys.path.insert(0, str(Path(__file__).parents[2]))

import uvloop
from rich.console import Console
from rich.table import Table

from auth import audit
from auth.categories import EVERYTHING
from auth.group_commit import GroupCommit
from hmis.database import connected, embedded
from tests.bench.bench_profile import PROFILE_BY_HAND
from tests.bench.community_database import Town, settle
from tests.bench.figures import Spread, machine, ratio, write_json

IN_FLIGHT = (1, 8, 32)
NONE, GROUPED, EACH = "no audit", "committed together", "a commit each"
_READERS = 10  # connections; the rest waits for one, as in the hub
_READ = PROFILE_BY_HAND.text.replace(":person", "$1::uuid")
_PEOPLE = "select distinct person_id from client_link where undone_at is null order by 1 limit 300"

Write = Callable[[UUID], Awaitable[None]]


class Pool:
    """Connections with one prepared statement each, lent out in turn."""

    def __init__(self, connections: list[Any], statements: list[Any]) -> None:
        self._connections = connections
        self._free: asyncio.Queue[Any] = asyncio.Queue()
        for statement in statements:
            self._free.put_nowait(statement)

    @classmethod
    async def of(cls, url: str, statement: str, size: int) -> Pool:
        connections = [await connected(url, plan_cache_mode="force_generic_plan") for _ in range(size)]
        return cls(connections, [await each.prepare(statement) for each in connections])

    async def fetch(self, value: object) -> None:
        statement = await self._free.get()
        try:
            await statement.fetch(value)
        finally:
            self._free.put_nowait(statement)

    async def aclose(self) -> None:
        for each in self._connections:
            await each.close()


class CommitEach(GroupCommit):
    """The same rows by the same statement, each on a connection of its own: never in a group."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def commit(self, row: bytes) -> None:
        await self._pool.fetch(f"[{row.decode()}]")

    async def aclose(self) -> None:
        await self._pool.aclose()


@asynccontextmanager
async def ways(url: str, town: Town, in_flight: int) -> AsyncIterator[dict[str, Write]]:
    """How an answer may wait for its audit."""
    together = audit.group_commit(url)
    each = CommitEach(await Pool.of(url, audit.INSERT, in_flight))
    operation = audit.Operation("bench", "Profile", "0" * 64, date(2026, 3, 1))

    def through(to: GroupCommit) -> Write:
        async def write(person: UUID) -> None:
            trail = audit.Trail(about_people=True)
            trail.of(person).show(EVERYTHING, own=True)
            await audit.write(
                to, operation, trail, subject="bench", application="bench", viewer=town.viewer,
                outcome="ANSWERED",
            )  # fmt: skip

        return write

    async def nothing(_: UUID) -> None: ...

    try:
        yield {NONE: nothing, GROUPED: through(together), EACH: through(each)}
    finally:
        await together.aclose()
        await each.aclose()


async def measure(
    url: str, town: Town, in_flight: int, rounds: int, seconds: float
) -> dict[str, list[float]]:
    """Operations a second of each way, by round, in turn."""
    people = [row[0] for row in await town.rows(_PEOPLE)]
    Random("people").shuffle(people)
    readers = await Pool.of(url, _READ, min(in_flight, _READERS))
    found: dict[str, list[float]] = {NONE: [], GROUPED: [], EACH: []}

    async def asking(write: Write, first: int, until: float) -> int:
        number = 0
        while time.perf_counter() < until:
            person = people[(first + number * in_flight) % len(people)]
            await readers.fetch(person)
            await write(person)
            number += 1
        return number

    async with ways(url, town, in_flight) as writes:
        for turn in range(rounds + 1):
            for name, write in writes.items():
                began = time.perf_counter()
                each = [asking(write, first, began + seconds) for first in range(in_flight)]
                done = sum(await asyncio.gather(*each))
                if turn:  # the first is for warming up
                    found[name].append(done / (time.perf_counter() - began))
    await readers.aclose()
    return found


async def bench(people: int, rounds: int, seconds: float) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as home:
        town = await settle(await asyncio.to_thread(embedded, Path(home)), people, Path(home))
        url = town.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        version, fsync, commit = (
            await town.rows(
                "select current_setting('server_version'), current_setting('fsync'),"
                " current_setting('synchronous_commit')"
            )
        )[0]
        if (fsync, commit) != ("on", "on"):
            raise SystemExit("This PostgreSQL does not wait for the disk: there is nothing to measure.")
        rows = []
        for in_flight in IN_FLIGHT:
            found = await measure(url, town, in_flight, rounds, seconds)
            row = {"in flight": in_flight}
            for name, rates in found.items():
                row[name] = Spread.of(rates)
                row[f"{name}, of no audit"] = ratio(rates, found[NONE])
            rows.append(row)
        await town.engine.dispose()
        return {"machine": machine(version), "rows": rows}


def _print(found: dict[str, Any]) -> None:
    table = Table("in flight", title="Operations a second; in brackets, of those without an audit")
    for name in (NONE, GROUPED, EACH):
        table.add_column(name, justify="right")
    for row in found["rows"]:
        table.add_row(
            str(row["in flight"]),
            *(
                f"{row[name].median:,.0f} ({row[f'{name}, of no audit'].median:.0%})"
                for name in (NONE, GROUPED, EACH)
            ),
        )
    Console().print(table)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0, help="for each way in each round")
    parser.add_argument("--json", type=Path, default=Path("bench.json"), help="file to put the figures into")
    given = parser.parse_args()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        found = runner.run(bench(given.people, given.rounds, given.seconds))
    _print(found)
    rows = [
        {name: value.as_json() if isinstance(value, Spread) else value for name, value in row.items()}
        for row in found["rows"]
    ]
    write_json(given.json, "audit", {**found, "rows": rows})


if __name__ == "__main__":
    main()
