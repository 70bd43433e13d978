"""What a resource tells by its codes, and what is closed because it does not tell."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.base import Row
from connectors.gravity_fhir.kit import (
    concept,
    condition,
    goal,
    guide,
    icd,
    observation,
    refers,
    request,
    supply,
    task,
)
from connectors.gravity_fhir.mapping import Record, gather, rows
from connectors.gravity_fhir.terms import ACT_CODE, CONFIDENTIALITY, LOINC, SDOHCC, SNOMED

NONE: set[str] = set()


def _rows(noun: str, *resources: dict[str, Any], reasons: tuple[dict[str, Any], ...] = ()) -> tuple[Row, ...]:
    record = Record(gather("p1", list(resources)), gather("p1", list(reasons)))
    return rows(supply(noun), frozenset(supply(noun).fields), record)


def _labels(
    noun: str, *resources: dict[str, Any], reasons: tuple[dict[str, Any], ...] = ()
) -> list[set[str]]:
    return [set(row.labels) for row in _rows(noun, *resources, reasons=reasons)]


@pytest.mark.parametrize("category", ["intimate-partner-violence", "elder-abuse"])
def test_violence_by_category_is_labelled_in_every_resource(category: str) -> None:
    assert _labels("SdohCondition", condition("c", "p1", category)) == [{"DV"}]
    assert _labels("SdohGoal", goal("g", "p1", category)) == [{"DV"}]
    assert _labels("SdohReferral", request("r", "p1", category)) == [{"DV"}]
    assert _labels("SdohScreening", observation("o", "p1", category)) == [{"DV"}]
    assert _labels("SdohCondition", condition("c", "p1", "food-insecurity", category)) == [{"DV"}]


@pytest.mark.parametrize(
    "code",
    [
        icd("T74.11XA"),
        icd("T76.31"),
        icd("Y07.01"),
        icd("Z69.11"),
        icd("Z91.410"),
        icd("O9A.312"),
        concept((SNOMED, "706893006")),
        concept((LOINC, "76501-6")),
        concept((SNOMED, "733423003"), ("http://hl7.org/fhir/sid/icd-10-cm", "T74.11")),
    ],
)
def test_violence_by_code_is_labelled_whatever_the_category_says(code: dict[str, Any]) -> None:
    assert _labels("SdohCondition", condition("c", code=code)) == [{"DV"}]
    assert _labels("SdohScreening", observation("o", code=code)) == [{"DV"}]
    assert _labels("SdohReferral", request("r", reasonCode=[code])) == [{"DV"}]
    assert _labels("SdohReferral", request("r"), task("t", "r", reasonCode=code)) == [{"DV"}]
    assert _labels("SdohGoal", goal("g", description=code)) == [{"DV"}]


def test_a_category_that_the_hub_does_not_know_is_other_and_has_no_label() -> None:
    (row,) = _rows("SdohCondition", condition("c", "p1", "child-care-insecurity"))

    assert row.values["categories"] == ["OTHER"]
    assert row.labels == NONE


@pytest.mark.parametrize(
    "categories", [guide(), guide("sdoh-category-unspecified"), [concept(text="Safety"), *guide()]]
)
def test_without_a_category_in_codes_it_is_closed_in_doubt(categories: list[dict[str, Any]]) -> None:
    assert _labels("SdohCondition", condition("c", category=categories)) == [{"DV"}]
    assert _labels("SdohScreening", observation("o", category=categories)) == [{"DV"}]


def test_an_icd_code_takes_the_doubt_away_for_its_families_are_known_whole() -> None:
    assert _labels("SdohCondition", condition("c", category=guide(), code=icd("Z59.41"))) == [NONE]
    assert _labels("SdohCondition", condition("c", category=guide(), code=icd("Z69.81"))) == [{"DV"}]


def _tagged(system: str, *codes: str) -> dict[str, Any]:
    return {"security": [{"system": system, "code": code} for code in codes]}


@pytest.mark.parametrize(
    ("meta", "labels"),
    [
        (_tagged(ACT_CODE, "SDV"), {"DV"}),
        (_tagged(ACT_CODE, "HIV"), {"HIV"}),
        (_tagged(ACT_CODE, "ETH", "PSY"), {"SUD", "MENTAL_HEALTH"}),
        (_tagged(CONFIDENTIALITY, "R"), {"DV"}),
        (_tagged(CONFIDENTIALITY, "V"), {"DV"}),
        (_tagged(CONFIDENTIALITY, "N"), NONE),
        (
            {"security": [*_tagged(CONFIDENTIALITY, "R")["security"], *_tagged(ACT_CODE, "HIV")["security"]]},
            {"HIV"},
        ),
    ],
)
def test_a_security_tag_is_heeded(meta: dict[str, Any], labels: set[str]) -> None:
    assert _labels("SdohCondition", condition("c", meta=meta)) == [labels]
    assert _labels("SdohReferral", request("r"), task("t", "r", meta=meta)) == [labels]


HARM = condition("harm", "p1", "intimate-partner-violence")


def test_a_referral_is_as_sensitive_as_the_condition_it_is_for() -> None:
    asked = request("r", reasonReference=refers("Condition/harm"))

    assert _labels("SdohReferral", asked, task("t", "r"), reasons=(HARM,)) == [{"DV"}]
    assert _labels("SdohReferral", asked, task("t", "r"), reasons=(condition("harm"),)) == [NONE]


def test_a_task_is_as_sensitive_as_its_own_reason() -> None:
    of_harm = task("t", "r", reasonReference=refers("Condition/harm")[0])

    assert _labels("SdohReferral", request("r"), of_harm, reasons=(HARM,)) == [{"DV"}]
    assert _labels("SdohReferral", request("r"), of_harm, reasons=(condition("harm"),)) == [NONE]


def test_a_sub_referral_is_as_sensitive_as_what_it_is_based_on() -> None:
    above = request("above", reasonReference=refers("Condition/harm"))
    below = request("below", basedOn=refers("ServiceRequest/above"))

    assert _labels("SdohReferral", above, below, reasons=(HARM,)) == [{"DV"}, {"DV"}]


def test_a_goal_is_as_sensitive_as_what_it_addresses() -> None:
    aim = goal("g", addresses=refers("Observation/o"))

    assert _labels("SdohGoal", aim, reasons=(observation("o", "p1", "elder-abuse"),)) == [{"DV"}]
    assert _labels("SdohGoal", aim, reasons=(observation("o"),)) == [NONE]


@pytest.mark.parametrize(
    "reason",
    [
        {"reference": "Condition/gone"},
        {"reference": "DocumentReference/d1"},
        {"reference": "#inside"},
        {"display": "what happened at home"},
    ],
)
def test_a_reason_that_cannot_be_read_closes_the_row(reason: dict[str, str]) -> None:
    assert _labels("SdohReferral", request("r", reasonReference=[reason])) == [{"DV"}]
    assert _labels("SdohGoal", goal("g", addresses=[reason])) == [{"DV"}]


def test_requests_that_are_based_on_each_other_come_to_an_end() -> None:
    one = request("one", basedOn=refers("ServiceRequest/other"))
    other = request("other", "p1", "elder-abuse", basedOn=refers("ServiceRequest/one"))

    assert _labels("SdohReferral", one, other) == [{"DV"}, {"DV"}]


def test_the_codes_of_the_guide_are_taken_from_its_own_system_only() -> None:
    elsewhere = [*guide("food-insecurity"), concept(("http://example.org/other", "elder-abuse"))]

    (row,) = _rows("SdohCondition", condition("c", category=elsewhere))

    assert row.values["categories"] == ["FOOD_INSECURITY"]
    assert row.labels == NONE
    assert _labels("SdohScreening", observation("o", code=concept((SDOHCC, "elder-abuse")))) == [{"DV"}]
