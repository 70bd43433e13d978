"""Names are compared without accents, case and signs; masks and placeholders name nobody."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmis.identity.names import normalised_name, usable_name


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        ("O'Néill-Smith ", "oneillsmith"),
        ("MARÍA  JOSÉ", "mariajose"),
        ("Weiß", "weiss"),
        ("Łukasz", "łukasz"),
        ("Ａｎｎａ", "anna"),
        ("李 明", "李明"),
        ("Jr. 3", "jr"),
        ("123 !", ""),
        (None, ""),
    ],
)
def test_a_name_is_compared_by_its_letters(written: str | None, compared: str) -> None:
    assert normalised_name(written) == compared


@given(st.text(max_size=20))
def test_normalising_twice_is_normalising_once(name: str) -> None:
    once = normalised_name(name)
    assert normalised_name(once) == once


@given(st.text(max_size=20))
def test_case_never_matters(name: str) -> None:
    assert normalised_name(name.upper().lower()) == normalised_name(name.upper().upper())


def test_first_and_last_name_together_are_usable() -> None:
    assert usable_name("Ana-Lucía", "De la Cruz", 1) == "analucia delacruz"


def test_the_parts_cannot_flow_into_each_other() -> None:
    assert usable_name("Ann", "Alee", 1) != usable_name("Anna", "Lee", 1)


@pytest.mark.parametrize("quality", [2, 8, 9, 99, None])
def test_a_partial_or_refused_name_names_nobody(quality: int | None) -> None:
    assert usable_name("Ada", "Lovelace", quality) is None


@pytest.mark.parametrize(
    "mask",
    [
        "", None, "XXX", "x", "J.", "Unknown", "ANONYMOUS", "Refused", "Test", "N/A", "zzzz", "123",
        "2cb30d5ef678412db20875ccf25c63ff", "a" * 64, "0123456789abcdef" * 4,
    ],
)  # fmt: skip
def test_a_mask_names_nobody(mask: str | None) -> None:
    assert usable_name(mask, "Lovelace", 1) is None
    assert usable_name("Ada", mask, 1) is None


def test_john_doe_names_nobody() -> None:
    assert usable_name("John", "Doe", 1) is None
    assert usable_name("John", "Doeson", 1) is not None
