"""What a test of the system counts is made of: stays and their exits, and the counts of a year over them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from hmis.measures.answering import answer
from hmis.measures.asked import Asked
from hmis.measures.system_counts.counts import SYSTEM_COUNTS
from hmis.measures.system_counts.detail import SYSTEM_COUNTS_DETAIL
from tests.hmis.measures import tables

YEAR = Asked(date(2022, 10, 1), date(2023, 9, 30))
ADULT, CHILD = "1990-05-05", "2015-05-05"
Row = dict[str, Any]


def stay(key: str, who: str, entry: str, **more: Any) -> Row:
    return {"EnrollmentID": key, "PersonalID": who, "EntryDate": entry, **more}


def left(**days: str) -> list[Row]:
    """left(e1="2022-11-01") -> rows of Exit."""
    return [{"EnrollmentID": key, "ExitDate": day} for key, day in days.items()]


def nights(key: str, *days: str) -> list[Row]:
    """Bed nights of an enrollment."""
    return [{"EnrollmentID": key, "DateProvided": day, "RecordType": 200} for day in days]


def project(kind: int, **more: Any) -> list[Row]:
    return [{"ProjectID": "p1", "ProjectType": kind, **more}]


def people(**born: str | None) -> list[Row]:
    """people(A="1990-05-05") -> rows of Client with a full date of birth."""
    return [{"PersonalID": name, "DOB": day, "DOBDataQuality": 1} for name, day in born.items()]


def counts(folder: Path, asked: Asked = YEAR, **files: Any) -> dict[str, Any]:
    with tables.opened(folder, **files) as core:
        return answer(SYSTEM_COUNTS, core, asked)


def rows(folder: Path, asked: Asked = YEAR, **files: Any) -> dict[tuple[int, int, int, int, str | None], int]:
    """(report row, cohort, universe, household type, ProjectID) -> value."""
    with tables.opened(folder, **files) as core:
        found = answer(SYSTEM_COUNTS_DETAIL, core, asked)
    key = ("report_row", "cohort", "universe", "household_type", "project_id")
    return {tuple(row[part] for part in key): row["value"] for row in found["rows"]}
