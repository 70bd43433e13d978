"""What is told of a plan: its steps by the document alone, as they will be taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from graphql import parse
from graphql.execution.values import VariableValues
from graphql.utilities import get_operation_ast

from connectors.base import Source
from gateway.plan.compiling import compiled
from gateway.plan.plan import Plan
from gateway.plan.telling import AHEAD, DATABASE, PARTNERS, Told, told
from schema.build import schema


@dataclass
class _Pantry:
    """As much of a partner as a plan tells."""

    name: str
    offers: dict[str, Any]


def _told(text: str, **offers: str) -> Told:
    document = parse(text)
    operation = get_operation_ast(document)
    assert operation is not None
    plan = compiled(schema, document, operation, VariableValues({}, {}))
    assert isinstance(plan, Plan)
    sources = {name: cast(Source, _Pantry(name, {noun: None})) for name, noun in offers.items()}
    return told(plan, sources)


def test_people_and_what_hangs_on_their_stays_come_in_one_statement() -> None:
    found = _told(
        """{ client(id: "1") { name { first } enrollments { nodes {
            entryDate project { name organization { name } } services { date }
            household { members { client { id } services { date } } }
        } } } }"""
    )
    assert {one.key: one.way for one in found.steps} == {
        "client": AHEAD,
        "client.enrollments": AHEAD,
        "client.enrollments.nodes.project": AHEAD,
        "client.enrollments.nodes.services": AHEAD,
        # Whoever lives with them is read when it is known who that is.
        "client.enrollments.nodes.household": DATABASE,
        "client.enrollments.nodes.household.members.client": DATABASE,
        "client.enrollments.nodes.household.members.services": DATABASE,
    }
    assert [one.key for one in found.steps if one.first] == ["client"]
    assert found.statement is not None
    assert "$1" in found.statement


def test_a_second_page_of_stays_is_a_statement_of_its_own() -> None:
    found = _told(
        """{ client(id: "1") { now: enrollments(first: 1) { nodes { id } }
            then: enrollments(first: 2) { nodes { id services { date } } } } }"""
    )
    ways = {one.key: one.way for one in found.steps}
    assert (ways["client.now"], ways["client.then"]) == (AHEAD, DATABASE)
    assert ways["client.then.nodes.services"] == DATABASE


def test_partners_who_hold_it_are_named() -> None:
    food = (
        '{ client(id: "1") { foodAssistance { lastVisit source { name } } peerEnrollments { entryDate } } }'
    )
    found = _told(food, pantry="FoodAssistance", clinic="SdohGoal")
    steps = {one.name: one for one in found.steps}
    assert (steps["Client.foodAssistance"].way, steps["Client.foodAssistance"].partners) == (
        PARTNERS,
        ("pantry",),
    )
    assert steps["Client.foodAssistance"].needs == "FOOD"
    assert steps["Client.peerEnrollments"].partners == ()


def test_what_is_of_nobody_has_no_statement_about_people() -> None:
    found = _told("{ projects { nodes { name inventory { beds } } } }")
    assert found.statement is None
    assert {one.name: one.needs for one in found.steps} == {"Query.projects": None, "Project.inventory": None}
