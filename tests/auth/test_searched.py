"""What was searched by is in the audit for whoever holds the key, and for nobody else."""

from __future__ import annotations

from pathlib import Path

from auth.checkpoints import SigningKey
from auth.searched import hashed

TERMS = {("lastName.eq", "Stone"), ("dateOfBirth", "1980-05-01/1980-05-01")}


def test_a_term_is_a_hash_under_its_field_and_never_itself() -> None:
    found = hashed(b"k" * 32, TERMS)
    assert [one.partition(":")[0] for one in found] == ["dateOfBirth", "lastName.eq"]
    assert all(len(one.partition(":")[2]) == 64 for one in found)
    assert "stone" not in "".join(found).lower()
    assert "1980" not in "".join(found)


def test_the_same_term_is_the_same_hash_whatever_its_case_and_another_under_another_field_or_key() -> None:
    key = b"k" * 32
    assert hashed(key, [("lastName.eq", " STONE ")]) == hashed(key, [("lastName.eq", "stone")])
    one = hashed(key, [("lastName.eq", "stone")])[0].partition(":")[2]
    assert one != hashed(key, [("firstName.eq", "stone")])[0].partition(":")[2]
    assert one != hashed(b"l" * 32, [("lastName.eq", "stone")])[0].partition(":")[2]


def test_the_key_is_the_homes_and_the_same_again(tmp_path: Path) -> None:
    key = SigningKey.open(tmp_path / "a").search_key()
    assert SigningKey.open(tmp_path / "a").search_key() == key
    assert SigningKey.open(tmp_path / "b").search_key() != key
    assert len(key) == 32
