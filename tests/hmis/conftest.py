"""Small HMIS archives, made row by row, and the whole database as text to compare."""

from __future__ import annotations

import asyncio
import csv
import io
import os
import shutil
import zipfile
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from hmis.csv.loading import import_archive
from hmis.csv.report import Report
from hmis.spec import FILES, LISTS, Column

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
_KEYS = {
    "OrganizationID": "o1", "ProjectID": "p1", "PersonalID": "c1", "EnrollmentID": "e1", "UserID": "u1",
    "ExportID": "x1", "AssessmentID": "a1", "HouseholdID": "h1", "ResProjectID": "p1",
}  # fmt: skip
_FITTING = {
    "EntryDate": "2025-10-10", "ExitDate": "2025-12-24", "CoCCode": "MA-500", "EnrollmentCoC": "MA-500",
    "Geocode": "250000", "State": "MA", "ZIP": "02134", "RelationshipToHoH": "1", "ProjectType": "1",
    "VictimServiceProvider": "0", "ContinuumProject": "1", "HashStatus": "1", "ExportDirective": "2",
    "ExportPeriodType": "3", "ExportStartDate": "2025-10-01", "ExportEndDate": "2026-01-31",
    "ExportDate": "2026-02-01 08:00:00", "CSVVersion": "2026 v1.0", "SourceType": "1", "SourceID": "MA-500",
    "DisabilityType": "5", "DisabilityResponse": "1", "RecordType": "200", "TypeProvided": "200",
    "LivingSituation": "101", "CurrentLivingSituation": "101", "Destination": "410", "RaceNone": "",
    "RRHSubType": "", "ResidentialAffiliation": "", "Availability": "", "ESBedType": "",
}  # fmt: skip


def _value(column: Column) -> str:
    if column.name in _KEYS:
        return _KEYS[column.name]
    if column.name in _FITTING:
        return _FITTING[column.name]
    if not column.required:
        return ""
    if column.lists:
        return next(iter(LISTS[column.lists[0]].codes))
    return {"I": "0", "D": "2025-11-11", "T": "2025-11-11 11:11:11", "M": "0", "S": "text"}[column.type]


def row(file: str, key: str = "1", **values: str) -> dict[str, str]:
    """A row that breaks no rule, with `values` in place of its own."""
    found = {column.name: _value(column) for column in FILES[file].columns}
    name = FILES[file].key.name
    found[name] = key if key != "1" or name not in _KEYS else _KEYS[name]
    return found | values


# For rows as few as these: no code made and compiled for each query, no pieces, no second plan.
_SMALL = {
    "spark.master": "local[1]", "spark.sql.shuffle.partitions": "1", "spark.default.parallelism": "1",
    "spark.sql.codegen.wholeStage": "false", "spark.sql.adaptive.enabled": "false",
}  # fmt: skip


class Craft:
    """An archive in the making: rows by file, or the bytes of a file as they shall be."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._written = 0
        self.files: dict[str, list[dict[str, str]]] = {}
        self.bytes: dict[str, bytes] = {}
        for file in FILES:
            self.files[file] = []
        for file in ("Export", "Organization", "User", "Project", "ProjectCoC"):
            self.add(file)

    def add(self, file: str, key: str = "1", **values: str) -> dict[str, str]:
        """One more row."""
        self.files[file].append(row(file, key, **values))
        return self.files[file][-1]

    def stay(self, number: str = "1", client: str = "", **values: str) -> None:
        """A client c<number> (unless given) with a stay e<number>."""
        client = client or f"c{number}"
        if all(known["PersonalID"] != client for known in self.files["Client"]):
            self.add("Client", client)
        self.add("Enrollment", f"e{number}", PersonalID=client, HouseholdID=f"h{number}", **values)

    def text(self, file: str) -> bytes:
        """The CSV of one file."""
        if file in self.bytes:
            return self.bytes[file]
        out = io.StringIO()
        writer = csv.DictWriter(out, [column.name for column in FILES[file].columns], lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.files[file])
        return out.getvalue().encode()

    def contents(self) -> dict[str, bytes]:
        return {f"{file}.csv": self.text(file) for file in self.files}

    def folder(self) -> Path:
        """Written as a folder of its own."""
        self._written += 1
        folder = self._folder / f"archive-{self._written}"
        folder.mkdir()
        for name, content in self.contents().items():
            (folder / name).write_bytes(content)
        return folder

    def zip(self, **extra: bytes) -> Path:
        """Written as a zip; `extra` are further members."""
        self._written += 1
        path = self._folder / f"archive-{self._written}.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in (self.contents() | extra).items():
                archive.writestr(name, content)
        return path


@pytest.fixture
def craft(tmp_path: Path) -> Craft:
    """An archive of one organization, project and user, in the last months; nobody in it yet."""
    return Craft(tmp_path)


Load = Callable[..., Awaitable[Report]]


@pytest.fixture
def load(database: AsyncEngine) -> Load:
    """Import what was crafted, or a path, into the test's database."""

    async def run(archive: Craft | Path, source: str = "north", now: datetime = NOON, **more: Any) -> Report:
        path = await asyncio.to_thread(archive.folder) if isinstance(archive, Craft) else archive
        return await import_archive(database, path, source, now=now, **more)

    return run


Dump = Callable[[], Awaitable[dict[str, list[str]]]]


@pytest.fixture
def dump(database: AsyncEngine) -> Dump:
    """Every row of every table as text."""

    async def everything() -> dict[str, list[str]]:
        async with database.connect() as connection:
            tables = (
                await connection.scalars(
                    text("select tablename from pg_tables where schemaname = 'public' order by 1")
                )
            ).all()
            return {
                table: sorted((await connection.scalars(text(f'select t::text from "{table}" t'))).all())
                for table in tables
            }

    return everything


@pytest.fixture
def agree(database: AsyncEngine) -> Callable[..., Awaitable[None]]:
    """Some clients, by PersonalID, record a grant each."""

    async def grants(*personal_ids: str) -> None:
        async with database.begin() as connection:
            recorded = text("""
                with agency as (
                  insert into agency (name, kind, agreement_from, purposes)
                  values ('somewhere', 'CHO', '2020-01-01', '{CARE_COORDINATION}') returning id)
                insert into consent_grant (person_id, effect, categories, purposes, community_wide, start_on,
                                           method, recorded_by, recorded_at_agency)
                select l.person_id, 'DENY', 1, '{CARE_COORDINATION}', true, '2026-01-01', 'VERBAL', 'test',
                       agency.id
                from client_link l, agency where l.undone_at is null and l.personal_id = any(:keys)
            """)
            await connection.execute(recorded, {"keys": list(personal_ids)})

    return grants


@pytest.fixture
def fetch(database: AsyncEngine) -> Callable[..., Awaitable[list[Any]]]:
    """Rows of a query."""

    async def rows(query: str, **values: object) -> list[Any]:
        async with database.connect() as connection:
            return list((await connection.execute(text(query), values)).all())

    return rows


@pytest.fixture(scope="session")
def spark_here() -> Iterator[None]:
    """Spark can start, and starts small. A test that asks for it skips where there is no Java."""
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        if os.environ.get("CI") == "true":
            pytest.fail("CI runs with Java (.ci/run installs it), and it is not there")
        pytest.skip("there is no Java here, which Spark needs: apt-get install openjdk-17-jre-headless")
    said = " ".join(f"--conf {name}={value}" for name, value in _SMALL.items())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSPARK_SUBMIT_ARGS", f"{said} pyspark-shell")
        yield
