from pathlib import Path

from tests.hmis.measures.data_quality.reports import client, of_stays, row, stay

_LAST = "2023-07-02"
"""90 days before the end of the year that is reported."""
_BEFORE = "2023-07-01"


def test_outreach_is_inactive_after_ninety_days_without_contact(tmp_path: Path) -> None:
    def met(key: str, **more: object) -> dict[str, object]:
        return stay(key, ProjectID="so", **({"DateOfEngagement": "2022-12-01"} | more))

    found = of_stays(
        tmp_path,
        met("met"),
        met("not met"),
        met("never met"),
        met("engaged lately", DateOfEngagement="2023-08-01"),
        met("came on the day", EntryDate=_LAST),
        met("came later", EntryDate="2023-07-03"),
        met("not engaged", DateOfEngagement=None),
        met("left"),
        met("child", PersonalID="kid", HouseholdID="h-met", RelationshipToHoH=2),
        stay("path", ProjectID="path"),
        stay("services", ProjectID="services"),
        Project=[
            {"ProjectID": "so", "ProjectType": 4},
            {"ProjectID": "path", "ProjectType": 6},
            {"ProjectID": "services", "ProjectType": 6},
        ],
        Funder=[
            {"ProjectID": "path", "Funder": 21, "StartDate": "2020-01-01"},
            {"ProjectID": "services", "Funder": 21, "StartDate": "2020-01-01", "EndDate": "2022-09-30"},
        ],
        Client=[client("kid", DOB="2015-01-01")],
        Exit=[{"EnrollmentID": "left", "ExitDate": "2023-01-01"}],
        CurrentLivingSituation=[
            {"EnrollmentID": "met", "InformationDate": _LAST},
            {"EnrollmentID": "not met", "InformationDate": _BEFORE},
            {"EnrollmentID": "not met", "InformationDate": "2023-10-01"},
        ],
    )
    gone = {"not met", "never met", "path"}
    assert row(found, "Q7/contact") == {
        "records": {"met", "engaged lately", "came on the day"} | gone,
        "inactive": gone,
    }


def test_a_shelter_by_night_is_inactive_after_ninety_days_without_a_night(tmp_path: Path) -> None:
    found = of_stays(
        tmp_path,
        *(stay(key) for key in ("slept", "slept before", "never slept", "left later")),
        stay("child", "kid", HouseholdID="h-slept", RelationshipToHoH=2),
        Project=[{"ProjectID": "p1", "ProjectType": 1}],
        Client=[client("kid", DOB="2015-01-01")],
        Exit=[{"EnrollmentID": "left later", "ExitDate": "2023-10-01"}],
        Services=[
            {"EnrollmentID": "slept", "DateProvided": _LAST, "RecordType": 200},
            {"EnrollmentID": "slept before", "DateProvided": _BEFORE, "RecordType": 200},
            {"EnrollmentID": "never slept", "DateProvided": "2023-09-01", "RecordType": 141},
        ],
    )
    gone = {"slept before", "never slept", "left later", "child"}
    assert row(found, "Q7/bed_nights") == {"records": {"slept"} | gone, "inactive": gone}
