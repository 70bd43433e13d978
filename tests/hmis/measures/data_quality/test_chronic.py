from pathlib import Path

from tests.hmis.measures.data_quality.reports import client, of_stays, row, stay

_PROJECTS = [
    {"ProjectID": "p1", "ProjectType": 0},
    {"ProjectID": "th", "ProjectType": 2},
    {"ProjectID": "day shelter", "ProjectType": 11},
    {"ProjectID": "other", "ProjectType": 7},
]
_UNSAID = {
    "DateToStreetESSH": None,
    "TimesHomelessPastThreeYears": None,
    "MonthsHomelessPastThreeYears": None,
}


def test_in_shelter_everybody_is_asked_how_long(tmp_path: Path) -> None:
    found = of_stays(
        tmp_path,
        stay("good", LivingSituation=410, LengthOfStay=99),
        stay("no date", DateToStreetESSH=None),
        stay("no times", TimesHomelessPastThreeYears=8),
        stay("no months", MonthsHomelessPastThreeYears=99),
        stay("child", "kid", HouseholdID="h-good", RelationshipToHoH=2, **_UNSAID),
        stay("long ago", EntryDate="2016-10-01", **_UNSAID),
        Project=_PROJECTS,
        Client=[client("kid", DOB="2015-01-01")],
    )
    wrong = {"no date", "no times", "no months"}
    assert row(found, "Q5/es_sh_so") == {
        "records": {"good"} | wrong,
        "missing_date": {"no date"},
        "missing_times": {"no times"},
        "missing_months": {"no months"},
        "unable_to_calculate": wrong,
    }


def test_elsewhere_only_who_came_from_the_street_or_shelter_is_asked(tmp_path: Path) -> None:
    def came(key: str, **more: object) -> dict[str, object]:
        return stay(key, ProjectID="th", **(_UNSAID | more))

    found = of_stays(
        tmp_path,
        came("street", LivingSituation=101),
        came("clinic, briefly", LivingSituation=206, LengthOfStay=3, PreviousStreetESSH=1),
        came("clinic, long", LivingSituation=206, LengthOfStay=4, PreviousStreetESSH=1),
        came("clinic, no street", LivingSituation=206, LengthOfStay=3, PreviousStreetESSH=0),
        came("clinic, nobody knows", LivingSituation=206, LengthOfStay=99),
        came("flat, briefly", LivingSituation=410, LengthOfStay=11, PreviousStreetESSH=1),
        came("flat, weeks", LivingSituation=410, LengthOfStay=2, PreviousStreetESSH=1),
        came("flat, below the threshold", LivingSituation=410, LengthOfStay=8, LOSUnderThreshold=1,
             PreviousStreetESSH=1),
        came("nothing said", LivingSituation=None, LengthOfStay=None),
        Project=_PROJECTS,
    )  # fmt: skip
    asked = {"street", "clinic, briefly", "flat, briefly", "flat, below the threshold"}
    assert row(found, "Q5/th") == {
        "records": set(found["Q5/th/records"]),
        "missing_time_in_institution": {"clinic, nobody knows"},
        "missing_time_in_housing": {"flat, below the threshold", "nothing said"},
        "missing_date": asked,
        "missing_times": asked,
        "missing_months": asked,
        "unable_to_calculate": asked | {"clinic, nobody knows", "nothing said"},
    }
    assert len(found["Q5/th/records"]) == 9


def test_the_rows_are_kinds_of_projects_and_the_total_is_of_them(tmp_path: Path) -> None:
    found = of_stays(
        tmp_path,
        stay("a", **_UNSAID),
        stay("b", ProjectID="day shelter"),
        stay("c", ProjectID="other", **_UNSAID),
        Project=_PROJECTS,
    )
    assert found["Q5/sso_day_shelter_hp/records"] == {"b"}
    assert row(found, "Q5/total") == {"records": {"a", "b"}, "unable_to_calculate": {"a"}}
