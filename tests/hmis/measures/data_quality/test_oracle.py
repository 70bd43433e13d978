"""Systems made at random, counted by the expressions and by plain Python."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.hmis.measures import tables
from tests.hmis.measures.data_quality import oracle
from tests.hmis.measures.data_quality.reports import YEAR, counted

_FIRST = date(2020, 6, 1)
_KINDS = (0, 1, 2, 3, 4, 11, 13, 7)
_ANSWERS = (0, 1, 8, 9, 99, None)
_SITUATIONS = (101, 116, 206, 225, 302, 410, 8, 99, None)
_LENGTHS = (10, 11, 2, 3, 4, 5, 8, 99, None)
_CHRONIC = ("Q1/chronically_homeless/all", "Q1/chronically_homeless/for_dq")
"""Not in the oracle: its cases are in test_validations."""


def _days(chance: random.Random, first: date, most: int) -> date:
    return first + timedelta(days=chance.randint(0, most))


def _client(chance: random.Random, key: str) -> dict[str, Any]:
    return {
        "PersonalID": key,
        "NameDataQuality": chance.choice((1, 1, 2, 8, 9, 99, None)),
        "first_name_given": chance.random() < 0.9,
        "last_name_given": chance.random() < 0.9,
        "SSNDataQuality": chance.choice((1, 1, 2, 8, 9, 99, None)),
        "ssn_given": chance.random() < 0.8,
        "ssn_usable": chance.random() < 0.8,
        "DOB": chance.choice((None, _days(chance, date(1912, 1, 1), 2000), date(2022, 12, 1),
                              *(_days(chance, date(1960, 1, 1), 22_500) for _ in range(9)))),
        "DOBDataQuality": chance.choice((1, 1, 1, 1, 1, 2, 8, 9, 99, None)),
        "White": chance.choice((0, 1, 1)),
        "Asian": chance.choice((0, 0, None, 1)),
        "RaceNone": chance.choice((None, None, None, 8, 9, 99)),
        "VeteranStatus": chance.choice(_ANSWERS),
        "DateCreated": _days(chance, _FIRST, 1000),
    }  # fmt: skip


def _stay(chance: random.Random, key: str, who: str, came: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "EnrollmentID": key,
        "PersonalID": who,
        **came,
        "RelationshipToHoH": chance.choice((1, 1, 2, 2, 3, 5, 99, None)),
        "EnrollmentCoC": chance.choice(("MA-500", "MA-500", "ZZ-999", None)),
        "LivingSituation": chance.choice(_SITUATIONS),
        "LengthOfStay": chance.choice(_LENGTHS),
        "LOSUnderThreshold": chance.choice((0, 1, None)),
        "PreviousStreetESSH": chance.choice((0, 1, None)),
        "DateToStreetESSH": chance.choice((None, _FIRST)),
        "TimesHomelessPastThreeYears": chance.choice((1, 4, 8, 99, None)),
        "MonthsHomelessPastThreeYears": chance.choice((101, 112, 9, 99, None)),
        "DisablingCondition": chance.choice(_ANSWERS),
        "DateOfEngagement": chance.choice((None, _days(chance, came["EntryDate"], 500))),
        "DateCreated": came["EntryDate"] + timedelta(days=chance.randint(-2, 14)),
    }


def _exit(chance: random.Random, key: str, left: date) -> dict[str, Any]:
    return {
        "EnrollmentID": key,
        "ExitDate": left,
        "Destination": chance.choice((410, 8, 30, 99, None)),
        "DateCreated": left + timedelta(days=chance.randint(-2, 14)),
    }


def _system(seed: int) -> dict[str, list[dict[str, Any]]]:
    chance = random.Random(seed)
    files: dict[str, list[dict[str, Any]]] = {
        "Project": [{"ProjectID": f"p{kind}", "ProjectType": kind} for kind in _KINDS],
        "Client": [_client(chance, f"c{number}") for number in range(60)],
        **{file: [] for file in ("Enrollment", "Exit", "IncomeBenefits", "Disabilities")},
        **{file: [] for file in ("CurrentLivingSituation", "Services")},
    }
    for number in range(90):
        entry = _days(chance, _FIRST, 1300)
        came = {"ProjectID": f"p{chance.choice(_KINDS)}", "EntryDate": entry, "HouseholdID": f"h{number}"}
        left = chance.choice((None, entry + timedelta(days=chance.randint(0, 900))))
        for member in chance.sample(range(60), chance.choice((1, 1, 2, 3))):
            key = f"e{number:03}-{member}"
            stay = _stay(chance, key, f"c{member}", came)
            files["Enrollment"].append(stay)
            if left:
                files["Exit"].append(_exit(chance, key, left))
            _add_rows(chance, files, key, entry, left)
    return files


def _add_rows(
    chance: random.Random, files: dict[str, list[dict[str, Any]]], key: str, entry: date, left: date | None
) -> None:
    until = left or date(2024, 3, 1)
    moments = [(1, entry), (1, entry + timedelta(days=1)), (3, until)]
    moments += [(5, entry + timedelta(days=365 * year + chance.randint(-35, 35))) for year in (1, 2)]
    for stage, on in moments:
        if chance.random() < 0.7:
            files["IncomeBenefits"].append({
                "EnrollmentID": key, "InformationDate": on, "DataCollectionStage": stage,
                "IncomeFromAnySource": chance.choice((*_ANSWERS, 0, 1)), "Earned": chance.choice((0, 1, 99)),
                "Pension": chance.choice((0, 0, 1, None)),
            })  # fmt: skip
    for _ in range(3):
        files["Disabilities"].append({
            "EnrollmentID": key, "InformationDate": entry + timedelta(days=chance.choice((0, 0, 100, 900))),
            "DisabilityType": chance.randint(5, 10), "DisabilityResponse": chance.choice((0, 1, 2, 3, 99)),
            "IndefiniteAndImpairs": chance.choice((0, 1, None)),
        })  # fmt: skip
        if chance.random() < 0.5:
            day = entry + timedelta(days=chance.randint(-5, 700))
            files["CurrentLivingSituation"].append({"EnrollmentID": key, "InformationDate": day})
        day = entry + timedelta(days=chance.randint(-5, 700))
        if chance.random() < 0.5 and day < until:
            files["Services"].append({"EnrollmentID": key, "DateProvided": day, "RecordType": 200})


def _written(files: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    return {
        name: [
            {key: str(value) if isinstance(value, date) else value for key, value in row.items()}
            for row in rows
        ]
        for name, rows in files.items()
    }


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_random_system_is_counted_as_plain_python_counts_it(tmp_path: Path, seed: int) -> None:
    files = _system(seed)
    expected = oracle.found(oracle.Report(files, YEAR.start, YEAR.end))
    with tables.opened(tmp_path, **_written(files)) as core:
        found = counted(core, by="enrollment_id")
    told_otherwise = ("/of", *_CHRONIC)
    found = {
        figure: who
        for figure, who in found.items()
        if not figure.endswith(told_otherwise)
        and not figure.startswith(("Q1/records", "Q1/people", "Q1/households"))
    }
    assert found == dict(expected)
    assert len(expected) > 90
