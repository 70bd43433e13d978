"""What operators are told of a source, and who is sent away rather than left to wait in vain."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from connectors.base import Failed, Found, Limits, Subject
from connectors.desk import Desk, Failure, Latency
from connectors.kit.offered import ADA
from connectors.memory import MemorySource, Record
from connectors.runtime import Runtime
from hmis.errors import FailureCode, SourceFailed
from tests.connectors.partners import Clock, ask, soon

BEGIN = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Timed(MemorySource):
    """A source whose answers take as long as it is told, on a clock that a test moves."""

    def __init__(self, clock: Clock, concurrency: int = 1) -> None:
        super().__init__(
            {"H-1": Record(ADA, {"visitCount": 2})}, limits=Limits(concurrency=concurrency, timeout_s=60)
        )
        self.clock = clock
        self.takes = 0.0

    async def _answering(self) -> None:
        self.clock.now += self.takes
        await super()._answering()


def _runtime(clock: Clock) -> Runtime:
    return Runtime(clock, lambda: BEGIN + timedelta(seconds=clock.now))


async def _fetch(runtime: Runtime, source: MemorySource, seconds: float = 5.0) -> object:
    request = ask(Subject("p", ("H-1",)), fields=frozenset({"visitCount"}), deadline=soon(seconds))
    return (await runtime.fetch(source, request))["p"]


async def _settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_of_a_source_that_nobody_asked_nothing_is_known() -> None:
    state = _runtime(Clock(0)).state(MemorySource({}))

    assert (state.calls, state.breaker, state.waiting, state.retries) == (0, "CLOSED", 0, 0)
    assert (state.last_success, state.last_failure, state.latency) == (None, None, None)


async def test_operators_see_when_it_went_well_when_not_and_how_long_it_took() -> None:
    clock = Clock(0)
    source, runtime = Timed(clock), _runtime(clock)
    for seconds in range(1, 21):
        source.takes = seconds
        await _fetch(runtime, source)
    well = clock.now
    source.fault = SourceFailed("memory", FailureCode.UNAVAILABLE, retryable=True)
    source.takes = 30
    await _fetch(runtime, source)

    state = runtime.state(source)

    assert state.calls == 21
    assert state.last_success == BEGIN + timedelta(seconds=well)
    assert state.last_failure == Failure(FailureCode.UNAVAILABLE, BEGIN + timedelta(seconds=well + 30))
    assert state.latency == Latency(p50=11, p95=20)


async def test_the_breaker_is_seen_open_half_open_and_closed() -> None:
    clock = Clock(0)
    source, runtime = Timed(clock), _runtime(clock)
    source.fault = SourceFailed("memory", FailureCode.TIMEOUT, retryable=True)
    for _ in range(5):
        await _fetch(runtime, source)
    assert runtime.state(source).breaker == "OPEN"

    clock.now += 10
    assert runtime.state(source).breaker == "HALF_OPEN"
    source.fault = None
    await _fetch(runtime, source)

    assert runtime.state(source).breaker == "CLOSED"


async def test_how_many_wait_is_seen() -> None:
    clock = Clock(0)
    source, runtime = Timed(clock), _runtime(clock)
    source.gate = asyncio.Event()
    asking = [asyncio.create_task(_fetch(runtime, source)) for _ in range(3)]
    await _settled()

    assert runtime.state(source).waiting == 2
    source.gate.set()
    await asyncio.gather(*asking)
    assert runtime.state(source).waiting == 0


async def test_who_would_wait_in_vain_is_told_at_once() -> None:
    clock = Clock(0)
    source, runtime = Timed(clock, concurrency=2), _runtime(clock)
    source.takes = 20
    await _fetch(runtime, source)
    source.gate = asyncio.Event()
    under_way = [asyncio.create_task(_fetch(runtime, source, 60)) for _ in range(2)]
    await _settled()

    # Twenty seconds a call, two at a time: a place is free in about ten, and the answer there in thirty.
    assert await _fetch(runtime, source, 29) == Failed(FailureCode.UNAVAILABLE, retryable=True)
    patient = asyncio.create_task(_fetch(runtime, source, 39))
    await _settled()
    assert runtime.state(source).waiting == 1
    assert await _fetch(runtime, source, 39) == Failed(FailureCode.UNAVAILABLE, retryable=True)

    source.gate.set()
    assert all(isinstance(outcome, Found) for outcome in await asyncio.gather(*under_way, patient))


async def test_a_time_out_that_our_queue_caused_is_not_the_partners() -> None:
    clock = Clock(0)
    source, runtime = Timed(clock), _runtime(clock)
    source.gate = asyncio.Event()
    first = asyncio.create_task(_fetch(runtime, source, 60))
    await source.reached.wait()
    # They wait for the first, and then have next to no time left.
    late = [asyncio.create_task(_fetch(runtime, source, 0.3)) for _ in range(5)]
    await asyncio.wait(late[:1], timeout=0.2)
    first.cancel()
    outcomes = await asyncio.gather(*late)

    assert set(outcomes) == {Failed(FailureCode.TIMEOUT, retryable=True)}
    assert runtime.state(source).breaker == "CLOSED"
    assert runtime.state(source).latency is None


@pytest.mark.parametrize(("took", "full"), [([], False), ([0.01], False), ([9, 9, 0.01, 0.01, 0.01], False)])
async def test_one_slow_call_among_quick_ones_sends_nobody_away(took: list[float], full: bool) -> None:
    desk = Desk(1, Clock(), lambda: BEGIN)
    await desk.slots.acquire()
    for seconds in took:
        desk.took(seconds)

    assert desk.is_full(3) is full
