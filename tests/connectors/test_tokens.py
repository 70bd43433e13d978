"""Tokens: what two systems compare without telling each other."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Person
from connectors.kit.offered import ADA
from connectors.tokens import token
from hmis.errors import InputRefused
from hmis.identity.names import normalised_name

KEY, OTHER_KEY = b"k" * 32, b"o" * 32


def test_a_token_is_the_same_however_the_name_is_written() -> None:
    written = Person("ADÁ", " Sam-ple", ADA.dob)

    assert token(KEY, written) == token(KEY, ADA)
    assert token(KEY, Person("Ada", "Samples", ADA.dob)) != token(KEY, ADA)
    assert token(KEY, Person("Ada", "Sample", date(1984, 2, 28))) != token(KEY, ADA)


def test_a_token_follows_rfc_2104_over_the_facts_by_name() -> None:
    """Worked out with `openssl dgst -sha256 -hmac`; a partner has to come to the same."""
    facts = Person("Ada", "Sample", date(1984, 2, 29))

    assert token(KEY, facts) == "1b15f88dc5fd1f8718bc75400f783c4459777ce6883da9398c4aad3276e9fa51"


def test_another_agreement_has_other_tokens() -> None:
    assert token(OTHER_KEY, ADA) != token(KEY, ADA)


@pytest.mark.parametrize(
    "half", [Person(None, "Sample", ADA.dob), Person("Ada", "!", ADA.dob), Person("Ada", "Sample", None)]
)
def test_half_a_person_has_no_token(half: Person) -> None:
    assert token(KEY, half) is None


def test_a_key_that_could_be_guessed_is_refused_without_being_said() -> None:
    with pytest.raises(InputRefused) as refused:
        token(b"guess-me", ADA)
    assert "guess-me" not in str(refused.value)


_NAMES = st.text(st.characters(categories=["Lu", "Ll"]), min_size=1, max_size=8)


@given(_NAMES, _NAMES, _NAMES, _NAMES)
def test_first_and_last_name_do_not_run_into_each_other(a: str, b: str, c: str, d: str) -> None:
    one, other = Person(a, b, ADA.dob), Person(c, d, ADA.dob)
    same = [normalised_name(x) for x in (a, b)] == [normalised_name(x) for x in (c, d)]
    assert (token(KEY, one) == token(KEY, other)) == (same or token(KEY, one) is token(KEY, other) is None)
