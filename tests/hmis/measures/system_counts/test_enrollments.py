from pathlib import Path

import pytest

from tests.hmis.measures.system_counts.counting import Row, counts, left, nights, project, stay

PSH, RRH = 3, 13


def _family(*members: Row) -> list[Row]:
    """The first is the head of household."""
    return [
        {"HouseholdID": "h", "RelationshipToHoH": min(place, 1) + 1} | member
        for place, member in enumerate(members)
    ]


def test_nobody_stays_longer_than_the_head_of_household(tmp_path: Path) -> None:
    stays = _family(
        stay("e1", "A", "2022-10-05"), stay("e2", "B", "2022-10-01"), stay("e3", "C", "2022-10-08")
    )
    gone = left(e1="2022-10-10", e2="2022-10-30")
    assert counts(tmp_path, Enrollment=stays, Exit=gone)["bed_nights"]["ES"] == 5 + 5 + 2


def test_who_comes_when_the_head_has_left_or_left_before_the_head_came_is_not_counted(tmp_path: Path) -> None:
    stays = _family(
        stay("e1", "A", "2022-10-05"), stay("e2", "B", "2022-10-11"), stay("e3", "C", "2022-10-01")
    )
    made = counts(tmp_path, Enrollment=stays, Exit=left(e1="2022-10-10", e3="2022-10-05"))
    assert made["unduplicated_people"] == 1


def test_who_has_no_relationship_to_the_head_is_not_counted(tmp_path: Path) -> None:
    stays = _family(stay("e1", "A", "2022-10-05"), stay("e2", "B", "2022-10-05", RelationshipToHoH=99))
    assert counts(tmp_path, Enrollment=stays)["people"]["ES"] == 1


def test_a_member_is_housed_from_the_heads_move_in_date_or_from_coming_later(tmp_path: Path) -> None:
    stays = _family(
        stay("e1", "A", "2022-10-01", MoveInDate="2022-10-11"),
        stay("e2", "B", "2022-10-01", MoveInDate="2022-10-02"),
        stay("e3", "C", "2022-10-15"),
        stay("e4", "D", "2022-10-01"),
    )
    made = counts(
        tmp_path, Project=project(PSH), Enrollment=stays, Exit=left(e1="2022-10-21", e4="2022-10-10")
    )
    assert (made["people"]["PSH"], made["bed_nights"]["PSH"]) == (3, 10 + 10 + 6)


@pytest.mark.parametrize(("kind", "housed"), [(PSH, 0), (RRH, 1)])
def test_who_leaves_on_the_day_of_moving_in_has_that_night_in_rapid_re_housing_alone(
    tmp_path: Path, kind: int, housed: int
) -> None:
    stays = _family(stay("e1", "A", "2022-10-01", MoveInDate="2022-10-11"), stay("e2", "B", "2022-10-01"))
    made = counts(
        tmp_path,
        Project=project(kind, RRHSubType=2 if kind == RRH else None),
        Enrollment=stays,
        Exit=left(e1="2022-10-21", e2="2022-10-11"),
    )
    universe = "PSH" if kind == PSH else "RRH"
    assert (made["people"][universe], made["bed_nights"][universe]) == (1 + housed, 10 + housed)


def test_bed_nights_of_a_member_count_while_the_head_is_there(tmp_path: Path) -> None:
    stays = _family(stay("e1", "A", "2022-10-01"), stay("e2", "B", "2022-10-01"))
    slept = nights("e1", "2022-10-05", "2022-10-06") + nights(
        "e2", "2022-10-04", "2022-10-05", "2022-10-06", "2022-10-07"
    )
    made = counts(
        tmp_path,
        Project=project(1),
        Enrollment=stays,
        Services=slept,
        Exit=left(e1="2022-10-30", e2="2022-10-30"),
    )
    assert made["bed_nights"]["ES"] == 2 + 2


def test_a_household_whose_head_slept_elsewhere_in_the_year_has_no_bed_nights(tmp_path: Path) -> None:
    stays = _family(stay("e1", "A", "2022-08-01"), stay("e2", "B", "2022-08-01"))
    slept = nights("e1", "2022-09-28") + nights("e2", "2022-09-28", "2022-10-02")
    made = counts(tmp_path, Project=project(1), Enrollment=stays, Services=slept)
    assert made["people"]["ES"] == 0
