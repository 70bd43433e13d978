"""The model: what of two records is compared, how alike each can be, and how much that says.

A comparison has levels, the first that fits counts. How often a level fits records of one person (m) and of
two (u) is learned (`training.py`) and kept in trained.json; log2(m / u) are the bits that speak for one
person, or against. Names count for more the rarer they are. The conditions are SQL that DuckDB and Spark read
alike; `levenshtein` is the one function of theirs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from splink import SettingsCreator

SMALLEST = 100_000
"""Records. However few are compared, they are some of at least so many: two of a small file are no likelier
to be one person for that."""

IN_GENERAL = 1_000
"""Records. How common names are in general counts like so many records beside those that are compared."""


@dataclass(frozen=True, slots=True)
class Level:
    """One answer to the question how alike two records are."""

    name: str
    sql: str
    rare_by: str | None = None
    """The column whose rare values say more."""
    says_nothing: bool = False
    """It fits the two of a person as often as any other two, or another comparison has said it."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One fact of two records. Null where one of them has none: that says nothing."""

    name: str
    missing: str
    levels: tuple[Level, ...]


def _same(column: str) -> str:
    return f"{column}_l = {column}_r"


def _one_slip(column: str, signs: str) -> str:
    """One sign changed, lost or added, or two swapped: then the signs are the same. `known.one_slip`."""
    distance = f"levenshtein({column}_l, {column}_r)"
    return f"({distance} <= 1 or ({signs}_l = {signs}_r and {distance} <= 2))"


def _begins(column: str, least: int) -> str:
    short, long = (
        f"case when length({column}_l) {sign} length({column}_r) then {column}_l else {column}_r end"
        for sign in ("<=", ">")
    )
    return f"(length({short}) >= {least} and substr({long}, 1, length({short})) = {short})"


def _ends(column: str, least: int) -> str:
    short, long = (
        f"case when length({column}_l) {sign} length({column}_r) then {column}_l else {column}_r end"
        for sign in ("<=", ">")
    )
    return f"(length({short}) >= {least} and substr({long}, length({long}) - length({short}) + 1) = {short})"


def _parts_of_day(*parts: tuple[int, int]) -> str:
    """Parts of YYYYMMDD are the same: each a first sign and a length."""
    return " and ".join(f"substr(born_l, {at}, {size}) = substr(born_r, {at}, {size})" for at, size in parts)


_YEAR, _MONTH, _DAY = (1, 4), (5, 2), (7, 2)
_SWAPPED = "(first_l = last_r and last_l = first_r)"
_NICKNAME = "(family_l = family_r and (formal_l is null or formal_r is null or formal_l = formal_r))"
_DAY_FOR_MONTH = (
    "(substr(born_l, 1, 4) = substr(born_r, 1, 4) and substr(born_l, 5, 2) = substr(born_r, 7, 2)"
    " and substr(born_l, 7, 2) = substr(born_r, 5, 2))"
)
_TWO_OF_THREE = " or ".join(
    f"({_parts_of_day(*two)})" for two in ((_YEAR, _MONTH), (_YEAR, _DAY), (_MONTH, _DAY))
)

COMPARISONS = (
    Comparison(
        "first_name",
        "first_l is null or first_r is null",
        (
            Level("same", _same("first"), rare_by="first"),
            Level("swapped", _SWAPPED),
            Level("nickname", _NICKNAME),
            Level("one slip", _one_slip("first", "first_letters")),
            Level("beginning", _begins("first", 3)),
            Level("other", "else"),
        ),
    ),
    Comparison(
        "last_name",
        "last_l is null or last_r is null",
        (
            Level("same", _same("last"), rare_by="last"),
            Level("swapped", _SWAPPED, says_nothing=True),
            Level("one slip", _one_slip("last", "last_letters")),
            Level("part", f"{_begins('last', 4)} or {_ends('last', 4)}"),
            Level("other", "else"),
        ),
    ),
    Comparison(
        "birth_date",
        "born_l is null or born_r is null",
        (
            Level("same", _same("born")),
            Level("day for month", _DAY_FOR_MONTH),
            Level("one slip", _one_slip("born", "born_digits")),
            Level("two of three", _TWO_OF_THREE),
            Level("other", "else"),
        ),
    ),
    Comparison(
        "ssn",
        "ssn_l is null or ssn_r is null",
        (
            Level("same", _same("ssn")),
            Level("one slip", _one_slip("ssn", "ssn_digits")),
            Level("other", "else"),
        ),
    ),
    Comparison(
        "sex",
        "sex_l is null or sex_r is null",
        (Level("same", _same("sex")), Level("other", "else")),
    ),
    Comparison(
        "veteran",
        "veteran_l is null or veteran_r is null",
        (
            Level("both", "veteran_l = 1 and veteran_r = 1"),
            Level("neither", _same("veteran")),
            Level("other", "else"),
        ),
    ),
)

# Each must be rare enough that a million records give a few million pairs, and another must find what a slip
# in one of its columns hides.
BLOCKING = (
    ("ssn",),
    ("born", "initials"),
    ("born", "family"),
    ("born", "last"),
    ("family", "last"),
)


Trained = Mapping[str, Any]
"""`comparisons`: name -> level -> m, u. `pairs_per_record`: how many others are of the same person."""


@cache
def trained() -> Trained:
    """The model as it was learned."""
    text = files(__package__).joinpath("trained.json").read_text(encoding="utf-8")
    found: Trained = json.loads(text)
    return found


def settings(records: int, learned: Trained | None = None) -> SettingsCreator:
    """The model for Splink, for any of its backends. learned: None = nothing yet, to be learned."""
    from splink import SettingsCreator
    from splink.internals.blocking_rule_library import CustomRule
    from splink.internals.comparison_library import CustomComparison

    chances = learned["comparisons"] if learned else {}
    per_record = learned["pairs_per_record"] if learned else 1.0
    others = " and l.person <> r.person" if learned else ""
    return SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            CustomComparison(
                output_column_name=comparison.name,
                comparison_levels=[
                    {"sql_condition": comparison.missing, "is_null_level": True},
                    *(_level(level, chances.get(comparison.name, {})) for level in comparison.levels),
                ],
            )
            for comparison in COMPARISONS
        ],
        blocking_rules_to_generate_predictions=[
            CustomRule(" and ".join(f"l.{column} = r.{column}" for column in columns) + others)
            for columns in BLOCKING
        ],
        # Of all pairs of so many records, those of one person.
        probability_two_random_records_match=per_record / (max(records, SMALLEST) - 1),
        unique_id_column_name="number",
        retain_matching_columns=True,  # the levels come with them alone
        retain_intermediate_calculation_columns=True,
    )


def _level(level: Level, chances: Mapping[str, Mapping[str, float]]) -> dict[str, Any]:
    made: dict[str, Any] = {"sql_condition": level.sql, "label_for_charts": level.name}
    if level.rare_by:
        made["tf_adjustment_column"] = level.rare_by
    if level.says_nothing:
        made |= dict.fromkeys(("m_probability", "u_probability"), 0.5)
        made |= dict.fromkeys(("fix_m_probability", "fix_u_probability"), True)
    elif level.name in chances:
        made["m_probability"], made["u_probability"] = chances[level.name]["m"], chances[level.name]["u"]
    return made
