"""What a partner in trouble costs those who ask nothing of it, and how late those are who do.

    python tests/bench/bench_partners.py

Two hubs on one database, each a process with a food bank of its own: one is well, the other slow (2 s), dead
(nobody listens) or dripping (an answer byte by byte, without end). Both are asked over HTTP, at a steady rate
and whether or not earlier answers have come: some ask for a profile without partners' facts, and at the same
time others keep asking for what the food bank knows. In turn A B A B, round by round. Promised: the p95 of
the first moves by at most 10 % against the hub whose partner is well, and the p99 of the others stays within
HUB_DEADLINE_S + 50 ms.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from random import Random
from statistics import median
from typing import Any
from uuid import UUID

sys.path.insert(0, str(Path(__file__).parents[2]))

import httpx
from rich.console import Console
from rich.table import Table
from sqlalchemy import insert

from auth.viewer import Role
from gateway.settings import DEMO_ISSUER, Settings
from hmis.database import embedded
from hmis.tables import member
from hmis.tables.partner_link import partner_link
from tests.bench.community_database import SHELTER, Town, settle
from tests.bench.figures import Spread, machine, ratio, write_json
from tests.connectors.partners import KEY, household, started
from tests.journeys.test_revocation import headers, worker

AGREEMENT = "DSA-1 2020-01-01/2100-01-01"

WELL = "well"
TROUBLES = {"slow": "slow=2s", "dead": None, "dripping": "drip=0.1"}
"""What the food bank does, as its --fault; None = there is none."""
PEOPLE = 500
SUBJECT = "bench"

# The profile, and nothing that a partner would be asked for.
PROFILE = """query($id: ID!) { client(id: $id) { id name { first last } birth { date } veteranStatus
  enrollments(first: 50) { nodes { id entryDate project { name } exit { date destination }
    services { date type } incomeBenefits { informationDate totalMonthlyIncome } } } } }"""
FOOD = """query($id: ID!) { client(id: $id) { id
  foodAssistance { lastVisit visitCount programs source { name } } } }"""

# Of the shelter's own clients those who agreed: of others the partner would never be asked.
_AGREED = """
    select distinct l.person_id from client_link l
    join consent_grant g on g.person_id = l.person_id
    join enrollment e on e.source_id = l.source_id and e.personal_id = l.personal_id
    join project p on p.source_id = e.source_id and p.project_id = e.project_id
    where l.undone_at is null and p.organization_id = :organization
    order by l.person_id
"""


@dataclass
class Heard:
    """What came of one kind of question: seconds, and what the answers said."""

    seconds: list[float] = field(default_factory=list)
    said: Counter[str] = field(default_factory=Counter)


def at(values: Sequence[float], share: float) -> float:
    """The quantile of a share, by nearest rank: no value is made up."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


async def _ask(hub: httpx.AsyncClient, who: dict[str, str], document: str, person: str, to: Heard) -> None:
    began = time.perf_counter()
    response = await hub.post("/graphql", json={"query": document, "variables": {"id": person}}, headers=who)
    to.seconds.append(time.perf_counter() - began)
    answer = response.json()
    if "errors" in answer or answer["data"]["client"] is None:
        raise SystemExit(f"a hub answered with errors: {response.status_code} {answer}")
    if document is FOOD:
        notes = answer.get("extensions", {}).get("sources")
        to.said[notes[0]["code"] if notes else "ANSWERED"] += 1


async def _steadily(
    hub: httpx.AsyncClient, who: dict[str, str], document: str, people: Sequence[str], rate: float,
    seconds: float, dice: Random, to: Heard,
) -> None:  # fmt: skip
    """Ask at times of chance, `rate` a second on average, and return when all answers have come."""
    loop = asyncio.get_running_loop()
    when = began = loop.time()
    async with asyncio.TaskGroup() as group:
        while (when := when + dice.expovariate(rate)) < began + seconds:
            await asyncio.sleep(when - loop.time())
            group.create_task(_ask(hub, who, document, dice.choice(people), to))


async def measure(hubs: dict[str, httpx.AsyncClient], who: dict[str, str], people: Sequence[str],
                  options: argparse.Namespace) -> dict[str, Any]:  # fmt: skip
    profiles = {name: list[Heard]() for name in hubs}
    foods = {name: list[Heard]() for name in hubs}
    for number in range(-1, options.rounds):
        for name, hub in hubs.items():
            profile, food = Heard(), Heard()
            # The same times and the same people for every hub of a round.
            asked = [
                _steadily(
                    hub, who, PROFILE, people, options.profiles, options.seconds, Random(number), profile
                ),
                _steadily(hub, who, FOOD, people, options.foods, options.seconds, Random(-number - 9), food),
            ]
            await asyncio.gather(*asked)
            if number >= 0:  # the first round warms up
                profiles[name].append(profile)
                foods[name].append(food)
    p95 = {name: [at(one.seconds, 0.95) * 1000 for one in heard] for name, heard in profiles.items()}
    return {
        name: {
            "profile_p50_ms": Spread.of([median(one.seconds) * 1000 for one in profiles[name]]),
            "profile_p95_ms": Spread.of(p95[name]),
            "to_well": ratio(p95[name], p95[WELL]),
            "food_p50_ms": median([one for heard in foods[name] for one in heard.seconds]) * 1000,
            "food_p99_ms": at([one for heard in foods[name] for one in heard.seconds], 0.99) * 1000,
            "food_said": dict(sum((heard.said for heard in foods[name]), Counter[str]())),
            "asked": sum(len(heard.seconds) for heard in (*profiles[name], *foods[name])),
        }
        for name in hubs
    }


async def _said(hub: httpx.AsyncClient, who: dict[str, str], document: str, person: str) -> Any:
    variables = {"query": document, "variables": {"id": person}}
    return (await hub.post("/graphql", json=variables, headers=who)).json()["data"]["client"]


async def _same(
    one: httpx.AsyncClient, other: httpx.AsyncClient, who: dict[str, str], people: Sequence[str]
) -> None:
    """Both hubs say the same about the same person; only then is it the same work."""
    for person in people[:10]:
        if await _said(one, who, PROFILE, person) != await _said(other, who, PROFILE, person):
            raise SystemExit("the hubs answer differently")


async def _asked_about(hub: httpx.AsyncClient, who: dict[str, str], people: Sequence[str]) -> list[str]:
    """Those of whom the food bank is asked: a label may forbid it in spite of a consent."""
    return [person for person in people if (await _said(hub, who, FOOD, person))["foodAssistance"]]


def _nowhere() -> str:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


@asynccontextmanager
async def _hub(settings: Settings, data: Path, fault: str | None) -> AsyncIterator[httpx.AsyncClient]:
    async with AsyncExitStack() as stack:
        address = _nowhere()
        if fault is not None:
            bank = started("connectors.pantry.standin", "--data", data, "--key", KEY, "--fault", fault)
            _, ready = await stack.enter_async_context(bank)
            address = f"http://127.0.0.1:{ready.split()[-1]}"
        hub = await stack.enter_async_context(
            worker(
                settings, HUB_PANTRY_BASE_URL=address, HUB_PANTRY_API_KEY=KEY, HUB_PANTRY_AGREEMENT=AGREEMENT
            )
        )
        # As many connections as questions are under way: nobody waits for one on our side.
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=200)
        yield await stack.enter_async_context(
            httpx.AsyncClient(base_url=hub.base_url, trust_env=False, timeout=60, limits=limits)
        )


async def let_in(town: Town) -> None:
    values = {"agency_id": town.viewer.agency.id, "role": Role.CASE_MANAGER.value}
    async with town.engine.begin() as connection:
        await connection.execute(
            insert(member).values(issuer=DEMO_ISSUER, subject=SUBJECT, valid_from=date(2020, 1, 1), **values)
        )


async def who_agreed(town: Town) -> list[UUID]:
    """The shelter's own clients who agreed to share."""
    return [row[0] for row in await town.rows(_AGREED, organization=SHELTER)]


async def _known_to_the_bank(town: Town, folder: Path) -> tuple[list[str], Path]:
    """Everybody who agreed, each linked to a household of the food bank, and the bank's data."""
    people = await who_agreed(town)
    numbers = {person: f"H-{number}" for number, person in enumerate(people)}
    links = [
        {"person_id": person, "connector": "pantry", "value": value, "method": "STAFF"}
        for person, value in numbers.items()
    ]
    async with town.engine.begin() as connection:
        await connection.execute(insert(partner_link), links)
    data = folder / "households.json"
    data.write_text(json.dumps({"households": [household(value) for value in numbers.values()]}))
    return [str(person) for person in people], data


async def bench(options: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as home:
        folder = Path(home)
        os.chmod(folder, 0o755)  # noqa: S103  the embedded server of root runs as another user
        server = await asyncio.to_thread(embedded, folder)
        town = await settle(server, PEOPLE, folder)
        async with AsyncExitStack() as stack:
            stack.push_async_callback(town.engine.dispose)
            await let_in(town)
            people, data = await _known_to_the_bank(town, folder)
            url = town.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
            settings = Settings(home=folder, database_url=url, demo_issuer=True)
            who = headers(settings, SUBJECT)
            beside = {}
            for name, fault in TROUBLES.items():
                # No more hubs at a time than PostgreSQL has connections for, when both need all of theirs.
                async with _hub(settings, data, "") as well, _hub(settings, data, fault) as ill:
                    asked = await _asked_about(well, who, people)
                    await _same(well, ill, who, asked)
                    beside[name] = await measure({WELL: well, name: ill}, who, asked, options)
            version = (await town.rows("show server_version"))[0][0]
            return {
                "machine": machine(version),
                "deadline_ms": settings.deadline_s * 1000,
                "profiles_a_second": options.profiles,
                "foods_a_second": options.foods,
                "partners": beside,
            }


def _print(found: dict[str, Any]) -> None:
    console = Console(width=130)
    console.print(
        f"{found['machine']['cores']} cores, Python {found['machine']['python']}, PostgreSQL"
        f" {found['machine']['postgresql']}; all on the same cores. {found['profiles_a_second']:g} profiles"
        f" and {found['foods_a_second']:g} questions to the partner a second. Milliseconds, medians of the"
        " rounds with the middle half."
    )
    table = Table(title="What does a partner in trouble cost the others?")
    for title in (
        "partner",
        "profile p50",
        "profile p95",
        "p95 to well",
        "asking it p50",
        "p99",
        "it was told",
    ):
        table.add_column(title, justify="left" if title in ("partner", "it was told") else "right")
    for trouble, pair in found["partners"].items():
        for name, row in pair.items():
            table.add_row(
                name, str(row["profile_p50_ms"]), str(row["profile_p95_ms"]), str(row["to_well"]),
                f"{row['food_p50_ms']:.0f}", f"{row['food_p99_ms']:.0f}",
                ", ".join(f"{code} {count}" for code, count in sorted(row["food_said"].items())),
                end_section=name == trouble,
            )  # fmt: skip
    console.print(table)
    within = found["deadline_ms"] + 50
    for trouble, pair in found["partners"].items():
        if pair[trouble]["to_well"].median > 1.10:
            console.print(f"{trouble}: the profile's p95 is {pair[trouble]['to_well']} times; promised 1.10")
        if pair[trouble]["food_p99_ms"] > within:
            console.print(
                f"{trouble}: the p99 is {pair[trouble]['food_p99_ms']:.0f} ms; promised {within:.0f}"
            )


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value.as_json() if isinstance(value, Spread) else value for name, value in row.items()}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=8, help="how long a hub is asked in one round")
    parser.add_argument("--profiles", type=float, default=6, help="profiles a second")
    parser.add_argument("--foods", type=float, default=12, help="questions to the partner a second")
    parser.add_argument("--json", type=Path, help="also write the figures there")
    given = parser.parse_args()
    found = asyncio.run(bench(given))
    _print(found)
    if given.json:
        plain = {
            trouble: {name: _plain(row) for name, row in pair.items()}
            for trouble, pair in found["partners"].items()
        }
        write_json(given.json, "partners", {**found, "partners": plain})


if __name__ == "__main__":
    main()
