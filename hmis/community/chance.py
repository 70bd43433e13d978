"""Chance that repeats itself: every draw of the community comes from here, and from nowhere else."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta
from typing import TypeVar

T = TypeVar("T")


def stream(seed: int, name: str) -> random.Random:
    """A source of chance of its own for each part, so that changing one part leaves the others as they were.

    A text seed goes through SHA-512 (documented for `random.seed`, version 2): it does not depend on
    PYTHONHASHSEED nor on the Python version. We keep to `random()` and what is built on it by whole numbers,
    because functions such as `gauss` ask the C library and may differ in the last bit.
    """
    return random.Random(f"{seed}/{name}")  # noqa: S311 - a demo community must repeat, not surprise


def pick(rng: random.Random, weighted: Sequence[tuple[T, int]]) -> T:
    """One of the values, each as often as its whole-number weight says."""
    mark = rng.randrange(sum(weight for _, weight in weighted))
    for value, weight in weighted:
        mark -= weight
        if mark < 0:
            return value
    raise AssertionError("the mark lies below the sum of the weights")


def chance(rng: random.Random, percent: int) -> bool:
    """True in so many of a hundred cases."""
    return rng.randrange(100) < percent


def day_between(rng: random.Random, first: date, last: date) -> date:
    """A day from first to last, both included; first when last lies before it."""
    return first + timedelta(days=rng.randint(0, max(0, (last - first).days)))


def unknown(rng: random.Random) -> int:
    """HUD's three ways of not knowing: 8 doesn't know, 9 prefers not to answer, 99 not collected."""
    return pick(rng, ((8, 3), (9, 3), (99, 4)))


def answer(rng: random.Random, value: int, missing_percent: int = 4) -> int:
    """The true answer, or in a few cases one of HUD's three ways of not knowing."""
    return unknown(rng) if chance(rng, missing_percent) else value
