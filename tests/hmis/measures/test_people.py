from datetime import date
from pathlib import Path

from hmis.measures.answering import answer, records
from hmis.measures.asked import Asked
from hmis.measures.core import opened as core_opened
from hmis.measures.days import number
from hmis.measures.people import ACTIVE_PEOPLE, UNDUPLICATED_PEOPLE
from tests.hmis.measures import tables

YEAR = Asked(date(2022, 10, 1), date(2023, 9, 30))


def _stay(key: str, who: str, entry: str, **more: object) -> dict[str, object]:
    return {"EnrollmentID": key, "PersonalID": who, "EntryDate": entry, **more}


def test_a_person_with_two_records_is_counted_once(tmp_path: Path) -> None:
    clients = [
        {"PersonalID": "A", "person": "same"},
        {"PersonalID": "A2", "person": "same", "source": 2},
        {"PersonalID": "B"},
    ]
    stays = [
        _stay("1", "A", "2022-10-01"),
        _stay("2", "A2", "2022-11-01", source=2),
        _stay("3", "B", "2023-09-30"),
    ]
    with tables.opened(tmp_path, Client=clients, Enrollment=stays) as core:
        assert answer(UNDUPLICATED_PEOPLE, core, YEAR) == {"people": 2}
        listed = records(UNDUPLICATED_PEOPLE, core, YEAR, "people")
    assert [(one.source_id, one.personal_id) for one in listed] == [(1, "A"), (1, "B"), (2, "A2")]


def test_whoever_left_on_the_first_day_was_enrolled_and_spent_no_night(tmp_path: Path) -> None:
    left = {"Exit": [{"EnrollmentID": "1", "ExitDate": "2022-10-01"}]}
    with tables.opened(tmp_path, Enrollment=[_stay("1", "A", "2022-09-01")], **left) as core:
        assert answer(ACTIVE_PEOPLE, core, YEAR) == {"method_1": 1, "method_2": 1, "method_5": 0}


def test_nobody_spends_nights_in_street_outreach(tmp_path: Path) -> None:
    outreach = [{"ProjectID": "p1", "ProjectType": 4}]
    with tables.opened(tmp_path, Project=outreach, Enrollment=[_stay("1", "A", "2022-11-01")]) as core:
        assert answer(ACTIVE_PEOPLE, core, YEAR) == {"method_1": 1, "method_2": 0, "method_5": 0}


def test_a_bed_night_counts_only_before_the_exit_day(tmp_path: Path) -> None:
    rows = {
        "Project": [{"ProjectID": "p1", "ProjectType": 1}],
        "Enrollment": [_stay("1", "A", "2022-09-01")],
        "Exit": [{"EnrollmentID": "1", "ExitDate": "2022-10-02"}],
    }
    for night, people in (("2022-09-30", 0), ("2022-10-01", 1), ("2022-10-02", 0)):
        nights = [{"EnrollmentID": "1", "DateProvided": night, "RecordType": 200}]
        with tables.opened(tmp_path / night, Services=nights, **rows) as core:
            assert answer(ACTIVE_PEOPLE, core, YEAR)["method_5"] == people
    assert number(date(2022, 10, 1)) == YEAR.rs


def test_of_one_source_every_record_is_a_person_and_of_several_the_linked_person_is(tmp_path: Path) -> None:
    clients = [{"PersonalID": name, "person": "same"} for name in ("A", "B")]
    stays = [_stay("1", "A", "2022-10-01"), _stay("2", "B", "2022-11-01")]
    elsewhere = [{"PersonalID": "C", "source": 2}]
    with tables.opened(tmp_path / "one", Client=clients, Enrollment=stays) as core:
        assert answer(UNDUPLICATED_PEOPLE, core, YEAR) == {"people": 2}
    several = tables.snapshot(tmp_path / "two", Client=clients + elsewhere, Enrollment=stays)
    with core_opened(several) as core:
        assert answer(UNDUPLICATED_PEOPLE, core, YEAR) == {"people": 1}
    with core_opened(several, source="source1") as core:
        assert answer(UNDUPLICATED_PEOPLE, core, YEAR) == {"people": 2}
