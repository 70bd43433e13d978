import random
from pathlib import Path

from hmis.measures.answering import figures_by, records
from hmis.measures.system_counts.counts import SYSTEM_COUNTS
from tests.hmis.measures import tables
from tests.hmis.measures.system_counts.counting import (
    ADULT,
    CHILD,
    YEAR,
    Row,
    counts,
    left,
    people,
    stay,
)
from tests.hmis.measures.system_counts.made import as_text, system

ES, SH, TH = "es", "sh", "th"


def _shelters() -> list[Row]:
    return [{"ProjectID": name, "ProjectType": kind} for name, kind in ((ES, 0), (SH, 8), (TH, 2))]


def test_somebody_in_two_types_counts_in_each_and_once_in_all_of_them(tmp_path: Path) -> None:
    stays = [
        stay("e1", "A", "2022-10-01", ProjectID=ES),
        stay("e2", "A", "2022-10-06", ProjectID=TH),
        stay("e3", "A", "2022-12-01", ProjectID=ES),
    ]
    gone = left(e1="2022-10-11", e2="2022-10-16", e3="2022-12-02")
    made = counts(tmp_path, Project=_shelters(), Enrollment=stays, Exit=gone)
    keys = ("ES", "SH", "TH", "RRH", "PSH", "ES+SH+TH")
    assert made == {
        "unduplicated_people": 1,
        "people": dict(zip(keys, (1, 0, 1, 0, 0, 1), strict=True)),
        "households": dict(zip(keys, (1, 0, 1, 0, 0, 1), strict=True)),
        "bed_nights": dict(zip(keys, (11, 0, 10, 0, 0, 16), strict=True)),
        "entries": dict(zip(keys, (2, 0, 1, 0, 0, 3), strict=True)),
        "exits": dict(zip(keys, (2, 0, 1, 0, 0, 3), strict=True)),
    }


def test_a_head_with_two_household_types_is_two_households(tmp_path: Path) -> None:
    stays = [
        stay("e1", "A", "2022-10-01"),
        stay("e2", "A", "2022-11-01", HouseholdID="with"),
        stay("e3", "B", "2022-11-01", HouseholdID="with", RelationshipToHoH=2),
        stay("e4", "A", "2022-12-01"),
    ]
    gone = left(e1="2022-10-11", e2="2022-11-16", e3="2022-11-16", e4="2022-12-02")
    made = counts(tmp_path, Client=people(A=ADULT, B=CHILD), Enrollment=stays, Exit=gone)
    assert (made["people"]["ES"], made["households"]["ES"]) == (2, 2)


def test_who_left_on_the_first_day_was_active_and_had_no_bed(tmp_path: Path) -> None:
    stays = [stay("e1", "A", "2022-09-01"), stay("e2", "B", "2022-09-01")]
    made = counts(tmp_path, Enrollment=stays, Exit=left(e1="2022-10-01", e2="2022-10-02"))
    assert (made["unduplicated_people"], made["people"]["ES"], made["bed_nights"]["ES"]) == (2, 1, 1)
    assert (made["entries"]["ES"], made["exits"]["ES"]) == (0, 2)


def test_nights_are_those_of_the_year(tmp_path: Path) -> None:
    stays = [stay("e1", "A", "2022-09-01"), stay("e2", "B", "2023-09-30")]
    assert counts(tmp_path, Enrollment=stays)["bed_nights"]["ES"] == 365 + 1


def test_a_stay_outside_the_year_changes_nothing(tmp_path: Path) -> None:
    stays = [stay("e1", "A", "2022-10-05")]
    more = [stay("e2", "B", "2021-10-05"), stay("e3", "A", "2023-10-01"), stay("e4", "C", "2014-01-01")]
    gone = left(e1="2022-10-10", e2="2022-09-30", e4="2015-10-01")
    alone = counts(tmp_path / "alone", Enrollment=stays, Exit=gone[:1])
    assert counts(tmp_path / "more", Enrollment=stays + more, Exit=gone) == alone


def test_the_order_of_rows_changes_nothing(tmp_path: Path) -> None:
    made = as_text(system(4))
    turned = {name: random.Random(1).sample(rows, len(rows)) for name, rows in made.items()}
    assert counts(tmp_path / "turned", **turned) == counts(tmp_path / "as made", **made)


def test_of_several_sources_a_linked_person_and_a_night_count_once(tmp_path: Path) -> None:
    clients = [
        {"PersonalID": "A", "person": "same"},
        {"PersonalID": "A", "person": "same", "source": 2},
    ]
    stays = [stay("e1", "A", "2022-10-01"), stay("e1", "A", "2022-10-05", source=2)]
    gone = [
        {"EnrollmentID": "e1", "ExitDate": "2022-10-08"},
        {"EnrollmentID": "e1", "ExitDate": "2022-10-15", "source": 2},
    ]
    made = counts(tmp_path, Client=clients, Enrollment=stays, Exit=gone)
    assert (made["unduplicated_people"], made["people"]["ES"], made["households"]["ES"]) == (1, 1, 1)
    assert (made["bed_nights"]["ES"], made["entries"]["ES"]) == (14, 2)


def test_figures_list_their_records_and_can_be_counted_by_a_dimension(tmp_path: Path) -> None:
    stays = [stay("e1", "A", "2022-10-01", ProjectID=ES), stay("e2", "B", "2022-10-06", ProjectID=TH)]
    with tables.opened(tmp_path, Project=_shelters(), Enrollment=stays) as core:
        listed = records(SYSTEM_COUNTS, core, YEAR, "people/ES+SH+TH")
        by = figures_by(SYSTEM_COUNTS, core, YEAR, ("project_type",))
    assert [(one.personal_id, one.enrollment_id) for one in listed] == [("A", "e1"), ("B", "e2")]
    assert by["people/ES+SH+TH", "2"].units == 1
