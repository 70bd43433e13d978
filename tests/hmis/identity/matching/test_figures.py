"""How well a seeded population is found. `make bench B=match` says it of a hundred thousand and a million."""

from __future__ import annotations

from collections import Counter

from hmis.identity.matching.deciding import Reason
from tests.populations import Compared, figures


def test_what_is_linked_by_rule_is_right_and_nearly_all(population: Compared) -> None:
    found = figures(population.decided().people, population.truth)
    assert found.linked > 2_000
    assert found.precision >= 0.999
    assert found.recall >= 0.9


def test_most_questions_are_about_one_person_and_all_say_why(population: Compared) -> None:
    decision = population.decided()
    same = Counter(
        population.truth[question.pair.one] == population.truth[question.pair.other]
        for question in decision.questions
    )
    assert same[True] > same[False] > 0
    reasons = {question.reason for question in decision.questions}
    assert reasons >= {Reason.FEW_FACTS, Reason.BIRTH_DATE, Reason.SSN}
