from pathlib import Path
from typing import Any

import pytest

from hmis.measures.answering import answer, records
from hmis.measures.asked import Asked
from hmis.measures.catalog import named
from tests.hmis.measures import tables
from tests.hmis.measures.performance.test_oracle import END, START

YEAR = Asked(START, END)


def _stay(key: str, who: str, entry: str, **more: object) -> dict[str, object]:
    return {"EnrollmentID": key, "PersonalID": who, "EntryDate": entry, **more}


def _income(key: str, on: str, stage: int, **amounts: object) -> dict[str, object]:
    return {"EnrollmentID": key, "InformationDate": on, "DataCollectionStage": stage, **amounts}


def _said(folder: Path, **files: Any) -> dict[str, Any]:
    rows: dict[str, Any] = {
        "Client": [{"PersonalID": "A", "DOB": "1980-01-01"}, {"PersonalID": "B", "DOB": "1990-01-01"}],
        "Project": [{"ProjectID": "p1", "ProjectType": 3}],
        "Funder": [{"ProjectID": "p1", "Funder": 2, "StartDate": "2020-01-01"}],
    }
    with tables.opened(folder, **{**rows, **files}) as core:
        said: dict[str, Any] = answer(named("spm-4"), core, YEAR)["4"]
    return {table: (row["universe"], row["increased"]) for table, row in said.items()}


def test_a_stayer_is_compared_with_the_year_before_and_else_with_entry(tmp_path: Path) -> None:
    stays = [_stay("1", "A", "2020-12-20"), _stay("2", "B", "2021-11-01")]
    incomes = [
        # 10 January is within 30 days of 20 December.
        _income("1", "2023-01-10", 5, EarnedAmount=500, TotalMonthlyIncome=500),
        _income("1", "2021-12-25", 5, EarnedAmount=100, TotalMonthlyIncome=600),
        _income("1", "2020-12-20", 1, EarnedAmount=900, TotalMonthlyIncome=900),
        _income("2", "2022-10-30", 5, SSIAmount=300),
        _income("2", "2021-11-01", 1, SSIAmount=250),
    ]
    assert _said(tmp_path, Enrollment=stays, IncomeBenefits=incomes) == {
        "4.1": (2, 1), "4.2": (2, 1), "4.3": (2, 1), "4.4": (0, 0), "4.5": (0, 0), "4.6": (0, 0),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("incomes", "grew"),
    [
        ([_income("1", "2023-03-01", 5, EarnedAmount=9), _income("1", "2020-12-20", 1)], 0),  # too far away
        ([_income("1", "2022-12-21", 5, EarnedAmount=9)], 0),  # nothing to compare with
        ([_income("1", "2022-12-21", 5, EarnedAmount=9), _income("1", "2020-12-20", 1)], 1),
        ([_income("1", "2020-12-20", 1, EarnedAmount=-5)], 0),  # no later record, and nobody earns below 0
    ],
)
def test_growth_needs_both_records_and_the_later_in_time(
    incomes: list[dict[str, object]], grew: int, tmp_path: Path
) -> None:
    said = _said(tmp_path, Enrollment=[_stay("1", "A", "2020-12-20")], IncomeBenefits=incomes)
    assert said["4.1"] == said["4.3"] == (1, grew)


def test_a_stayer_of_364_days_is_not_looked_at_and_still_is_no_leaver(tmp_path: Path) -> None:
    stays = [_stay("1", "A", "2022-10-02"), _stay("2", "A", "2021-01-01"), _stay("3", "B", "2022-10-01")]
    exits = [{"EnrollmentID": "2", "ExitDate": "2023-01-01"}]
    said = _said(tmp_path, Enrollment=stays, Exit=exits)
    assert said["4.1"] == (1, 0)
    assert said["4.4"] == (0, 0)


def test_a_leaver_is_compared_from_entry_to_exit(tmp_path: Path) -> None:
    stays = [_stay("1", "A", "2022-12-01"), _stay("2", "B", "2022-12-01")]
    incomes = [
        _income("1", "2022-12-01", 1, TotalMonthlyIncome=0.0, SSIAmount=10.5),
        _income("1", "2023-02-01", 3, TotalMonthlyIncome=10.51),
        _income("2", "2022-12-01", 1, EarnedAmount=10),
    ]
    exits = [
        {"EnrollmentID": key, "ExitDate": day} for key, day in (("1", "2022-10-01"), ("2", "2023-09-30"))
    ]
    exits[0]["ExitDate"] = "2023-02-01"
    said = _said(tmp_path, Enrollment=stays, Exit=exits, IncomeBenefits=incomes)
    assert (said["4.4"], said["4.5"], said["4.6"]) == ((2, 0), (2, 1), (2, 1))


def test_children_and_projects_without_a_grant_of_the_period_are_left_out(tmp_path: Path) -> None:
    clients = [
        {"PersonalID": "A", "DOB": "2004-10-01"},  # 18 on the first day of the period
        {"PersonalID": "B", "DOB": "2004-10-02"},
        {"PersonalID": "C"},
        {"PersonalID": "D", "DOB": "1980-01-01", "DOBDataQuality": 9},
    ]
    stays = [_stay(who, who, "2021-01-01") for who in "ABCD"]
    assert _said(tmp_path / "1", Client=clients, Enrollment=stays)["4.1"] == (1, 0)
    ended = [{"ProjectID": "p1", "Funder": 2, "StartDate": "2020-01-01", "EndDate": "2022-09-30"}]
    assert _said(tmp_path / "2", Client=clients, Enrollment=stays, Funder=ended)["4.1"] == (0, 0)
    other = [{"ProjectID": "p1", "Funder": 20, "StartDate": "2020-01-01"}]
    assert _said(tmp_path / "3", Client=clients, Enrollment=stays, Funder=other)["4.1"] == (0, 0)


def test_a_figure_lists_the_stay_that_was_compared(tmp_path: Path) -> None:
    rows: dict[str, Any] = {
        "Client": [{"PersonalID": "A", "DOB": "1980-01-01"}],
        "Funder": [{"ProjectID": "p1", "Funder": 2, "StartDate": "2020-01-01"}],
        "Enrollment": [_stay("1", "A", "2020-01-01"), _stay("2", "A", "2021-01-01")],
    }
    with tables.opened(tmp_path, **rows) as core:
        listed = records(named("spm-4"), core, YEAR, "4.1/universe")
    assert [one.enrollment_id for one in listed] == ["2"]
