"""The reference, and the documents that it begins with, hold for the whole schema."""

from __future__ import annotations

import json

import pytest
from graphql import get_variable_values
from graphql.utilities import get_operation_ast

from gateway.documents import Documents
from gateway.pages.examples import TITLES, Example, beginning_at, written
from gateway.pages.reference import CHANGE, QUESTION, reference
from schema.build import schema

CORE = schema._schema
KNOWN = reference(schema)
DOCUMENTS = Documents(schema)


def _variables_fit(example: Example) -> bool:
    prepared = DOCUMENTS.prepare(example.document)
    operation = get_operation_ast(prepared.node)
    assert operation is not None
    given = json.loads(example.variables or "{}")
    return not isinstance(get_variable_values(CORE, operation.variable_definitions or (), given), list)


@pytest.mark.parametrize("name", TITLES)
def test_every_example_is_valid_with_its_variables(name: str) -> None:
    assert _variables_fit(written(name))


@pytest.mark.parametrize("name", [one.name for kind in (QUESTION, CHANGE) for one in KNOWN.of_kind(kind)])
def test_every_beginning_has_a_document_that_is_valid_with_its_variables(name: str) -> None:
    assert _variables_fit(beginning_at(KNOWN.entries[name], KNOWN))


def test_everything_of_the_schema_has_an_entry() -> None:
    assert CORE.query_type is not None
    assert CORE.mutation_type is not None
    roots = {*CORE.query_type.fields, *CORE.mutation_type.fields}
    types = {name for name in CORE.type_map if not name.startswith("__")} - {"Query", "Mutation"}
    assert set(KNOWN.entries) == roots | types


def test_a_field_says_what_it_needs_costs_and_tells() -> None:
    members = {one.name: one for one in KNOWN.entries["Client"].members}
    food = members["foodAssistance"]
    assert (food.needs, food.weight, food.size, food.of) == ("FOOD", 11, 10, "FoodAssistance")
    assert members["enrollments"].page == "first"
    assert [(one.name, one.default) for one in members["enrollments"].arguments] == [
        ("first", "25"),
        ("after", "null"),
    ]
    assert members["sex"].columns == ("Client.Sex",)


def test_a_condition_says_by_which_category_one_may_ask() -> None:
    assert {one.name: one.needs for one in KNOWN.entries["ClientWhere"].members}["lastName"] == "NAME"


def test_a_type_says_where_it_stands() -> None:
    assert ("Client", "Client.enrollments") in KNOWN.entries["EnrollmentConnection"].used
    assert ("clients", "clients(where:)") in KNOWN.entries["ClientWhere"].used


def test_a_search_finds_names_before_descriptions() -> None:
    found = KNOWN.search("birth", 60)
    assert found[0].entry.name == "Birth"
    assert "Client.birth" in [one.place for one in found]
    assert not KNOWN.search("  ", 60)


def test_an_editor_is_told_types_and_the_beginnings_of_questions() -> None:
    told = KNOWN.told("Query")
    assert told is not None
    assert "clients" in [one["name"] for one in told["members"]]
    assert KNOWN.told("clients") is None
