"""Whether a partner's answer to a look-up is a link, a question for a person, or nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from connectors.base import Acceptance, Match

FLOOR = 60
"""Matches that score less are not even a question: somebody would read them for nothing."""

MOST_QUESTIONS = 5
"""A look-up that finds more than these has found nobody in particular; the best are asked about."""


class Reason(StrEnum):
    """Why a look-up ended as it did."""

    CLEAR = "CLEAR"
    """Good enough, clearly the best, and no birth date speaks against it."""
    LOW_SCORE = "LOW_SCORE"
    """The best is not good enough to be believed unseen."""
    NO_MARGIN = "NO_MARGIN"
    """Another record is nearly as good."""
    BIRTH_DATES_DIFFER = "BIRTH_DATES_DIFFER"
    """Good enough, and the partner has another birth date."""
    NO_MATCH = "NO_MATCH"
    """The partner knows nobody like this."""
    TOO_WEAK = "TOO_WEAK"
    """All it found is below the floor."""
    REJECTED = "REJECTED"
    """Somebody has said of every one of them that it is not this person."""


@dataclass(frozen=True, slots=True)
class Link:
    """One record is the person's, with nobody looking."""

    value: str
    score: int
    margin: int | None
    """Points above the next best record; None = there is no other."""
    reason: Reason = Reason.CLEAR


@dataclass(frozen=True, slots=True)
class Candidate:
    """One record that may be the person's."""

    value: str
    score: int
    margin: int | None
    """Points above the best of the others; negative = another is better, None = there is no other."""
    same_birth: bool | None
    """Whether the birth dates agree. None = the partner, or the hub, does not say."""


@dataclass(frozen=True, slots=True)
class Question:
    """A person has to decide, about each of these; best first."""

    candidates: tuple[Candidate, ...]
    reason: Reason


@dataclass(frozen=True, slots=True)
class Nothing:
    """No record is the person's as far as anybody can tell."""

    reason: Reason


Verdict = Link | Question | Nothing


def judge(
    matches: Iterable[Match], rejected: Collection[str], rule: Acceptance, births: Collection[date]
) -> Verdict:
    """What to make of the records that a partner thinks are about a person.

    A link needs all three: `rule.min_score`, `rule.margin` above every other record, and no birth date that
    contradicts. A birth date weighs more than a score, for the score is the partner's and twins, fathers and
    sons score well. A record that comes back several times counts with its best score, and contradicts if any
    of its birth dates does. The order of the matches makes no difference.

    Args:
        matches: the partner's answer.
        rejected: values of which somebody said that they are not this person: neither candidates nor rivals.
        rule: when the answer is believed.
        births: the birth dates the hub knows of the person; empty = none, so nothing contradicts.
    """
    scores: dict[str, int] = {}
    dates: dict[str, set[date]] = {}
    answered = False
    for match in matches:
        answered = True
        if match.value in rejected:
            continue
        scores[match.value] = max(match.score, scores.get(match.value, match.score))
        dates.setdefault(match.value, set()).update(() if match.dob is None else (match.dob,))
    if not scores:
        return Nothing(Reason.REJECTED if answered else Reason.NO_MATCH)
    ordered = sorted(scores.items(), key=lambda one: (-one[1], one[0]))
    candidates = [
        Candidate(value, score, _margin(ordered, place), _same_birth(dates[value], births))
        for place, (value, score) in enumerate(ordered)
    ]
    best = candidates[0]
    reason = _doubt(best, rule)
    if reason is None:
        return Link(best.value, best.score, best.margin)
    # A partner whose scores are low all over has said so by its min_score.
    asked = [one for one in candidates if one.score >= min(FLOOR, rule.min_score)]
    return Question(tuple(asked[:MOST_QUESTIONS]), reason) if asked else Nothing(Reason.TOO_WEAK)


def _doubt(best: Candidate, rule: Acceptance) -> Reason | None:
    """What keeps the best record from being linked unseen; None = nothing does."""
    if best.score < rule.min_score:
        return Reason.LOW_SCORE
    if best.margin is not None and best.margin < rule.margin:
        return Reason.NO_MARGIN
    return Reason.BIRTH_DATES_DIFFER if best.same_birth is False else None


def _margin(ordered: list[tuple[str, int]], place: int) -> int | None:
    if len(ordered) == 1:
        return None
    return ordered[place][1] - ordered[1 if place == 0 else 0][1]


def _same_birth(told: Collection[date], births: Collection[date]) -> bool | None:
    if not told or not births:
        return None
    return all(one in births for one in told)
