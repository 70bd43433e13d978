from datetime import date
from pathlib import Path

from hmis.measures.answering import answer, figures_by
from hmis.measures.asked import Asked
from hmis.measures.data_quality.report import DATA_QUALITY
from tests.hmis.measures import tables
from tests.hmis.measures.data_quality.reports import YEAR, client, counted, of_stays, row, stay


def test_outreach_is_asked_about_once_somebody_is_engaged(tmp_path: Path) -> None:
    met = [
        {"EnrollmentID": key, "InformationDate": "2023-01-01"} for key in ("engaged", "not yet", "too late")
    ]
    found = of_stays(
        tmp_path,
        stay("engaged", ProjectID="so", DateOfEngagement="2023-09-30"),
        stay("not yet", ProjectID="so"),
        stay("too late", ProjectID="so", DateOfEngagement="2023-10-01"),
        stay("never met", ProjectID="so", DateOfEngagement="2023-01-01"),
        Project=[{"ProjectID": "so", "ProjectType": 4}],
        CurrentLivingSituation=met,
    )
    assert row(found, "Q1/persons") == {"for_dq": {"engaged"}, "all": {"engaged", "not yet", "too late"}}


def test_people_are_told_apart_by_age_household_and_whether_they_left(tmp_path: Path) -> None:
    found = of_stays(
        tmp_path,
        stay("mother", HouseholdID="young"),
        stay("baby", HouseholdID="young", RelationshipToHoH=2),
        stay("teenager"),
        stay("veteran", HouseholdID="old"),
        stay("nephew", HouseholdID="old", RelationshipToHoH=4),
        stay("too old"),
        stay("left"),
        Client=[
            client("mother", DOB="2000-01-01"),
            client("baby", DOB="2022-01-01"),
            client("teenager", DOB="2006-01-01"),
            client("veteran", VeteranStatus=1),
            client("nephew", DOB="2004-01-01"),
            client("too old", DOB="1917-11-01"),
        ],
        Exit=[{"EnrollmentID": "left", "ExitDate": "2023-09-30"}],
    )
    cells = {name.split("/")[1]: who for name, who in found.items() if name.endswith("/for_dq")}
    everybody = {"mother", "baby", "teenager", "veteran", "nephew", "too old", "left"}
    assert cells == {
        "persons": everybody,
        "adults": {"mother", "veteran", "nephew", "left"},
        "children": {"baby", "teenager"},
        "unknown_age": {"too old"},
        "leavers": {"left"},
        "adult_leavers": {"left"},
        "adult_and_head_leavers": {"left"},
        "stayers": everybody - {"left"},
        "adult_stayers": {"mother", "veteran", "nephew"},
        "veterans": {"veteran"},
        "youth_under_25": {"mother", "teenager"},
        "parenting_youth_under_25": {"mother"},
        "adult_heads": {"mother", "veteran", "left"},
        "child_and_unknown_age_heads": {"teenager", "too old"},
    }


def test_a_household_is_chronically_homeless_with_whoever_came_with_the_head(tmp_path: Path) -> None:
    chronic = {"DisablingCondition": 1, "DateToStreetESSH": "2021-11-01"}
    found = of_stays(
        tmp_path,
        stay("head", HouseholdID="together"),
        stay("partner", HouseholdID="together", RelationshipToHoH=3, **chronic),
        stay("other head", HouseholdID="apart"),
        stay("came later", HouseholdID="apart", RelationshipToHoH=3, EntryDate="2022-12-01",
             DisablingCondition=1, TimesHomelessPastThreeYears=4, MonthsHomelessPastThreeYears=112),
        stay("a day short", DisablingCondition=1, DateToStreetESSH="2021-11-02"),
        stay("not disabled", DateToStreetESSH="2020-01-01"),
    )  # fmt: skip
    assert found["Q1/chronically_homeless/for_dq"] == {"head", "partner", "came later"}


def test_a_person_is_looked_at_in_the_open_stay_then_in_the_latest(tmp_path: Path) -> None:
    found = of_stays(
        tmp_path,
        stay("open", "a", EntryDate="2022-11-01"),
        stay("ended", "a", EntryDate="2023-01-01"),
        stay("earlier", "b", EntryDate="2022-11-01"),
        stay("later", "b", EntryDate="2023-01-01"),
        Exit=[{"EnrollmentID": key, "ExitDate": "2023-02-01"} for key in ("ended", "earlier", "later")],
    )
    assert found["Q1/persons/for_dq"] == {"open", "later"}
    assert found["Q1/leavers/for_dq"] == {"later"}
    assert found["Q1/records/all"] == {"open", "ended", "earlier", "later"}


def test_a_report_by_project_looks_at_a_person_in_each(tmp_path: Path) -> None:
    stays = [
        stay("1", "a", ProjectID="p1", DisablingCondition=99),
        stay("2", "a", ProjectID="p2", EntryDate="2023-01-01"),
    ]
    with tables.opened(tmp_path, Client=[client("a")], Enrollment=stays) as core:
        whole = answer(DATA_QUALITY, core, YEAR)
        found = figures_by(DATA_QUALITY, core, YEAR, ("project",))
    assert whole["Q3"]["disabling_condition"]["total"] == 0
    assert found["Q3/disabling_condition/total", "p1"].units == 1
    assert found["Q1/persons/for_dq", "p1"].units == found["Q1/persons/for_dq", "p2"].units == 1


def test_a_continuum_sees_the_stays_of_its_projects_that_name_none(tmp_path: Path) -> None:
    stays = [
        stay("ours"),
        stay("theirs", EnrollmentCoC="CA-500"),
        stay("nobody's", EnrollmentCoC=None),
        stay("nobody's elsewhere", EnrollmentCoC=None, ProjectID="p2"),
    ]
    cocs = [{"ProjectID": "p1", "CoCCode": "MA-500"}, {"ProjectID": "p2", "CoCCode": "CA-500"}]
    asked = Asked(date(2022, 10, 1), date(2023, 9, 30), "MA-500")
    with tables.opened(tmp_path, Enrollment=stays, ProjectCoC=cocs) as core:
        found = counted(core, asked)
    assert found["Q1/persons/all"] == {"ours", "nobody's"}
    assert found["Q3/enrollment_coc/missing"] == {"nobody's"}


def test_a_rate_divides_people_by_those_who_are_asked(tmp_path: Path) -> None:
    people = [client("a", NameDataQuality=2, last_name_given=False), client("b"), client("c")]
    with tables.opened(tmp_path, Client=people, Enrollment=[stay("a"), stay("b"), stay("c")]) as core:
        name = answer(DATA_QUALITY, core, YEAR)["Q2"]["name"]
    assert name == {
        "refused": 0, "missing": 1, "missing_or_refused": 1, "issues": 1, "total": 1, "of": 3,
        "error_rate": 33.33,
    }  # fmt: skip
