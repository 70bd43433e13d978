"""The hub beside its peers: the same questions about the same people, answered by each in turn.

    python tests/bench/bench_operations.py                      some minutes: 4 thousand stays, 1 worker
    python tests/bench/bench_operations.py --full               all sizes, two workers, granian; two hours
    python tests/bench/bench_operations.py --stays 4000000      the largest city; making it takes half an hour

Answers are compared first: what is not the same work is not measured. Then load comes in rounds, A B A B,
after a warm-up, and what counts is the ratio of two peers within one round.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import asyncpg  # type: ignore[import-untyped]  # it has no types
from rich.console import Console

from tests.bench import peers
from tests.bench.city import City, check_room, server_for_peers, settle
from tests.bench.figures import Spread, machine, ratio, write_json
from tests.bench.limit import TABLES
from tests.bench.load import Heard, press
from tests.bench.operations_table import show
from tests.bench.peers import Peer, running
from tests.bench.places import places_in
from tests.bench.questions import MOST, Place, Question, people, says_all_of

MANY = (1, 10, 100, 500)
CONNECTIONS = (1, 8, 32)
_COMPARED = 25


@dataclass(frozen=True, slots=True)
class Scene:
    """By how many workers on which server the peers answer, and what they are asked."""

    workers: int
    server: str
    connections: dict[int, list[int]]
    """By clients in an operation: over how many connections."""


def scenes(options: argparse.Namespace, *, is_first: bool) -> list[Scene]:
    """One thing is varied at a time: workers and servers with the first city, and two sizes of question."""
    asked = {one: options.connections if one == 1 else options.connections_of_many for one in options.clients}
    brief = {one: over[-2:] for one, over in asked.items() if one in (1, 100)}
    others = [(2, peers.UVICORN), (1, peers.GRANIAN)] if options.full and is_first else []
    return [
        Scene(options.workers, options.server, asked),
        *(Scene(workers, server, brief) for workers, server in others),
    ]


def questions(clients: int, ids: Sequence[str], places: Sequence[tuple[Place, ...]]) -> list[Question]:
    """As many different ones as there are ids or places."""
    if clients == 1:
        return [Question(1, person) for person in ids]
    return [Question(clients, place[: -(-clients // MOST)]) for place in places]


def compare(them: Sequence[Peer], asked: Sequence[Question]) -> dict[str, str]:
    """By peer how far its answers are those of the interpreted hub. Ends the bench where one says less."""
    reference = next((peer for peer in them if peer.name == peers.INTERPRETED), them[0])
    same: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for question in asked:
        answer = reference.ask(question)
        expected = people(answer.json())
        for peer in them:
            if peer is reference:
                continue
            other = peer.ask(question)
            found = people(other.json())
            exact = other.content == answer.content if peer.name == peers.HUB else _same(expected, found)
            common = expected.keys() & found.keys()
            if peer.name in (peers.PLAIN, peers.POSTGRAPHILE):
                # Which of several records speaks for a person depends on what may be seen of them.
                plain = [one for one in common if len(found[one]["identifiers"]) == 1]
                fits = bool(common) and all(says_all_of(expected[one], found[one]) for one in plain)
            else:
                fits = exact and list(found) == list(expected)
            if not fits:
                raise SystemExit(
                    f"{peer.name} answers otherwise than {reference.name}: {_where(expected, found)}"
                )
            same[peer.name][0] += exact
            same[peer.name][1] += 1
    return {name: f"{exact} of {total} the same" for name, (exact, total) in same.items()}


def _same(expected: Any, found: Any) -> bool:
    """The same facts; rows of one day may stand in another order."""
    return says_all_of(expected, found) and says_all_of(found, expected)


def _where(expected: dict[str, Any], found: dict[str, Any]) -> str:
    """The fields that differ, never their values."""
    for person, one in expected.items():
        for key, value in one.items():
            if found.get(person, {}).get(key) != value:
                return f"{key} of {person}"
    return "in bytes, or about whom"


async def rounds(
    them: Sequence[Peer],
    asked: Sequence[Question],
    connections: int,
    options: argparse.Namespace,
    folder: Path,
) -> dict[str, list[Heard]]:
    """What each did in every round."""
    heard: dict[str, list[Heard]] = {peer.name: [] for peer in them}
    bodies = {}
    for peer in them:
        bodies[peer.name] = folder / f"{peer.name}.txt"
        bodies[peer.name].write_bytes(b"\n".join(peer.body(question) for question in asked) + b"\n")
    for peer in them:
        await _warm(peer, bodies[peer.name], connections, options)
    for turn in range(options.rounds):
        for peer in them if turn % 2 else reversed(them):
            begin = (turn + 1) * 131
            found = await press(peer.urls, bodies[peer.name], connections, options.seconds, begin, peer.token)
            heard[peer.name].append(found)
            await asyncio.sleep(options.pause)
    return heard


async def _warm(peer: Peer, bodies: Path, connections: int, options: argparse.Namespace) -> None:
    """Until it gets no faster: connections opened, statements prepared on each, pages read."""
    before = 0.0
    for turn in range(options.warm_up):
        found = await press(peer.urls, bodies, connections, 2, turn * 313, peer.token, reads=True)
        if turn > 1 and found.per_second < 1.1 * before:
            return
        before = max(before, found.per_second)


def summed_up(heard: dict[str, list[Heard]]) -> dict[str, Any]:
    """Medians with their spread, and ratios within each round, by peer."""
    rates = {name: [one.per_second for one in runs] for name, runs in heard.items()}
    return {
        name: {
            "per_second": Spread.of(rates[name]).as_json(),
            "p50_ms": Spread.of([one.p50_ms for one in runs]).as_json(),
            "p99_ms": Spread.of([one.p99_ms for one in runs]).as_json(),
            "bytes": round(runs[0].bytes),
            "hub_to_it": ratio(rates[peers.HUB], rates[name]).as_json() if peers.HUB in rates else None,
        }
        for name, runs in heard.items()
    }


async def bench(options: argparse.Namespace) -> dict[str, Any]:
    found: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as home:
        folder = Path(home)
        os.chmod(folder, 0o755)  # noqa: S103  the embedded server of root runs as another user
        workers = max(options.workers, 2 if options.full else 1)
        server = options.database or await asyncio.to_thread(server_for_peers, folder, workers)
        await check_room(server, workers)
        cities, version = [], ""
        for stays in options.stays:
            city = await settle(server, stays, folder)
            driver = await asyncpg.connect(city.url)
            await driver.execute(TABLES)
            version = await driver.fetchval("show server_version")
            await driver.close()
            cities.append(_told(city))
            for scene in scenes(options, is_first=len(cities) == 1):
                found += await _measure(city, folder, scene, options)
    return {
        "when": datetime.now(UTC).date().isoformat(),
        "machine": machine(version),
        "cities": cities,
        "seconds": options.seconds,
        "note": options.note,
        "measured": found,
    }


def _told(city: City) -> dict[str, Any]:
    return {"stays": city.stays, "people": city.people, "rows": city.rows, "made_in_s": round(city.seconds)}


async def _measure(
    city: City, folder: Path, scene: Scene, options: argparse.Namespace
) -> list[dict[str, Any]]:
    """All sizes of question and numbers of connections of one scene."""
    found = []
    async with AsyncExitStack() as stack:
        them = [
            await stack.enter_async_context(
                running(name, city, folder / "home", workers=scene.workers, server=scene.server)
            )
            for name in options.peers
            if _can_be_had(name, scene.server, options.console)
        ]
        ids, places = places_in(them[0], options.ids)
        for clients, connections_of in scene.connections.items():
            asked = questions(clients, ids, places)
            same = compare(them, asked[: max(2, _COMPARED // clients)])
            for connections in connections_of:
                heard = await rounds(them, asked, connections, options, folder)
                found.append(
                    {
                        "stays": city.stays, "workers": scene.workers, "server": scene.server,
                        "clients": clients, "connections": connections,
                        "rounds": options.rounds, "questions": len(asked),
                        "same": same, "peers": summed_up(heard),
                    }
                )  # fmt: skip
                show(options.console, found[-1])
    return found


def _can_be_had(name: str, server: str, console: Console) -> bool:
    if name != peers.POSTGRAPHILE:
        return True
    if server != peers.UVICORN:
        return False  # it is its own server
    if peers.installed() is None:
        console.print("PostGraphile cannot be had here (npm); the others are measured without it")
        return False
    return True


def _numbers(text: str) -> list[int]:
    return [int(one) for one in text.split(",")]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--full", action="store_true", help="all sizes but the largest city")
    parser.add_argument("--stays", type=_numbers, help="sizes of the city, with commas")
    parser.add_argument("--clients", type=_numbers, help="clients in one operation, with commas")
    parser.add_argument("--connections", type=_numbers, help="with commas")
    parser.add_argument("--workers", type=int, default=1, help="processes of each peer")
    parser.add_argument("--server", default=peers.UVICORN, choices=(peers.UVICORN, peers.GRANIAN))
    parser.add_argument("--peers", type=lambda text: [one.strip() for one in text.split(";")])
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seconds", type=int, help="of load on one peer in one round")
    parser.add_argument("--warm-up", type=int, default=10, help="rounds of two seconds at the most")
    parser.add_argument("--ids", type=int, default=4_000, help="different clients asked about")
    parser.add_argument(
        "--database", help="URL of a PostgreSQL that may create databases; else an embedded one"
    )
    parser.add_argument("--note", default="", help="what a reader of the figures should know of this run")
    parser.add_argument("--json", type=Path, default=Path("bench.json"))
    options = parser.parse_args()
    full = options.full
    options.stays = options.stays or ([4_000, 400_000] if full else [4_000])
    options.clients = options.clients or list(MANY if full else (1, 100))
    options.connections_of_many = options.connections or ([1, 8] if full else [8])
    options.connections = options.connections or list(CONNECTIONS if full else (8, 32))
    options.peers = options.peers or list(peers.EVERY)
    options.rounds = options.rounds or (5 if full else 3)
    options.seconds = options.seconds or 3
    options.pause = 0.5
    options.console = Console(width=140)
    began = time.perf_counter()
    found = asyncio.run(bench(options))
    options.console.print(f"All of it took {(time.perf_counter() - began) / 60:.0f} minutes")
    write_json(options.json, "operations", found)


if __name__ == "__main__":
    main()
