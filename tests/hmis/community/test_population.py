"""A population with a truth table: always the same, and wrong in the ways that desks are."""

from __future__ import annotations

from collections import Counter

import pytest

from hmis.community.population import Line, Population


@pytest.fixture(scope="module")
def lines() -> list[Line]:
    return list(Population(4).records(6_000))


def test_a_seed_gives_the_same_people(lines: list[Line]) -> None:
    assert list(Population(4).records(500)) == lines[:500]
    assert list(Population(5).records(500)) != lines[:500]


def test_there_are_as_many_records_as_asked_and_no_id_twice(lines: list[Line]) -> None:
    assert len(lines) == len({line.personal_id for line in lines}) == 6_000


def test_names_are_spread_as_in_life(lines: list[Line]) -> None:
    names = Counter(line.record.last_name for line in lines if line.record.last_name)
    (_, most), *_ = names.most_common(1)
    assert 0.002 < most / len(lines) < 0.03
    assert sum(1 for count in names.values() if count < 3) > len(names) / 2


def test_nearly_all_that_a_desk_gets_wrong_is_there(lines: list[Line]) -> None:
    said = [line.record for line in lines]
    assert {record.ssn_data_quality for record in said} == {1, 2, 8, 9, 99}
    assert {record.dob_data_quality for record in said} == {1, 2, 8, 9, 99}
    assert {record.name_data_quality for record in said} == {1, 2, 8, 9, 99}
    full = Counter(line.person for line in lines if line.record.ssn_data_quality == 1)
    different = {(line.person, line.record.ssn) for line in lines if line.record.ssn_data_quality == 1}
    assert len(different) > len(full), "some numbers have slips"


def test_partial_numbers_hide_digits(lines: list[Line]) -> None:
    partial = {line.record.ssn[:5] for line in lines if line.record.ssn and line.record.ssn_data_quality == 2}
    assert partial == {"xxxxx"}
