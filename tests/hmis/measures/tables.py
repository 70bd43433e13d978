"""Small snapshots made row by row: HUD's names, dates as `2022-10-01`, and what a test does not say is null.

    core = tables.opened(tmp_path, Enrollment=[{"EnrollmentID": "e1", "PersonalID": "A", ...}], ...)

What a row refers to and no other row says is made: a client, an organization, a project in the continuum.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from hmis.measures import core
from hmis.measures.columns import TABLES, columns
from hmis.measures.days import number
from hmis.measures.numbering import number_rows
from hmis.measures.snapshot import Snapshot
from hmis.spec import FILES, snake

COC = "MA-500"
Row = Mapping[str, Any]


def snapshot(folder: Path, **files: Sequence[Row]) -> Snapshot:
    """A snapshot of the rows given, by HUD's file and column names. `source` (1 if left out) is its source;
    `person` on a client says who it is, for records that are linked."""
    folder.mkdir(parents=True, exist_ok=True)
    whole = _completed({name: [dict(row) for row in rows] for name, rows in files.items()})
    with duckdb.connect() as database:
        for file in TABLES:
            _write(database, folder, file, whole.get(file, []))
        rows = number_rows(database, folder)
    sources = {row.get("source", 1) for rows_of in whole.values() for row in rows_of} | {1}
    names = {f"source{one}": one for one in sorted(sources)}
    return Snapshot(folder, datetime(2026, 1, 1, tzinfo=UTC), names, rows, "made")


@contextmanager
def opened(folder: Path, backend: core.Backend = "duckdb", **files: Sequence[Row]) -> Iterator[core.Core]:
    """The tables of such a snapshot on a backend."""
    with core.opened(snapshot(folder, **files), backend) as tables:
        yield tables


def _completed(files: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    def add(file: str, key: str, **values: Any) -> None:
        rows, source = files.setdefault(file, []), values.get("source", 1)
        if not any(row[key] == values[key] and row.get("source", 1) == source for row in rows):
            rows.append(values)

    for stay in files.get("Enrollment", []):
        source = stay.get("source", 1)
        stay.setdefault("ProjectID", "p1")
        stay.setdefault("HouseholdID", f"h-{stay['EnrollmentID']}")
        stay.setdefault("RelationshipToHoH", 1)
        stay.setdefault("EnrollmentCoC", COC)
        add("Client", "PersonalID", PersonalID=stay["PersonalID"], source=source)
        add("Project", "ProjectID", ProjectID=stay["ProjectID"], ProjectType=0, source=source)
    for project in files.get("Project", []):
        source = project.get("source", 1)
        project.setdefault("OrganizationID", "o1")
        project.setdefault("ContinuumProject", 1)
        project.setdefault("OperatingStartDate", "2000-01-01")
        add("Organization", "OrganizationID", OrganizationID=project["OrganizationID"], source=source,
            VictimServiceProvider=0)  # fmt: skip
    if "HMISParticipation" not in files:
        for project in files.get("Project", []):
            add("HMISParticipation", "ProjectID", ProjectID=project["ProjectID"], HMISParticipationType=1,
                HMISParticipationStatusStartDate="2000-01-01", source=project.get("source", 1))  # fmt: skip
    return files


_EXTRA = {"source": "source_id", "person": "person_id"}


def _write(database: Any, folder: Path, file: str, rows: Sequence[Row]) -> None:
    kept = columns(file)
    described = ", ".join(f"{name} {kind}" for name, (_, kind) in kept.items())
    database.execute(f"create or replace table made ({described})")
    dates = {column.attr for column in FILES[file].columns if column.type in "DT"}
    for place, row in enumerate(rows):
        said = {
            _EXTRA.get(name, snake(name) if name not in kept else name): value for name, value in row.items()
        }
        said = {"source_id": 1, "id": f"{file}-{place}"} | said
        unknown = said.keys() - kept.keys()
        assert not unknown, f"{file} has no {unknown} in a snapshot"
        values = [
            number(date.fromisoformat(value[:10])) if name in dates and isinstance(value, str) else value
            for name, value in said.items()
        ]
        marks = ", ".join("?" for _ in said)
        database.execute(f"insert into made ({', '.join(said)}) values ({marks})", values)
    database.execute(f"copy made to '{folder / file}.raw' (format parquet)")
