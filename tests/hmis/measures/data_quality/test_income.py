from pathlib import Path

from tests.hmis.measures.data_quality.reports import client, of_stays, row, stay


def _income(key: str, stage: int, on: str, answer: int | None, **more: object) -> dict[str, object]:
    return {
        "EnrollmentID": key,
        "DataCollectionStage": stage,
        "InformationDate": on,
        "IncomeFromAnySource": answer,
        **more,
    }


def test_a_destination_is_asked_of_leavers(tmp_path: Path) -> None:
    destinations = {"good": 410, "refused": 8, "interview": 30, "not collected": 99, "none": None}
    found = of_stays(
        tmp_path,
        stay("there"),
        stay("leaves later"),
        *(stay(key) for key in destinations),
        Exit=[
            *(
                {"EnrollmentID": key, "ExitDate": "2023-01-01", "Destination": code}
                for key, code in destinations.items()
            ),
            {"EnrollmentID": "leaves later", "ExitDate": "2023-10-01", "Destination": 99},
        ],
    )
    missing = {"interview", "not collected", "none"}
    assert row(found, "Q4/destination") == {
        "refused": {"refused"},
        "missing": missing,
        "missing_or_refused": {"refused"} | missing,
        "total": {"refused"} | missing,
    }
    assert found["Q1/leavers/for_dq"] == set(destinations)


def test_income_at_start_is_said_on_the_day_of_entry(tmp_path: Path) -> None:
    keys = ("good", "none", "refused", "late", "no record", "unexplained", "contradicted", "not collected")
    found = of_stays(
        tmp_path,
        *(stay(key) for key in keys),
        stay("child", "kid", HouseholdID="h-good", RelationshipToHoH=2),
        Client=[client("kid", DOB="2015-01-01")],
        IncomeBenefits=[
            _income("good", 1, "2022-11-01", 1, Earned=1),
            _income("none", 1, "2022-11-01", 0, Earned=0),
            _income("refused", 1, "2022-11-01", 9),
            _income("late", 1, "2022-11-02", 1, Earned=1),
            _income("no record", 3, "2022-11-01", 1, Earned=1),
            _income("unexplained", 1, "2022-11-01", 1, Earned=99),
            _income("contradicted", 1, "2022-11-01", 0, Pension=1),
            _income("not collected", 1, "2022-11-01", 99),
        ],
    )
    missing = {"late", "no record", "not collected"}
    assert row(found, "Q4/income_at_start") == {
        "refused": {"refused"},
        "missing": missing,
        "missing_or_refused": {"refused"} | missing,
        "issues": {"unexplained", "contradicted"},
        "total": {"refused", "unexplained", "contradicted"} | missing,
        "of": set(keys),
    }


def test_income_at_exit_is_said_on_the_day_of_exit(tmp_path: Path) -> None:
    found = of_stays(
        tmp_path,
        *(stay(key) for key in ("good", "early", "refused", "there")),
        Exit=[{"EnrollmentID": key, "ExitDate": "2023-01-01"} for key in ("good", "early", "refused")],
        IncomeBenefits=[
            _income("good", 3, "2023-01-01", 0),
            _income("early", 3, "2022-12-31", 0),
            _income("refused", 3, "2023-01-01", 8),
        ],
    )
    assert row(found, "Q4/income_at_exit") == {
        "refused": {"refused"},
        "missing": {"early"},
        "missing_or_refused": {"refused", "early"},
        "total": {"refused", "early"},
    }


def test_an_annual_assessment_is_within_thirty_days_of_the_anniversary(tmp_path: Path) -> None:
    heads = ("first day", "too early", "last day", "too late", "none", "told twice")
    found = of_stays(
        tmp_path,
        *(stay(key, EntryDate="2020-03-01") for key in heads),
        stay("partner", HouseholdID="h-none", RelationshipToHoH=3, EntryDate="2023-02-28"),
        stay("newcomer", HouseholdID="h-none", RelationshipToHoH=3, EntryDate="2023-03-01"),
        stay("just a year", EntryDate="2022-10-01"),
        stay("not a year", EntryDate="2022-10-02"),
        IncomeBenefits=[
            _income("first day", 5, "2023-01-30", 0),
            _income("too early", 5, "2023-01-29", 0),
            _income("last day", 5, "2023-03-31", 9),
            _income("too late", 5, "2023-04-01", 0),
            _income("told twice", 5, "2023-02-10", 99),
            _income("told twice", 5, "2023-03-10", 1),
        ],
    )
    missing = {"too early", "too late", "none", "partner"}
    assert row(found, "Q4/income_at_annual_assessment") == {
        "refused": {"last day"},
        "missing": missing,
        "missing_or_refused": {"last day"} | missing,
        "issues": {"told twice"},
        "total": {"last day", "told twice"} | missing,
    }
    # HUD divides by all who are there for 365 days, also when no anniversary has come.
    assert found["Q1/heads_and_adult_stayers_365_days/for_dq"] == {
        *heads, "partner", "newcomer", "just a year"
    }  # fmt: skip
