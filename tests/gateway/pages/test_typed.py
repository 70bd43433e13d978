"""What a case worker types is read as they mean it."""

from __future__ import annotations

from datetime import date

import pytest

from gateway.pages.typed import Sought, of_fields, read, read_date

TODAY = date(2026, 3, 1)
BORN = date(1985, 3, 14)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("vantr", (("", "vantr"), ("vantr", ""))),
        ("Marisol Vantreight", (("Marisol", "Vantreight"), ("Vantreight", "Marisol"))),
        ("Vantreight, Marisol", (("Marisol", "Vantreight"),)),
        (" Vantreight ,Marisol Inés ", (("Marisol Inés", "Vantreight"),)),
        ("Vantreight,", (("", "Vantreight"),)),
        (", Marisol", (("Marisol", ""),)),
        ("Ana De La Cruz", (("Ana", "De La Cruz"), ("Ana", "Cruz"), ("Ana De La", "Cruz"))),
        ("O'Neill-Smith", (("", "O'Neill-Smith"), ("O'Neill-Smith", ""))),
        ("", ()),
        ("v", ()),
        (" , ", ()),
    ],
)
def test_names_in_whichever_order(text: str, names: tuple[tuple[str, str], ...]) -> None:
    assert read(text, TODAY) == Sought(names=names)


@pytest.mark.parametrize(
    "text",
    [
        "1985-03-14", "3/14/1985", "03/14/1985", "3-14-85", "3.14.85", "14/3/1985", "03141985", "19850314",
        "March 14, 1985", "mar 14 1985", "14 Mar 1985", "14 de marzo de 1985", "Sept 5, 1990", "5 sep 1990",
    ],
)  # fmt: skip
def test_a_birth_date_as_people_write_it(text: str) -> None:
    assert read_date(text, TODAY) == (date(1990, 9, 5) if "ep" in text else BORN,)


@pytest.mark.parametrize(
    "text", ["", "soon", "13/14/1985", "1985-02-30", "3/14", "3/14/2027", "3/14/1899", "5/6"]
)
def test_what_is_no_birth_date_is_none(text: str) -> None:
    assert read_date(text, TODAY) == ()


def test_day_and_month_may_stand_the_other_way_round_and_two_digits_are_the_last_such_year() -> None:
    assert read_date("4/5/1980", TODAY) == (date(1980, 4, 5), date(1980, 5, 4))
    assert read_date("3/14/25", TODAY) == (date(2025, 3, 14),)
    assert read_date("3/14/27", TODAY) == (date(1927, 3, 14),)


@pytest.mark.parametrize(
    ("text", "last_four", "year"),
    [("6789", "6789", None), ("stone 1980", "1980", 1980), ("stone 0042", "0042", None)]
    + [(ssn, "6789", None) for ssn in ("123-45-6789", "123456789", "xxx-xx-6789", "***-**-6789")],
)
def test_four_digits_end_an_ssn_and_may_be_a_birth_year(text: str, last_four: str, year: int | None) -> None:
    sought = read(text, TODAY)
    assert (sought.last_four, sought.year, sought.identifier) == (last_four, year, None)


def test_whatever_else_has_digits_is_what_a_source_calls_somebody() -> None:
    assert read("906865", TODAY).identifier == (None, "906865")
    assert read("demo:906865", TODAY).identifier == ("demo", "906865")
    assert read("a1b2-c3", TODAY).identifier == (None, "a1b2-c3")


def test_all_of_it_in_one_line() -> None:
    sought = read("Vantreight, Marisol 3/14/1985 6789 demo:k17", TODAY)
    assert sought == Sought((("Marisol", "Vantreight"),), (BORN,), None, "6789", ("demo", "k17"))


def test_fields_of_their_own_are_meant_as_they_stand() -> None:
    sought = of_fields(read("stone 1980", TODAY), "Cleo", "", "1234", "k17", "")
    assert sought == Sought((("Cleo", ""),), (), None, "1234", (None, "k17"))
    assert of_fields(Sought(), "", "", "", "", "demo") == Sought()
