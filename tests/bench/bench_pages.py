"""What a page costs beside its document: the profile of a person, and what it asks, each over HTTP.

    python tests/bench/bench_pages.py

One hub with everything on, one city, one case manager: signed in at a browser they read `/people/{id}`, by
token they ask `gateway/pages/documents/profile.graphql` for the same people, in turn. Promised: the page
takes no more than 1.3 times what its document takes, of the clock and of the server's processor, which is the
hub's and its database's; the hub's own share is printed as well. Partners are not asked.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import httpx
from rich.console import Console
from sqlalchemy import text

from auth.sessions import Sessions, SignedIn
from gateway.pages.page import COOKIE
from gateway.pages.visit import document
from gateway.settings import DEMO_ISSUER
from hmis.database import engine
from tests.bench.city import SUBJECT, City, settled
from tests.bench.figures import Spread, computed_s, machine, ratio, write_json
from tests.bench.peers import HUB, Peer, running
from tests.bench.places import places_in

STAYS = 4_000
PROMISED = 1.3
_PAGE, _DOCUMENT = "page", "document"
_MEASURES = ("clock", "processor", "hub alone")


async def cookie(city: City) -> str:
    """What the browser of the case manager sends."""
    database = engine(city.url)
    now = datetime.now(UTC)
    session = await Sessions(database).begin(now, SignedIn(DEMO_ISSUER, SUBJECT, auth_time=now))
    await database.dispose()
    return f"{COOKIE}={session.word}"


async def backends(city: City) -> list[int]:
    """Processes of the database that work for the hub, where they are on this machine."""
    asked = "select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
    database = engine(city.url)
    async with database.connect() as connection:
        found = [row.pid for row in await connection.execute(text(asked))]
    await database.dispose()
    return [pid for pid in found if Path(f"/proc/{pid}/stat").exists()]  # noqa: ASYNC240  # no disk behind it


async def compared(
    hub: Peer, city: City, ids: Sequence[str], rounds: int, each: int
) -> tuple[dict[str, dict[str, list[float]]], float]:
    """Of page and document, by round: seconds, and seconds of processors. And bytes of a page."""
    browser = await cookie(city)
    asked, sizes = document("profile"), []
    taken: dict[str, dict[str, list[float]]] = {
        one: {measure: [] for measure in _MEASURES} for one in (_DOCUMENT, _PAGE)
    }
    place = hub.urls[0].removesuffix("/graphql")
    async with httpx.AsyncClient(base_url=place, trust_env=False, timeout=60) as client:

        async def ask(what: str, person: str) -> None:
            if what == _PAGE:
                answer = await client.get(f"/people/{person}", headers={"Cookie": browser})
                sizes.append(len(answer.content))
            else:
                body = {"query": asked, "variables": {"id": person}}
                answer = await client.post("/graphql", json=body, headers=hub.headers)
            if answer.status_code != 200:
                raise SystemExit(f"the {what} was answered {answer.status_code}")

        for turn in range(-1, rounds):  # the first round warms up
            chosen = [ids[(turn * each + number) % len(ids)] for number in range(each)]
            for what in (_DOCUMENT, _PAGE) if turn % 2 else (_PAGE, _DOCUMENT):
                working = await backends(city)
                before = _used(hub, working)
                for person in chosen:
                    await ask(what, person)
                after = _used(hub, working)
                if turn >= 0:
                    for measure in _MEASURES:
                        taken[what][measure].append((after[measure] - before[measure]) / each)
    return taken, mean(sizes)


def _used(hub: Peer, backends: Sequence[int]) -> dict[str, float]:
    mine = computed_s(hub.processes[0])
    return {
        "clock": time.perf_counter(),
        "processor": mine + sum(computed_s(pid) for pid in backends),
        "hub alone": mine,
    }


async def bench(options: argparse.Namespace) -> dict[str, Any]:
    async with (
        settled(options.database, STAYS) as (city, folder, version),
        running(HUB, city, folder / "home") as hub,
    ):
        ids, _ = places_in(hub, 400)
        taken, size = await compared(hub, city, ids, options.rounds, options.each)
    return {
        "machine": machine(version),
        "page_bytes": round(size),
        **{
            of: {
                _DOCUMENT: Spread.of([one * 1000 for one in taken[_DOCUMENT][of]]),
                _PAGE: Spread.of([one * 1000 for one in taken[_PAGE][of]]),
                "ratio": ratio(taken[_PAGE][of], taken[_DOCUMENT][of]),
            }
            for of in _MEASURES
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--each", type=int, default=40, help="pages, and documents, of one round")
    parser.add_argument(
        "--database", help="URL of a PostgreSQL that may create databases; else an embedded one"
    )
    parser.add_argument("--json", type=Path, default=Path("bench.json"))
    options = parser.parse_args()
    found = asyncio.run(bench(options))
    console = Console(width=120)
    for of in _MEASURES:
        one = found[of]
        console.print(
            f"{of}: the page {one[_PAGE]} ms, its document {one[_DOCUMENT]} ms, ratio {one['ratio']};"
            f" promised {PROMISED:g}"
        )
    console.print(f"A page has {found['page_bytes']:,} bytes.")
    plain = {of: {name: spread.as_json() for name, spread in found[of].items()} for of in _MEASURES}
    write_json(options.json, "pages", {**found, **plain})


if __name__ == "__main__":
    main()
