"""Race and ethnicity: HUD keeps a column for each answer, people say a list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hmis.codes.code import Code


class Race(Code):
    """Race and ethnicity, as many as apply. HUD 3.04.1."""

    AMERICAN_INDIAN_ALASKA_NATIVE_OR_INDIGENOUS = 1, "American Indian, Alaska Native, or Indigenous"
    ASIAN_OR_ASIAN_AMERICAN = 2, "Asian or Asian American"
    BLACK_AFRICAN_AMERICAN_OR_AFRICAN = 3, "Black, African American, or African"
    HISPANIC_OR_LATINA_E_O = 4, "Hispanic/Latina/e/o"
    MIDDLE_EASTERN_OR_NORTH_AFRICAN = 5, "Middle Eastern or North African"
    NATIVE_HAWAIIAN_OR_PACIFIC_ISLANDER = 6, "Native Hawaiian or Pacific Islander"
    WHITE = 7, "White"
    CLIENT_DOES_NOT_KNOW = 8, "Client doesn't know"
    CLIENT_PREFERS_NOT_TO_ANSWER = 9, "Client prefers not to answer"
    DATA_NOT_COLLECTED = 99, "Data not collected"


COLUMNS: dict[str, Race] = {
    "am_ind_ak_native": Race.AMERICAN_INDIAN_ALASKA_NATIVE_OR_INDIGENOUS,
    "asian": Race.ASIAN_OR_ASIAN_AMERICAN,
    "black_af_american": Race.BLACK_AFRICAN_AMERICAN_OR_AFRICAN,
    "hispanic_latinao": Race.HISPANIC_OR_LATINA_E_O,
    "mid_east_n_african": Race.MIDDLE_EASTERN_OR_NORTH_AFRICAN,
    "native_hi_pacific": Race.NATIVE_HAWAIIAN_OR_PACIFIC_ISLANDER,
    "white": Race.WHITE,
}
"""The Client column that says yes or no to each."""


def races(answers: Mapping[Any, Any]) -> list[Race]:
    """The list of answers out of HUD's columns; a reason for none (RaceNone) when that is what was said.

    Args:
        answers: column attr -> code, with `race_none` among them.
    """
    named = [race for attr, race in COLUMNS.items() if answers.get(attr) == 1]
    if named:
        return named
    reason = answers.get("race_none")
    return [Race(reason)] if reason in (8, 9, 99) else []
