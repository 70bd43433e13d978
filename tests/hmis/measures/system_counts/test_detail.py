from datetime import date
from pathlib import Path

from hmis.measures.answering import answer
from hmis.measures.asked import Asked
from hmis.measures.system_counts.detail import SYSTEM_COUNTS_DETAIL
from tests.hmis.measures import tables
from tests.hmis.measures.system_counts.counting import ADULT, CHILD, YEAR, left, nights, people, rows, stay


def test_a_night_of_the_point_in_time_counts_who_was_in_a_bed(tmp_path: Path) -> None:
    projects = [{"ProjectID": name, "ProjectType": kind} for name, kind in (("ee", 0), ("nn", 1), ("psh", 3))]
    stays = [
        stay("e1", "A", "2022-10-31", ProjectID="ee"),
        stay("e2", "B", "2022-10-01", ProjectID="ee"),
        stay("e3", "C", "2022-10-01", ProjectID="nn"),
        stay("e4", "D", "2022-10-01", ProjectID="nn"),
        stay("e5", "E", "2022-10-01", ProjectID="psh", MoveInDate="2022-11-01"),
    ]
    slept = nights("e3", "2022-10-31") + nights("e4", "2022-10-30", "2022-11-01")
    gone = left(e1="2022-11-01", e2="2022-10-31", e3="2022-11-01", e4="2022-11-02")
    found = rows(tmp_path, Project=projects, Enrollment=stays, Services=slept, Exit=gone)
    people_at = {cohort: found.get((53, cohort, 11, 0, None), 0) for cohort in (1, 10, 11, 12, 13)}
    assert people_at == {1: 4, 10: 2, 11: 0, 12: 0, 13: 0}
    housed_at = [found.get((53, cohort, 15, 0, None), 0) for cohort in (1, 10, 11, 12, 13)]
    assert housed_at == [1, 0, 1, 1, 1]


def test_nights_that_are_not_in_the_period_are_no_cohort(tmp_path: Path) -> None:
    quarter = Asked(date(2022, 11, 1), date(2023, 2, 1))
    found = rows(tmp_path, quarter, Enrollment=[stay("e1", "A", "2022-01-01")])
    assert {cohort for (_, cohort, *_) in found} == {1, 11}


def test_every_row_is_there_by_project_universe_and_household_type(tmp_path: Path) -> None:
    projects = [
        {"ProjectID": name, "ProjectType": kind} for name, kind in (("one", 0), ("two", 0), ("th", 2))
    ]
    stays = [
        stay("e1", "A", "2022-10-01", ProjectID="one", HouseholdID="h"),
        stay("e2", "B", "2022-10-01", ProjectID="one", HouseholdID="h", RelationshipToHoH=2),
        stay("e3", "A", "2022-10-02", ProjectID="two"),
        stay("e4", "A", "2022-10-03", ProjectID="th"),
    ]
    gone = left(e1="2022-10-05", e2="2022-10-05", e3="2022-10-05", e4="2022-10-05")
    found = rows(tmp_path, Project=projects, Enrollment=stays, Client=people(A=ADULT, B=CHILD), Exit=gone)
    nights_by = {key[2:]: value for key, value in found.items() if key[:2] == (56, 1)}
    assert nights_by == {
        (10, 0, "one"): 8,
        (10, 2, "one"): 8,
        (10, 0, "two"): 3,
        (10, 1, "two"): 3,
        (10, 0, "th"): 2,
        (10, 1, "th"): 2,
        (11, 0, None): 8,
        (11, 1, None): 3,
        (11, 2, None): 8,
        (13, 0, None): 2,
        (13, 1, None): 2,
        (16, 0, None): 8,
        (16, 1, None): 3,
        (16, 2, None): 8,
    }
    households = {key[2:4]: value for key, value in found.items() if key[:2] == (54, 1) and key[4] is None}
    assert households == {(11, 0): 2, (11, 1): 1, (11, 2): 1, (13, 0): 1, (13, 1): 1, (16, 0): 2, (16, 1): 1,
                          (16, 2): 1}  # fmt: skip


def test_the_report_says_who_was_active(tmp_path: Path) -> None:
    stays = [
        stay("e1", "A", "2022-10-01", HouseholdID="h"),
        stay("e2", "B", "2022-10-01", HouseholdID="h", RelationshipToHoH=2),
        stay("e3", "A", "2022-11-01"),
        stay("e4", "C", "2021-01-01"),
    ]
    gone = left(e1="2022-10-05", e2="2022-10-05", e4="2022-09-30")
    with tables.opened(
        tmp_path, Enrollment=stays, Client=people(A=ADULT, B=CHILD, C=ADULT), Exit=gone
    ) as core:
        said = answer(SYSTEM_COUNTS_DETAIL, core, YEAR)["report"]
    assert said == {
        "UnduplicatedClient": 2,
        "HouseholdEntry": 2,
        "ClientEntry": 3,
        "AdultHoHEntry": 2,
        "ClientExit": 2,
    }


def test_projects_of_two_sources_with_one_id_are_two(tmp_path: Path) -> None:
    stays = [stay("e1", "A", "2022-10-01"), stay("e1", "A", "2022-10-01", source=2)]
    with tables.opened(tmp_path, Enrollment=stays) as core:
        found = answer(SYSTEM_COUNTS_DETAIL, core, YEAR)["rows"]
    of_projects = [row for row in found if (row["report_row"], row["cohort"], row["universe"]) == (53, 1, 10)]
    assert [(row["source_id"], row["value"]) for row in of_projects if row["household_type"] == 0] == [
        (1, 1),
        (2, 1),
    ]
