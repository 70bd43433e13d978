from pathlib import Path

from tests.hmis.measures.data_quality.reports import of_stays, row, stay

_WRITTEN = {
    "-1": "2023-01-09", "0": "2023-01-10 23:59:59", "1": "2023-01-11", "3": "2023-01-13", "4": "2023-01-14",
    "6": "2023-01-16", "7": "2023-01-17", "10": "2023-01-20", "11": "2023-01-21",
}  # fmt: skip
_SPANS = {
    "days_under_0": {"-1"},
    "days_0": {"0"},
    "days_1_3": {"1", "3"},
    "days_4_6": {"4", "6"},
    "days_7_10": {"7", "10"},
    "days_11_or_more": {"11"},
}


def test_starts_and_exits_are_counted_by_the_days_until_they_were_written_down(tmp_path: Path) -> None:
    found = of_stays(
        tmp_path,
        *(stay(key, EntryDate="2023-01-10", DateCreated=written) for key, written in _WRITTEN.items()),
        stay("before the period", EntryDate="2022-09-30", DateCreated="2022-09-30"),
        Exit=[
            *(
                {"EnrollmentID": key, "ExitDate": "2023-01-10", "DateCreated": written}
                for key, written in _WRITTEN.items()
            ),
            {"EnrollmentID": "before the period", "ExitDate": "2023-10-01", "DateCreated": "2023-10-01"},
        ],
    )
    assert row(found, "Q6/starts") == _SPANS
    assert row(found, "Q6/exits") == _SPANS


def test_every_stay_of_a_person_was_written_down_by_itself(tmp_path: Path) -> None:
    found = of_stays(
        tmp_path,
        stay("1", "a", EntryDate="2022-12-01", DateCreated="2022-12-01"),
        stay("2", "a", EntryDate="2023-02-01", DateCreated="2023-02-01"),
        Exit=[{"EnrollmentID": "1", "ExitDate": "2022-12-05"}],
    )
    assert found["Q6/starts/days_0"] == {"1", "2"}
