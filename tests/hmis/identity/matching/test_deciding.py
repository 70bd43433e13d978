"""Who is one person by rule, and who is somebody's question: data in, decision and reason out."""

from __future__ import annotations

import random
from collections.abc import Iterable

import pytest

from hmis.identity.matching.deciding import MOST, Decision, Facts, Reason, Terms, decide
from hmis.identity.matching.model import COMPARISONS
from hmis.identity.matching.scoring import Pair

NAMES = [comparison.name for comparison in COMPARISONS]
SAME = dict.fromkeys(NAMES, "same") | {"veteran": "neither"}
SSN, OTHER_SSN = "734123456", "799887766"
BORN, OTHER_BORN = "19900503", "19781120"


def pair(one: int, other: int, weight: float = 30.0, **levels: str) -> Pair:
    says = SAME | levels
    return Pair(one, other, weight, tuple(says[name] for name in NAMES), (0.0,) * len(NAMES))


def decided(
    *pairs: Pair,
    facts: dict[int, Facts] | None = None,
    apart: Iterable[tuple[int, int]] = (),
    consenting: Iterable[int] = (),
    terms: Terms = Terms(),
) -> Decision:
    """Of records that are each a person of their own, under the same number."""
    people = {number: number for two in pairs for number in two[:2]}
    said = {person: [fact] for person, fact in (facts or {}).items()}
    return decide(pairs, people, said, apart, list(consenting), terms)


def asked(decision: Decision) -> dict[tuple[int, int], Reason]:
    return {question.pair[:2]: question.reason for question in decision.questions}


def test_what_is_alike_enough_is_one_person() -> None:
    found = decided(pair(1, 2), pair(2, 3))
    assert (found.people, found.questions) == ([[1, 2, 3]], [])


def test_below_the_threshold_somebody_is_asked() -> None:
    found = decided(pair(1, 2, 11.9))
    assert (found.people, asked(found)) == ([], {(1, 2): Reason.UNSURE})


def test_far_below_it_nobody_is_asked() -> None:
    found = decided(pair(1, 2, 5.9))
    assert (found.people, found.questions) == ([], [])


@pytest.mark.parametrize(
    "levels",
    [
        {"first_name": "other", "ssn": "missing"},
        {"first_name": "one slip", "ssn": "missing"},
        {"first_name": "other", "ssn": "one slip"},
        {"first_name": "same", "birth_date": "missing", "ssn": "missing"},
        {"first_name": "same", "birth_date": "two of three", "ssn": "missing"},
        {"first_name": "other", "birth_date": "missing"},
    ],
)
def test_what_a_family_shares_makes_no_person_whatever_it_weighs(levels: dict[str, str]) -> None:
    found = decided(pair(1, 2, 60.0, **levels))
    assert (found.people, asked(found)) == ([], {(1, 2): Reason.FEW_FACTS})


@pytest.mark.parametrize(
    "levels",
    [
        {"ssn": "missing"},
        {"first_name": "nickname", "ssn": "missing"},
        {"first_name": "swapped", "last_name": "swapped", "ssn": "missing"},
        {"birth_date": "day for month", "ssn": "missing"},
        {"last_name": "other"},
        {"first_name": "one slip", "birth_date": "missing"},
        {"first_name": "missing", "last_name": "missing"},
    ],
)
def test_two_facts_that_tell_a_family_apart_make_a_person(levels: dict[str, str]) -> None:
    assert decided(pair(1, 2, **levels)).people == [[1, 2]]


def test_two_ssns_are_two_people() -> None:
    facts = {1: Facts(SSN, BORN), 2: Facts(OTHER_SSN, BORN)}
    found = decided(pair(1, 2, ssn="other"), facts=facts)
    assert (found.people, asked(found)) == ([], {(1, 2): Reason.SSN})


def test_two_birth_dates_are_two_people() -> None:
    facts = {1: Facts(SSN, BORN), 2: Facts(SSN, OTHER_BORN)}
    found = decided(pair(1, 2, birth_date="other"), facts=facts)
    assert (found.people, asked(found)) == ([], {(1, 2): Reason.BIRTH_DATE})


def test_a_slip_is_no_contradiction() -> None:
    facts = {1: Facts(SSN, "19900503"), 2: Facts("734123465", "19900305")}
    assert decided(pair(1, 2), facts=facts).people == [[1, 2]]


def test_one_who_fits_two_that_cannot_be_one_is_asked_about_both() -> None:
    """The record without an SSN is one of two people of the same name and birth date."""
    facts = {1: Facts(SSN, BORN), 2: Facts(None, BORN), 3: Facts(OTHER_SSN, BORN)}
    found = decided(pair(1, 2, 20.0, ssn="missing"), pair(2, 3, 20.0, ssn="missing"), facts=facts)
    assert found.people == []
    assert asked(found) == {(1, 2): Reason.NEAR_EQUAL, (2, 3): Reason.NEAR_EQUAL}
    assert [question.margin for question in found.questions] == [0.0, 0.0]


def test_one_who_fits_the_one_far_better_is_linked_with_that_one() -> None:
    facts = {1: Facts(SSN, BORN), 2: Facts(None, BORN), 3: Facts(OTHER_SSN, BORN)}
    found = decided(pair(1, 2, 30.0, ssn="missing"), pair(2, 3, 20.0, ssn="missing"), facts=facts)
    assert (found.people, asked(found)) == ([[1, 2]], {(2, 3): Reason.SSN})


def test_a_group_is_never_joined_with_a_contradiction_by_a_chain() -> None:
    facts = {1: Facts(SSN, BORN), 2: Facts(SSN, None), 3: Facts(None, BORN), 4: Facts(OTHER_SSN, BORN)}
    found = decided(
        pair(1, 2, 40.0), pair(1, 3, 40.0, ssn="missing"), pair(3, 4, 14.0, ssn="missing"), facts=facts
    )
    assert (found.people, asked(found)) == ([[1, 2, 3]], {(3, 4): Reason.SSN})


def test_what_somebody_said_holds() -> None:
    found = decided(pair(1, 2), apart=[(2, 1)])
    assert (found.people, found.questions, found.remembered) == ([], [], 1)


def test_what_somebody_said_holds_for_those_who_are_one_by_now() -> None:
    found = decided(pair(1, 2, 40.0), pair(2, 3, 30.0), apart=[(1, 3)])
    assert (found.people, asked(found)) == ([[1, 2]], {(2, 3): Reason.SAID_APART})


def test_of_two_people_who_each_agreed_to_something_none_is_given_up() -> None:
    found = decided(pair(1, 2), pair(2, 3), consenting=[1, 3])
    assert (found.people, asked(found)) == ([[1, 2]], {(2, 3): Reason.CONSENT})


def test_a_fact_that_very_many_share_makes_no_person() -> None:
    found = decided(*(pair(0, number) for number in range(1, MOST + 5)))
    assert [len(group) for group in found.people] == [MOST]
    assert set(asked(found).values()) == {Reason.TOO_MANY}


def test_two_people_are_one_question_however_many_of_their_records_are_alike() -> None:
    people = {1: 10, 2: 10, 3: 20, 4: 20}
    pairs = [pair(1, 3, 8.0), pair(2, 4, 9.0), pair(1, 4, 7.0)]
    (question,) = decide(pairs, people, {}).questions
    assert (question.pair[:2], question.reason, question.margin) == ((2, 4), Reason.UNSURE, None)


def test_the_order_of_pairs_decides_nothing() -> None:
    chance = random.Random(6)
    facts = {
        number: Facts(chance.choice((SSN, OTHER_SSN, None)), chance.choice((BORN, None)))
        for number in range(40)
    }
    pairs = [
        pair(one, other, float(chance.randrange(4, 24)), ssn="missing")
        for one in range(40)
        for other in range(one + 1, 40)
        if chance.random() < 0.08
    ]
    first = decided(*pairs, facts=facts, apart=[(1, 2)], consenting=range(0, 40, 5))
    assert first.people
    assert first.questions
    for _ in range(20):
        chance.shuffle(pairs)
        assert decided(*pairs, facts=facts, apart=[(1, 2)], consenting=range(0, 40, 5)) == first
