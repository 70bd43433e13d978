"""How alike two records are: what is missing says nothing, and the backends say the same."""

from __future__ import annotations

import logging
from datetime import date
from typing import Any

import pytest

from hmis.community.population import Population
from hmis.identity.matching.known import known
from hmis.identity.matching.model import COMPARISONS, trained
from hmis.identity.matching.scoring import Backend, Pair, Row, pairs, table_of
from tests.populations import Compared, compared_by

TODAY = date(2026, 6, 30)
NAMES = [comparison.name for comparison in COMPARISONS]
ONE: dict[str, Any] = {
    "first": "William", "last": "Vossberg", "name_quality": 1, "ssn": "734123456", "ssn_quality": 1,
    "dob": date(1990, 5, 3), "dob_quality": 1, "sex": 1, "veteran": 0,
}  # fmt: skip


def compared(*changes: dict[str, Any], people: tuple[int, ...] = (0, 1)) -> list[Pair]:
    """The record and others like it, each a person of its own."""
    rows = [
        Row(number, people[number], known(TODAY, **(ONE | change)))
        for number, change in enumerate(({}, *changes))
    ]
    return pairs([table_of(rows)], trained(), -100.0, Backend.DUCKDB)


def levels(**changes: Any) -> dict[str, str]:
    (pair,) = compared(changes)
    return dict(zip(NAMES, pair.levels, strict=True))


@pytest.mark.parametrize(
    ("changes", "fact", "level"),
    [
        ({}, "first_name", "same"),
        ({"first": "Bill"}, "first_name", "nickname"),
        ({"first": "Wililam"}, "first_name", "one slip"),
        ({"first": "Wilhelmina"}, "first_name", "other"),
        ({"first": "Vossberg", "last": "William"}, "first_name", "swapped"),
        ({"last": "Vosberg"}, "last_name", "one slip"),
        ({"last": "Vossberg-Almanzor"}, "last_name", "part"),
        ({"last": "Almanzor-Vossberg"}, "last_name", "part"),
        ({"last": "Quispella"}, "last_name", "other"),
        ({"name_quality": 99}, "first_name", "missing"),
        ({"dob": date(1990, 3, 5)}, "birth_date", "day for month"),
        ({"dob": date(1990, 5, 4)}, "birth_date", "one slip"),
        ({"dob": date(1990, 5, 28)}, "birth_date", "two of three"),
        ({"dob": date(1971, 12, 28)}, "birth_date", "other"),
        ({"dob_quality": 2}, "birth_date", "missing"),
        ({"ssn": "734123465"}, "ssn", "one slip"),
        ({"ssn": "799887766"}, "ssn", "other"),
        ({"ssn": "xxxxx3456", "ssn_quality": 2}, "ssn", "missing"),
        ({"ssn": None, "ssn_quality": 9}, "ssn", "missing"),
        ({"sex": 99}, "sex", "missing"),
        ({"sex": 0}, "sex", "other"),
        ({"veteran": 1}, "veteran", "other"),
        ({"veteran": 99}, "veteran", "missing"),
    ],
)
def test_each_fact_has_the_level_that_fits(changes: dict[str, Any], fact: str, level: str) -> None:
    assert levels(**changes)[fact] == level


def test_a_refused_ssn_weighs_nothing_and_another_one_speaks_against() -> None:
    def bits(**changes: Any) -> float:
        (pair,) = compared(changes)
        return pair.bits[NAMES.index("ssn")]

    assert bits(ssn=None, ssn_quality=9) == bits(ssn="xxxxx3456", ssn_quality=2) == 0.0
    assert bits(ssn="799887766") < -5 < 15 < bits()


def test_the_weight_is_the_sum_of_what_each_comparison_says() -> None:
    many = compared(*({"first": name} for name in ("Bill", "Wililam", "William")), people=(0, 1, 2, 3))
    assert len(many) == 6
    before = {round(pair.weight - sum(pair.bits), 3) for pair in many}
    assert len(before) == 1
    assert before.pop() < -10


def test_two_records_of_one_person_are_not_compared() -> None:
    assert compared({}, people=(7, 7)) == []


def test_a_rare_name_says_more_than_a_common_one(population: Compared) -> None:
    bits = [pair.bits[NAMES.index("last_name")] for pair in population.pairs if pair.levels[1] == "same"]
    assert max(bits) - min(bits) > 3


def test_nobody_to_compare_is_no_error() -> None:
    assert pairs([table_of([])], trained(), 6.0, Backend.DUCKDB) == []


def test_the_numbers_are_of_records_and_the_smaller_comes_first(population: Compared) -> None:
    assert all(pair.one < pair.other for pair in population.pairs)
    assert population.pairs == sorted(population.pairs, key=lambda pair: pair[:2])


def test_splink_says_nothing(capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        assert compared({})
    out, err = capfd.readouterr()
    assert (out, err, caplog.text) == ("", "", "")


def test_spark_decides_as_duckdb_does(spark_here: None) -> None:
    lines = list(Population(12).records(250))
    here, there = (compared_by(backend, lines) for backend in (Backend.DUCKDB, Backend.SPARK))
    assert len(here.pairs) > 50
    assert [pair[:4] for pair in there.pairs] == [pair[:4] for pair in here.pairs]
    assert [(q.pair[:2], q.reason) for q in there.decided().questions] == [
        (q.pair[:2], q.reason) for q in here.decided().questions
    ]
    assert there.decided().people == here.decided().people
