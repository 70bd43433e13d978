from pathlib import Path
from typing import Any

import pytest

from hmis.measures.answering import answer
from hmis.measures.asked import Asked
from hmis.measures.catalog import named
from tests.hmis.measures import tables
from tests.hmis.measures.performance.test_oracle import END, START

YEAR = Asked(START, END)
_PROJECTS = [{"ProjectID": f"p{kind}", "ProjectType": kind} for kind in (0, 1, 2, 3, 4, 8, 9, 10, 13)]


def _stay(
    key: str,
    who: str,
    kind: int,
    entry: str,
    left: str | None = None,
    to: int | None = None,
    moved: str | None = None,
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    stay = {
        "EnrollmentID": key,
        "PersonalID": who,
        "ProjectID": f"p{kind}",
        "EntryDate": entry,
        "MoveInDate": moved,
    }
    return stay, {"EnrollmentID": key, "ExitDate": left, "Destination": to} if left else None


def _said(folder: Path, *stays: tuple[dict[str, Any], dict[str, Any] | None]) -> dict[str, Any]:
    exits = [left for _, left in stays if left]
    with tables.opened(folder, Project=_PROJECTS, Enrollment=[stay for stay, _ in stays], Exit=exits) as core:
        said: dict[str, Any] = answer(named("spm-7"), core, YEAR)["7"]
    return said


@pytest.mark.parametrize(
    ("destination", "universe", "temporary", "permanent"),
    [
        (101, 1, 1, 0),
        (410, 1, 0, 1),
        (116, 1, 0, 0),
        (None, 1, 0, 0),
        (24, 0, 0, 0),
        (329, 0, 0, 0),
        (215, 1, 1, 0),
    ],
)
def test_where_somebody_went_from_the_street_decides(
    destination: int | None, universe: int, temporary: int, permanent: int, tmp_path: Path
) -> None:
    said = _said(tmp_path, _stay("1", "A", 4, "2022-01-01", "2022-10-01", destination))["7a.1"]
    assert said == {
        "universe": universe,
        "temporary": temporary,
        "permanent": permanent,
        "successful": temporary + permanent,
        "percent": 100.0 * (temporary + permanent),
    }


def test_the_last_exit_decides_and_whoever_is_there_has_not_left(tmp_path: Path) -> None:
    said = _said(
        tmp_path,
        _stay("1", "A", 0, "2022-01-01", "2022-11-01", 410),
        _stay("2", "A", 2, "2022-01-01", "2022-12-01", 116),
        _stay("3", "B", 0, "2022-01-01", "2022-11-01", 410),
        _stay("4", "B", 8, "2022-01-01", "2023-10-01", 410),
        _stay("5", "C", 1, "2022-01-01", "2022-11-01", 410),
        _stay("6", "C", 4, "2022-01-01"),  # the street is not among the projects of 7b
    )
    assert said["7b.1"] == {"universe": 2, "permanent": 1, "successful": 1, "percent": 50.0}


def test_housing_left_before_moving_in_is_shelter_left_and_after_it_housing_left(tmp_path: Path) -> None:
    said = _said(
        tmp_path,
        _stay("1", "A", 3, "2022-01-01", "2022-11-01", 410),
        _stay("2", "B", 3, "2022-01-01", "2022-11-01", 410, "2022-02-01"),
        _stay("3", "C", 13, "2022-01-01", "2022-11-01", 116, "2022-02-01"),
        _stay("4", "D", 9, "2022-01-01", "2022-11-01", 225, "2022-02-01"),
        _stay("5", "E", 10, "2022-01-01", None, None, "2022-02-01"),
        _stay("6", "F", 3, "2022-01-01", None, None, "2023-10-01"),
        _stay("7", "G", 3, "2022-01-01", "2023-11-01", 24, "2022-02-01"),
        _stay("8", "H", 3, "2022-01-01", "2022-11-01", 116, "2022-02-01"),
    )
    assert said["7b.1"] == {"universe": 2, "permanent": 1, "successful": 1, "percent": 50.0}
    assert said["7b.2"] == {"universe": 4, "stayed": 2, "permanent": 1, "successful": 3, "percent": 75.0}


def test_of_two_open_stays_in_housing_the_one_entered_last_decides(tmp_path: Path) -> None:
    said = _said(
        tmp_path,
        _stay("1", "A", 3, "2022-01-01", None, None, "2022-02-01"),
        _stay("2", "A", 9, "2022-03-01"),
    )
    assert said["7b.2"]["universe"] == 0
