"""Whom a clinic is told of when somebody is looked up, and how well those it names fit."""

from __future__ import annotations

import json
from datetime import date
from urllib.parse import parse_qsl

import pytest

from connectors.base import Match, Person, Subject
from connectors.gravity_fhir.kit import MANIFEST, clinic, patient, unproven
from connectors.kit.offered import ADA
from connectors.wire import Wire
from tests.connectors.gravity_fhir.said import CAN_MATCH, STATEMENT, asked, batch, said, searchset
from tests.connectors.partners import soon


async def test_a_look_up_by_match_tells_what_the_manifest_says_and_no_more() -> None:
    wire = Wire(said(CAN_MATCH), said(searchset()))
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
    wire = Wire(said(STATEMENT), said(batch(searchset())))
    async with wire.serving() as address:
        source = unproven(address)
        found = await source.find(Subject("p", person=Person("Ada", "Sample, Jr", ADA.dob)), soon())
        await source.aclose()

    assert found == []
    assert wire.request_lines == ["GET /metadata HTTP/1.1", "POST / HTTP/1.1"]
    (search,) = asked(wire)
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
    bundle = searchset(patient("p1", held))
    wire = Wire(said(STATEMENT), said(batch(bundle)))
    async with wire.serving() as address:
        source = unproven(address)
        found = await source.find(Subject("p", person=ADA), soon())
        await source.aclose()

    assert found == [Match("p1", points)]
