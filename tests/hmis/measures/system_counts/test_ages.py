from datetime import date
from pathlib import Path

from hmis.measures.asked import Asked
from tests.hmis.measures.system_counts.counting import ADULT, CHILD, YEAR, Row, left, people, rows, stay

_ALL = 0
_HOUSEHOLDS, _OF_A_PROJECT = 54, 10


def _types(
    folder: Path, stays: list[Row], clients: list[Row], asked: Asked = YEAR, **more: list[Row]
) -> list[int]:
    """The household type counted in each project, in the order of the projects: one household in each."""
    found = rows(folder, asked, Enrollment=stays, Client=clients, **more)
    return [
        kind
        for (row, cohort, universe, kind, project) in sorted(found, key=lambda key: int((key[4] or "p0")[1:]))
        if (row, cohort, universe) == (_HOUSEHOLDS, 1, _OF_A_PROJECT) and kind != _ALL
    ]


def _household(number: int, *names: str, entry: str = "2022-10-05") -> list[Row]:
    """Members in a project of their own; the first is the head."""
    return [
        stay(f"e{number}-{name}", name, entry, HouseholdID=f"h{number}", ProjectID=f"p{number}",
             RelationshipToHoH=1 if name == names[0] else 5)
        for name in names
    ]  # fmt: skip


def test_a_household_is_typed_by_the_ages_of_its_members(tmp_path: Path) -> None:
    born = people(A=ADULT, B=ADULT, C=CHILD, D=CHILD, U=None, V=None)
    cases = {"AB": 1, "A": 1, "AC": 2, "CD": 3, "C": 3, "AU": 99, "CU": 99, "UV": 99, "ACU": 2, "UCA": 2}
    stays = [row for number, names in enumerate(cases) for row in _household(number, *names)]
    assert _types(tmp_path, stays, born) == list(cases.values())


def test_age_is_taken_on_entering_or_at_the_start_of_the_year(tmp_path: Path) -> None:
    cases = [
        ("2004-10-05", "2022-10-05", 1),
        ("2004-10-06", "2022-10-05", 3),
        ("2004-10-01", "2022-05-05", 1),
        ("2004-10-02", "2022-05-05", 3),
        ("2022-10-06", "2022-10-05", 99),
        ("2022-10-05", "2022-10-05", 99),
        ("1917-10-05", "2022-10-05", 99),
        ("1917-10-06", "2022-10-05", 1),
        ("2005-02-28", "2023-02-28", 1),
        ("2005-03-01", "2023-02-28", 3),
        ("1900-01-01", "2004-12-31", 99),
        ("1900-01-02", "2004-12-31", 1),
    ]
    born = people(**{f"c{number}": day for number, (day, _, _) in enumerate(cases)})
    stays = [
        row for number, (_, day, _) in enumerate(cases) for row in _household(number, f"c{number}", entry=day)
    ]
    assert _types(tmp_path, stays, born) == [expected for _, _, expected in cases]


def test_who_was_born_on_29_february_has_a_birthday_on_the_28th_of_other_years(tmp_path: Path) -> None:
    """Of a stay that began in the period, the age on entering is the one that stays."""
    cases = {"2022-02-27": 3, "2022-02-28": 1, "2022-03-01": 1}
    stays = [row for number, day in enumerate(cases) for row in _household(number, "A", entry=day)]
    spring = Asked(date(2022, 2, 1), date(2022, 3, 31))
    assert _types(tmp_path, stays, people(A="2004-02-29"), spring) == list(cases.values())


def test_a_birth_date_counts_where_its_quality_says_that_it_was_given(tmp_path: Path) -> None:
    cases = {1: 1, 2: 1, 8: 99, 9: 99, 99: 99, None: 99}
    clients = [
        {"PersonalID": f"c{number}", "DOB": ADULT, "DOBDataQuality": quality}
        for number, quality in enumerate(cases)
    ]
    stays = [row for number in range(len(cases)) for row in _household(number, f"c{number}")]
    assert _types(tmp_path, stays, clients) == list(cases.values())


def test_a_birth_date_that_cannot_be_for_one_stay_is_trusted_for_none(tmp_path: Path) -> None:
    stays = [stay("e1", "A", "2018-05-04"), stay("e2", "A", "2022-10-05")]
    assert _types(tmp_path, stays, people(A="2018-05-05"), Exit=left(e1="2018-06-01")) == [99]


def test_who_left_before_the_year_no_longer_makes_a_household_what_it_was(tmp_path: Path) -> None:
    old, still, new = (
        _household(0, "A", "B", entry="2022-05-05"),
        _household(1, "A", "B", entry="2022-05-05"),
        _household(2, "A", "B", entry="2022-10-05"),
    )
    gone = [
        {"EnrollmentID": f"e{number}-B", "ExitDate": day}
        for number, day in enumerate(("2022-09-30", "2022-10-01", "2022-10-06"))
    ]
    assert _types(tmp_path, old + still + new, people(A=ADULT, B=CHILD), Exit=gone) == [1, 2, 2]
