"""From FHIR's shapes to values: what is read, what is left, and what is not FHIR at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any

import pytest

from connectors.base import Row
from connectors.gravity_fhir.kit import (
    concept,
    condition,
    goal,
    observation,
    refers,
    request,
    supply,
    task,
)
from connectors.gravity_fhir.mapping import Record, gather, rows
from connectors.mapping import Unreadable

IN_ERROR = concept(("http://terminology.hl7.org/CodeSystem/condition-ver-status", "entered-in-error"))


def _rows(noun: str, *resources: dict[str, Any]) -> tuple[Row, ...]:
    return rows(supply(noun), frozenset(supply(noun).fields), Record(gather("p1", list(resources))))


def test_what_was_entered_in_error_is_no_row() -> None:
    assert _rows("SdohCondition", condition("c", verificationStatus=IN_ERROR)) == ()
    assert _rows("SdohGoal", goal("g", lifecycleStatus="entered-in-error")) == ()
    assert _rows("SdohScreening", observation("o", status="entered-in-error")) == ()
    assert _rows("SdohReferral", request("r", status="entered-in-error"), task("t", "r")) == ()


def test_a_request_whose_task_was_entered_in_error_stands_alone() -> None:
    (row,) = _rows("SdohReferral", request("r"), task("t", "r", status="entered-in-error"))

    assert row.reference == "ServiceRequest/r"
    assert row.values["status"] is None


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ({"onsetDateTime": "2024-05-06"}, date(2024, 5, 6)),
        ({"onsetDateTime": "2024-05-06T23:30:00-05:00"}, date(2024, 5, 6)),
        ({"onsetPeriod": {"start": "2024-05-06T01:00:00Z"}}, date(2024, 5, 6)),
        ({"onsetDateTime": "2024-05"}, None),
        ({"onsetDateTime": "2024"}, None),
        ({"onsetAge": {"value": 30}}, None),
        ({"onsetString": "long ago"}, None),
        ({}, None),
    ],
)
def test_the_day_a_need_began_is_the_day_as_it_was_written(
    written: dict[str, Any], read: date | None
) -> None:
    (row,) = _rows("SdohCondition", condition("c", **written))

    assert row.values["onset"] == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ({"valueString": "Twice"}, "Twice"),
        ({"valueBoolean": False}, "No"),
        ({"valueInteger": 0}, "0"),
        ({"valueQuantity": {"value": 2, "unit": "meals"}}, "2 meals"),
        ({"dataAbsentReason": concept(("s", "asked-declined"))}, None),
    ],
)
def test_an_answer_is_said_in_words_whatever_its_type(written: dict[str, Any], read: str | None) -> None:
    answered = observation("o", **written)
    del answered["valueCodeableConcept"]

    (row,) = _rows("SdohScreening", answered)

    assert row.values["answer"] == read


def test_only_houses_are_named_as_performers() -> None:
    house = {"reference": "Organization/o1", "display": "A pantry"}
    somebody = {"reference": "Practitioner/x", "display": "Dr Zyxwvutsrq"}

    (by_house,) = _rows("SdohReferral", request("r"), task("t", "r", owner=house))
    (by_somebody,) = _rows("SdohReferral", request("r", performer=[house]), task("t", "r", owner=somebody))
    (by_nobody,) = _rows("SdohReferral", request("r"), task("t", "r", owner=somebody))

    assert [row.values["performer"] for row in (by_house, by_somebody, by_nobody)] == [
        "A pantry",
        "A pantry",
        None,
    ]


def test_a_referral_has_the_moments_of_its_task() -> None:
    moments = {"authoredOn": "2026-01-02T03:04:05Z", "lastModified": "2026-02-03T04:05:06+00:00"}
    (row,) = _rows(
        "SdohReferral", request("r"), task("t", "r", **moments, businessStatus={"text": "Waiting"})
    )

    assert row.values["requestedAt"] == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert row.values["lastModified"] == datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
    assert row.values["businessStatus"] == "Waiting"


def test_a_task_of_another_kind_or_of_a_request_that_is_not_social_is_passed_over() -> None:
    lab = request("lab")
    lab["category"] = []

    assert _rows("SdohReferral", lab, task("t", "lab")) == ()
    assert [
        row.reference for row in _rows("SdohReferral", request("r"), task("t", "r", code=concept(("s", "x"))))
    ] == ["ServiceRequest/r"]


@pytest.mark.parametrize(
    "broken",
    [
        {"code": "food"},
        {"code": {"coding": {"code": "1"}}},
        {"code": {"coding": [{"code": 1}]}},
        {"category": [7]},
        {"clinicalStatus": concept(("s", "gone-mad"))},
        {"onsetDateTime": "2024-13-01"},
        {"onsetDateTime": 2024},
        {"meta": {"lastUpdated": "yesterday"}},
        {"meta": []},
        {"extension": [7]},
    ],
)
def test_what_is_not_fhir_is_unreadable(broken: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        _rows("SdohCondition", condition("c", **broken))


@pytest.mark.parametrize(
    "broken",
    [
        {"subject": {"reference": "Patient/p2"}},
        {"subject": {"display": "Ada"}},
        {"subject": None},
        {"id": None},
        {"id": "a/b"},
    ],
)
def test_a_resource_of_somebody_else_or_without_a_name_is_unreadable(broken: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        gather("p1", [condition("c", **broken)])


def test_only_what_is_asked_for_is_read() -> None:
    only = frozenset({"display"})
    record = Record(gather("p1", [condition("c", onsetDateTime="2024-13-01")]))

    (row,) = rows(supply("SdohCondition"), only, record)

    assert row.values == {"display": "733423003"}


def test_a_goal_is_due_at_its_first_day() -> None:
    targets = [{"dueDate": "2026-09-01"}, {"dueDate": "2026-07-01"}, {"dueDuration": {"value": 3}}]

    (row,) = _rows("SdohGoal", goal("g", target=targets))

    assert row.values["targetDate"] == date(2026, 7, 1)


def test_what_a_reason_points_at_may_be_on_another_page_of_the_same_server() -> None:
    absolute = refers("https://clinic.example/fhir/Condition/c1/_history/3")
    known = gather("p1", [request("r", reasonReference=absolute), condition("c1")])

    (row,) = rows(supply("SdohReferral"), frozenset(), Record(known))

    assert row.labels == frozenset()


EACH = {
    "SdohCondition": condition(
        "c", onsetPeriod={"start": "2024-05-06"}, asserter={"reference": "Patient/p1"}
    ),
    "SdohGoal": goal("g", target=[{"dueDate": "2026-09-01"}], addresses=refers("Condition/c")),
    "SdohScreening": observation("o", effectiveDateTime="2024-05-06", hasMember=refers("Observation/x")),
    "SdohReferral": request("r", performer=refers("Organization/o"), reasonCode=[concept(("s", "x"))]),
}
TASK = task("t", "r", owner={"reference": "Organization/o", "display": "A pantry"}, authoredOn="2026-01-02")
META = {"lastUpdated": "2026-01-02T03:04:05Z", "security": [{"system": "s", "code": "N"}]}


def _spoilt(value: Any, junk: Any) -> Iterator[Any]:
    """The value with one thing in it, however deep, replaced by something else."""
    yield junk
    if isinstance(value, dict):
        for key, each in value.items():
            for other in _spoilt(each, junk):
                yield {**value, key: other}
    if isinstance(value, list):
        for number, each in enumerate(value):
            for other in _spoilt(each, junk):
                yield [*value[:number], other, *value[number + 1 :]]


@pytest.mark.parametrize("noun", EACH)
@pytest.mark.parametrize("junk", [7, "x", None, [], {}, [7], [[]], {"coding": 7}, True], ids=repr)
def test_whatever_stands_in_a_resource_it_is_read_or_unreadable_and_nothing_else(
    noun: str, junk: Any
) -> None:
    tried = 0
    for spoilt in _spoilt({**EACH[noun], "meta": META}, junk):
        with suppress(Unreadable):
            _rows(noun, *([spoilt] if noun != "SdohReferral" else [spoilt, TASK]))
        tried += 1
    for spoilt in _spoilt(TASK, junk) if noun == "SdohReferral" else ():
        with suppress(Unreadable):
            _rows(noun, EACH[noun], spoilt)

    assert tried > 20
