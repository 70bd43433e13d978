"""How fast an import is, beside plain COPY of the same files into the same tables.

    python tests/bench/bench_import.py                  50,000 and 500,000 rows
    python tests/bench/bench_import.py --rows 5000000   the size of a large city's export

Each number of rows is imported and copied in turn, into empty databases with the same keys, indexes and
foreign keys, on one embedded server. Writes `bench.json`; compare figures of one machine only.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from sqlalchemy import text
from sqlalchemy.engine import make_url

from hmis.bulk import bulk
from hmis.csv.loading import import_archive
from hmis.database import embedded, engine
from hmis.migrate import upgrade
from hmis.spec import FILES

_CREATED = "2024-01-05 10:11:12,2024-02-06 13:14:15,u1,,x1"
# So many rows of each file for a hundred clients, about as real exports have them.
_PER_HUNDRED = {
    "Client": 100, "Enrollment": 130, "Exit": 100, "IncomeBenefits": 250, "HealthAndDV": 150,
    "EmploymentEducation": 50, "Disabilities": 720, "Services": 1300, "CurrentLivingSituation": 150,
}  # fmt: skip


def _row(file: str, **values: object) -> str:
    return ",".join(str(values.get(column.name, "")) for column in FILES[file].columns) + "\n"


def _fixed(file: str) -> Iterator[str]:
    """The rows that every archive has."""
    ends = {
        "DateCreated": "2024-01-05 10:11:12",
        "DateUpdated": "2024-02-06 13:14:15",
        "UserID": "u1",
        "ExportID": "x1",
    }
    if file == "Export":
        yield _row(
            file, ExportID="x1", SourceType=1, SourceID="XX-500", ExportDate="2026-10-02 08:00:00",
            ExportStartDate="2023-10-01", ExportEndDate="2026-09-30", SoftwareName="bench",
            CSVVersion="2026 v1.0", ExportPeriodType=3, ExportDirective=2, HashStatus=1,
            ImplementationID="bench",
        )  # fmt: skip
    if file == "User":
        yield _row(file, UserFirstName="A", UserLastName="B", **ends)
    for number in range(20 if file == "Organization" else 0):
        yield _row(
            file,
            OrganizationID=f"o{number}",
            OrganizationName=f"Org {number}",
            VictimServiceProvider=0,
            **ends,
        )
    for number in range(200 if file == "Project" else 0):
        yield _row(
            file, ProjectID=f"p{number}", OrganizationID=f"o{number % 20}", ProjectName=f"Project {number}",
            OperatingStartDate="2015-01-01", ContinuumProject=1, ProjectType=1, HousingType=1,
            TargetPopulation=4, **ends,
        )  # fmt: skip


def _word(number: int) -> str:
    letters = ""
    while number or len(letters) < 4:
        number, letter = divmod(number, 26)
        letters += chr(ord("a") + letter)
    return letters.title()


def _ssn(number: int) -> str:
    above, serial = divmod(number, 9_999)
    area, group = divmod(above, 99)
    return f"{100 + area}{1 + group:02d}{1 + serial:04d}"


def _many(file: str, count: int, clients: int, stays: int) -> Iterator[str]:
    """`count` rows that hang on clients and stays at random."""
    chance = Random(file)
    first = date(2023, 10, 1)
    days = [(first + timedelta(days=n)).isoformat() for n in range(1000)]
    template = {
        "Client": "{n},{x},,{y},,1,{ssn},1,{dob},1,{bit},0,0,1,0,0,0,0,,,0" + "," * 13 + _CREATED,
        "Disabilities": "d{n},{e},{p},{day},{kind},{bit},,,,,,,,,1," + _CREATED,
        "Services": "s{n},{e},{p},{day},200,200,,,,,,,," + _CREATED,
    }.get(file)
    columns = FILES[file].columns
    for n in range(count):
        stay = n if file in ("Enrollment", "Exit") else chance.randrange(stays)
        facts = {"n": n, "e": stay, "p": stay % clients, "day": days[chance.randrange(1000)], "bit": n & 1}
        if template:
            # Every twentieth client is somebody the archive has already.
            who = n if n % 20 else n // 2
            facts |= {"x": _word(who % 5003), "y": _word(who), "ssn": _ssn(who), "kind": 5 + n % 6}
            born = f"{1950 + who % 50}-{1 + who % 12:02d}-{1 + who % 28:02d}"
            yield template.format(**facts, dob=born) + "\n"
            continue
        values: dict[str, object] = {"EnrollmentID": stay, "PersonalID": stay % clients, columns[0].name: n}
        for column in columns[1:]:
            if column.name in values or column.name in ("DateDeleted",):
                continue
            if column.name == "ProjectID":
                values[column.name] = f"p{stay % 200}"
            elif column.name in ("UserID", "ExportID"):
                values[column.name] = "u1" if column.name == "UserID" else "x1"
            elif column.name in ("EntryDate", "ExitDate", "InformationDate"):
                values[column.name] = facts["day"]
            elif column.type == "T":
                values[column.name] = "2024-01-05 10:11:12"
            elif column.name == "HouseholdID":
                values[column.name] = f"h{n}"
            elif column.type == "M":
                values[column.name] = "0" if n % 3 else "123.45"
            elif column.lists and column.type == "I" and (column.required or file == "IncomeBenefits"):
                values[column.name] = 1
        yield _row(file, **values)


def write_archive(folder: Path, rows: int) -> int:
    """An archive of about so many rows. Returns how many."""
    hundreds = max(1, rows // sum(_PER_HUNDRED.values()))
    counts = {file: share * hundreds for file, share in _PER_HUNDRED.items()}
    written = 0
    for file, spec in FILES.items():
        with (folder / f"{file}.csv").open("w", encoding="utf-8") as out:
            out.write(",".join(column.name for column in spec.columns) + "\n")
            lines = (
                _many(file, counts[file], counts["Client"], counts["Enrollment"])
                if file in counts
                else _fixed(file)
            )
            for line in lines:
                out.write(line)
                written += 1
    return written


async def _empty_database(server: str, name: str) -> str:
    admin = engine(server)
    async with admin.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text(f"drop database if exists {name}"))
        await connection.execute(text(f"create database {name}"))
        await connection.execute(text("checkpoint"))
    await admin.dispose()
    url = make_url(server).set(database=name).render_as_string(hide_password=False)
    await upgrade(url)
    return url


async def _import(url: str, folder: Path) -> dict[str, Any]:
    database = engine(url)
    began = time.perf_counter()
    report = await import_archive(database, folder, "bench", now=datetime.now(UTC))
    first = time.perf_counter() - began
    began = time.perf_counter()
    again = await import_archive(database, folder, "bench", now=datetime.now(UTC))
    second = time.perf_counter() - began
    await database.dispose()
    return {
        "seconds": first,
        "again_seconds": second,
        "rows": report.totals.added,
        "left_out": report.totals.left_out,
        "people": report.people,
        "links": report.links_made,
        "again_changed": again.changed_anything,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


async def _copy(url: str, folder: Path) -> dict[str, Any]:
    database = engine(url)
    rows = 0
    async with database.connect() as connection:
        driver = await bulk(connection)
        await driver.execute("insert into source (name) values ('bench')")
        for spec in FILES.values():
            await driver.execute(f"alter table {spec.table} alter source_id set default 1")
            await driver.execute(f"alter table {spec.table} alter import_id set default 1")
        began = time.perf_counter()
        async with driver.transaction():
            for spec in FILES.values():
                with (folder / f"{spec.name}.csv").open("rb") as source:
                    source.readline()
                    status = await driver.copy_to_table(
                        spec.table, source=source, columns=[c.attr for c in spec.columns], format="csv"
                    )
                rows += int(status.rpartition(" ")[2])
        seconds = time.perf_counter() - began
    await database.dispose()
    return {"seconds": seconds, "rows": rows}


def _in_a_process_of_its_own(what: str, url: str, folder: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, __file__, "--only", what, "--url", url, "--folder", str(folder)],
        check=True, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def measure(server: str, rows: int, rounds: int) -> dict[str, Any]:
    """Import and copy in turn; the best of each counts, because noise only ever slows."""
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as home:
        folder = Path(home)
        written = write_archive(folder, rows)
        size = sum(path.stat().st_size for path in folder.iterdir())
        imports, copies = [], []
        for _ in range(rounds):
            copies.append(
                _in_a_process_of_its_own("copy", asyncio.run(_empty_database(server, "bench_copy")), folder)
            )
            imports.append(
                _in_a_process_of_its_own(
                    "import", asyncio.run(_empty_database(server, "bench_import")), folder
                )
            )
    best, copied = min(run["seconds"] for run in imports), min(run["seconds"] for run in copies)
    return {
        "rows": written,
        "megabytes": round(size / 1e6, 1),
        "import_rows_per_second": round(written / best),
        "copy_rows_per_second": round(written / copied),
        "ratio": round(copied / best, 3),
        "peak_mb": round(max(run["peak_mb"] for run in imports)),
        "imports": imports,
        "copies": copies,
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, action="append")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--only", choices=("import", "copy"), help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.only:
        work = _import if given.only == "import" else _copy
        print(json.dumps(asyncio.run(work(given.url, given.folder))))  # noqa: T201  # the parent process reads it
        return
    with tempfile.TemporaryDirectory(prefix="hub-bench-server-") as home:
        server = embedded(Path(home))
        results = []
        for rows in given.rows or [50_000, 500_000]:
            results.append(found := measure(server, rows, given.rounds))
            print(  # noqa: T201  # what the bench is for
                f"{found['rows']:>9,} rows  {found['megabytes']:>7} MB  "
                f"import {found['import_rows_per_second']:>8,}/s  "
                f"COPY {found['copy_rows_per_second']:>8,}/s  "
                f"ratio {found['ratio']:.2f}  peak {found['peak_mb']} MB"
            )
        for less, more in pairwise(results):
            slower = less["import_rows_per_second"] / more["import_rows_per_second"]
            print(f"{more['rows'] / less['rows']:.0f} times the rows: {slower:.2f} times the time a row")  # noqa: T201
    Path("bench.json").write_text(json.dumps({"import": results}, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
