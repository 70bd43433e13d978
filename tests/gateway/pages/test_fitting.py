"""How well somebody fits, and why: of what is shown of them alone."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from gateway.pages.fitting import Degree, fit
from gateway.pages.typed import Sought

MARISOL: dict[str, Any] = {
    "id": "1",
    "name": {"first": "Marisol", "middle": "Inés", "last": "Vantreight", "suffix": None},
    "birth": {"date": "1985-03-14"},
    "ssn": {"lastFour": "6789"},
    "identifiers": [{"source": "demo", "value": "k17"}],
}
HIDDEN: dict[str, Any] = {"id": "2", "name": None, "birth": None, "ssn": None, "identifiers": None}


def why(person: dict[str, Any] = MARISOL, **known: Any) -> list[tuple[str, str, int]]:
    told = fit(person, Sought(**known), met_all=False)
    return [(one.about, one.how, one.number) for one in told.reasons]


@pytest.mark.parametrize(
    ("last", "how", "number"),
    [
        ("vantreight", "same", 0), ("Vantr", "begins", 0), ("Vantrieght", "slips", 1),
        ("Vantrieghtt", "slips", 2),
        ("Vantrite", "sounds", 0), ("Stone", "other", 0),
    ],
)  # fmt: skip
def test_last_names(last: str, how: str, number: int) -> None:
    assert why(names=(("", last),)) == [("last", how, number)]


@pytest.mark.parametrize(
    ("first", "how", "number"),
    [
        ("MARISOL", "same", 0), ("mari", "begins", 0), ("Ines", "middle", 0), ("Marisola", "longer", 0),
        ("Marysol", "slips", 1), ("Bob", "other", 0),
    ],
)  # fmt: skip
def test_first_names(first: str, how: str, number: int) -> None:
    assert why(names=((first, ""),)) == [("first", how, number)]


def test_what_somebody_is_called_for_short_and_one_of_two_last_names() -> None:
    bill = {**MARISOL, "name": {"first": "William", "middle": None, "last": "García Lopez", "suffix": None}}
    assert why(bill, names=(("Bill", "lopez"),)) == [("last", "part", 0), ("first", "called", 0)]


@pytest.mark.parametrize(
    ("born", "how", "number"),
    [
        (date(1985, 3, 14), "same", 0), (date(1985, 3, 24), "digit", 0), (date(1985, 3, 9), "days", 5),
        (date(1992, 3, 14), "years", 7), (date(1985, 12, 25), "year", 0), (date(1970, 1, 1), "other", 0),
    ],
)  # fmt: skip
def test_birth_dates(born: date, how: str, number: int) -> None:
    assert why(births=(born,)) == [("birth", how, number)]


def test_day_and_month_the_other_way_round() -> None:
    may = {**MARISOL, "birth": {"date": "1980-05-04"}}
    assert why(may, births=(date(1980, 4, 5),)) == [("birth", "turned", 0)]
    both = fit(may, Sought(births=(date(1980, 4, 5), date(1980, 5, 4))), met_all=True)
    assert both.is_full
    assert not both.elsewhere


def test_the_end_of_an_ssn_a_birth_year_and_a_record() -> None:
    assert why(last_four="6789") == [("ssn", "same", 0)]
    assert why(last_four="1985", year=1985) == [("birth", "year", 0)]
    assert why(last_four="0000", identifier=("demo", "k18")) == [
        ("ssn", "other", 0),
        ("identifier", "other", 0),
    ]
    assert why(identifier=(None, "k17")) == why(identifier=("demo", "k17")) == [("identifier", "same", 0)]


def test_what_is_not_shown_neither_fits_nor_differs() -> None:
    asked = Sought((("Marisol", "Vantreight"),), (date(1985, 3, 14),), None, "6789")
    told = fit(HIDDEN, asked, met_all=False)
    assert {one.degree for one in told.reasons} == {Degree.UNKNOWN}
    assert (told.points, told.is_full) == (0, False)


def test_whoever_meets_all_of_it_by_another_record_fits() -> None:
    told = fit(MARISOL, Sought((("Maria", "Stone"),)), met_all=True)
    assert told.elsewhere
    assert told.is_full


def test_of_two_ways_to_read_a_name_the_better_one_is_said() -> None:
    assert why(names=(("Vantreight", "Marisol"), ("Marisol", "Vantreight"))) == [
        ("last", "same", 0),
        ("first", "same", 0),
    ]
