"""docs/limits.md says the figures that hold."""

from __future__ import annotations

import re
from pathlib import Path

from gateway.charging import REFUSED
from gateway.documents import Documents
from gateway.errors import Limit
from gateway.plan import cost, limits, scanning
from schema.build import printed, schema

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "limits.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (.+) \| (.+) \| `([A-Z_]+)` \|$", PAGE, re.MULTILINE)
FIGURES = {
    Limit.DOCUMENT: (scanning.MOST_CHARACTERS, scanning.MOST_TOKENS),
    Limit.DEPTH: (scanning.MOST_NESTED, limits.MOST_DEPTH, limits.MOST_LEVELS),
    Limit.DEFINITIONS: (limits.MOST_OPERATIONS, scanning.MOST_DEFINITIONS),
    Limit.NAME: (scanning.LONGEST_NAME,),
    Limit.LITERAL: (scanning.LONGEST_LITERAL,),
    Limit.VARIABLES: (scanning.MOST_VARIABLES,),
    Limit.DIRECTIVES: (scanning.MOST_DIRECTIVES, limits.MOST_DIRECTIVES),
    Limit.FRAGMENTS: (scanning.MOST_SPREADS,),
    Limit.FIELDS: (limits.MOST_FIELDS,),
    Limit.ROOT_FIELDS: (limits.MOST_ROOT_FIELDS,),
    Limit.ALIASES: (limits.MOST_ALIASES,),
    Limit.REPEATS: (limits.MOST_REPEATS,),
    Limit.VALUES: (scanning.MOST_VALUES, scanning.MOST_VALUE_LEVELS, scanning.LONGEST_VALUE),
    Limit.INTROSPECTION: (limits.MOST_INTROSPECTIONS, limits.MOST_MEMBERS),
}


def test_every_limit_is_told_with_its_figures() -> None:
    told = {
        code: [int(number.replace(",", "")) for number in re.findall(r"\d[\d,]*(?<!,)", most)]
        for _, most, code in ROWS
    }
    assert set(told) | {Limit.INTROSPECTING} == set(Limit)
    for limit, figures in FIGURES.items():
        assert told[limit] == list(figures), limit
    assert f"`{Limit.INTROSPECTING}`" in PAGE


def test_weights_and_the_cost_of_the_profile_are_those_told() -> None:
    profile = (ROOT / "tests" / "journeys" / "profile.graphql").read_text(encoding="utf-8")
    counted = Documents(schema).prepare(profile).verdict.of(None)
    assert counted is not None
    assert f"has {counted.fields} fields" in PAGE
    assert round(counted.cost({}).total, -2) == 5_200
    assert f"costs {cost.INTROSPECTION} for `__schema` and {cost.TYPE_INTROSPECTION} for `__type`" in PAGE
    assert f"a refused document costs {REFUSED.total}" in PAGE
    assert limits.MOST_COST == 3_000_000


def test_the_lines_of_the_schema_are_in_the_schema() -> None:
    block = re.findall(r"```graphql\n(.*?)```", PAGE, re.DOTALL)[0]
    for directive in re.findall(r"@\w+\([^\n]*\)", block):
        assert directive in printed()
