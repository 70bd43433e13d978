"""Small snapshots made row by row: HUD's names, dates as `2022-10-01`, and what a test does not say is null.

    core = tables.opened(tmp_path, Enrollment=[{"EnrollmentID": "e1", "PersonalID": "A", ...}], ...)

What a row refers to and no other row says is made: a client, an organization, a project in the continuum that
takes part in HMIS and serves the CoC.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

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


_MADE = {
    "Client": "PersonalID",
    "Project": "ProjectID",
    "Organization": "OrganizationID",
    "ProjectCoC": "ProjectID",
    "HMISParticipation": "ProjectID",
}
"""What is made where rows refer to it, and by which key they do."""


def _completed(files: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    known = {
        (file, row.get("source", 1), row.get(key))
        for file, key in _MADE.items()
        for row in files.get(file, [])
    }

    def add(file: str, **values: Any) -> None:
        place = (file, values["source"], values[_MADE[file]])
        if place not in known:
            known.add(place)
            files.setdefault(file, []).append(values)

    for stay in files.get("Enrollment", []):
        source = stay.get("source", 1)
        stay.setdefault("ProjectID", "p1")
        stay.setdefault("HouseholdID", f"h-{stay['EnrollmentID']}")
        stay.setdefault("RelationshipToHoH", 1)
        stay.setdefault("EnrollmentCoC", COC)
        add("Client", PersonalID=stay["PersonalID"], source=source)
        add("Project", ProjectID=stay["ProjectID"], ProjectType=0, source=source)
    for project in files.get("Project", []):
        source = project.get("source", 1)
        project.setdefault("OrganizationID", "o1")
        project.setdefault("ContinuumProject", 1)
        project.setdefault("OperatingStartDate", "2000-01-01")
        add("Organization", OrganizationID=project["OrganizationID"], source=source,
            VictimServiceProvider=0)  # fmt: skip
    if "ProjectCoC" not in files:
        for project in files.get("Project", []):
            source = project.get("source", 1)
            add("ProjectCoC", ProjectID=project["ProjectID"], CoCCode=COC, source=source)
    if "HMISParticipation" not in files:
        for project in files.get("Project", []):
            add("HMISParticipation", ProjectID=project["ProjectID"], HMISParticipationType=1,
                HMISParticipationStatusStartDate="2000-01-01", source=project.get("source", 1))  # fmt: skip
    return files


_EXTRA = {"source": "source_id", "person": "person_id"}


def _write(database: Any, folder: Path, file: str, rows: Sequence[Row]) -> None:
    kept = columns(file)
    described = ", ".join(f"{name} {kind}" for name, (_, kind) in kept.items())
    database.execute(f"create or replace table made ({described})")
    dates = {column.attr for column in FILES[file].columns if column.type in "DT"}
    written: dict[str, list[Any]] = {name: [] for name in kept}
    for place, row in enumerate(rows):
        said = {
            _EXTRA.get(name, snake(name) if name not in kept else name): value for name, value in row.items()
        }
        said = {"source_id": 1, "id": f"{file}-{place}"} | said
        unknown = said.keys() - kept.keys()
        assert not unknown, f"{file} has no {unknown} in a snapshot"
        for name, values in written.items():
            value = said.get(name)
            is_day = name in dates and isinstance(value, str)
            values.append(number(date.fromisoformat(value[:10])) if is_day else value)
    if rows:
        database.register("given", pa.table(written))
        database.execute("insert into made by name select * from given")
        database.unregister("given")
    database.execute(f"copy made to '{folder / file}.raw' (format parquet)")
