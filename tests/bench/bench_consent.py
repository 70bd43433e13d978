"""What consent costs: the hub as it is beside itself with consent switched off, in turn.

    python tests/bench/bench_consent.py                       100,000 people with 300,000 grants
    python tests/bench/bench_consent.py --people 20000        a smaller town

Each of the two runs in a process of its own on one database, as uvicorn's worker would. Measured are the
contract's profile, the first page of fifty people by name for a viewer who may see many, few or nobody, and
the decision itself, in Python and in PostgreSQL. The audit is written in all of them.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

sys.path.insert(0, str(Path(__file__).parents[2]))

from rich.console import Console
from rich.table import Table
from sqlalchemy import select, text

from auth import audit
from auth.categories import EVERYTHING
from auth.consent import ANY_RECORD, Facts, decide
from auth.grants import by_person, statement
from auth.parameters import VIEWER
from auth.viewer import Purpose, Viewer
from auth.visibility import granted
from gateway.answers import encoded, executed
from gateway.documents import Documents
from hmis import labelling
from hmis.bulk import bulk
from hmis.database import Reader, embedded, engine
from hmis.tables import person
from resolvers.request import Request
from schema.build import schema
from tests.bench.community_database import empty_database
from tests.bench.figures import Spread, machine, ratio, write_json
from tests.bench.without_consent import OpenReader, switch_off
from tests.worlds import NOW, TODAY, World

JOURNEYS = Path(__file__).parents[1] / "journeys"
BY_NAME = """query($first: Int!) { clients(where: {}, orderBy: NAME, first: $first) {
  nodes { id name { first last } birth { date } } pageInfo { hasNextPage endCursor } } }"""
BY_BEGINNING = """query($first: Int!, $beginning: String!) {
  clients(where: {lastName: {startsWith: $beginning}}, orderBy: NAME, first: $first) {
  nodes { id name { first last } birth { date } } pageInfo { hasNextPage endCursor } } }"""

# A owns every tenth client and B the others. Of the grants of each client one goes to A, to C or to a few,
# one to the whole community for statistics or for care, one to C; some were revoked, some have ended.
_TOWN = """
insert into client (source_id, personal_id, import_id, first_name, last_name, dob, date_updated)
  select 1, 'c' || n, 0, 'First' || n % 977, substr(md5('last' || n % 9973), 1, 7) || n % 9973,
         date '1950-01-01' + n % 20000, timestamp '2026-01-01'
  from generate_series(1, :people) n;
insert into person (id) select md5('person' || n)::uuid from generate_series(1, :people) n;
insert into client_link (person_id, source_id, personal_id, method)
  select md5('person' || n)::uuid, 1, 'c' || n, 'FIRST' from generate_series(1, :people) n;
insert into enrollment (source_id, enrollment_id, personal_id, project_id, entry_date, household_id,
                        import_id)
  select 1, 'e' || n || '-' || k, 'c' || n, case when n % 10 = 0 then 'A-p' else 'B-p' end,
         date '2025-01-01' + n % 500, 'h' || n, 0
  from generate_series(1, :people) n, generate_series(1, 2) k;
insert into services (source_id, services_id, enrollment_id, personal_id, date_provided, record_type,
                      type_provided, import_id)
  select 1, 's' || enrollment_id || k, enrollment_id, personal_id, entry_date + k, 200, 200, 0
  from enrollment, generate_series(1, 5) k where substr(personal_id, 2)::integer <= 6000;
insert into income_benefits (source_id, income_benefits_id, enrollment_id, personal_id, information_date,
                             income_from_any_source, total_monthly_income, snap, import_id)
  select 1, 'i' || enrollment_id || k, enrollment_id, personal_id, entry_date + k, 1, 100 * k, 1, 0
  from enrollment, generate_series(1, 2) k where substr(personal_id, 2)::integer <= 6000;
insert into disabilities (source_id, disabilities_id, enrollment_id, personal_id, information_date,
                          disability_type, disability_response, import_id)
  select 1, 'd' || enrollment_id || k, enrollment_id, personal_id, entry_date, 4 + k, 1, 0
  from enrollment, generate_series(1, 3) k where substr(personal_id, 2)::integer <= 6000;
insert into health_and_dv (source_id, health_and_dv_id, enrollment_id, personal_id, information_date,
                           general_health_status, import_id)
  select 1, 'h' || enrollment_id, enrollment_id, personal_id, entry_date, 1, 0
  from enrollment where substr(personal_id, 2)::integer <= 6000;
insert into consent_grant (id, person_id, effect, categories, purposes, community_wide, start_on, end_on,
                           method, recorded_by, recorded_at_agency)
  select md5('grant' || n || k)::uuid, md5('person' || n)::uuid, 'PERMIT', :everything,
         case when k = 2 and n % 4 <> 0 then '{REPORTING}' else '{CARE_COORDINATION}' end::text[], k = 2,
         date '2026-01-01', case when n % 13 = k then date '2026-03-01' end, 'WRITTEN', 'bench', :agency
  from generate_series(1, :people) n, generate_series(1, 3) k;
insert into consent_recipient (grant_id, agency_id)
  select md5('grant' || n || k)::uuid, case when k = 1 and n % 3 = 0 then cast(:agency as uuid)
                                            when k = 1 and n % 200 = 1 then cast(:few as uuid)
                                            else cast(:other as uuid) end
  from generate_series(1, :people) n, (values (1), (3)) v(k);
insert into consent_revocation (grant_id, reason, revoked_by)
  select md5('grant' || n || 1)::uuid, 'bench', 'bench' from generate_series(1, :people) n where n % 17 = 0;
"""


@dataclass(frozen=True, slots=True)
class Town:
    """One large community: those who ask, and whom they ask about."""

    url: str
    people: int
    many: Viewer
    """Of A, who owns a tenth and may see about half."""
    few: Viewer
    """Of an agency that was named by one in two hundred."""
    nobody: Viewer
    own: tuple[UUID, ...]
    shared: tuple[UUID, ...]


async def settle(server: str, people: int) -> Town:
    """The community, written by SQL: an import of it would take longer and lead to the same rows."""
    url = await empty_database(server, "bench_consent")
    world = World(engine(url))
    for name in ("A", "B", "C", "Few"):
        await world.organization(name)
    ids = {name: world.agencies[name].id for name in ("A", "C", "Few")}
    values = {
        "people": people, "everything": int(EVERYTHING),
        "agency": ids["A"], "other": ids["C"], "few": ids["Few"],
    }  # fmt: skip
    async with world.engine.begin() as connection:
        for one in _TOWN.split(";"):
            if one.strip():
                await connection.execute(text(one), values)
        await labelling.renew(await bulk(connection), 1)
    async with world.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text("vacuum (analyze)"))
        rows = await connection.execute(
            text(
                "select personal_id, person_id from client_link"
                " where substr(personal_id, 2)::integer <= 6000 order by personal_id"
            )
        )
        linked = [(row.personal_id, row.person_id) for row in rows]
    nobody = replace(world.viewer("A"), agency=replace(world.agencies["A"], id=uuid4(), organization_id="-"))
    await world.engine.dispose()
    return Town(
        url,
        people,
        world.viewer("A"),
        world.viewer("Few"),
        replace(nobody, purpose=Purpose.ELIGIBILITY),
        tuple(one for key, one in linked if key.endswith("0"))[:200],
        tuple(one for key, one in linked if int(key[1:]) % 3 == 0 and not key.endswith("0"))[:200],
    )


def _worker(pipe: Connection, town: Town, is_off: bool) -> None:
    """One of the two: answers (what, how many, from where) with seconds for one operation."""
    asyncio.run(_serve(pipe, town, is_off))


async def _serve(pipe: Connection, town: Town, is_off: bool) -> None:
    if is_off:
        switch_off()
    documents = Documents(schema)
    reader: Any = OpenReader(town.url) if is_off else Reader(town.url)
    writer = engine(town.url)
    profile = documents.prepare((JOURNEYS / "profile.graphql").read_text(encoding="utf-8"))
    by_name, by_beginning = documents.prepare(BY_NAME), documents.prepare(BY_BEGINNING)

    async def ask(viewer: Viewer, prepared: Any, variables: dict[str, Any]) -> bytes:
        request = Request(
            now=NOW, as_of=TODAY, viewer=viewer, subject=viewer.subject, reader=reader, writer=writer,
            deadline=asyncio.get_running_loop().time() + 60,
        )  # fmt: skip
        result = await documents.run(prepared, variables, None, request)
        if result.errors:
            raise SystemExit(f"{result.errors}")
        body = encoded(executed(result, request)[1])
        operation = audit.Operation("bench", None, prepared.sha256, TODAY)
        await audit.write(
            writer, operation, request.trail, subject=viewer.subject, application="bench", viewer=viewer,
            outcome="ANSWERED",
        )  # fmt: skip
        return body

    def one(what: str, number: int) -> Any:
        match what:
            case "profile of an own client":
                return ask(town.many, profile, {"id": str(town.own[number % len(town.own)])})
            case "profile of a shared client":
                return ask(town.many, profile, {"id": str(town.shared[number % len(town.shared)])})
            case "50 by name, may see many":
                return ask(town.many, by_name, {"first": 50})
            case "50 by name, may see few":
                return ask(town.few, by_name, {"first": 50})
            case "50 by name, may see nobody":
                return ask(town.nobody, by_name, {"first": 50})
            case "50 by the beginning of a name":
                beginning = "0123456789abcdef"[number % 16]
                return ask(town.many, by_beginning, {"first": 50, "beginning": beginning})
        raise KeyError(what)

    while (order := await asyncio.to_thread(pipe.recv)) is not None:
        what, count, since = order
        size = len(await one(what, since))
        began = time.perf_counter()
        for number in range(since, since + count):
            await one(what, number)
        pipe.send(((time.perf_counter() - began) / count, size))
    await reader.dispose()
    await writer.dispose()


READS = (
    "profile of an own client",
    "profile of a shared client",
    "50 by name, may see many",
    "50 by name, may see few",
    "50 by name, may see nobody",
    "50 by the beginning of a name",
)


def reads(town: Town, rounds: int, each: int) -> list[dict[str, Any]]:
    """Every read with consent and without, A B A B."""
    context = multiprocessing.get_context("spawn")
    pipes: dict[str, Connection] = {}
    workers = []
    for name, is_off in (("consent", False), ("none", True)):
        ours, theirs = context.Pipe()
        worker = context.Process(target=_worker, args=(theirs, town, is_off))
        worker.start()
        pipes[name], _ = ours, workers.append(worker)

    def seconds(name: str, what: str, since: int) -> tuple[float, int]:
        pipes[name].send((what, each, since))
        answer: tuple[float, int] = pipes[name].recv()
        return answer

    found = []
    for what in READS:
        for name in pipes:
            seconds(name, what, 0)
        took: dict[str, list[float]] = {name: [] for name in pipes}
        for turn in range(rounds):
            for name in pipes if turn % 2 else reversed(pipes):
                took[name].append(seconds(name, what, turn * each)[0])
        found.append(
            {
                "read": what,
                "milliseconds": Spread.of([one * 1000 for one in took["consent"]]),
                "without": Spread.of([one * 1000 for one in took["none"]]),
                "ratio": ratio(took["consent"], took["none"]),
            }
        )
    for pipe in pipes.values():
        with suppress(BrokenPipeError):
            pipe.send(None)
    for worker in workers:
        worker.join()
    return found


async def decisions(town: Town, rounds: int) -> dict[str, Spread]:
    """Milliseconds for the decisions about 1,000 clients, in Python and in PostgreSQL."""
    database = engine(town.url)
    async with database.connect() as connection:
        rows = await connection.execute(select(person.c.id).order_by(person.c.id).limit(1000))
        people = [row.id for row in rows]
        given = by_person((await connection.execute(statement(TODAY, people=people))).mappings())
        facts = [Facts(tuple(given[one])) for one in people]
        masks = (
            select(person.c.id, granted(VIEWER, person.c.id).label("mask")).order_by(person.c.id).limit(1000)
        )
        asks = VIEWER.of(town.many, TODAY, NOW)
        in_python, in_sql = [], []
        for _ in range(rounds + 3):
            began = time.perf_counter()
            decided = [
                decide(town.many, one, town.many.policy, TODAY).of(ANY_RECORD).allowed for one in facts
            ]
            in_python.append((time.perf_counter() - began) * 1000)
            began = time.perf_counter()
            found = (await connection.execute(masks, asks)).all()
            in_sql.append((time.perf_counter() - began) * 1000)
        if [int(one) for one in decided] != [row.mask for row in found]:
            raise SystemExit("Python and PostgreSQL decide differently")
    await database.dispose()
    return {"in Python": Spread.of(in_python[3:]), "in PostgreSQL": Spread.of(in_sql[3:])}


def _print(found: dict[str, Any]) -> None:
    console = Console(width=120)
    console.print(
        f"{found['people']:,} people, {3 * found['people']:,} grants; {found['machine']['cores']} cores,"
        f" Python {found['machine']['python']}, PostgreSQL {found['machine']['postgresql']} beside."
        " Medians, with the middle half of all rounds. Audit written by both."
    )
    table = Table(title="What does consent cost?")
    for name in ("read", "ms with consent", "ms without", "ratio"):
        table.add_column(name, justify="left" if name == "read" else "right")
    for row in found["reads"]:
        table.add_row(row["read"], str(row["milliseconds"]), str(row["without"]), str(row["ratio"]))
    console.print(table)
    for where, spread in found["decisions"].items():
        console.print(f"1,000 clients decided {where}: {spread} ms")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--each", type=int, default=20, help="operations of one read in one round")
    parser.add_argument("--json", type=Path, default=Path("bench.json"), help="file to put the figures into")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
        server = embedded(Path(folder))
        town = asyncio.run(settle(server, given.people))
        found = {
            "people": given.people,
            "machine": machine(asyncio.run(_version(town.url))),
            "reads": reads(town, given.rounds, given.each),
            "decisions": asyncio.run(decisions(town, given.rounds)),
        }
    _print(found)
    write_json(given.json, "consent", _plain(found))


async def _version(url: str) -> str:
    database = engine(url)
    async with database.connect() as connection:
        version = str(await connection.scalar(text("show server_version")))
    await database.dispose()
    return version


def _plain(value: Any) -> Any:
    if isinstance(value, Spread):
        return value.as_json()
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list) else value


if __name__ == "__main__":
    main()
