"""What a declarative partner is sent beside questions, over real HTTP, and how its answers are read."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from connectors.base import Changes, Failed, Person, Receipt, Source, Submission
from connectors.kit.offered import ADA
from connectors.kit.recording import running
from connectors.manifest import ManifestRefused, read_manifest
from connectors.memory import MemorySource
from connectors.pantry.intake import Intake
from connectors.pantry.standin import application
from connectors.rest import RestSource
from connectors.runtime import Runtime
from connectors.wire import Wire, answer
from hmis.errors import FailureCode, SourceFailed
from tests.connectors.partners import FOLDER, KEY, household, pantry, soon

NEW = Submission("REFERRAL", "key-1", "SENT", person=ADA, values={"service": "food box"})
WORD = Submission("REFERRAL", "key-2", "CANCELLED", reference="REF-1", version="3")


@asynccontextmanager
async def wired(*answers: bytes) -> AsyncIterator[tuple[RestSource, Wire]]:
    """A pantry that answers exactly this."""
    wire = Wire(*answers)
    async with wire.serving() as url:
        source = pantry(url)
        try:
            yield source, wire
        finally:
            await source.aclose()


def sent(wire: Wire, number: int = 0) -> tuple[dict[str, str], Any]:
    """Headers and body of a request."""
    head, body = wire.requests[number].split(b"\r\n\r\n", 1)
    pairs = (line.decode().split(": ", 1) for line in head.split(b"\r\n")[1:])
    return {name.lower(): value for name, value in pairs}, json.loads(body)


async def test_a_referral_goes_out_with_its_key_and_what_was_agreed_to() -> None:
    async with wired(answer('{"id": "REF-1", "status": "requested", "version": 3}')) as (source, wire):
        assert source.honours_keys
        assert await Runtime().submit(source, NEW, soon()) == Receipt("REF-1", "SENT", "3")
    headers, body = sent(wire)
    assert headers["idempotency-key"] == "key-1"
    assert "if-match" not in headers
    assert body == {
        "reference": None, "status": "SENT", "household": None, "firstName": "Ada", "lastName": "Sample",
        "dateOfBirth": "1984-02-29", "service": "food box",
    }  # fmt: skip


async def test_a_word_about_a_known_referral_names_the_version_and_nobody() -> None:
    async with wired(answer('{"id": "REF-1", "status": "cancelled", "version": "4"}')) as (source, wire):
        assert await Runtime().submit(source, WORD, soon()) == Receipt("REF-1", "CANCELLED", "4")
    headers, body = sent(wire)
    assert headers["if-match"] == "3"
    assert [body[name] for name in ("firstName", "lastName", "dateOfBirth", "service")] == [None] * 4


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (answer("{}", "409 Conflict"), FailureCode.CONFLICT),
        (answer("{}", "412 Precondition Failed"), FailureCode.CONFLICT),
        (answer("{}", "401 Unauthorized"), FailureCode.AUTH),
        (answer('{"id": "REF-1", "status": "thinking"}'), FailureCode.BAD_DATA),
        (answer('{"id": "REF-1"}'), FailureCode.BAD_DATA),
        (answer('{"status": "received"}'), FailureCode.BAD_DATA),
        (answer("<html>"), FailureCode.BAD_DATA),
    ],
)
async def test_what_is_no_receipt_is_a_failure_with_a_code(said: bytes, code: FailureCode) -> None:
    async with wired(said) as (source, _):
        assert await Runtime().submit(source, NEW, soon()) == Failed(code)


async def test_under_a_key_it_is_tried_again_at_once_and_without_one_it_is_not(tmp_path: Path) -> None:
    down, up = answer("{}", "503 Service Unavailable"), answer('{"id": "R", "status": "received"}')
    async with wired(down, up) as (source, wire):
        assert await Runtime().submit(source, NEW, soon()) == Receipt("R", "RECEIVED")
        assert [sent(wire, number)[0]["idempotency-key"] for number in (0, 1)] == ["key-1"] * 2
    async with wired(down, up) as (source, wire):
        source.honours_keys = False
        failed = await Runtime().submit(source, NEW, soon())
        assert failed == Failed(FailureCode.UNAVAILABLE, retryable=True)
        assert len(wire.requests) == 1


async def test_the_stand_in_takes_each_key_once_and_says_how_its_referrals_stand() -> None:
    intake, runtime = Intake(), Runtime()
    async with running(application([household("H-1")], KEY, intake)) as url:
        source = pantry(url)
        try:
            first = await runtime.submit(source, NEW, soon())
            assert await runtime.submit(source, NEW, soon()) == first == Receipt("REF-1", "RECEIVED", "1")
            intake.move("REF-1", "in-progress")
            stands = await runtime.track(source, ["REF-1", "REF-9"], soon())
            assert stands == {"REF-1": Receipt("REF-1", "IN_PROGRESS", "2")}
            assert await runtime.submit(source, WORD, soon()) == Failed(FailureCode.CONFLICT)
            assert intake.referrals["REF-1"]["status"] == "in-progress"
        finally:
            await source.aclose()
    assert (len(intake.referrals), intake.sent["key-1"]) == (1, 2)


@pytest.mark.parametrize(
    ("said", "page"),
    [
        (
            '{"changed": [{"id": 1}, "b"], "removed": ["c"], "next": 9}',
            Changes(("1", "b"), ("c",), "9", True),
        ),
        ('{"changed": [], "next": "9"}', Changes((), (), "9", False)),
        ('{"changed": ["a"]}', Changes(("a",), (), None, False)),
    ],
)
async def test_a_page_of_changes_is_read(said: str, page: Changes) -> None:
    async with wired(answer(said)) as (source, wire):
        assert await Runtime().changes(source, "4", soon()) == page
    assert sent(wire)[1] == {"since": "4"}


@pytest.mark.parametrize(
    "said",
    ['{"next": 1}', '{"changed": [null]}', '{"changed": [], "removed": {}}', '{"changed": [], "next": [1]}'],
)
async def test_a_page_that_cannot_be_read_is_bad_data(said: str) -> None:
    async with wired(answer(said)) as (source, _):
        assert await Runtime().changes(source, None, soon()) == Failed(FailureCode.BAD_DATA)


class Plain(MemorySource):
    """A source that overrides nothing of it."""

    changes = Source.changes
    submit = Source.submit
    track = Source.track


async def test_what_a_source_does_not_declare_is_not_supported() -> None:
    source, runtime = Plain({}), Runtime()
    not_supported = Failed(FailureCode.NOT_SUPPORTED)
    for declared in (source.capabilities, frozenset[Any]()):
        source.capabilities = declared
        assert await runtime.changes(source, None, soon()) == not_supported
        assert await runtime.submit(source, NEW, soon()) == not_supported
        assert await runtime.track(source, ["R"], soon()) == not_supported


async def test_in_memory_a_key_has_its_effect_once_and_an_old_version_is_a_conflict() -> None:
    source = MemorySource({})
    first = await source.submit(NEW, soon())
    assert await source.submit(NEW, soon()) == first == Receipt("R-1", "RECEIVED", "1")
    with pytest.raises(SourceFailed, match="CONFLICT"):
        await source.submit(Submission("REFERRAL", "k", "CANCELLED", reference="R-1", version="0"), soon())
    assert len(source.receipts) == 1


async def test_referrals_are_asked_after_in_batches_and_what_nobody_asked_about_is_dropped() -> None:
    class Talkative(MemorySource):
        def __init__(self) -> None:
            super().__init__({})
            self.batches: list[tuple[str, ...]] = []

        async def track(self, references: tuple[str, ...], deadline: float) -> dict[str, Receipt]:
            self.batches.append(references)
            return {one: Receipt(one, "RECEIVED") for one in (*references, "stranger")}

    source, runtime = Talkative(), Runtime()
    source.limits = type(source.limits)(batch_max=2)
    stands = await runtime.track(source, ["a", "b", "c"], soon())
    assert not isinstance(stands, Failed)
    assert set(stands) == {"a", "b", "c"}
    assert source.batches == [("a", "b"), ("c",)]
    assert runtime.state(source).dropped == 2


@pytest.mark.parametrize(
    ("old", "new", "pointer"),
    [
        ("{cursor}", "{person.last_name}", "op.changes.body"),
        ("{references}", "{cursor}", "op.track.body"),
        ("{submission.status}", "{submission.stats}", "op.submit.body"),
        ("{person.dob}", "{person.ssn}", "op.submit.body"),
        ('key = "id"\nstatus = "status"', 'key = "id"', "op.submit.status"),
        ('removed = "removed"', 'removd = "removed"', "op.changes.removd"),
        ('next = "next"', 'next = "next["', "op.changes.next"),
    ],
)
def test_a_fault_of_these_is_named_by_its_key(tmp_path: Path, old: str, new: str, pointer: str) -> None:
    told = (FOLDER / "pantry" / "connector.toml").read_text()
    assert old in told
    at = told.index("[op.changes]")
    place = tmp_path / "connector.toml"
    place.write_text(told[:at] + told[at:].replace(old, new, 1))
    with pytest.raises(ManifestRefused) as refused:
        read_manifest(place)
    assert pointer in {problem.pointer for problem in refused.value.problems}


def test_nobody_stands_in_what_is_printed_of_a_submission() -> None:
    told = Submission(
        "REFERRAL", "k", "SENT", person=Person("Zyxwv", dob=date(1999, 9, 9)), values={"s": "canary"}
    )
    assert not {word for word in ("Zyxwv", "1999", "canary") if word in repr(told)}
