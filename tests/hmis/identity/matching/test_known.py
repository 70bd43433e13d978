"""What identifies nobody is missing, and a missing fact disagrees with nothing."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from hmis.identity.matching.known import Known, known, one_slip, two_of_three
from hmis.identity.matching.nicknames import family

TODAY = date(2026, 6, 30)
FULL: dict[str, Any] = {
    "first": "Zoë", "last": "O'Dellan", "name_quality": 1, "ssn": "734-12-3456", "ssn_quality": 1,
    "dob": date(1990, 5, 3), "dob_quality": 1, "sex": 0, "veteran": 1,
}  # fmt: skip


def of(**changes: Any) -> Known:
    return known(TODAY, **(FULL | changes))


def test_a_full_record_is_normalised() -> None:
    said = of()
    assert (said.first, said.last, said.ssn, said.born) == ("zoe", "odellan", "734123456", "19900503")
    assert (said.sex, said.veteran) == (0, 1)


@pytest.mark.parametrize("quality", [2, 8, 9, 99, None])
def test_a_partial_or_refused_ssn_is_missing(quality: int | None) -> None:
    assert of(ssn_quality=quality).ssn is None


def test_an_ssn_with_unknown_digits_is_missing_even_where_it_is_called_full() -> None:
    assert of(ssn="xxxxx3456").ssn is None


@pytest.mark.parametrize("quality", [2, 8, 9, 99, None])
def test_an_approximate_birth_date_is_missing(quality: int | None) -> None:
    assert of(dob_quality=quality).born is None


@pytest.mark.parametrize("quality", [2, 8, 9, 99, None])
def test_a_partial_name_is_missing(quality: int | None) -> None:
    said = of(name_quality=quality)
    assert (said.first, said.last, said.family, said.initials) == (None, None, None, None)


@pytest.mark.parametrize("answer", [8, 9, 99, None])
def test_a_question_that_was_not_answered_is_missing(answer: int | None) -> None:
    said = of(sex=answer, veteran=answer)
    assert (said.sex, said.veteran) == (None, None)


def test_one_fact_alone_is_never_compared() -> None:
    assert of(ssn=None, dob=None).can_be_compared is False
    assert of(ssn=None).can_be_compared is True
    assert of(name_quality=99).can_be_compared is True


def test_swapped_names_have_the_same_initials() -> None:
    assert of(first="Maya", last="Vossberg").initials == of(first="Vossberg", last="Maya").initials


@pytest.mark.parametrize(
    ("one", "other"),
    [("abcd", "abcd"), ("abcd", "abxd"), ("abcd", "abdc"), ("abcd", "abcde"), ("abcd", "bcd")],
)
def test_one_slip_is_a_sign_changed_lost_added_or_swapped_with_its_neighbour(one: str, other: str) -> None:
    assert one_slip(one, other)
    assert one_slip(other, one)


@pytest.mark.parametrize(
    ("one", "other"), [("abcd", "axyd"), ("abcd", "dbca"), ("abcd", "abcdef"), ("ab", "")]
)
def test_two_slips_are_more_than_one(one: str, other: str) -> None:
    assert not one_slip(one, other)
    assert not one_slip(other, one)


def test_days_with_two_parts_in_common_may_be_one() -> None:
    assert two_of_three("19900503", "19900517")
    assert two_of_three("19900503", "19920503")
    assert two_of_three("19900503", "19900305")
    assert not two_of_three("19900503", "19920517")


@pytest.mark.parametrize(("short", "formal"), [("bob", "robert"), ("peggy", "margaret"), ("lalo", "eduardo")])
def test_a_nickname_is_of_the_family_of_its_name(short: str, formal: str) -> None:
    assert family(short)[0] == family(formal)[0]


def test_a_nickname_of_several_names_stands_for_none_of_them() -> None:
    assert family("chris")[1] is None
    assert family("christopher")[1] != family("christina")[1]


def test_a_name_that_nobody_shortens_is_a_family_of_its_own() -> None:
    assert family("zelda") == ("zelda", "zelda")
