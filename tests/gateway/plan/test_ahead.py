"""What a plan says is read ahead: all that the rows are asked for, wherever in the operation they are met."""

from __future__ import annotations

from graphql import parse
from graphql.execution.values import VariableValues
from graphql.utilities import get_operation_ast

from gateway.plan.ahead import AheadOf
from gateway.plan.compiling import compiled
from gateway.plan.plan import Plan
from schema.build import schema


def _ahead(text: str) -> AheadOf:
    document = parse(text)
    operation = get_operation_ast(document)
    assert operation is not None
    plan = compiled(schema, document, operation, VariableValues({}, {}))
    assert isinstance(plan, Plan)
    assert plan.ahead is not None
    return plan.ahead


def test_what_hangs_on_a_stay_is_read_with_the_columns_that_are_asked_and_no_others() -> None:
    ahead = _ahead('{ client(id: "1") { enrollments { nodes { incomeBenefits { snap } } } } }')
    assert ahead.files == {("IncomeBenefits", frozenset({"snap"}))}


def test_a_stay_met_again_in_its_household_may_be_asked_for_more() -> None:
    ahead = _ahead(
        """{ client(id: "1") { enrollments { nodes {
            incomeBenefits { snap }
            household { members { moveInDate incomeBenefits { wic } exit { destination } } }
        } } } }"""
    )
    # The exits of members alone are read when they are asked for.
    assert ahead.files == {("IncomeBenefits", frozenset({"snap", "wic"}))}
    assert ahead.stays is not None
    assert "move_in_date" in ahead.stays


def test_somebody_met_again_behind_another_field_may_be_asked_for_more() -> None:
    ahead = _ahead(
        """{
            client(id: "1") { veteranStatus enrollments { nodes { incomeBenefits { snap } } } }
            matches { nodes { client {
                name { last } enrollments { nodes { entryDate incomeBenefits { wic } } }
            } } }
        }"""
    )
    assert {"veteran_status", "last_name"} <= ahead.client
    assert ahead.files == {("IncomeBenefits", frozenset({"snap", "wic"}))}
    assert ahead.stays is not None
    assert "entry_date" in ahead.stays
