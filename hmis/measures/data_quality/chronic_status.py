"""Chronic status: who is chronically homeless on the day they enter, by their own answers alone.

HUD HMIS Reporting Glossary, chronic homelessness at project start: a disability, and either a year without a
home or four times in three years that come to twelve months.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hmis.measures.project_types import ES, SH, SO

if TYPE_CHECKING:
    from ibis.expr.types import BooleanValue, Table

_YEAR = 365
_FOUR_TIMES = 4
_TWELVE_MONTHS = (112, 113)
"""HUD list 3.917.5: twelve months, more than twelve."""


def is_chronic_alone(stay: Table) -> BooleanValue:
    """Whether a person is chronically homeless at entry, without a look at who came with them."""
    situation = stay.living_situation
    from_the_street = stay.project_type.isin((*ES, *SO, *SH)) | situation.between(100, 199)
    shortly_elsewhere = (
        (situation.between(0, 99) | situation.between(200, 499))
        & (stay.los_under_threshold == 1)
        & (stay.previous_street_essh == 1)
    )
    for_a_year = stay.entry_date - stay.date_to_street_essh >= _YEAR
    again_and_again = (
        stay.times_homeless_past_three_years == _FOUR_TIMES
    ) & stay.months_homeless_past_three_years.isin(_TWELVE_MONTHS)
    homeless = from_the_street.fill_null(False) | shortly_elsewhere.fill_null(False)
    long = for_a_year.fill_null(False) | again_and_again.fill_null(False)
    return (stay.disabling_condition == 1).fill_null(False) & homeless & long
