"""Cost: IBM's specification by hand, on pages, fragments and variables."""

from __future__ import annotations

from typing import Any

import pytest
import strawberry
from graphql import OperationDefinitionNode, get_named_type, is_composite_type, parse

from gateway.documents import Documents
from gateway.plan.cost import INTROSPECTION, Answered, Cost, Weights
from resolvers.pages import MOST_ROWS
from schema.build import printed, schema
from schema.costing import PAGES, UNSAID, size_of
from tests.schema.declared import object_types

DOCUMENTS = Documents(schema)
WHERE = 'where: {lastName: {eq: "x"}}'


@strawberry.type
class Thing:
    name: str


@strawberry.type
class Things:
    @strawberry.field
    def things(self) -> list[Thing]:
        return []


def cost(document: str, **variables: Any) -> tuple[int, int]:
    operation = DOCUMENTS.prepare(document).verdict.of(None)
    assert operation is not None
    found = operation.cost(variables)
    return found.field, found.type


def test_a_leaf_costs_nothing_and_an_object_one() -> None:
    """Field cost: `client`. Type cost: the root and the client."""
    assert cost('{ client(id: "x") { id } }') == (1, 2)
    assert cost('{ client(id: "x") { id name { first last } } }') == (2, 3)


def test_a_page_costs_what_it_holds_times_its_length() -> None:
    # clients and its input object; then for each of 7: the client, its name.
    asked = f"{{ clients(first: 7, {WHERE}) {{ nodes {{ name {{ last }} }} }} }}"
    assert cost(asked) == (1 + 1 + 1 + 7, 1 + 1 + 7 + 7)


def test_both_lists_of_a_page_are_as_long_as_the_page() -> None:
    page = "edges { node { id } } nodes { id } pageInfo { endCursor }"
    assert cost(f"{{ clients(first: 3, {WHERE}) {{ {page} }} }}") == (2 + 1 + 3 + 1 + 1, 2 + 3 + 3 + 3 + 1)


def test_a_page_of_unsaid_length_has_the_usual_one() -> None:
    assert cost(f"{{ clients({WHERE}) {{ nodes {{ id }} }} }}") == (3, 2 + 25)


def test_the_length_of_a_page_may_be_a_variable() -> None:
    asked = f"query($n: Int) {{ clients(first: $n, {WHERE}) {{ nodes {{ id }} }} }}"
    assert cost(asked, n=4) == (3, 2 + 4)
    assert cost(asked) == (3, 2 + 25)
    assert cost(asked, n=None) == (3, 2 + 25)
    assert cost(asked.replace("$n: Int", "$n: Int = 9")) == (3, 2 + 9)


@pytest.mark.parametrize(("asked", "rows"), [(0, 0), (-5, 0), (10_000, MOST_ROWS), ("many", MOST_ROWS)])
def test_a_length_that_will_be_refused_costs_no_more_than_the_longest(asked: object, rows: int) -> None:
    document = f"query($n: Int!) {{ clients(first: $n, {WHERE}) {{ nodes {{ id }} }} }}"
    assert cost(document, n=asked) == (3, 2 + rows)


def test_a_fragment_costs_by_the_page_it_is_spread_in() -> None:
    fragment = "fragment P on EnrollmentConnection { nodes { id } }"
    both = "a: enrollments(first: 2) { ...P } b: enrollments(first: 5) { ...P }"
    assert cost(f'{{ client(id: "x") {{ {both} }} }} {fragment}') == (1 + 2 * 2, 2 + (1 + 2) + (1 + 5))


def test_variables_multiply_through_fragments() -> None:
    asked = f"""query($n: Int!) {{ clients(first: $n, {WHERE}) {{ nodes {{ ...S }} }} }}
      fragment S on Client {{ enrollments(first: $n) {{ nodes {{ id }} }} }}"""
    assert cost(asked, n=3) == (2 + 1 + 3 * 2, 2 + 3 + 3 * (1 + 3))
    assert cost(asked, n=100)[1] == 2 + 100 + 100 * 101


def test_a_list_that_comes_whole_costs_its_assumed_length() -> None:
    asked = '{ client(id: "x") { enrollments(first: 1) { nodes { services { id } } } } }'
    services = size_of(object_of("Enrollment").fields["services"])
    assert services is not None
    assert services.assumed_size == 50
    assert cost(asked) == (1 + 1 + 1 + 1, 1 + 1 + 1 + 1 + 50)


def test_asking_partners_costs_more() -> None:
    assert cost('{ client(id: "x") { foodAssistance { visitCount } } }')[0] == 1 + 10


def test_the_schema_costs_the_same_however_much_of_it_is_asked() -> None:
    assert cost("{ __schema { types { name fields { name } } } }") == (INTROSPECTION, 1)
    assert cost("{ __schema { queryType { name } } }") == (INTROSPECTION, 1)


def test_a_schema_that_says_nothing_gets_the_defaults() -> None:
    operation = Documents(strawberry.Schema(query=Things)).prepare("{ things { name } }").verdict.of(None)
    assert operation is not None
    assert operation.cost({}) == Cost(1, 1 + UNSAID)


def answered(document: str, data: dict[str, Any]) -> tuple[int, int]:
    node = parse(document)
    operation, *fragments = node.definitions
    assert isinstance(operation, OperationDefinitionNode)
    known = {one.name.value: one for one in fragments}  # type: ignore[attr-defined]  # the tests write fragments
    found = Answered(Weights(schema._schema), known).of(operation, data)
    return found.field, found.type


def test_the_actual_cost_counts_what_the_answer_holds() -> None:
    asked = f"{{ clients(first: 50, {WHERE}) {{ nodes {{ id name {{ last }} }} }} }}"
    two = {"clients": {"nodes": [{"id": "1", "name": {"last": "S"}}, {"id": "2", "name": None}]}}
    assert answered(asked, two) == (2 + 1 + 2, 2 + 2 + 1)
    assert answered(asked, {"clients": {"nodes": []}}) == (3, 2)


def test_what_is_asked_twice_in_one_place_comes_once() -> None:
    asked = """{ client(id: "x") { name { first } ...N name { last } } }
      fragment N on Client { name { suffix } ... { name { middle } } }"""
    data = {"client": {"name": {"first": "A", "suffix": None, "middle": None, "last": "S"}}}
    assert answered(asked, data) == (2, 3)


def test_what_was_skipped_was_not_paid_for() -> None:
    asked = 'query($no: Boolean!) { client(id: "x") { id name @include(if: $no) { last } } }'
    assert answered(asked, {"client": {"id": "x"}}) == (1, 2)


def object_of(name: str) -> Any:
    return schema._schema.type_map[name]


def test_every_list_of_objects_says_how_long_it_is() -> None:
    """Else a new list would be taken for short, and the estimate for a promise."""
    silent = [
        f"{kind.name}.{name}"
        for kind in object_types()
        for name, field in kind.fields.items()
        if "[" in str(field.type) and is_composite_type(get_named_type(field.type))
        if size_of(field) is None and not (kind.name.endswith("Connection") and name in PAGES)
    ]
    assert silent == []


def test_what_slices_a_list_is_an_argument_and_what_it_sizes_is_a_list() -> None:
    paged = 0
    for kind in object_types():
        for name, field in kind.fields.items():
            told = size_of(field)
            if told is None or not told.slicing_arguments:
                continue
            paged += 1
            assert set(told.slicing_arguments) <= set(field.args), f"{kind.name}.{name}"
            page = object_of(get_named_type(field.type).name)
            assert all("[" in str(page.fields[one].type) for one in told.sized_fields or ()), name
    assert paged >= 5


def test_the_printed_schema_tells_sizes_and_weights() -> None:
    text = printed()
    assert "directive @listSize(" in text
    assert "directive @cost(weight: String!)" in text
    assert '@listSize(slicingArguments: ["first"], sizedFields: ["edges", "nodes"]' in text
    assert '@cost(weight: "10") @listSize(assumedSize: 10)' in text
