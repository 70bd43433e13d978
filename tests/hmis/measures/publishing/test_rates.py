"""Rates and means are shown only where the counts behind them may be."""

from __future__ import annotations

import pytest

from hmis.measures.publishing.cells import SUPPRESSED, Key, Published
from hmis.measures.publishing.rates import rate, summary

PART: Key = ("returned",)
WHOLE: Key = ("left",)


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [
        (11, 22, 50.0),
        (100, 300, 33.33),
        (10, 22, SUPPRESSED),
        (11, 21, SUPPRESSED),
        (0, 50, SUPPRESSED),
        (50, 50, SUPPRESSED),
        (SUPPRESSED, 300, SUPPRESSED),
        (100, SUPPRESSED, SUPPRESSED),
    ],
)
def test_a_rate_needs_eleven_on_both_sides_and_both_counts(
    part: Published, whole: Published, shown: object
) -> None:
    assert rate({PART: part, WHOLE: whole}, PART, WHOLE) == shown


@pytest.mark.parametrize(
    ("people", "shown"), [(11, 45.5), (10, SUPPRESSED), (0, SUPPRESSED), (SUPPRESSED, SUPPRESSED)]
)
def test_a_mean_needs_eleven_people_who_are_shown(people: Published, shown: object) -> None:
    assert summary({WHOLE: people}, WHOLE, 45.5) == shown
