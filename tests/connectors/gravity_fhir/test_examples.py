"""The 58 example resources of the guide, read over HTTP: what each becomes, and what is passed over."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from connectors.base import Found, Row
from connectors.gravity_fhir.kit import MANIFEST, asks, clinic

PATIENT = "pat-53234"
READ = {"Condition": 4, "Goal": 1, "Observation": 22, "ServiceRequest": 3, "Task": 8}
OTHERS = {
    **dict.fromkeys(("Consent", "Device", "DocumentReference", "Group", "HealthcareService"), 1),
    **dict.fromkeys(("Location", "Patient", "Practitioner", "PractitionerRole", "RelatedPerson"), 1),
    "Organization": 3,
    "Procedure": 3,
    "Questionnaire": 2,
    "QuestionnaireResponse": 2,
}
ROWS = {"SdohCondition": 4, "SdohGoal": 1, "SdohReferral": 5, "SdohScreening": 13}


@pytest.fixture
def examples(reference: Callable[[str], Path]) -> list[dict[str, Any]]:
    return [json.loads(path.read_bytes()) for path in sorted(reference("gravity-sdoh").glob("*.json"))]


async def _rows(examples: list[dict[str, Any]], noun: str) -> tuple[Row, ...]:
    async with clinic(*examples) as guide:
        outcome = (await guide.source.fetch(asks(noun, PATIENT)))[PATIENT]
    assert isinstance(outcome, Found)
    return outcome.rows


def test_every_example_is_of_a_kind_that_is_read_or_known_to_be_passed_over(
    examples: list[dict[str, Any]],
) -> None:
    assert Counter(one["resourceType"] for one in examples) == Counter(READ | OTHERS)
    assert len(examples) == 58


@pytest.mark.parametrize(("noun", "count"), ROWS.items())
async def test_each_noun_has_its_rows_and_none_is_labelled(
    examples: list[dict[str, Any]], noun: str, count: int
) -> None:
    rows = await _rows(examples, noun)

    assert len(rows) == count
    assert all(row.labels == frozenset() for row in rows)
    assert all(row.values.keys() == MANIFEST.supplies[noun].fields.keys() for row in rows)
    assert all(row.as_of is not None for row in rows)


async def test_what_is_read_but_is_no_row_is_passed_over_for_a_reason(examples: list[dict[str, Any]]) -> None:
    named = {row.reference for noun in ROWS for row in await _rows(examples, noun)}
    of_requests = {"ServiceRequest/" + one for one in _FOOD_REQUESTS}
    read = {f"{one['resourceType']}/{one['id']}": one for one in examples if one["resourceType"] in READ}

    passed_over = read.keys() - named - of_requests

    tasks_for_the_patient = {name for name in passed_over if name.startswith("Task/SDOHCC-TaskPatient")}
    characteristics = {name for name in passed_over if "personal-characteristic" in json.dumps(read[name])}
    heads = {name for name in passed_over if "hasMember" in read[name]}
    assert (len(tasks_for_the_patient), len(characteristics), len(heads)) == (4, 8, 1)
    assert passed_over == tasks_for_the_patient | characteristics | heads


_FOOD_REQUESTS = (
    "SDOHCC-ServiceRequestActiveFoodPantryApplicationAssistExample",
    "SDOHCC-ServiceRequestSubreferralSummerFoodProgramExample",
)


async def test_a_condition_says_what_since_when_and_who_says_so(examples: list[dict[str, Any]]) -> None:
    rows = {row.reference: dict(row.values) for row in await _rows(examples, "SdohCondition")}

    assert rows["Condition/SDOHCC-ConditionHomelessExample"] == {
        "categories": ["HOMELESSNESS"],
        "code": "32911000",
        "system": "http://snomed.info/sct",
        "display": "Homeless",
        "clinicalStatus": "ACTIVE",
        "verificationStatus": "UNCONFIRMED",
        "onset": date(2021, 4, 26),
        "abatement": None,
        "recordedOn": None,
        "assertedBy": "CLIENT",
    }
    assert rows["Condition/SDOHCC-ConditionAsserterDeviceExample"]["assertedBy"] == "DEVICE"
    assert rows["Condition/SDOHCC-ConditionUnemployedExample"]["categories"] == ["EMPLOYMENT_STATUS"]


async def test_a_goal_says_how_near_it_is(examples: list[dict[str, Any]]) -> None:
    (row,) = await _rows(examples, "SdohGoal")

    assert row.values == {
        "categories": ["FOOD_INSECURITY"],
        "description": "Food security",
        "lifecycleStatus": "ACTIVE",
        "achievementStatus": "IMPROVING",
        "targetDate": date(2020, 12, 10),
    }


async def test_a_referral_is_a_request_and_its_task_and_a_request_without_one_stands_alone(
    examples: list[dict[str, Any]],
) -> None:
    rows = [
        (row.values["service"], row.values["requestStatus"], row.values["status"], row.values["performer"])
        for row in await _rows(examples, "SdohReferral")
    ]

    pantry, summer = "Assistance with application for food pantry program", "Summer Food Service Program"
    platform, house = "ABC Coordination Platform", "Better Health Clinic"
    assert rows == [
        (pantry, "ACTIVE", "ACCEPTED", platform),
        (pantry, "ACTIVE", "COMPLETED", platform),
        (f"Assistance with application for {summer}", "COMPLETED", "ACCEPTED", house),
        (f"Assistance with application for {summer}", "COMPLETED", "COMPLETED", house),
        ("Assistance with application for garden program", "COMPLETED", None, None),
    ]


async def test_a_screening_is_a_question_and_an_answer(examples: list[dict[str, Any]]) -> None:
    rows = {str(row.values["code"]): row.values for row in await _rows(examples, "SdohScreening")}

    assert rows["88124-3"] == {
        "categories": ["FOOD_INSECURITY"],
        "question": "Food insecurity risk [HVS]",
        "code": "88124-3",
        "system": "http://loinc.org",
        "answer": "At risk",
        "answeredOn": date(2020, 9, 10),
    }
    assert rows["160695008"]["categories"] == ["TRANSPORTATION_INSECURITY", "FINANCIAL_INSECURITY"]
    assert [rows[code]["answer"] for code in ("160695008", "76508-1", "76512-3")] == [
        "Yes",
        "7 per week",
        "4",
    ]


async def test_nobody_is_named_in_what_is_read(examples: list[dict[str, Any]]) -> None:
    said = repr([dict(row.values) for noun in ROWS for row in await _rows(examples, noun)])

    assert "ABBAS" not in said
    assert "Water" not in said
