"""How long a case worker waits for people while typing, and how much of that is the page.

    python tests/bench/bench_finding.py                             500 and 5,000 people
    python tests/bench/bench_finding.py --people 500,5000,50000     and a city (some minutes more)

Each line that somebody types is sent as the page's module sends it (POST /people, the list alone), and the
document that the page runs for it is asked in turn through the same hub, with decisions, limits and audit.
A hub in this process, without a network; one asks at a time.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).parents[2]))

import httpx
from rich.console import Console
from rich.table import Table

from auth.sessions import SignedIn
from gateway.answering import answer
from gateway.app import create_app
from gateway.body import Asked
from gateway.pages import finding
from gateway.pages.page import COOKIE
from gateway.pages.typed import read
from gateway.settings import Settings
from hmis.database import embedded
from tests.bench.community_database import SHELTER, Town, settle
from tests.bench.figures import Spread, in_turn, machine, ratio, write_json

_ASKED = 100  # people looked for, in each size
_KNOWN = """
    select distinct l.person_id, c.first_name, c.last_name, c.dob
    from client_link l
    join client c on c.source_id = l.source_id and c.personal_id = l.personal_id
    join enrollment e on e.source_id = c.source_id and e.personal_id = c.personal_id
    join project p on p.source_id = e.source_id and p.project_id = e.project_id
    where l.undone_at is null and c.first_name is not null and c.last_name is not null and c.dob is not null
      and p.organization_id = :organization
    order by l.person_id
"""

LINES: dict[str, Callable[[Any], str]] = {
    "three letters": lambda one: one.last_name[:3],
    "first and last name": lambda one: f"{one.first_name} {one.last_name}",
    "the same, misspelled": lambda one: f"{one.first_name} {one.last_name[:2]}{one.last_name[3:]}",
    "name and birth date": lambda one: f"{one.last_name}, {one.first_name} {one.dob:%m/%d/%Y}",
    "birth date": lambda one: f"{one.dob:%m/%d/%Y}",
    "somebody unknown": lambda one: f"Zzyzx {one.dob.year}",
}
"""What is typed, by what it is."""

Ask = Callable[[str], Awaitable[Any]]


async def _asks(stack: AsyncExitStack, town: Town, home: Path) -> tuple[Ask, Ask]:
    """The page's list, and its document alone."""
    url = town.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    settings = Settings(home=home / f"hub-{town.people}", database_url=url, demo_issuer=True)
    app = create_app(settings, environ={})
    await stack.enter_async_context(app.router.lifespan_context(app))
    hub = app.state.hub
    session = await hub.sessions.begin(hub.now(), SignedIn("bench", "bench", auth_time=datetime.now(UTC)))
    headers = {"Cookie": f"{COOKIE}={session.word}", finding.PART: "found"}
    transport = httpx.ASGITransport(app)
    browser = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", headers=headers)
    await stack.enter_async_context(browser)

    async def by_page(typed: str) -> None:
        shown = await browser.post("/people", data={"q": typed, "csrf": session.csrf})
        if shown.status_code != 200 or "data-said" not in shown.text:
            raise SystemExit(f"{town.people} people: the page answered {shown.status_code}")

    async def by_document(typed: str) -> None:
        text, variables = finding._document(finding._ways(read(typed, hub.settings.day_of(hub.now()))))
        async with hub.turns.taken() as turn:
            asked = Asked(text, None, variables)
            _, content = await answer(hub, session.claims, asked, str(uuid4()), turn, is_ours=True)
        if "errors" in content:
            raise SystemExit(f"{town.people} people: {content['errors']}")

    return by_page, by_document


async def measure(
    stack: AsyncExitStack, towns: Sequence[Town], home: Path, rounds: int, each: int
) -> list[dict[str, Any]]:
    """Every line in every town, by page and by document in turn."""
    asks = {town.people: await _asks(stack, town, home) for town in towns}
    known = {
        town.people: Random("people").sample(rows, min(_ASKED, len(rows)))
        for town in towns
        if (rows := await town.rows(_KNOWN, organization=SHELTER))
    }

    def work(name: str, size: int, way: int) -> Callable[[int], Awaitable[Any]]:
        people, ask = known[size], asks[size][way]
        return lambda number: ask(LINES[name](people[number % len(people)]))

    keys = [(name, town.people, way) for name in LINES for town in towns for way in (0, 1)]
    seconds = await in_turn({key: work(*key) for key in keys}, rounds=rounds, each=each, warm_up=each)
    smallest = towns[0].people
    return [
        {
            "typed": name,
            "people": town.people,
            "milliseconds": Spread.of([one * 1000 for one in seconds[name, town.people, 0]]),
            "to_document": ratio(seconds[name, town.people, 0], seconds[name, town.people, 1]),
            "to_smallest": ratio(seconds[name, town.people, 0], seconds[name, smallest, 0]),
        }
        for name in LINES
        for town in towns
    ]


async def bench(sizes: Sequence[int], rounds: int, each: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
        home = Path(folder)
        server = await asyncio.to_thread(embedded, home)
        async with AsyncExitStack() as stack:
            towns = []
            for size in sizes:
                town = await settle(server, size, home)
                stack.push_async_callback(town.engine.dispose)
                towns.append(town)
            version = (await towns[0].rows("show server_version"))[0][0]
            found = await measure(stack, towns, home, rounds, each)
            return {"machine": machine(version), "lines": found}


def _print(found: dict[str, Any], sizes: Sequence[int]) -> None:
    console = Console(width=110)
    table = Table(title="How long somebody waits who types, and how much of it is the page")
    table.add_column("typed")
    table.add_column("people", justify="right")
    for heading in ("ms", "page to document", f"to {sizes[0]:,} people"):
        table.add_column(heading, justify="right")
    for row in found["lines"]:
        told = (str(row[name]) for name in ("milliseconds", "to_document", "to_smallest"))
        table.add_row(row["typed"], f"{row['people']:,}", *told)
    console.print(table)


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value.as_json() if isinstance(value, Spread) else value for name, value in row.items()}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", default="500,5000", help="sizes of the community, smallest first")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--each", type=int, default=10, help="questions of each kind in a round")
    parser.add_argument("--json", type=Path, default=Path("bench.json"), help="file to put the figures into")
    options = parser.parse_args()
    sizes = [int(one) for one in options.people.split(",")]
    found = asyncio.run(bench(sizes, options.rounds, options.each))
    _print(found, sizes)
    write_json(options.json, "finding", {**found, "lines": [_plain(row) for row in found["lines"]]})


if __name__ == "__main__":
    main()
