"""What goes over the wire to a clinic, and what comes of its answers, page by page and patient by patient."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import parse_qsl

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.base import Failed, Found, NotFound, Person, Subject
from connectors.config import Config
from connectors.gravity_fhir.client import PAGES
from connectors.gravity_fhir.kit import (
    MANIFEST,
    asks,
    clinic,
    condition,
    goal,
    observation,
    patient,
    refers,
    request,
    task,
    unproven,
)
from connectors.gravity_fhir.source import build
from connectors.runtime import Runtime
from connectors.wire import Wire
from hmis.errors import FailureCode, InputRefused, SourceFailed
from tests.connectors.gravity_fhir.said import STATEMENT, asked, batch, said, searchset
from tests.connectors.partners import soon

BAD = Failed(FailureCode.BAD_DATA)


async def _fetched(*answers: Any, noun: str = "SdohCondition", patients: tuple[str, ...] = ("p1",)) -> Any:
    wire = Wire(*(said(one) for one in answers))
    async with wire.serving() as address:
        source = unproven(address)
        outcomes = await Runtime().fetch(source, asks(noun, *patients))
        await source.aclose()
    return outcomes, wire


async def test_people_are_asked_about_in_one_batch_and_named_in_no_address() -> None:
    outcomes, wire = await _fetched(batch(searchset(condition("c")), searchset()), patients=("p1", "p2"))

    assert {key: type(one) for key, one in outcomes.items()} == {"p1": Found, "p2": NotFound}
    assert wire.request_lines == ["POST / HTTP/1.1"]
    searches = [url.partition("?") for url in asked(wire)]
    assert [(kind, dict(parse_qsl(query))["patient"]) for kind, _, query in searches] == [
        ("Condition", "p1"),
        ("Condition", "p2"),
    ]
    assert b"application/fhir+json" in wire.requests[0]


@pytest.mark.parametrize(
    ("noun", "kinds"),
    [
        ("SdohCondition", ["Condition"]),
        ("SdohGoal", ["Goal"]),
        ("SdohReferral", ["ServiceRequest", "Task"]),
        ("SdohScreening", ["Observation"]),
    ],
)
async def test_only_what_is_social_is_asked_for(noun: str, kinds: list[str]) -> None:
    _, wire = await _fetched(batch(*(searchset() for _ in kinds)), noun=noun)

    searches = [(url.partition("?")[0], dict(parse_qsl(url.partition("?")[2]))) for url in asked(wire)]
    assert [kind for kind, _ in searches] == kinds
    assert all(terms.keys() & {"category", "code"} for _, terms in searches)


async def test_reasons_are_asked_for_by_name_and_without_what_no_label_needs() -> None:
    for_harm = request("r", reasonReference=refers("Condition/harm", "Observation/o"))
    harm = condition("harm", "p1", "intimate-partner-violence")
    outcomes, wire = await _fetched(
        batch(searchset(for_harm), searchset(task("t", "r"))),
        batch(searchset(harm), searchset(observation("o"))),
        noun="SdohReferral",
    )

    assert outcomes["p1"].row.labels == {"DV"}
    searches = [(url.partition("?")[0], dict(parse_qsl(url.partition("?")[2]))) for url in asked(wire)]
    assert [(kind, terms["_id"]) for kind, terms in searches] == [("Condition", "harm"), ("Observation", "o")]
    assert {terms["patient"] for _, terms in searches} == {"p1"}
    assert all("value" not in terms["_elements"] for _, terms in searches)


async def test_an_id_that_is_none_adds_nothing_to_a_question() -> None:
    async with clinic(condition("c")) as there:
        outcomes = await there.source.fetch(asks("SdohCondition", "p1&patient=p2", "p1,p2", "p1"))

    assert {key: type(one) for key, one in outcomes.items()} == {
        "p1&patient=p2": NotFound,
        "p1,p2": NotFound,
        "p1": Found,
    }


async def test_a_malformed_resource_costs_its_own_patient_only() -> None:
    held = [condition("c1", "p1"), condition("c2", "p2", code="food"), condition("c3", "p3")]
    async with clinic(*held) as there:
        outcomes = await there.source.fetch(asks("SdohCondition", "p1", "p2", "p3"))

    assert {key: type(one) for key, one in outcomes.items()} == {"p1": Found, "p2": Failed, "p3": Found}
    assert outcomes["p2"] == BAD


async def test_a_resource_of_somebody_else_is_never_shown() -> None:
    outcomes, _ = await _fetched(batch(searchset(condition("c", "p2"))))

    assert outcomes == {"p1": BAD}


@pytest.mark.parametrize(
    ("status", "failed"),
    [
        ("401 Unauthorized", Failed(FailureCode.AUTH)),
        ("403 Forbidden", Failed(FailureCode.AUTH)),
        ("400 Bad Request", Failed(FailureCode.CONFIG)),
        ("404 Not Found", Failed(FailureCode.CONFIG)),
        ("429 Too Many", Failed(FailureCode.RATE_LIMITED, retryable=True)),
        ("503", Failed(FailureCode.UNAVAILABLE, retryable=True)),
        ("501 Not Implemented", Failed(FailureCode.NOT_SUPPORTED)),
        ("nonsense", BAD),
    ],
)
async def test_an_entry_that_was_refused_costs_its_own_patient_only(status: str, failed: Failed) -> None:
    body = batch(searchset(condition("c")), None)
    body["entry"][1]["response"] = {"status": status, "outcome": {"resourceType": "OperationOutcome"}}

    outcomes, _ = await _fetched(body, patients=("p1", "p2"))

    assert isinstance(outcomes["p1"], Found)
    assert outcomes["p2"] == failed


@pytest.mark.parametrize(
    "body",
    [
        {"resourceType": "OperationOutcome", "issue": []},
        {"resourceType": "Bundle", "type": "searchset", "entry": []},
        {"resourceType": "Bundle", "type": "batch-response", "entry": []},
        {"resourceType": "Bundle", "type": "batch-response", "entry": [None]},
        {"resourceType": "Bundle", "type": "batch-response"},
        [],
        batch({"resourceType": "Bundle", "type": "history"}),
        batch(searchset({"resourceType": "Patient", "id": "p1"})),
        batch(searchset(7)),
        batch({"resourceType": "Bundle", "type": "searchset", "entry": [None]}),
        batch({"resourceType": "Bundle", "type": "searchset", "link": [None, 7]}),
    ],
)
async def test_an_answer_of_another_shape_is_bad_data(body: Any) -> None:
    outcomes, _ = await _fetched(body)

    assert outcomes == {"p1": BAD}


async def test_every_page_is_read_in_batches_too() -> None:
    held = [condition(f"c{number}") for number in range(450)]
    async with clinic(*held, condition("other", "p2")) as there:
        outcomes = await there.source.fetch(asks("SdohCondition", "p1", "p2"))

    assert [len(outcomes[one].rows) for one in ("p1", "p2")] == [450, 1]  # type: ignore[union-attr]


async def test_the_next_page_is_asked_for_in_a_body() -> None:
    outcomes, wire = await _fetched(
        batch(searchset(condition("c1"), following="Condition?patient=p1&_page=2")),
        batch(searchset(condition("c2"))),
    )

    assert len(outcomes["p1"].rows) == 2
    assert wire.request_lines == ["POST / HTTP/1.1"] * 2
    assert asked(wire) == ["Condition?patient=p1&_page=2"]


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/Condition?_page=2",
        "//evil.example/x",
        "file:///etc/passwd",
        "../../admin?x",
        "http://127.0.0.1:1/Condition?_page=2",
    ],
)
async def test_a_page_elsewhere_is_not_followed(elsewhere: str) -> None:
    wire = Wire(said(batch(searchset(condition("c1"), following=elsewhere))))
    async with wire.serving() as address:
        source = unproven(f"{address}/fhir/r4")
        outcomes = await Runtime().fetch(source, asks("SdohCondition", "p1"))
        await source.aclose()

    assert outcomes == {"p1": BAD}
    assert len(wire.requests) == 1


async def test_pages_that_go_round_come_to_an_end() -> None:
    round_about = [
        batch(searchset(condition("c1"), following="Condition?_page=2")),
        batch(searchset(condition("c2"), following="Condition?_page=3")),
        batch(searchset(condition("c3"), following="Condition?_page=2")),
    ]

    outcomes, wire = await _fetched(*round_about)

    assert outcomes == {"p1": BAD}
    assert len(wire.requests) == 3


async def test_pages_without_end_are_given_up() -> None:
    pages = [batch(searchset(following=f"Condition?_page={number}")) for number in range(2, PAGES + 5)]

    outcomes, wire = await _fetched(*pages)

    assert outcomes == {"p1": BAD}
    assert len(wire.requests) == PAGES


async def test_a_person_with_two_charts_has_the_rows_of_both() -> None:
    async with clinic(condition("c1", "p1"), condition("c2", "p2", "homelessness")) as there:
        asked = replace(asks("SdohCondition"), subjects=(Subject("ada", ("p1", "p2", "p1")),))
        outcome = (await there.source.fetch(asked))["ada"]

    assert isinstance(outcome, Found)
    assert [row.reference for row in outcome.rows] == ["Condition/c1", "Condition/c2"]


@pytest.mark.parametrize("version", ["3.0.2", "5.0.0", None])
async def test_another_fhir_is_a_matter_of_configuration(version: str | None) -> None:
    async with Wire(said({**STATEMENT, "fhirVersion": version})).serving() as address:
        source = unproven(address)
        with pytest.raises(SourceFailed) as failed:
            await source.check(soon())
        await source.aclose()

    assert failed.value.code is FailureCode.CONFIG


async def test_a_check_says_when_we_are_not_let_in() -> None:
    async with clinic() as there:
        stranger = unproven(there.address)
        with pytest.raises(SourceFailed) as failed:
            await stranger.check(soon())
        await stranger.aclose()
        await there.source.check(soon())

    assert failed.value.code is FailureCode.AUTH


def test_what_the_partner_calls_the_hub_must_be_a_reference(database: AsyncEngine) -> None:
    with pytest.raises(InputRefused, match="Organization/123"):
        build(MANIFEST, Config({"requester": "the hub"}), database)


async def test_nobody_is_named_in_a_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    canary = Person("Zyxwvutsrq", "Qrstuvwxyz", date(1971, 3, 17))
    pages = [condition(f"c{number}", "secret-chart") for number in range(250)]
    async with clinic(patient("secret-chart", canary), *pages, goal("g", "secret-chart")) as there:
        await there.source.find(Subject("p", person=canary), soon())
        outcomes = await there.source.fetch(asks("SdohCondition", "secret-chart"))

    assert isinstance(outcomes["secret-chart"], Found)
    for personal in ("Zyxwvutsrq", "Qrstuvwxyz", "1971", "secret-chart"):
        assert personal not in caplog.text
