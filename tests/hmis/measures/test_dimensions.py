"""What figures are counted by: one value each, said once of a person and of a household."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from hmis.errors import InputRefused
from hmis.measures.answering import figures_by
from hmis.measures.asked import Asked
from hmis.measures.core import Backend
from hmis.measures.people import UNDUPLICATED_PEOPLE
from tests.hmis.measures import tables

YEAR = Asked(date(2022, 10, 1), date(2023, 9, 30))


def _stay(key: str, who: str, entry: str = "2022-11-01", **more: object) -> dict[str, object]:
    return {"EnrollmentID": key, "PersonalID": who, "EntryDate": entry, **more}


def counted(folder: Path, by: str, backend: Backend = "duckdb", **files: Any) -> dict[str, int]:
    with tables.opened(folder, backend, **files) as core:
        found = figures_by(UNDUPLICATED_PEOPLE, core, YEAR, (by,))
    return {value: numbers.units for (_, value), numbers in found.items()}


def test_a_person_with_two_records_has_one_sex_and_the_record_made_last_says_it(tmp_path: Path) -> None:
    clients = [
        {"PersonalID": "A", "person": "same", "Sex": 0, "DateCreated": "2020-01-01"},
        {"PersonalID": "A2", "person": "same", "source": 2, "Sex": 1, "DateCreated": "2021-01-01"},
        {"PersonalID": "A3", "person": "same", "source": 3, "Sex": 99, "DateCreated": "2022-01-01"},
        {"PersonalID": "B", "Sex": 8},
    ]
    stays = [_stay("1", "A"), _stay("2", "A2", source=2), _stay("3", "A3", source=3), _stay("4", "B")]
    assert counted(tmp_path, "sex", Client=clients, Enrollment=stays) == {"male": 1, "unknown": 1}


def each(folder: Path, by: str, clients: dict[str, dict[str, Any]], **files: Any) -> dict[str, str]:
    """What each of these people, at a project of their own, is counted as."""
    rows = [{"PersonalID": name, **said} for name, said in clients.items()]
    stays = [_stay(f"{name}-{entry}", name, entry, ProjectID=name) for name in clients for entry in ENTRIES]
    with tables.opened(folder, Client=rows, Enrollment=stays, **files) as core:
        found = figures_by(UNDUPLICATED_PEOPLE, core, YEAR, ("project", by))
    return {name: value for _, name, value in found}


ENTRIES = ("2022-11-01", "2023-08-01")


def test_race_and_ethnicity_are_one_row(tmp_path: Path) -> None:
    told = {
        "white": {"White": 1},
        "hispanic": {"HispanicLatinao": 1},
        "white+hispanic": {"White": 1, "HispanicLatinao": 1},
        "multiple": {"White": 1, "Asian": 1},
        "multiple+hispanic": {"White": 1, "Asian": 1, "HispanicLatinao": 1},
        "unknown": {"RaceNone": 9},
    }
    assert each(tmp_path, "race_ethnicity", told) == {name: name for name in told}


def test_age_is_at_the_later_of_report_start_and_first_entry(tmp_path: Path) -> None:
    cases = (
        ("2022-10-01", 1, "0"),
        ("2021-10-31", 1, "1-2"),
        ("2004-11-01", 1, "18-21"),
        ("2004-11-02", 1, "6-17"),
        ("1950-01-01", 2, "65+"),
        ("1950-01-01", 8, "unknown"),
        ("1917-11-01", 1, "unknown"),
        ("2023-01-01", 1, "unknown"),
        (None, 1, "unknown"),
    )
    told = {f"{born}, {quality}": {"DOB": born, "DOBDataQuality": quality} for born, quality, _ in cases}
    expected = {f"{born}, {quality}": group for born, quality, group in cases}
    assert each(tmp_path, "age_group", told) == expected


@pytest.mark.parametrize(
    ("births", "expected"),
    [
        (("1980-01-01", "1985-01-01"), {"adults": 2}),
        (("1980-01-01", "2015-01-01"), {"adults_and_children": 2}),
        (("2010-01-01", "2015-01-01"), {"children": 2}),
        (("1980-01-01", None), {"unknown": 2}),
        (("1980-01-01", "2015-01-01", None), {"adults_and_children": 3}),
    ],
)
def test_a_household_is_of_one_type_for_all_its_members(
    tmp_path: Path, births: tuple[str | None, ...], expected: dict[str, int]
) -> None:
    clients = [{"PersonalID": f"P{place}", "DOB": born} for place, born in enumerate(births)]
    stays = [_stay(str(place), f"P{place}", HouseholdID="h") for place in range(len(births))]
    assert counted(tmp_path, "household_type", Client=clients, Enrollment=stays) == expected


def test_who_left_before_the_period_does_not_make_the_household_of_the_period(tmp_path: Path) -> None:
    clients = [{"PersonalID": "A", "DOB": "1980-01-01"}, {"PersonalID": "B", "DOB": "2015-01-01"}]
    stays = [_stay("1", "A", HouseholdID="h"), _stay("2", "B", "2022-01-01", HouseholdID="h")]
    left = [{"EnrollmentID": "2", "ExitDate": "2022-02-01"}]
    found = counted(tmp_path, "household_type", Client=clients, Enrollment=stays, Exit=left)
    assert found == {"adults": 1}


def test_equal_project_ids_of_two_sources_are_two_projects(tmp_path: Path) -> None:
    stays = [
        _stay("1", "A", ProjectID="p1"),
        _stay("2", "B", ProjectID="p1", source=2),
        _stay("3", "C", ProjectID="p2"),
    ]
    assert counted(tmp_path, "project", Enrollment=stays) == {"1:p1": 1, "2:p1": 1, "p2": 1}


def test_somebody_in_two_project_types_counts_in_both(tmp_path: Path) -> None:
    projects = [{"ProjectID": "p1", "ProjectType": 0}, {"ProjectID": "p2", "ProjectType": 13}]
    stays = [_stay("1", "A", ProjectID="p1"), _stay("2", "A", ProjectID="p2")]
    assert counted(tmp_path, "project_type", Project=projects, Enrollment=stays) == {"0": 1, "13": 1}


def test_what_is_no_dimension_is_refused_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match=r"by 'shoe_size'.*veteran_status, month"):
        counted(tmp_path, "shoe_size", Enrollment=[_stay("1", "A")])
    with pytest.raises(InputRefused, match="does not say in which month"):
        counted(tmp_path, "month", Enrollment=[_stay("1", "A")])
