"""One outcome for everybody, whatever the source does."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from connectors.base import (
    Failed,
    FetchRequest,
    Found,
    Limits,
    Match,
    NotFound,
    Outcome,
    Row,
    Subject,
    Synced,
)
from connectors.desk import QUEUE
from connectors.kit.offered import ADA
from connectors.memory import MemorySource, Record
from connectors.runtime import Runtime
from hmis.errors import FailureCode, SourceFailed
from tests.connectors.partners import ask, soon

FIELDS = frozenset({"lastVisit", "visitCount"})
CANARY = "Zyxwvutsrq"


def _memory(**limits: float) -> MemorySource:
    record = Record(ADA, {"lastVisit": date(2026, 1, 9), "visitCount": 2})
    return MemorySource({"H-1": record}, limits=Limits(**limits))  # type: ignore[arg-type]  # whole numbers where due


def _subjects(count: int) -> tuple[Subject, ...]:
    return tuple(Subject(f"p{number}", ("H-1",)) for number in range(count))


class Answers(MemorySource):
    """A source that answers as it is told."""

    def __init__(self, answer: Callable[[FetchRequest], Awaitable[Any]]) -> None:
        super().__init__({}, fields=FIELDS)
        self._answer = answer

    async def fetch(self, request: FetchRequest) -> Mapping[str, Outcome]:
        answer: Mapping[str, Outcome] = await self._answer(request)
        return answer


def _raising(fault: BaseException) -> Answers:
    async def raising(_request: FetchRequest) -> Any:
        raise fault

    return Answers(raising)


def _saying(answer: Any) -> Answers:
    async def saying(_request: FetchRequest) -> Any:
        return answer

    return Answers(saying)


@pytest.mark.parametrize(("subjects", "calls"), [(0, 0), (1, 1), (3, 1), (4, 2), (10, 4)])
async def test_calls_are_as_few_as_the_batch_size_allows(subjects: int, calls: int) -> None:
    source = _memory(batch_max=3, concurrency=2)

    outcomes = await Runtime().fetch(source, ask(*_subjects(subjects), fields=FIELDS))

    assert len(outcomes) == subjects
    assert all(isinstance(outcome, Found) for outcome in outcomes.values())
    assert len(source.asked) == calls
    assert all(len(request.subjects) <= 3 for request in source.asked)


async def test_the_same_subject_twice_is_asked_about_once() -> None:
    source = _memory()

    outcomes = await Runtime().fetch(source, ask(*_subjects(1), *_subjects(1), fields=FIELDS))

    assert set(outcomes) == {"p0"}
    assert len(source.asked[0].subjects) == 1


async def test_who_is_not_linked_is_not_found_and_not_asked_about() -> None:
    source = _memory()

    outcomes = await Runtime().fetch(source, ask(Subject("p"), fields=FIELDS))

    assert outcomes == {"p": NotFound()}
    assert source.asked == []


async def test_asking_for_a_field_that_is_not_supplied_reaches_nobody() -> None:
    source = _memory()

    outcomes = await Runtime().fetch(source, ask(*_subjects(2), fields=FIELDS | {"ssn"}))

    assert set(outcomes.values()) == {Failed(FailureCode.NOT_SUPPORTED)}
    assert source.asked == []


async def test_only_the_fields_that_were_asked_for_come_back() -> None:
    outcomes = await Runtime().fetch(_memory(), ask(*_subjects(1), fields=frozenset({"visitCount"})))

    found = outcomes["p0"]
    assert isinstance(found, Found)
    assert dict(found.row.values) == {"visitCount": 2}


async def test_what_nobody_asked_for_is_dropped_and_counted_and_not_named(
    caplog: pytest.LogCaptureFixture,
) -> None:
    row = Row({"visitCount": 2, "ssn": CANARY, CANARY: 1}, "H-1")
    found = Found((row,), "live")
    source = _saying({"p0": found, CANARY: found})
    runtime = Runtime()

    outcomes = await runtime.fetch(source, ask(*_subjects(1), fields=FIELDS))

    assert outcomes == {"p0": replace(found, rows=(replace(row, values={"visitCount": 2}),))}
    assert runtime.state(source).dropped == 3
    assert "dropped" in caplog.text
    assert CANARY not in caplog.text


@pytest.mark.parametrize("answer", [{}, {"p0": None}, {"p0": {"visitCount": 2}}, None, "p0", [NotFound()]])
async def test_an_outcome_that_is_missing_or_is_none_is_bad_data(answer: Any) -> None:
    outcomes = await Runtime().fetch(_saying(answer), ask(*_subjects(1), fields=FIELDS))

    assert outcomes == {"p0": Failed(FailureCode.BAD_DATA)}


@pytest.mark.parametrize(
    ("fault", "failed"),
    [
        (SourceFailed("x", FailureCode.RATE_LIMITED, retryable=True), Failed(FailureCode.RATE_LIMITED, True)),
        (SourceFailed("x", FailureCode.AUTH), Failed(FailureCode.AUTH)),
        (TimeoutError(), Failed(FailureCode.TIMEOUT, True)),
        (ConnectionResetError(CANARY), Failed(FailureCode.UNAVAILABLE, True)),
        (KeyError(CANARY), Failed(FailureCode.BAD_DATA)),
        (ExceptionGroup(CANARY, [ValueError(CANARY)]), Failed(FailureCode.BAD_DATA)),
        (NotImplementedError(CANARY), Failed(FailureCode.NOT_SUPPORTED)),
        (RecursionError(CANARY), Failed(FailureCode.BAD_DATA)),
        (asyncio.CancelledError(), Failed(FailureCode.UNAVAILABLE, True)),
    ],
)
async def test_whatever_a_source_raises_becomes_a_code(
    fault: BaseException, failed: Failed, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    runtime, source = Runtime(), _raising(fault)

    outcomes = await runtime.fetch(source, ask(*_subjects(3), fields=FIELDS))

    assert outcomes == dict.fromkeys(("p0", "p1", "p2"), failed)
    assert runtime.state(source).failures == {failed.code: 1}
    assert CANARY not in caplog.text


async def test_a_bug_in_a_source_is_logged_by_its_place() -> None:
    runtime, source = Runtime(), _raising(KeyError(CANARY))
    records: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: records.append(record.getMessage())  # type: ignore[method-assign]  # a list is enough
    logging.getLogger("connectors.runtime").addHandler(handler)

    await runtime.fetch(source, ask(*_subjects(1), fields=FIELDS))

    logging.getLogger("connectors.runtime").removeHandler(handler)
    assert "KeyError at _raising.<locals>.raising:" in records[0]


async def test_one_bad_batch_does_not_spoil_the_others() -> None:
    async def answer(request: FetchRequest) -> Any:
        if request.subjects[0].key == "p0":
            raise SourceFailed("x", FailureCode.BAD_DATA)
        return {subject.key: NotFound() for subject in request.subjects}

    source = Answers(answer)
    source.limits = Limits(batch_max=2)

    outcomes = await Runtime().fetch(source, ask(*_subjects(4), fields=FIELDS))

    bad = Failed(FailureCode.BAD_DATA)
    assert outcomes == {"p0": bad, "p1": bad, "p2": NotFound(), "p3": NotFound()}


async def test_silence_ends_at_the_deadline() -> None:
    source = _memory()
    source.gate = asyncio.Event()

    outcomes = await Runtime().fetch(source, ask(*_subjects(2), fields=FIELDS, deadline=soon(0.05)))

    assert set(outcomes.values()) == {Failed(FailureCode.TIMEOUT, retryable=True)}


async def test_silence_ends_at_the_partners_own_time_limit() -> None:
    source = _memory(timeout_s=0.05)
    source.gate = asyncio.Event()

    outcomes = await Runtime().fetch(source, ask(*_subjects(1), fields=FIELDS, deadline=soon(60)))

    assert outcomes == {"p0": Failed(FailureCode.TIMEOUT, retryable=True)}


async def test_after_the_deadline_nobody_is_asked() -> None:
    source = _memory()

    outcomes = await Runtime().fetch(source, ask(*_subjects(1), fields=FIELDS, deadline=soon(-1)))

    assert outcomes == {"p0": Failed(FailureCode.TIMEOUT, retryable=True)}
    assert source.asked == []


async def test_the_source_is_handed_what_is_left_of_the_deadline() -> None:
    source = _memory(timeout_s=60)
    deadline = soon(5)

    await Runtime().fetch(source, ask(*_subjects(1), fields=FIELDS, deadline=deadline))
    assert source.asked[0].deadline == deadline

    source.limits = Limits(timeout_s=1)
    await Runtime().fetch(source, ask(*_subjects(1), fields=FIELDS, deadline=deadline))
    assert source.asked[1].deadline < deadline


async def test_a_few_calls_at_a_time_a_queue_and_then_a_quick_no() -> None:
    source = _memory(concurrency=2)
    source.gate = asyncio.Event()
    runtime = Runtime()
    places = 2 + QUEUE
    asking = [
        asyncio.create_task(runtime.fetch(source, ask(Subject(f"p{number}", ("H-1",)), fields=FIELDS)))
        for number in range(places + 3)
    ]

    done, waiting = await asyncio.wait(asking, return_when=asyncio.FIRST_COMPLETED)
    while len(done) < 3:
        more, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        done |= more

    assert len(source.asked) == 2
    refused = [outcome for task in done for outcome in task.result().values()]
    assert refused == [Failed(FailureCode.UNAVAILABLE, retryable=True)] * 3
    source.gate.set()
    served = [outcome for task in waiting for outcome in (await task).values()]
    assert len(served) == places
    assert all(isinstance(outcome, Found) for outcome in served)


async def test_one_large_request_is_not_refused_for_its_size() -> None:
    source = _memory(batch_max=1, concurrency=2)

    outcomes = await Runtime().fetch(source, ask(*_subjects(3 * QUEUE), fields=FIELDS))

    assert all(isinstance(outcome, Found) for outcome in outcomes.values())


async def test_five_failing_calls_open_the_breaker_and_one_good_probe_closes_it() -> None:
    now = [1_000.0]
    source, runtime = _memory(), Runtime(clock=lambda: now[0])
    source.fault = SourceFailed("memory", FailureCode.UNAVAILABLE, retryable=True)

    async def fetch() -> Outcome:
        return (await runtime.fetch(source, ask(*_subjects(1), fields=FIELDS)))["p0"]

    for _ in range(7):
        assert await fetch() == Failed(FailureCode.UNAVAILABLE, retryable=True)
    assert len(source.asked) == 5
    assert runtime.state(source).breaker == "OPEN"

    source.fault = None
    assert await fetch() == Failed(FailureCode.UNAVAILABLE, retryable=True)
    now[0] += 10
    assert isinstance(await fetch(), Found)
    assert runtime.state(source).breaker == "CLOSED"
    assert isinstance(await fetch(), Found)


async def test_wrong_answers_given_in_good_time_do_not_open_the_breaker() -> None:
    source, runtime = _memory(), Runtime()
    source.fault = SourceFailed("memory", FailureCode.BAD_DATA)

    for _ in range(7):
        await runtime.fetch(source, ask(*_subjects(1), fields=FIELDS))

    assert len(source.asked) == 7


async def test_a_source_that_says_unavailable_for_each_opens_the_breaker_too() -> None:
    source, runtime = _saying({"p0": Failed(FailureCode.UNAVAILABLE, True)}), Runtime()

    for _ in range(5):
        await runtime.fetch(source, ask(*_subjects(1), fields=FIELDS))

    assert runtime.state(source).breaker == "OPEN"


async def test_the_breaker_of_one_source_is_not_the_breaker_of_another() -> None:
    runtime = Runtime()
    ill, well = _memory(), _memory()
    ill.name = "ill"
    ill.fault = SourceFailed("ill", FailureCode.TIMEOUT, retryable=True)
    for _ in range(5):
        await runtime.fetch(ill, ask(*_subjects(1), fields=FIELDS))

    outcomes = await runtime.fetch(well, ask(*_subjects(1), fields=FIELDS))

    assert isinstance(outcomes["p0"], Found)


async def test_calling_off_ends_the_call_frees_the_slot_and_says_nothing_of_the_partner() -> None:
    source = _memory(concurrency=1)
    source.gate = asyncio.Event()
    runtime = Runtime()
    for _ in range(6):
        asking = asyncio.create_task(runtime.fetch(source, ask(*_subjects(1), fields=FIELDS)))
        await source.reached.wait()
        source.reached.clear()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking

    source.gate.set()
    outcomes = await runtime.fetch(source, ask(*_subjects(1), fields=FIELDS))

    assert isinstance(outcomes["p0"], Found)
    assert runtime.state(source).failures == {}


async def test_looking_people_up_gives_matches_or_a_code_for_each() -> None:
    source, runtime = _memory(), Runtime()
    subjects = (Subject("ada", person=ADA), Subject("nobody"))

    assert await runtime.find(source, subjects, soon()) == {"ada": [Match("H-1", 100)], "nobody": []}
    source.fault = SourceFailed("memory", FailureCode.AUTH)
    assert await runtime.find(source, subjects[:1], soon()) == {"ada": Failed(FailureCode.AUTH)}


async def test_what_is_not_declared_is_not_supported() -> None:
    source, runtime = _memory(), Runtime()
    source.capabilities = frozenset()
    no = Failed(FailureCode.NOT_SUPPORTED)

    assert await runtime.find(source, (Subject("ada", person=ADA),), soon()) == {"ada": no}
    assert await runtime.check(source, soon()) == no
    assert await runtime.sync(source) == no
    assert source.looked_up == []


async def test_a_sync_that_fails_is_a_code() -> None:
    class Drops(MemorySource):
        async def sync(self) -> Synced:
            raise SourceFailed(self.name, FailureCode.AUTH)

    source = Drops({})
    source.capabilities = frozenset({"sync"})

    assert await Runtime().sync(source) == Failed(FailureCode.AUTH)
