from pathlib import Path

import pytest

from hmis.measures.answering import answer, records
from hmis.measures.system_counts.counts import SYSTEM_COUNTS
from tests.hmis.measures import tables
from tests.hmis.measures.system_counts.counting import (
    YEAR,
    Row,
    counts,
    left,
    nights,
    project,
    rows,
    stay,
)
from tests.hmis.measures.tables import COC

PSH, RRH, BY_NIGHT = 3, 13, 1


def test_only_projects_of_the_report_are_counted(tmp_path: Path) -> None:
    cases: list[tuple[Row, bool]] = [
        ({}, True),
        ({"ContinuumProject": 0}, False),
        ({"ProjectType": 4}, False),
        ({"ProjectType": 9}, False),
        ({"ProjectType": 10}, False),
        ({"ProjectType": 13}, False),
        ({"ProjectType": 13, "RRHSubType": 1}, True),
        ({"ProjectType": 13, "RRHSubType": 2}, True),
        ({"OperatingStartDate": "2023-10-01"}, False),
        ({"OperatingStartDate": "2022-10-01", "OperatingEndDate": "2022-10-01"}, False),
        ({"OperatingEndDate": "2022-09-30"}, False),
        ({"OperatingEndDate": "2022-10-01"}, True),
    ]
    projects = [{"ProjectID": f"p{n}", "ProjectType": 0} | more for n, (more, _) in enumerate(cases)]
    stays = [stay(f"e{n}", f"c{n}", "2022-01-01", ProjectID=f"p{n}") for n in range(len(cases))]
    with tables.opened(tmp_path, Project=projects, Enrollment=stays) as core:
        listed = records(SYSTEM_COUNTS, core, YEAR, "unduplicated_people")
    assert {one.personal_id for one in listed} == {f"c{n}" for n, (_, counted) in enumerate(cases) if counted}


def test_victim_service_providers_are_never_counted(tmp_path: Path) -> None:
    victims = [{"OrganizationID": "o1", "VictimServiceProvider": 1}]
    made = counts(
        tmp_path, Organization=victims, Project=project(0), Enrollment=[stay("e1", "A", "2022-10-05")]
    )
    assert made["unduplicated_people"] == 0


def test_the_heads_coc_says_whose_household_it_is_and_the_project_has_to_serve_it(tmp_path: Path) -> None:
    members = [
        stay("e1", "A", "2022-10-05", HouseholdID="h"),
        stay("e2", "B", "2022-10-05", HouseholdID="h", RelationshipToHoH=2, EnrollmentCoC="MA-501"),
        stay("e3", "C", "2022-10-05", EnrollmentCoC="MA-501"),
        stay("e4", "D", "2022-10-05", EnrollmentCoC=None),
    ]
    assert counts(tmp_path / "served", Enrollment=members)["people"]["ES"] == 2
    both = [{"ProjectID": "p1", "CoCCode": code} for code in (COC, "MA-501")]
    assert counts(tmp_path / "both", Enrollment=members, ProjectCoC=both)["people"]["ES"] == 3


@pytest.mark.parametrize("relationships", [(1, 1), (2, 3)])
def test_a_household_has_exactly_one_head(tmp_path: Path, relationships: tuple[int, int]) -> None:
    members = [
        stay(f"e{place}", name, "2022-10-05", HouseholdID="h", RelationshipToHoH=relationship)
        for place, (name, relationship) in enumerate(zip("AB", relationships, strict=True))
    ]
    assert counts(tmp_path, Enrollment=members)["unduplicated_people"] == 0


def test_a_stay_without_a_household_or_without_a_night_is_none(tmp_path: Path) -> None:
    stays = [stay("e1", "A", "2022-10-05", HouseholdID=None), stay("e2", "B", "2022-10-05")]
    made = counts(tmp_path, Enrollment=stays, Exit=left(e2="2022-10-05"))
    assert made["unduplicated_people"] == 0


def _taking_part(project: str, begins: str, ends: str | None, kind: int = 1) -> Row:
    return {
        "ProjectID": project,
        "HMISParticipationType": kind,
        "HMISParticipationStatusStartDate": begins,
        "HMISParticipationStatusEndDate": ends,
    }


def test_only_nights_in_which_the_project_took_part_in_hmis_count(tmp_path: Path) -> None:
    cases = [
        ("2000-01-01", None, 1, 31),
        ("2000-01-01", None, 2, 0),
        ("2022-10-11", None, 1, 21),
        ("2000-01-01", "2022-10-11", 1, 10),
        ("2022-11-01", None, 1, 0),
        ("2000-01-01", "2022-10-01", 1, 0),
    ]
    part = [_taking_part(f"p{n}", begins, ends, kind) for n, (begins, ends, kind, _) in enumerate(cases)]
    stays = [stay(f"e{n}", f"c{n}", "2022-10-01", ProjectID=f"p{n}") for n in range(len(cases))]
    gone = left(**{f"e{n}": "2022-11-01" for n in range(len(cases))})
    found = rows(tmp_path, HMISParticipation=part, Enrollment=stays, Exit=gone)
    slept = [found.get((56, 1, 10, 0, f"p{n}"), 0) for n in range(len(cases))]
    assert slept == [expected for *_, expected in cases]


def test_the_latest_participation_that_reaches_into_the_stay_is_taken(tmp_path: Path) -> None:
    spans = [("2000-01-01", "2022-10-05"), ("2022-10-10", "2022-10-20"), ("2022-12-01", None)]
    part = [_taking_part("p1", begins, ends) for begins, ends in spans]
    stays = [stay("e1", "A", "2022-10-01")]
    made = counts(tmp_path, HMISParticipation=part, Enrollment=stays, Exit=left(e1="2022-11-01"))
    assert made["bed_nights"]["ES"] == 10


def test_a_stay_lasts_no_longer_than_its_project(tmp_path: Path) -> None:
    closed = project(0, OperatingStartDate="2022-10-03", OperatingEndDate="2022-10-11")
    made = counts(tmp_path, Project=closed, Enrollment=[stay("e1", "A", "2022-09-01")])
    assert (made["bed_nights"]["ES"], made["entries"]["ES"], made["exits"]["ES"]) == (8, 1, 1)


def test_in_a_night_by_night_shelter_a_stay_is_from_the_first_bed_night_to_the_last(tmp_path: Path) -> None:
    stays = [stay("e1", "A", "2022-09-01"), stay("e2", "B", "2022-10-05")]
    slept = [
        *nights("e1", "2022-10-03", "2022-10-04", "2022-10-04", "2022-10-09", "2022-10-20"),
        {"EnrollmentID": "e1", "DateProvided": "2022-10-05", "RecordType": 300},
    ]
    made = counts(
        tmp_path, Project=project(BY_NIGHT), Enrollment=stays, Services=slept, Exit=left(e1="2022-10-20")
    )
    assert (made["people"]["ES"], made["bed_nights"]["ES"], made["unduplicated_people"]) == (1, 3, 1)
    assert (made["entries"]["ES"], made["exits"]["ES"]) == (1, 1)


def test_who_was_not_in_a_bed_for_ninety_days_has_left(tmp_path: Path) -> None:
    gone = {"2023-07-02": True, "2023-07-03": False, "2023-09-30": False}
    stays = [stay(f"e{n}", f"c{n}", "2023-01-01") for n in range(len(gone))]
    slept = [row for n, last in enumerate(gone) for row in nights(f"e{n}", "2023-07-01", last)]
    with tables.opened(tmp_path, Project=project(BY_NIGHT), Enrollment=stays, Services=slept) as core:
        listed = records(SYSTEM_COUNTS, core, YEAR, "exits/ES")
        assert answer(SYSTEM_COUNTS, core, YEAR)["people"]["ES"] == len(gone)
    assert {one.personal_id for one in listed} == {
        f"c{n}" for n, left_it in enumerate(gone.values()) if left_it
    }


def test_housing_begins_with_a_move_in_date_within_the_stay(tmp_path: Path) -> None:
    cases = [
        (PSH, None, 0),
        (PSH, "2022-10-04", 0),
        (PSH, "2022-10-05", 10),
        (PSH, "2022-10-14", 1),
        (PSH, "2022-10-15", 0),
        (PSH, "2022-10-16", 0),
        (RRH, "2022-10-14", 1),
        (RRH, "2022-10-15", 1),
        (RRH, "2022-10-16", 0),
    ]
    keys = range(len(cases))
    projects = [
        {"ProjectID": f"p{n}", "ProjectType": kind, "RRHSubType": 2} for n, (kind, *_) in enumerate(cases)
    ]
    stays = [
        stay(f"e{n}", f"c{n}", "2022-10-05", ProjectID=f"p{n}", MoveInDate=moved)
        for n, (_, moved, _) in enumerate(cases)
    ]
    gone = left(**{f"e{n}": "2022-10-15" for n in keys})
    found = rows(tmp_path, Project=projects, Enrollment=stays, Exit=gone)
    assert [found.get((56, 1, 10, 0, f"p{n}"), 0) for n in keys] == [nights for *_, nights in cases]
    assert [(53, 1, 10, 0, f"p{n}") in found for n in keys] == [nights > 0 for *_, nights in cases]


def test_who_moved_in_and_left_on_the_last_day_is_still_housed(tmp_path: Path) -> None:
    made = counts(
        tmp_path,
        Project=project(RRH, RRHSubType=2),
        Enrollment=[stay("e1", "A", "2023-09-05", MoveInDate="2023-09-30")],
        Exit=left(e1="2023-09-30"),
    )
    assert (made["bed_nights"]["RRH"], made["exits"]["RRH"]) == (1, 0)


def test_a_move_in_when_the_project_had_ended_is_none(tmp_path: Path) -> None:
    closed = project(PSH, OperatingEndDate="2022-12-01")
    for moved, housed in (("2022-11-30", 1), ("2022-12-01", 0)):
        stays = [stay("e1", "A", "2022-10-05", MoveInDate=moved)]
        made = counts(tmp_path / moved, Project=closed, Enrollment=stays)
        assert made["people"]["PSH"] == housed


def test_rapid_re_housing_of_services_only_gives_nobody_a_bed(tmp_path: Path) -> None:
    made = counts(
        tmp_path,
        Project=project(RRH, RRHSubType=1),
        Enrollment=[stay("e1", "A", "2022-10-05", MoveInDate="2022-10-06")],
    )
    assert set(made["people"].values()) == {0}
    assert (made["unduplicated_people"], made["entries"]["RRH"]) == (1, 0)
