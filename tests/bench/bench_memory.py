"""What memory a worker of the hub takes as it goes on: 100,000 requests about people from all over the city.

    python tests/bench/bench_memory.py                     100,000 requests; ten minutes or more
    python tests/bench/bench_memory.py --minutes 5         as many as fit into five

Of ten requests eight are the profile that a dashboard asks for all day, each about somebody else, one is a
page of the list behind somebody, and one is a document that nobody asked before and nobody will again. So
what is remembered of documents, plans and statements is full many times over, and pushed out as it should be.
The memory (RSS) of the process is read on the way. Promised: at most 250 MB, and no growth once it is warm.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).parents[2]))

from rich.console import Console

from tests.bench.city import settled
from tests.bench.figures import machine, write_json
from tests.bench.peers import HUB, Peer, running
from tests.bench.places import places_in
from tests.bench.questions import Place, Question

STAYS = 4_000
CONNECTIONS = 8
PROMISED_MB = 250
_MARKS = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 1)
"""After which parts of all requests it is read, and at the start."""

_OF_CLIENTS = (
    "sex", "races", "veteranStatus", "name { first last }", "birth { date quality }", "ssn { lastFour }",
    "identifiers { source value }",
)  # fmt: skip
_OF_STAYS = (
    "entryDate", "livingSituation", "moveInDate", "project { name type }", "exit { date destination }",
    "services { date type }", "incomeBenefits { informationDate snap }", "disabilities { type response }",
)  # fmt: skip


def bodies(hub: Peer, ids: Sequence[str], places: Sequence[tuple[Place, ...]]) -> Iterator[bytes]:
    """Requests without end."""
    chance = Random("memory")
    for number in count():
        match number % 10:
            case 9:
                yield _never_asked(number, chance, chance.choice(ids))
            case 8:
                yield hub.body(Question(10, chance.choice(places)[:1]))
            case _:
                yield hub.body(Question(1, chance.choice(ids)))


def _never_asked(number: int, chance: Random, person: str) -> bytes:
    """Some fields, under names of their own."""
    fields = chance.sample(_OF_CLIENTS, 3)
    stays = " ".join(chance.sample(_OF_STAYS, 4))
    named = " ".join(f"f{number}_{at}: {field}" for at, field in enumerate(fields))
    document = f"""query Once{number}($id: ID!) {{ client(id: $id) {{
        id {named} enrollments(first: {chance.randint(1, 50)}) {{ nodes {{ id {stays} }} }} }} }}"""
    return json.dumps({"query": " ".join(document.split()), "variables": {"id": person}}).encode()


class Asking:
    """Asks one question after the other over so many connections, until told that it is enough."""

    def __init__(self, hub: Peer, questions: Iterator[bytes]) -> None:
        self._address = urlsplit(hub.urls[0])
        told = "".join(f"{name}: {value}\r\n" for name, value in hub.headers.items())
        self._head = f"POST {self._address.path} HTTP/1.1\r\nhost: {self._address.netloc}\r\n{told}"
        self._questions = questions
        self.answered = 0

    async def until(self, answered: int, deadline: float) -> None:
        """Go on until so many are answered, or until this moment of the monotonic clock."""
        left = iter(range(answered - self.answered))
        async with asyncio.TaskGroup() as group:
            for _ in range(CONNECTIONS):
                group.create_task(self._connection(left, deadline))

    async def _connection(self, left: Iterator[int], deadline: float) -> None:
        reader, writer = await asyncio.open_connection(self._address.hostname, self._address.port)
        try:
            while time.monotonic() < deadline and next(left, None) is not None:
                body = next(self._questions)
                writer.write(f"{self._head}content-length: {len(body)}\r\n\r\n".encode() + body)
                _check(*await _answer(reader))
                self.answered += 1
        finally:
            writer.close()


async def _answer(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """Status line and body."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
    return head.partition(b"\r\n")[0], await reader.readexactly(length)


def _check(status: bytes, body: bytes) -> None:
    if b" 200 " not in status + b" " or body.startswith(b'{"errors"') or b'"errors":[' in body:
        raise SystemExit(f"the hub answered with errors: {status.decode()} {body[:300].decode()}")


def megabytes(process: int, what: str = "VmRSS") -> float:
    """What a process holds in memory now; VmHWM = the most it ever held. Linux."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith(f"{what}:"):
            return int(line.split()[1]) / 1024
    raise SystemExit("the worker is gone")


async def memory(hub: Peer, asking: Asking, requests: int, minutes: float) -> list[tuple[int, float]]:
    """(requests answered, MB) at each mark that was reached in time, and at the end."""
    (process,) = hub.processes
    marks = [(0, megabytes(process))]
    deadline = time.monotonic() + minutes * 60
    for part in _MARKS:
        await asking.until(round(part * requests), deadline)
        marks.append((asking.answered, megabytes(process)))
        if time.monotonic() >= deadline:
            break
    return marks


async def bench(options: argparse.Namespace) -> dict[str, Any]:
    async with settled(options.database, STAYS) as (city, folder, version), AsyncExitStack() as stack:
        # Another process tells whom to ask about: the one that is measured has answered nothing yet.
        async with running(HUB, city, folder / "home") as other:
            ids, places = places_in(other, 1_000)
        hub = await stack.enter_async_context(running(HUB, city, folder / "home"))
        began = time.monotonic()
        marks = await memory(hub, Asking(hub, bodies(hub, ids, places)), options.requests, options.minutes)
        seconds, most = time.monotonic() - began, megabytes(hub.processes[0], "VmHWM")
    return {
        "machine": machine(version),
        "marks": [{"requests": requests, "mb": round(mb, 1)} for requests, mb in marks],
        "most_mb": round(most, 1),
        "seconds": round(seconds),
        "connections": CONNECTIONS,
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--minutes", type=float, default=60, help="ends earlier after so many")
    parser.add_argument(
        "--database", help="URL of a PostgreSQL that may create databases; else an embedded one"
    )
    parser.add_argument("--json", type=Path, default=Path("bench.json"))
    options = parser.parse_args()
    found = asyncio.run(bench(options))
    console = Console(width=120)
    told = ", ".join(f"{mark['requests']:,}: {mark['mb']:.0f}" for mark in found["marks"])
    console.print(f"Memory in MB by requests answered: {told}")
    console.print(
        f"The most at any time: {found['most_mb']:.0f} MB, promised {PROMISED_MB} MB and flat;"
        f" {found['seconds']} s over {found['connections']} connections"
    )
    write_json(options.json, "memory", found)


if __name__ == "__main__":
    main()
