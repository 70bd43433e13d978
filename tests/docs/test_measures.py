"""What docs/measures.md tells of measures is what the code counts."""

from __future__ import annotations

import re

from graphql import parse, validate

from auth.viewer import SCOPES, Role, Scope
from gateway.measure_commands import measure
from tests.docs.measure_tables import PAGE, placed
from tests.schema.declared import CORE

TEXT = PAGE.read_text(encoding="utf-8")


def test_its_tables_are_those_of_the_code() -> None:
    assert placed(TEXT) == TEXT, "run `python -m tests.docs.measure_tables`"


def test_its_questions_may_be_asked() -> None:
    documents = re.findall(r"```graphql\n(.*?)```", TEXT, re.DOTALL)
    assert len(documents) == 2
    assert [validate(CORE, parse(document)) for document in documents] == [[], []]


def test_every_option_of_the_command_is_named() -> None:
    options = {name for name in measure.__annotations__ if name not in ("name", "start", "end", "return")}
    named = {option.replace("-", "_") for option in re.findall(r"`--([a-z]+)", TEXT)}
    assert {"json" if option == "as_json" else option for option in options} | {"from", "to"} == named


def test_those_who_may_ask_are_those_who_have_the_scope() -> None:
    may = {role for role in Role if Scope.MEASURES_READ in SCOPES[role]}
    assert may == {Role.CASE_MANAGER, Role.DASHBOARD, Role.SYSTEM}
    assert "case managers, dashboards and system accounts have" in TEXT
