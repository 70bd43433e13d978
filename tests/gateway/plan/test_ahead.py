"""What a plan says is read ahead: all that the rows are asked for, wherever in the operation they are met."""

from __future__ import annotations

from typing import Any

from gateway.documents import Documents
from gateway.plan.ahead import AheadOf
from gateway.plan.plan import Uncovered
from schema.build import schema


def _ahead(document: str, **variables: Any) -> AheadOf:
    found = Documents(schema).prepare(document).plans.plan_for(schema, None, variables, 1)
    assert not isinstance(found, Uncovered)
    plan, _ = found
    assert plan.ahead is not None
    return plan.ahead


def test_what_hangs_on_a_stay_is_read_with_the_columns_that_are_asked_and_no_others() -> None:
    ahead = _ahead(
        "query ($id: ID!) { client(id: $id) { enrollments { nodes { incomeBenefits { snap } } } } }", id="1"
    )
    assert ahead.files == {("IncomeBenefits", frozenset({"snap"}))}


def test_a_stay_met_again_in_its_household_may_be_asked_for_more() -> None:
    ahead = _ahead(
        """query ($id: ID!) { client(id: $id) { enrollments { nodes {
            incomeBenefits { snap }
            household { members { moveInDate incomeBenefits { wic } exit { destination } } }
        } } } }""",
        id="1",
    )
    # The exits of members alone are read when they are asked for.
    assert ahead.files == {("IncomeBenefits", frozenset({"snap", "wic"}))}
    assert ahead.stays is not None
    assert "move_in_date" in ahead.stays


def test_somebody_met_again_behind_another_field_may_be_asked_for_more() -> None:
    ahead = _ahead(
        """query ($id: ID!) {
            client(id: $id) { veteranStatus enrollments { nodes { incomeBenefits { snap } } } }
            matches { nodes { client {
                name { last } enrollments { nodes { entryDate incomeBenefits { wic } } }
            } } }
        }""",
        id="1",
    )
    assert {"veteran_status", "last_name"} <= ahead.client
    assert ahead.files == {("IncomeBenefits", frozenset({"snap", "wic"}))}
    assert ahead.stays is not None
    assert "entry_date" in ahead.stays
