"""Whether reads grow with the database, and what consent and GraphQL cost.

    python tests/bench/bench_profile.py                            500 and 5,000 people
    python tests/bench/bench_profile.py --people 500,5000,50000    and a city (some minutes more)

The same community in several sizes lies in one embedded PostgreSQL; each read is asked of them in turn. A
read that does not grow has a ratio of about 1 to the smallest. Documents are prepared once, as the gateway
keeps them: parsing anew costs the same in any size and would hide growth. Partners are not asked.
A page with more people on it takes longer to write, so read a ratio beside the number of people found.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from statistics import mean
from typing import Any
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).parents[2]))

from rich.console import Console
from rich.table import Table
from sqlalchemy import event, text

from auth.viewer import Purpose, Viewer
from gateway.documents import Documents, Prepared
from hmis.database import embedded
from schema.build import schema
from tests.bench.community_database import SHELTER, SOURCE, Town, settle
from tests.bench.figures import Spread, Work, in_turn, machine, ratio, write_json
from tests.readers import reader_beside

JOURNEYS = Path(__file__).parents[1] / "journeys"
DOCUMENTS = Documents(schema)
PROFILE = DOCUMENTS.prepare((JOURNEYS / "profile.graphql").read_text(encoding="utf-8"))
FIND = DOCUMENTS.prepare((JOURNEYS / "find.graphql").read_text(encoding="utf-8"))
BY_HAND = "profile by hand"
NOBODY_VISIBLE = "clients, nobody visible"
_ASKED = 200  # people asked about, in each size

_OWN_CLIENTS = """
    select distinct l.person_id, c.personal_id, c.last_name, c.dob
    from client_link l
    join client c on c.source_id = l.source_id and c.personal_id = l.personal_id
    join enrollment e on e.source_id = c.source_id and e.personal_id = c.personal_id
    join project p on p.source_id = e.source_id and p.project_id = e.project_id
    where l.undone_at is null and c.last_name is not null and c.dob is not null
      and p.organization_id = :organization
    order by c.personal_id
"""

# The profile's rows in one statement, as somebody would write it who need not ask for consent.
PROFILE_BY_HAND = text("""
select
  (select json_agg(r) from (
     select s.name as source, c.personal_id, c.first_name, c.middle_name, c.last_name, c.name_suffix,
            c.name_data_quality, c.dob, c.dob_data_quality, right(c.ssn, 4) as last_four, c.ssn_data_quality,
            c.sex, c.am_ind_ak_native, c.asian, c.black_af_american, c.hispanic_latinao, c.mid_east_n_african,
            c.native_hi_pacific, c.white, c.race_none, c.veteran_status
     from client_link l
     join client c on c.source_id = l.source_id and c.personal_id = l.personal_id
     join source s on s.id = l.source_id
     where l.person_id = :person and l.undone_at is null and c.removed_at is null) r) as records,
  (select json_agg(g) from (
     select categories, effect from consent_grant where person_id = :person) g) as grants,
  (select json_agg(e) from (
     select e.id, e.entry_date, e.relationship_to_hoh, e.living_situation, e.move_in_date,
            e.disabling_condition, p.id as project_id, p.project_name, p.project_type,
            o.id as organization_id, o.organization_name, x.exit_date, x.destination,
       (select coalesce(json_agg(r), '[]') from (
          select date_provided, record_type, type_provided from services r
          where r.source_id = e.source_id and r.enrollment_id = e.enrollment_id and r.removed_at is null
          order by date_provided desc) r) as services,
       (select coalesce(json_agg(r), '[]') from (
          select information_date, total_monthly_income, income_from_any_source, snap from income_benefits r
          where r.source_id = e.source_id and r.enrollment_id = e.enrollment_id and r.removed_at is null
          order by information_date desc) r) as income_benefits,
       (select coalesce(json_agg(r), '[]') from (
          select information_date, disability_type, disability_response, indefinite_and_impairs
          from disabilities r
          where r.source_id = e.source_id and r.enrollment_id = e.enrollment_id and r.removed_at is null
          order by information_date desc) r) as disabilities,
       (select coalesce(json_agg(r), '[]') from (
          select information_date, domestic_violence_survivor, currently_fleeing from health_and_dv r
          where r.source_id = e.source_id and r.enrollment_id = e.enrollment_id and r.removed_at is null
          order by information_date desc) r) as health
     from client_link l
     join enrollment e on e.source_id = l.source_id and e.personal_id = l.personal_id
     join project p on p.source_id = e.source_id and p.project_id = e.project_id
     join organization o on o.source_id = p.source_id and o.organization_id = p.organization_id
     left join exit x on x.source_id = e.source_id and x.enrollment_id = e.enrollment_id
                     and x.removed_at is null
     where l.person_id = :person and l.undone_at is null and e.removed_at is null
     order by e.entry_date desc nulls last, e.id limit 50) e) as stays
""")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody the shelter knows, by what staff would type to find them."""

    id: str
    personal_id: str
    last_name: str
    dob: str


Ask = Callable[[Person], Awaitable[Any]]


def _asking(
    town: Town,
    document: Prepared,
    variables: Callable[[Person], dict[str, Any]],
    viewer: Viewer | None = None,
) -> Ask:
    async def ask(person: Person) -> dict[str, Any]:
        request = town.world.request(viewer or town.viewer)
        result = await DOCUMENTS.run(document, variables(person), None, request)
        if result.errors or result.data is None:
            raise SystemExit(f"{town.people} people: {result.errors}")
        return result.data

    return ask


def _by_hand(town: Town) -> Ask:
    reader = town.engine.execution_options(isolation_level="AUTOCOMMIT")

    async def ask(person: Person) -> Any:
        async with reader.connect() as connection:
            return (await connection.execute(PROFILE_BY_HAND, {"person": person.id})).one()

    return ask


def reads(town: Town) -> dict[str, Ask]:
    """What is measured, by its name in the table."""

    def finding(where: Callable[[Person], dict[str, Any]], viewer: Viewer | None = None) -> Ask:
        return _asking(town, FIND, lambda person: {"where": where(person), "first": 25}, viewer)

    return {
        "profile": _asking(town, PROFILE, lambda person: {"id": person.id}),
        BY_HAND: _by_hand(town),
        "first 25 clients": finding(lambda _: {}),
        "by 3 letters of a last name": finding(
            lambda person: {"lastName": {"startsWith": person.last_name[:3]}}
        ),
        "by birth date": finding(lambda person: {"dateOfBirth": {"eq": person.dob}}),
        "by identifier": finding(
            lambda person: {"identifier": {"source": SOURCE, "value": person.personal_id}}
        ),
        NOBODY_VISIBLE: finding(lambda _: {}, _stranger(town)),
    }


def _stranger(town: Town) -> Viewer:
    """Of an agency that enrolled nobody, asking for a purpose that nobody agreed to: the longest search."""
    agency = replace(town.viewer.agency, id=uuid4(), organization_id="of no project")
    return replace(town.viewer, agency=agency, purpose=Purpose.ELIGIBILITY)


async def _people(town: Town) -> list[Person]:
    rows = await town.rows(_OWN_CLIENTS, organization=SHELTER)
    chosen = Random("people").sample(rows, min(_ASKED, len(rows)))
    return [Person(str(row[0]), row[1], row[2], row[3].isoformat()) for row in chosen]


async def _cost(town: Town, ask: Ask, people: Sequence[Person]) -> tuple[int, float]:
    """The most statements that one of these questions took, and how many people it found on average."""
    counts, found = [], []
    for person in people:
        seen: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_: Any, seen: list[str] = seen) -> None:
            seen.append(statement)

        engines = (town.engine.sync_engine, reader_beside(town.engine).engine.sync_engine)
        for each in engines:
            event.listen(each, "before_cursor_execute", note)
        answer = await ask(person)
        for each in engines:
            event.remove(each, "before_cursor_execute", note)
        counts.append(len(seen))
        page = answer.get("clients") if isinstance(answer, dict) else None
        found.append(len(page["nodes"]) if page else 1)
    return max(counts), mean(found)


async def _compare(town: Town, people: Sequence[Person]) -> int:
    """Both ways to read a profile must give the same rows of the shelter's own stays. How many stays."""
    both = reads(town)
    stays = 0
    for person in people:
        data, row = await both["profile"](person), await both[BY_HAND](person)
        by_hand = {stay["id"]: stay for stay in row.stays}
        for stay in data["client"]["enrollments"]["nodes"]:
            same = by_hand[stay["id"]]
            if stay["project"]["organization"]["name"] != town.viewer.agency.name:
                continue  # of others' stays consent and labels keep something back
            stays += 1
            for ours, theirs in (
                ([stay["entryDate"]], [same["entry_date"]]),
                (_days(stay["services"], "date"), _days(same["services"], "date_provided")),
                *(
                    (_days(stay[name], "informationDate"), _days(same[column], "information_date"))
                    for name, column in (
                        ("incomeBenefits", "income_benefits"),
                        ("disabilities", "disabilities"),
                        ("healthAndDomesticViolence", "health"),
                    )
                ),
            ):
                if ours != theirs:
                    raise SystemExit(f"{town.people} people: the two profiles differ")
    return stays


def _days(rows: Sequence[dict[str, Any]], name: str) -> list[Any]:
    return [row[name] for row in rows]


async def measure(towns: Sequence[Town], rounds: int, each: int) -> dict[str, Any]:
    """Every read of every town, in turn."""
    people = {town.people: await _people(town) for town in towns}
    asks = {(name, town.people): ask for town in towns for name, ask in reads(town).items()}
    by_size = {town.people: town for town in towns}
    # Read by read, and within it size by size: what is compared is measured side by side.
    order = sorted(asks, key=lambda key: (list(reads(towns[0])).index(key[0]), key[1]))
    costs = {key: await _cost(by_size[key[1]], asks[key], people[key[1]][:40]) for key in order}

    def work(key: tuple[str, int]) -> Work:
        chosen = people[key[1]]
        return lambda number: asks[key](chosen[number % len(chosen)])

    seconds = await in_turn({key: work(key) for key in order}, rounds=rounds, each=each, warm_up=each)
    return {
        "stays_compared": {town.people: await _compare(town, people[town.people][:20]) for town in towns},
        "reads": [
            {
                "read": name,
                "people": size,
                "statements": costs[name, size][0],
                "people_found": round(costs[name, size][1], 1),
                "milliseconds": Spread.of([one * 1000 for one in seconds[name, size]]),
                "to_smallest": ratio(seconds[name, size], seconds[name, towns[0].people]),
                "to_by_hand": ratio(seconds[name, size], seconds[BY_HAND, size]),
            }
            for name, size in order
        ],
    }


async def _enrollments(town: Town) -> int:
    return int((await town.rows("select count(*) from enrollment"))[0][0])


def _print(found: dict[str, Any], sizes: Sequence[int]) -> None:
    console = Console(width=110)
    computer = found["machine"]
    console.print(
        f"{computer['cores']} cores, {computer['system']}, Python {computer['python']},"
        f" PostgreSQL {computer['postgresql']}; server and reader on the same cores."
        " Medians, with the middle half of all rounds. Compare figures of one run only."
    )
    table = Table(title="Does a read grow with the database?")
    table.add_column("read")
    table.add_column("SQL", justify="right")
    table.add_column("people found", justify="right")
    table.add_column(f"ms at {sizes[0]:,}", justify="right")
    for size in sizes[1:]:
        table.add_column(f"{size:,} to {sizes[0]:,}", justify="right")
    rows = found["reads"]
    for name in dict.fromkeys(row["read"] for row in rows):
        mine = [row for row in rows if row["read"] == name]
        table.add_row(
            name,
            _each(row["statements"] for row in mine),
            _each(row["people_found"] for row in mine),
            str(mine[0]["milliseconds"]),
            *(str(row["to_smallest"]) for row in mine[1:]),
        )
    console.print(table)
    for row in rows:
        if row["read"] == "profile":
            console.print(
                f"{row['people']:>7,} people: consent and GraphQL make the profile"
                f" {row['to_by_hand']} times the hand-written statement."
            )


def _each(values: Iterable[float]) -> str:
    """The values of all sizes; one where they are the same."""
    return " / ".join(dict.fromkeys(f"{value:g}" for value in values))


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value.as_json() if isinstance(value, Spread) else value for name, value in row.items()}


async def bench(sizes: Sequence[int], rounds: int, each: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as home:
        server = await asyncio.to_thread(embedded, Path(home))
        async with AsyncExitStack() as stack:
            towns = []
            for size in sizes:
                town = await settle(server, size, Path(home))
                stack.push_async_callback(town.engine.dispose)
                towns.append(town)
            version = (await towns[0].rows("show server_version"))[0][0]
            return {
                "machine": machine(version),
                "enrollments": {town.people: await _enrollments(town) for town in towns},
                **await measure(towns, rounds, each),
            }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", default="500,5000", help="sizes of the community, with commas between")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--each", type=int, default=20, help="operations of one read in one round")
    parser.add_argument("--json", type=Path, default=Path("bench.json"), help="file to put the figures into")
    given = parser.parse_args()
    sizes = sorted({int(size) for size in given.people.split(",")})
    found = asyncio.run(bench(sizes, given.rounds, given.each))
    _print(found, sizes)
    write_json(given.json, "profile", {**found, "reads": [_plain(row) for row in found["reads"]]})


if __name__ == "__main__":
    main()
