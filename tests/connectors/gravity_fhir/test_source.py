"""What goes over the wire to a clinic, and what comes of its answers, page by page and patient by patient."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import parse_qsl

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.base import Failed, Found, Match, NotFound, Person, Subject
from connectors.config import Config
from connectors.gravity_fhir.client import PAGES
from connectors.gravity_fhir.source import GravityFhir, build
from connectors.runtime import Runtime
from connectors.wire import Wire, answer
from hmis.errors import FailureCode, InputRefused, SourceFailed
from tests.connectors.gravity_fhir.clinic import (
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
from tests.connectors.partners import ADA, FOLDER, soon

BAD = Failed(FailureCode.BAD_DATA)
SAMPLES = {
    path.stem: json.loads(path.read_text()) for path in (FOLDER / "gravity_fhir" / "samples").glob("*.json")
}
STATEMENT = {"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1"}


def _json(body: Any, status: str = "200 OK") -> bytes:
    return answer(json.dumps(body), status)


def _searchset(*resources: Any, following: str | None = None) -> dict[str, Any]:
    links = [{"relation": "next", "url": following}] if following else []
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "link": links,
        "entry": [{"resource": one} for one in resources],
    }


def _batch(*bundles: Any, status: str = "200 OK") -> dict[str, Any]:
    entries = [{"resource": bundle, "response": {"status": status}} for bundle in bundles]
    return {"resourceType": "Bundle", "type": "batch-response", "entry": entries}


def _asked(wire: Wire, number: int = -1) -> list[str]:
    """The searches of a batch that was sent."""
    body = json.loads(wire.requests[number].split(b"\r\n\r\n", 1)[1])
    return [entry["request"]["url"] for entry in body["entry"]]


async def _fetched(*answers: Any, noun: str = "SdohCondition", patients: tuple[str, ...] = ("p1",)) -> Any:
    wire = Wire(*(_json(one) for one in answers))
    async with wire.serving() as address:
        source = unproven(address)
        outcomes = await Runtime().fetch(source, asks(noun, *patients))
        await source.aclose()
    return outcomes, wire


async def test_people_are_asked_about_in_one_batch_and_named_in_no_address() -> None:
    outcomes, wire = await _fetched(_batch(_searchset(condition("c")), _searchset()), patients=("p1", "p2"))

    assert {key: type(one) for key, one in outcomes.items()} == {"p1": Found, "p2": NotFound}
    assert wire.request_lines == ["POST / HTTP/1.1"]
    searches = [url.partition("?") for url in _asked(wire)]
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
    _, wire = await _fetched(_batch(*(_searchset() for _ in kinds)), noun=noun)

    asked = [(url.partition("?")[0], dict(parse_qsl(url.partition("?")[2]))) for url in _asked(wire)]
    assert [kind for kind, _ in asked] == kinds
    assert all(terms.keys() & {"category", "code"} for _, terms in asked)


async def test_reasons_are_asked_for_by_name_and_without_what_no_label_needs() -> None:
    for_harm = request("r", reasonReference=refers("Condition/harm", "Observation/o"))
    harm = condition("harm", "p1", "intimate-partner-violence")
    outcomes, wire = await _fetched(
        _batch(_searchset(for_harm), _searchset(task("t", "r"))),
        _batch(_searchset(harm), _searchset(observation("o"))),
        noun="SdohReferral",
    )

    assert outcomes["p1"].row.labels == {"DV"}
    asked = [(url.partition("?")[0], dict(parse_qsl(url.partition("?")[2]))) for url in _asked(wire)]
    assert [(kind, terms["_id"]) for kind, terms in asked] == [("Condition", "harm"), ("Observation", "o")]
    assert {terms["patient"] for _, terms in asked} == {"p1"}
    assert all("value" not in terms["_elements"] for _, terms in asked)


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
    outcomes, _ = await _fetched(_batch(_searchset(condition("c", "p2"))))

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
    body = _batch(_searchset(condition("c")), None)
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
        _batch({"resourceType": "Bundle", "type": "history"}),
        _batch(_searchset({"resourceType": "Patient", "id": "p1"})),
        _batch(_searchset(7)),
        _batch({"resourceType": "Bundle", "type": "searchset", "entry": [None]}),
        _batch({"resourceType": "Bundle", "type": "searchset", "link": [None, 7]}),
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
        _batch(_searchset(condition("c1"), following="Condition?patient=p1&_page=2")),
        _batch(_searchset(condition("c2"))),
    )

    assert len(outcomes["p1"].rows) == 2
    assert wire.request_lines == ["POST / HTTP/1.1"] * 2
    assert _asked(wire) == ["Condition?patient=p1&_page=2"]


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
    wire = Wire(_json(_batch(_searchset(condition("c1"), following=elsewhere))))
    async with wire.serving() as address:
        source = unproven(f"{address}/fhir/r4")
        outcomes = await Runtime().fetch(source, asks("SdohCondition", "p1"))
        await source.aclose()

    assert outcomes == {"p1": BAD}
    assert len(wire.requests) == 1


async def test_pages_that_go_round_come_to_an_end() -> None:
    round_about = [
        _batch(_searchset(condition("c1"), following="Condition?_page=2")),
        _batch(_searchset(condition("c2"), following="Condition?_page=3")),
        _batch(_searchset(condition("c3"), following="Condition?_page=2")),
    ]

    outcomes, wire = await _fetched(*round_about)

    assert outcomes == {"p1": BAD}
    assert len(wire.requests) == 3


async def test_pages_without_end_are_given_up() -> None:
    pages = [_batch(_searchset(following=f"Condition?_page={number}")) for number in range(2, PAGES + 5)]

    outcomes, wire = await _fetched(*pages)

    assert outcomes == {"p1": BAD}
    assert len(wire.requests) == PAGES


async def test_a_person_with_two_charts_has_the_rows_of_both() -> None:
    async with clinic(condition("c1", "p1"), condition("c2", "p2", "homelessness")) as there:
        asked = replace(asks("SdohCondition"), subjects=(Subject("ada", ("p1", "p2", "p1")),))
        outcome = (await there.source.fetch(asked))["ada"]

    assert isinstance(outcome, Found)
    assert [row.reference for row in outcome.rows] == ["Condition/c1", "Condition/c2"]


async def test_a_look_up_by_match_tells_what_the_manifest_says_and_no_more() -> None:
    statement = {
        **STATEMENT,
        "rest": [{"resource": [{"type": "Patient", "operation": [{"name": "match"}]}]}],
    }
    wire = Wire(_json(statement), _json(_searchset()))
    async with wire.serving() as address:
        source = unproven(address)
        await source.find(Subject("never-sent", ("p9",), ADA), soon())
        await source.find(Subject("never-sent", ("p9",), ADA), soon())
        await source.aclose()

    told = {
        "resourceType": "Patient",
        "name": [{"family": "Sample", "given": ["Ada"]}],
        "birthDate": "1984-02-29",
    }
    assert wire.request_lines == ["GET /metadata HTTP/1.1", *["POST /Patient/$match HTTP/1.1"] * 2]
    parts = json.loads(wire.requests[1].split(b"\r\n\r\n", 1)[1])["parameter"]
    assert [part["resource"] for part in parts if part["name"] == "resource"] == [told]
    assert {part["name"] for part in parts} == {"resource", "onlyCertainMatches", "count"}
    assert not any(b"never-sent" in one or b"p9" in one for one in wire.requests)


async def test_a_look_up_by_search_tells_the_same_in_a_body() -> None:
    wire = Wire(_json(STATEMENT), _json(_batch(_searchset())))
    async with wire.serving() as address:
        source = unproven(address)
        found = await source.find(Subject("p", person=Person("Ada", "Sample, Jr", ADA.dob)), soon())
        await source.aclose()

    assert found == []
    assert wire.request_lines == ["GET /metadata HTTP/1.1", "POST / HTTP/1.1"]
    (search,) = _asked(wire)
    assert search.startswith("Patient?")
    assert dict(parse_qsl(search.removeprefix("Patient?"))) == {
        "family": "Sample\\, Jr",
        "given": "Ada",
        "birthdate": "1984-02-29",
    }


@pytest.mark.parametrize("matches", [True, False])
async def test_the_person_is_found_and_who_was_merged_away_is_not(matches: bool) -> None:
    merged = patient("old", link=[{"type": "replaced-by", "other": {"reference": "Patient/p1"}}])
    held = [
        patient("p1"),
        merged,
        patient("unused", active=False),
        patient("adam", Person("Adam", "Sample", ADA.dob)),
    ]
    async with clinic(*held, matches=matches) as there:
        found = {one.value: one.score for one in await there.source.find(Subject("p", person=ADA), soon())}

    assert found["p1"] == 100
    assert found.keys() == {"p1", "adam"}
    assert found["adam"] < MANIFEST.matching.acceptance.min_score  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("held", "points"),
    [
        (Person("ADÁ", "sample", ADA.dob), 100),
        (Person("Adam", "Sample", ADA.dob), 80),
        (Person("Ada", "Samples", ADA.dob), 80),
        (Person("Ada", "Sample", date(1984, 2, 28)), 50),
    ],
)
async def test_without_a_score_of_the_server_the_hub_scores(held: Person, points: int) -> None:
    bundle = _searchset(patient("p1", held))
    wire = Wire(_json(STATEMENT), _json(_batch(bundle)))
    async with wire.serving() as address:
        source = unproven(address)
        found = await source.find(Subject("p", person=ADA), soon())
        await source.aclose()

    assert found == [Match("p1", points)]


@pytest.mark.parametrize("version", ["3.0.2", "5.0.0", None])
async def test_another_fhir_is_a_matter_of_configuration(version: str | None) -> None:
    async with Wire(_json({**STATEMENT, "fhirVersion": version})).serving() as address:
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


def _plain(row: Any) -> dict[str, Any]:
    values = {name: one.isoformat() if isinstance(one, date) else one for name, one in row.values.items()}
    return values | {"reference": row.reference, "labels": sorted(row.labels)}


async def _read(operation: str, source: GravityFhir) -> Any:
    """What the hub makes of a sample, as the sample writes it."""
    if operation == "fetch":
        outcomes = await source.fetch(asks("SdohCondition", "p-1001", "p-1002"))
        return {
            key: [_plain(row) for row in one.rows] for key, one in outcomes.items() if isinstance(one, Found)
        }
    return [[one.value, one.score] for one in await source.find(Subject("p", person=ADA), soon())]


@pytest.mark.parametrize("case", ["normal", "empty", "error"])
@pytest.mark.parametrize("operation", ["fetch", "find"])
async def test_the_samples_read_as_expected(operation: str, case: str) -> None:
    sample = SAMPLES[operation][case]
    said = answer(json.dumps(sample["body"]), f"{sample['status']} Sample")
    statement = {**STATEMENT, "rest": [{"resource": [{"type": "Patient", "operation": [{"name": "match"}]}]}]}
    before = [_json(statement)] if operation == "find" else []

    async with Wire(*before, said).serving() as address:
        source = unproven(address)
        try:
            read = await _read(operation, source)
        except SourceFailed as failed:
            read = failed.code
        await source.aclose()

    assert read == sample["expect"]
