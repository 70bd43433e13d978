"""Only a full, possible SSN and a full, possible birth date identify somebody."""

from __future__ import annotations

from datetime import date

import pytest

from hmis.identity.ssn import usable_birth_date, usable_ssn

TODAY = date(2026, 3, 1)
PLACEHOLDERS = [
    "111111111", "222222222", "333333333", "444444444", "555555555", "777777777", "888888888",
    "123456789", "234567890", "345678901", "456789012", "567890123", "678901234", "789012345", "890123456",
    "901234567", "012345678",
]  # fmt: skip


@pytest.mark.parametrize("written", ["219099999", "219-09-9999", " 219099999 "])
def test_nine_possible_digits_are_usable(written: str) -> None:
    assert usable_ssn(written, 1) == "219099999"


@pytest.mark.parametrize("placeholder", PLACEHOLDERS)
def test_placeholders_hud_names_are_not_usable(placeholder: str) -> None:
    assert usable_ssn(placeholder, 1) is None


@pytest.mark.parametrize(
    "impossible",
    ["000123456", "666123456", "900123456", "999123456", "219001234", "219090000", "21909999", "2190999999",
     "xxxxx9999", "21909999x", "8665fe03681cf0c07eda9cf76fa800f2", "٢١٩٠٩٩٩٩٩", "", None],
)  # fmt: skip
def test_impossible_partial_and_hashed_numbers_are_not_usable(impossible: str | None) -> None:
    assert usable_ssn(impossible, 1) is None


@pytest.mark.parametrize("quality", [2, 8, 9, 99, None])
def test_an_ssn_of_lesser_quality_is_not_usable(quality: int | None) -> None:
    assert usable_ssn("219099999", quality) is None


@pytest.mark.parametrize(
    ("born", "quality", "usable"),
    [
        (date(1990, 5, 23), 1, True),
        (date(1990, 5, 23), 2, False),
        (date(1900, 1, 1), 1, False),
        (date(1914, 12, 31), 1, False),
        (date(1915, 1, 1), 1, True),
        (TODAY, 1, True),
        (date(2026, 3, 2), 1, False),
        (None, 1, False),
    ],
)
def test_a_birth_date_is_usable_when_full_and_possible(born: date | None, quality: int, usable: bool) -> None:
    assert usable_birth_date(born, quality, TODAY) == (born if usable else None)
