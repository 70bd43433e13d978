"""The pantry's manifest against its samples, and against the stand-in over real HTTP."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from connectors.base import Failed, Found, Match, Subject
from connectors.desk import UNWELL
from connectors.kit.offered import ADA
from connectors.kit.recording import running
from connectors.pantry.standin import application
from connectors.runtime import Runtime
from connectors.standin import KINDS, Faulty, parse_faults
from connectors.wire import Wire, answer
from hmis.errors import FailureCode, SourceFailed
from tests.connectors.partners import FOLDER, KEY, ask, household, pantry, soon

FIELDS = frozenset({"lastVisit", "visitCount", "programs"})
SAMPLES = {path.stem: json.loads(path.read_text()) for path in (FOLDER / "pantry" / "samples").glob("*.json")}


def _wire(sample: Any) -> Wire:
    return Wire(answer(json.dumps(sample["body"]), f"{sample['status']} Sample"))


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value


@pytest.mark.parametrize("case", ["normal", "empty"])
async def test_fetch_reads_the_samples(case: str) -> None:
    sample = SAMPLES["fetch"][case]
    ids = ("H-1001", "H-1002")

    async with _wire(sample).serving() as address:
        source = pantry(address)
        outcomes = await source.fetch(ask(*(Subject(one, (one,)) for one in ids), fields=FIELDS))
        await source.aclose()

    read = {
        key: {name: _plain(value) for name, value in found.row.values.items()}
        | {"as_of": _plain(found.row.as_of)}
        for key, found in outcomes.items()
        if isinstance(found, Found)
    }
    assert read == sample["expect"]


@pytest.mark.parametrize("case", ["normal", "empty"])
async def test_find_reads_the_samples(case: str) -> None:
    sample = SAMPLES["find"][case]

    async with _wire(sample).serving() as address:
        source = pantry(address)
        matches = await source.find(Subject("p", person=ADA), soon())
        await source.aclose()

    assert matches == [
        Match(value, score, date.fromisoformat(dob) if dob else None)
        for value, score, dob in sample["expect"]
    ]


@pytest.mark.parametrize("operation", ["find", "fetch"])
async def test_errors_in_the_samples_have_their_code(operation: str) -> None:
    sample = SAMPLES[operation]["error"]
    subject = Subject("p", ("H-1001",), ADA)

    async with _wire(sample).serving() as address:
        source = pantry(address)
        finding, fetching = source.find(subject, soon()), source.fetch(ask(subject, fields=FIELDS))
        asking, other = (finding, fetching) if operation == "find" else (fetching, finding)
        other.close()
        with pytest.raises(SourceFailed) as failed:
            await asking
        await source.aclose()

    assert failed.value.code == sample["expect"]


async def test_what_a_look_up_discloses_is_what_the_manifest_says_and_in_the_body() -> None:
    wire = Wire(answer('{"matches": []}'))
    async with wire.serving() as address:
        source = pantry(address)
        await source.find(Subject("never-sent", ("H-9",), ADA), soon())
        await source.aclose()

    head, body = wire.requests[0].split(b"\r\n\r\n", 1)
    assert wire.request_lines == ["POST /clients/find HTTP/1.1"]
    assert json.loads(body) == {"firstName": "Ada", "lastName": "Sample", "dateOfBirth": "1984-02-29"}
    assert b"never-sent" not in wire.requests[0]
    assert b"X-API-Key: " + KEY.encode() in head


async def test_a_fetch_tells_the_partner_its_own_ids_and_nothing_else() -> None:
    wire = Wire(answer('{"items": []}'))
    async with wire.serving() as address:
        source = pantry(address)
        await source.fetch(ask(Subject("never-sent", ("H-9", "H-8"), ADA), fields=FIELDS))
        await source.aclose()

    assert wire.request_lines == ["POST /households/batch HTTP/1.1"]
    assert json.loads(wire.requests[0].split(b"\r\n\r\n", 1)[1]) == {"ids": ["H-9", "H-8"]}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"items": {}},
        {"items": [{"visits": []}]},
        {"items": [7]},
        {"data": []},
        [],
        {"items": None},
    ],
)
async def test_an_answer_of_another_shape_is_bad_data_for_all(body: Any) -> None:
    async with Wire(answer(json.dumps(body))).serving() as address:
        source = pantry(address)
        outcomes = await Runtime().fetch(source, ask(Subject("p", ("H-1",)), fields=FIELDS))
        await source.aclose()

    assert outcomes == {"p": Failed(FailureCode.BAD_DATA)}


async def test_a_bad_record_costs_its_own_person_only() -> None:
    items = [household("H-1"), household("H-2", visits="many"), household("H-3"), household("H-3")]
    async with Wire(answer(json.dumps({"items": items}))).serving() as address:
        source = pantry(address)
        subjects = [Subject(one, (one,)) for one in ("H-1", "H-2", "H-3")]
        outcomes = await source.fetch(ask(*subjects, fields=FIELDS))
        await source.aclose()

    assert isinstance(outcomes["H-1"], Found)
    assert outcomes["H-2"] == Failed(FailureCode.BAD_DATA)
    assert outcomes["H-3"] == Failed(FailureCode.BAD_DATA)


async def test_records_that_were_not_asked_about_are_nobodys() -> None:
    async with Wire(answer(json.dumps({"items": [household("H-1"), household("H-2")]}))).serving() as address:
        source = pantry(address)
        outcomes = await source.fetch(ask(Subject("p", ("H-1",)), fields=FIELDS))
        await source.aclose()

    assert outcomes.keys() == {"p"}


async def test_of_several_records_of_a_person_the_one_touched_last_speaks() -> None:
    items = [
        household("H-1", updatedAt="2025-05-01"),
        household("H-2", updatedAt="2026-02-01T00:00:00Z", visits=[]),
        household("H-3", updatedAt=None),
    ]
    async with Wire(answer(json.dumps({"items": items}))).serving() as address:
        source = pantry(address)
        outcomes = await source.fetch(ask(Subject("p", ("H-1", "H-2", "H-3")), fields=FIELDS))
        await source.aclose()

    found = outcomes["p"]
    assert isinstance(found, Found)
    assert (found.row.reference, found.row.as_of) == ("H-2", datetime(2026, 2, 1, tzinfo=UTC))


@pytest.mark.parametrize("score", [None, "94", 101, -1, True])
async def test_a_score_that_is_none_is_bad_data(score: Any) -> None:
    matches = json.dumps({"matches": [{"householdId": "H-1", "score": score}]})
    async with Wire(answer(matches)).serving() as address:
        source = pantry(address)
        outcome = await Runtime().find(source, (Subject("p", person=ADA),), soon())
        await source.aclose()

    assert outcome == {"p": Failed(FailureCode.BAD_DATA)}


@pytest.mark.parametrize("dob", ["29.2.1984", "1984-02-30", 19840229, True])
async def test_a_birth_date_that_cannot_be_read_is_bad_data(dob: Any) -> None:
    """It might be one that contradicts."""
    matches = json.dumps({"matches": [{"householdId": "H-1", "score": 100, "dateOfBirth": dob}]})
    async with Wire(answer(matches)).serving() as address:
        source = pantry(address)
        outcome = await Runtime().find(source, (Subject("p", person=ADA),), soon())
        await source.aclose()

    assert outcome == {"p": Failed(FailureCode.BAD_DATA)}


async def test_a_wrong_key_is_an_auth_failure() -> None:
    async with running(application([household("H-1")], KEY)) as address:
        source = pantry(address, key="another")
        outcomes = await Runtime().fetch(source, ask(Subject("p", ("H-1",)), fields=FIELDS))
        await source.aclose()

    assert outcomes == {"p": Failed(FailureCode.AUTH)}


CODES = {
    "slow": FailureCode.TIMEOUT,
    "error": FailureCode.UNAVAILABLE,
    "html": FailureCode.BAD_DATA,
    "errorbody": FailureCode.BAD_DATA,
    "garbled": FailureCode.BAD_DATA,
    "cut": FailureCode.UNAVAILABLE,
    "drip": FailureCode.TIMEOUT,
    "reset": FailureCode.UNAVAILABLE,
    "timeout": FailureCode.TIMEOUT,
    "retryafter": FailureCode.RATE_LIMITED,
    "redirect": FailureCode.CONFIG,
}


@pytest.mark.parametrize("kind", KINDS)
async def test_every_fault_of_the_stand_in_costs_a_code_and_nothing_more(kind: str) -> None:
    app = Faulty(application([household("H-1")], KEY), parse_faults("slow=60s" if kind == "slow" else kind))
    async with running(app) as address:
        source = pantry(address)
        runtime = Runtime()
        deadline = soon(0.2 if CODES[kind] is FailureCode.TIMEOUT else 10)
        outcomes = await runtime.fetch(source, ask(Subject("p", ("H-1",)), fields=FIELDS, deadline=deadline))
        assert await runtime.check(source, soon()) is None
        await source.aclose()

    code = CODES[kind]
    assert outcomes == {"p": Failed(code, retryable=code in UNWELL)}
