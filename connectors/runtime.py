"""What stands between the hub and a partner that is slow, down or talking nonsense.

`Runtime.fetch` asks in batches, within the deadline, a few calls at a time, and gives exactly one outcome for
every subject whatever the source does. It never raises for a partner's fault.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from connectors.base import Failed, FetchRequest, Found, Match, NotFound, Outcome, Source, Subject, Synced
from connectors.breaker import Breaker, Clock
from hmis.errors import FailureCode, SourceFailed

log = logging.getLogger(__name__)

QUEUE = 32
T = TypeVar("T")

_MISSING = Failed(FailureCode.BAD_DATA)
# What says that the partner is unwell. The other codes are answers: wrong ones, but given in good time.
UNWELL = frozenset({FailureCode.TIMEOUT, FailureCode.UNAVAILABLE, FailureCode.RATE_LIMITED})


@dataclass(frozen=True, slots=True)
class State:
    """How a source is doing, for operators. failures: calls that gave no answer, by code. dropped: outcomes
    and fields that nobody had asked for."""

    calls: int
    failures: Mapping[str, int]
    dropped: int
    breaker_open: bool


class _Desk:
    """What is remembered about one source: how many ask at a time, how many wait, how it has been doing."""

    def __init__(self, source: Source, clock: Clock) -> None:
        self.slots = asyncio.Semaphore(source.limits.concurrency)
        self.breaker = Breaker(clock)
        self.waiting = 0
        self.calls = 0
        self.dropped = 0
        self.failures: Counter[str] = Counter()


class Runtime:
    """Asks sources on behalf of the whole process; keep one. clock: monotonic seconds, for the breakers."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._desks: dict[str, _Desk] = {}

    def state(self, source: Source) -> State:
        desk = self._desk(source)
        return State(desk.calls, dict(desk.failures), desk.dropped, desk.breaker.is_open)

    async def fetch(self, source: Source, request: FetchRequest) -> Mapping[str, Outcome]:
        """Exactly one outcome for every subject of the request, by its key.

        At most ceil(n / batch_max) calls. Values are cut to `request.fields`. Asking for a noun or a field
        that the source does not supply is answered NOT_SUPPORTED, a subject without partner ids NotFound;
        neither reaches the partner.
        """
        outcomes: dict[str, Outcome] = {subject.key: NotFound() for subject in request.subjects}
        subjects = tuple(
            {subject.key: subject for subject in request.subjects if subject.partner_ids}.values()
        )
        offer = source.offers.get(request.noun)
        if offer is None or not request.fields <= offer.fields:
            return dict.fromkeys(outcomes, Failed(FailureCode.NOT_SUPPORTED))
        size = source.limits.batch_max
        batches = [subjects[start : start + size] for start in range(0, len(subjects), size)]

        async def ask(batch: tuple[Subject, ...]) -> None:
            outcomes.update(await self._fetch_batch(source, replace(request, subjects=batch)))

        await self._side_by_side(source, batches, ask)
        return outcomes

    async def find(
        self, source: Source, subjects: Sequence[Subject], deadline: float
    ) -> Mapping[str, list[Match] | Failed]:
        """For every subject, by its key, the partner's records that may be about `subject.person`.

        One call for each of them, under the same care as `fetch`.
        """
        if "find" not in source.capabilities:
            return {subject.key: Failed(FailureCode.NOT_SUPPORTED) for subject in subjects}
        answers: dict[str, list[Match] | Failed] = {}

        async def ask(subject: Subject) -> None:
            found = await self._guarded(source, deadline, lambda end: source.find(subject, end))
            answers[subject.key] = found if isinstance(found, list | Failed) else _MISSING

        await self._side_by_side(source, subjects, ask)
        return answers

    @staticmethod
    async def _side_by_side(source: Source, items: Sequence[T], ask: Callable[[T], Awaitable[None]]) -> None:
        """Ask for all items, as many at a time as the partner takes: one large request must not fill the
        queue by itself and be refused for it."""
        waiting = iter(items)

        async def work() -> None:
            for item in waiting:
                await ask(item)

        async with asyncio.TaskGroup() as group:
            for _ in range(min(source.limits.concurrency, len(items))):
                group.create_task(work())

    async def check(self, source: Source, deadline: float) -> Failed | None:
        """None = the partner is there and lets us in."""
        if "check" not in source.capabilities:
            return Failed(FailureCode.NOT_SUPPORTED)
        return await self._guarded(source, deadline, source.check)

    async def sync(self, source: Source) -> Synced | Failed:
        """Pull a drop. Background work: no deadline of a caller, and no bearing on the breaker."""
        if "sync" not in source.capabilities:
            return Failed(FailureCode.NOT_SUPPORTED)
        try:
            return await source.sync()
        except Exception as fault:
            return self._failed(source, fault)

    async def _fetch_batch(self, source: Source, request: FetchRequest) -> dict[str, Outcome]:
        answer = await self._guarded(
            source, request.deadline, lambda end: source.fetch(replace(request, deadline=end)), _all_unwell
        )
        if isinstance(answer, Failed):
            return {subject.key: answer for subject in request.subjects}
        if not isinstance(answer, Mapping):
            return {subject.key: _MISSING for subject in request.subjects}
        asked = {subject.key for subject in request.subjects}
        self._drop(source, len(answer.keys() - asked))
        return {key: self._kept(source, answer.get(key), request.fields) for key in asked}

    def _kept(self, source: Source, outcome: object, fields: frozenset[str]) -> Outcome:
        """The outcome with nothing in it but what was asked for; BAD_DATA when it is not an outcome."""
        if isinstance(outcome, NotFound | Failed):
            return outcome
        if not isinstance(outcome, Found) or not all(isinstance(row.values, Mapping) for row in outcome.rows):
            return _MISSING
        extra = sum(len(row.values.keys() - fields) for row in outcome.rows)
        if not extra:
            return outcome
        self._drop(source, extra)
        rows = tuple(
            replace(row, values={key: row.values[key] for key in row.values.keys() & fields})
            for row in outcome.rows
        )
        return replace(outcome, rows=rows)

    def _drop(self, source: Source, count: int) -> None:
        if count:
            self._desk(source).dropped += count
            # The number only: a partner may use a person's name as a key.
            log.warning("%s: %d outcomes or fields that nobody asked for were dropped", source.name, count)

    async def _guarded(
        self,
        source: Source,
        deadline: float,
        call: Callable[[float], Awaitable[T]],
        unwell: Callable[[T], bool] = lambda _answer: False,
    ) -> T | Failed:
        """Wait for a slot, then call. Cancelling it ends the call and frees the slot."""
        loop = asyncio.get_running_loop()
        desk = self._desk(source)
        if desk.slots.locked() and desk.waiting >= QUEUE:
            return Failed(FailureCode.UNAVAILABLE, retryable=True)
        desk.waiting += 1
        try:
            async with asyncio.timeout_at(deadline):
                await desk.slots.acquire()
        except TimeoutError:
            return Failed(FailureCode.TIMEOUT, retryable=True)
        finally:
            desk.waiting -= 1
        try:
            if loop.time() >= deadline:
                return Failed(FailureCode.TIMEOUT, retryable=True)
            return await self._call(
                source, min(deadline, loop.time() + source.limits.timeout_s), call, unwell
            )
        finally:
            desk.slots.release()

    async def _call(
        self,
        source: Source,
        end: float,
        call: Callable[[float], Awaitable[T]],
        unwell: Callable[[T], bool],
    ) -> T | Failed:
        desk = self._desk(source)
        ticket = desk.breaker.admit()
        if ticket is None:
            return Failed(FailureCode.UNAVAILABLE, retryable=True)
        desk.calls += 1
        well: bool | None = None
        try:
            async with asyncio.timeout_at(end):
                answer = await call(end)
            well = not unwell(answer)
            return answer
        except asyncio.CancelledError:
            if _called_off():
                raise
            # Nobody cancelled us: something inside the source was cancelled, and the source let that out.
            return self._failed(source, ConnectionAbortedError())
        except Exception as fault:
            failed = self._failed(source, fault)
            well = failed.code not in UNWELL
            return failed
        finally:
            desk.breaker.report(ticket, well)

    def _failed(self, source: Source, fault: Exception) -> Failed:
        failed = _as_failed(fault)
        self._desk(source).failures[failed.code] += 1
        if not isinstance(fault, SourceFailed | TimeoutError):
            # Where, not what: an exception's text may quote a record.
            place = _innermost(fault)
            log.error("%s: %s at %s, taken for %s", source.name, type(fault).__name__, place, failed.code)
        return failed

    def _desk(self, source: Source) -> _Desk:
        if source.name not in self._desks:
            self._desks[source.name] = _Desk(source, self._clock)
        return self._desks[source.name]


def _called_off() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _as_failed(fault: Exception) -> Failed:
    if isinstance(fault, SourceFailed):
        return Failed(fault.code, fault.retryable)
    if isinstance(fault, TimeoutError):
        return Failed(FailureCode.TIMEOUT, retryable=True)
    if isinstance(fault, OSError):
        return Failed(FailureCode.UNAVAILABLE, retryable=True)
    if isinstance(fault, NotImplementedError):
        return Failed(FailureCode.NOT_SUPPORTED)
    return Failed(FailureCode.BAD_DATA)


def _all_unwell(outcomes: Mapping[str, Outcome]) -> bool:
    """A source that answers for each subject may still be telling us that nobody was reached."""
    values = list(outcomes.values()) if isinstance(outcomes, Mapping) else []
    return bool(values) and all(isinstance(one, Failed) and one.code in UNWELL for one in values)


def _innermost(fault: Exception) -> str:
    trace = fault.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}" if trace is not None else "unknown"
