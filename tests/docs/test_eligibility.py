"""What docs/eligibility.md tells of the rules is what the data says."""

from __future__ import annotations

import re
from pathlib import Path

from graphql import parse, validate

from auth.categories import Category
from hmis.eligibility.facts import FRESH
from hmis.eligibility.pack import HUD, Program
from hmis.eligibility.programs import Verdict
from tests.docs.eligibility_tables import PAGE, placed
from tests.schema.declared import CORE

TEXT = PAGE.read_text(encoding="utf-8")
ROOT = Path(__file__).parents[2]


def test_its_tables_are_those_of_the_data() -> None:
    assert placed(TEXT) == TEXT, "run `python -m tests.docs.eligibility_tables`"


def test_every_program_and_verdict_is_named() -> None:
    rules = TEXT.partition("## The rules")[2].partition("## ")[0]
    for program in Program:
        assert f"| {'HUD' if program in HUD else program.value} |" in rules
    for verdict in Verdict:
        assert f"`{verdict.value}`" in TEXT


def test_its_question_may_be_asked() -> None:
    [document] = re.findall(r"```graphql\n(.*?)```", TEXT, re.DOTALL)
    assert validate(CORE, parse(document)) == []


def test_the_categories_and_the_age_of_facts_are_those_of_the_code() -> None:
    named = set(re.findall(r"\| ([A-Z_]+(?:, [A-Z_]+)*) \|$", TEXT, re.MULTILINE))
    assert named
    assert {name for row in named for name in row.split(", ")} <= set(Category.__members__)
    assert f"older than {FRESH.days} days" in TEXT


def test_every_file_it_names_is_there() -> None:
    named = re.findall(r"`((?:hmis|tests|docs)/[\w./]+)`", TEXT)
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []
