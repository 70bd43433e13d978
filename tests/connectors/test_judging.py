"""When a partner's answer is a link, when a question for a person, and when nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Acceptance, Match
from connectors.judging import FLOOR, MOST_QUESTIONS, Candidate, Link, Nothing, Question, Reason, judge

RULE = Acceptance(min_score=90, margin=10)
BORN, OTHER = date(1984, 2, 29), date(1984, 3, 1)


@pytest.mark.parametrize(
    ("matches", "verdict"),
    [
        ([], Nothing(Reason.NO_MATCH)),
        ([("a", 90)], Link("a", 90, None)),
        ([("a", 89)], Question((Candidate("a", 89, None, None),), Reason.LOW_SCORE)),
        ([("a", 59)], Nothing(Reason.TOO_WEAK)),
        (
            [("a", 100), ("b", 91)],
            Question((Candidate("a", 100, 9, None), Candidate("b", 91, -9, None)), Reason.NO_MARGIN),
        ),
        ([("a", 100), ("b", 59)], Link("a", 100, 41)),
        ([("b", 90), ("a", 100)], Link("a", 100, 10)),
        (
            [("b", 100), ("a", 100)],
            Question((Candidate("a", 100, 0, None), Candidate("b", 100, 0, None)), Reason.NO_MARGIN),
        ),
        ([("a", 100), ("a", 95)], Link("a", 100, None)),
    ],
)
def test_a_match_is_believed_when_it_is_good_and_clearly_the_best(
    matches: list[tuple[str, int]], verdict: object
) -> None:
    assert judge([Match(value, score) for value, score in matches], (), RULE, ()) == verdict


def test_what_was_rejected_is_no_candidate_and_no_rival() -> None:
    matches = [Match("a", 100), Match("b", 95)]

    assert judge(matches, {"a"}, RULE, ()) == Link("b", 95, None)
    assert judge(matches, {"a", "b"}, RULE, ()) == Nothing(Reason.REJECTED)


@pytest.mark.parametrize(
    ("told", "births", "verdict"),
    [
        (BORN, {BORN}, Link("a", 100, None)),
        (None, {BORN}, Link("a", 100, None)),
        (OTHER, (), Link("a", 100, None)),
        (OTHER, {BORN, OTHER}, Link("a", 100, None)),
        (OTHER, {BORN}, Question((Candidate("a", 100, None, False),), Reason.BIRTH_DATES_DIFFER)),
    ],
)
def test_a_birth_date_that_contradicts_makes_a_question_of_the_best_match(
    told: date | None, births: set[date], verdict: object
) -> None:
    assert judge([Match("a", 100, told)], (), RULE, births) == verdict


def test_a_record_that_came_back_with_two_birth_dates_contradicts() -> None:
    verdict = judge([Match("a", 100, BORN), Match("a", 80, OTHER)], (), RULE, {BORN})

    assert isinstance(verdict, Question)
    assert verdict.reason is Reason.BIRTH_DATES_DIFFER


def test_a_partner_that_scores_low_all_over_is_asked_about_from_its_own_threshold_on() -> None:
    low = Acceptance(min_score=40, margin=10)

    assert judge([Match("a", 39)], (), low, ()) == Nothing(Reason.TOO_WEAK)
    assert isinstance(judge([Match("a", 45), Match("b", 40)], (), low, ()), Question)


def test_of_many_candidates_the_best_are_asked_about() -> None:
    verdict = judge([Match(f"r{number}", 70 + number) for number in range(9)], (), RULE, ())

    assert isinstance(verdict, Question)
    assert [one.value for one in verdict.candidates] == ["r8", "r7", "r6", "r5", "r4"]
    assert len(verdict.candidates) == MOST_QUESTIONS


_VALUES = st.sampled_from("abcdef")
_MATCHES = st.lists(
    st.builds(Match, _VALUES, st.integers(0, 100), st.sampled_from([None, BORN, OTHER])), max_size=8
)
_RULES = st.builds(Acceptance, st.integers(0, 100), st.integers(0, 100))
_REJECTED = st.frozensets(_VALUES)
_BIRTHS = st.frozensets(st.sampled_from([BORN, OTHER]))


@given(_MATCHES, _REJECTED, _RULES, _BIRTHS, st.randoms(use_true_random=False))
def test_the_order_of_the_matches_makes_no_difference(
    matches: list[Match],
    rejected: frozenset[str],
    rule: Acceptance,
    births: frozenset[date],
    chance: Random,
) -> None:
    shuffled = list(matches)
    chance.shuffle(shuffled)

    assert judge(shuffled, rejected, rule, births) == judge(matches, rejected, rule, births)
    assert judge(matches * 2, rejected, rule, births) == judge(matches, rejected, rule, births)


@given(_MATCHES, _REJECTED, _RULES, _BIRTHS)
def test_a_link_is_never_rejected_never_below_the_rule_and_never_against_a_birth_date(
    matches: list[Match], rejected: frozenset[str], rule: Acceptance, births: frozenset[date]
) -> None:
    verdict = judge(matches, rejected, rule, births)
    if isinstance(verdict, Link):
        others = [one.score for one in matches if one.value not in {verdict.value, *rejected}]
        mine = [one for one in matches if one.value == verdict.value]
        assert verdict.value not in rejected
        assert verdict.score == max(one.score for one in mine) >= rule.min_score
        assert all(verdict.score - other >= rule.margin for other in others)
        assert not births or all(one.dob is None or one.dob in births for one in mine)
    if isinstance(verdict, Question):
        assert rejected.isdisjoint(one.value for one in verdict.candidates)
        assert all(one.score >= min(FLOOR, rule.min_score) for one in verdict.candidates)


@given(_MATCHES, _REJECTED, _RULES, _BIRTHS, st.integers(0, 100))
def test_a_better_score_never_costs_a_link(
    matches: list[Match], rejected: frozenset[str], rule: Acceptance, births: frozenset[date], more: int
) -> None:
    before = judge(matches, rejected, rule, births)
    if isinstance(before, Link):
        better = [
            replace(one, score=min(100, one.score + more)) if one.value == before.value else one
            for one in matches
        ]
        after = judge(better, rejected, rule, births)
        assert isinstance(after, Link)
        assert after.value == before.value


@given(_MATCHES, _REJECTED, _RULES, _BIRTHS, st.integers(0, 20), st.integers(0, 20))
def test_a_stricter_rule_never_makes_a_link_and_fewer_rivals_never_cost_one(
    matches: list[Match],
    rejected: frozenset[str],
    rule: Acceptance,
    births: frozenset[date],
    higher: int,
    wider: int,
) -> None:
    stricter = Acceptance(min(100, rule.min_score + higher), rule.margin + wider)
    before = judge(matches, rejected, rule, births)
    if not isinstance(before, Link):
        assert not isinstance(judge(matches, rejected, stricter, births), Link)
        return
    alone = [one for one in matches if one.value == before.value]
    after = judge(alone, rejected, rule, births)
    assert isinstance(after, Link)
    assert (after.value, after.score) == (before.value, before.score)


@given(_MATCHES, _RULES, _BIRTHS, _VALUES, st.integers(0, 100))
def test_a_rejected_pair_never_links_whatever_the_score(
    matches: list[Match], rule: Acceptance, births: frozenset[date], value: str, score: int
) -> None:
    verdict = judge([*matches, Match(value, score)], {value}, rule, births)

    assert not (isinstance(verdict, Link) and verdict.value == value)


def test_the_birth_date_of_a_match_is_not_in_its_text() -> None:
    assert "1984" not in repr(Match("a", 100, BORN))
