"""What two partners that take 20 ms make of a profile: its median with their facts and without, in turn.

    python tests/bench/bench_late_partners.py

A food bank and a rent fund, each a process of its own that answers 20 ms late, and a hub that is asked over
HTTP, one question at a time and each about somebody else, so that no cache knows the answer. Promised: a
median of 30 ms at the most with the facts of both.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import httpx
from rich.console import Console
from sqlalchemy import insert

from gateway.settings import Settings
from hmis.database import embedded
from hmis.tables.partner_link import partner_link
from tests.bench.bench_partners import AGREEMENT, SUBJECT, let_in, who_agreed
from tests.bench.community_database import Town, settle
from tests.bench.figures import Spread, machine, write_json
from tests.bench.questions import Question
from tests.connectors.partners import KEY, household, started
from tests.journeys.test_revocation import headers, worker

PEOPLE = 2_000
LATE = "slow=0.02s"
PROMISED_MS = 30
_PARTNERS = """
    foodAssistance { lastVisit visitCount programs source { name } }
    rentalAssistance { paidOn amount kind program } }"""


def _asked(person: str, *, partners: bool) -> dict[str, Any]:
    asked = Question(1, person).of_hub()
    if partners:
        document = asked["query"].removesuffix("} }") + _PARTNERS + "}"
        asked = {**asked, "query": " ".join(document.split())}
    return asked


def _tenancy(number: str) -> dict[str, Any]:
    payment = {"number": f"P-{number}", "paidOn": "2026-04-01", "amount": "850.00", "purpose": "CURRENT_RENT"}
    return {"id": number, "tenants": [], "updatedAt": "2026-05-03T10:00:00Z", "payments": [payment]}


async def _known_to_both(town: Town, folder: Path) -> tuple[list[str], Path, Path]:
    """Everybody who agreed, each with a household and a tenancy of their own; and the partners' data."""
    people = await who_agreed(town)
    links = [
        {"person_id": person, "connector": connector, "value": f"{letter}-{number}", "method": "STAFF"}
        for number, person in enumerate(people)
        for connector, letter in (("pantry", "H"), ("subgraph", "T"))
    ]
    async with town.engine.begin() as connection:
        await connection.execute(insert(partner_link), links)
    food, rent = folder / "households.json", folder / "tenancies.json"
    numbers = range(len(people))
    food.write_text(json.dumps({"households": [household(f"H-{number}") for number in numbers]}))
    rent.write_text(json.dumps({"tenancies": [_tenancy(f"T-{number}") for number in numbers]}))
    return [str(person) for person in people], food, rent


async def _ask(hub: httpx.AsyncClient, who: dict[str, str], asked: dict[str, Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    response = await hub.post("/graphql", json=asked, headers=who)
    seconds = time.perf_counter() - began
    answer = response.json()
    if "errors" in answer or answer["data"]["client"] is None or answer.get("extensions", {}).get("sources"):
        raise SystemExit(f"the hub answered with errors: {response.status_code} {str(answer)[:400]}")
    return seconds, answer["data"]["client"]


async def _measure(
    hub: httpx.AsyncClient, who: dict[str, str], people: list[str], rounds: int
) -> dict[str, list[float]]:
    took: dict[str, list[float]] = {"with": [], "without": []}
    # A label may forbid to ask a partner in spite of a consent; whoever has an answer is asked only once.
    for number, person in enumerate(people[: rounds + 50]):
        seconds, client = await _ask(hub, who, _asked(person, partners=True))
        if number >= 50 and client["foodAssistance"] and client["rentalAssistance"]:
            took["with"].append(seconds * 1000)
        seconds, _ = await _ask(hub, who, _asked(person, partners=False))
        if number >= 50:
            took["without"].append(seconds * 1000)
        await asyncio.sleep(0.06)  # partners are asked twenty times a second at the most
    return took


async def bench(options: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as home:
        folder = Path(home)
        os.chmod(folder, 0o755)  # noqa: S103  the embedded server of root runs as another user
        server = await asyncio.to_thread(embedded, folder)
        town = await settle(server, PEOPLE, folder)
        async with AsyncExitStack() as stack:
            stack.push_async_callback(town.engine.dispose)
            await let_in(town)
            people, food, rent = await _known_to_both(town, folder)
            late = ("--fault", LATE)
            _, pantry = await stack.enter_async_context(
                started("connectors.pantry.standin", "--data", food, "--key", KEY, *late)
            )
            _, fund = await stack.enter_async_context(
                started("connectors.subgraph.standin", "--data", rent, "--token", KEY, *late)
            )
            url = town.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
            settings = Settings(home=folder, database_url=url, demo_issuer=True)
            hub = await stack.enter_async_context(
                worker(
                    settings,
                    HUB_PANTRY_BASE_URL=f"http://127.0.0.1:{pantry.split()[-1]}",
                    HUB_PANTRY_API_KEY=KEY,
                    HUB_PANTRY_AGREEMENT=AGREEMENT,
                    HUB_SUBGRAPH_BASE_URL=f"http://127.0.0.1:{fund.split()[-1]}",
                    HUB_SUBGRAPH_TOKEN=KEY,
                    HUB_SUBGRAPH_AGREEMENT=AGREEMENT,
                )
            )
            took = await _measure(hub, headers(settings, SUBJECT), people, options.rounds)
            version = (await town.rows("show server_version"))[0][0]
    return {
        "machine": machine(version),
        "late_ms": 20,
        "asked": len(took["with"]),
        "with_ms": Spread.of(took["with"]).as_json(),
        "without_ms": Spread.of(took["without"]).as_json(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=200, help="clients asked about")
    parser.add_argument("--json", type=Path, default=Path("bench.json"))
    given = parser.parse_args()
    found = asyncio.run(bench(given))
    console = Console(width=120)
    console.print(
        f"A profile with the facts of two partners that take {found['late_ms']} ms:"
        f" {found['with_ms']['median']:.1f} ms (middle half {found['with_ms']['low']:.1f} to"
        f" {found['with_ms']['high']:.1f}), without them {found['without_ms']['median']:.1f} ms;"
        f" {found['asked']} clients, promised {PROMISED_MS} ms"
    )
    write_json(given.json, "late_partners", found)


if __name__ == "__main__":
    main()
