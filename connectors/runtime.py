"""What stands between the hub and a partner that is slow, down or talking nonsense.

`Runtime.fetch` asks in batches, within the deadline, a few calls at a time, and gives exactly one outcome for
every subject whatever the source does. It never raises for a partner's fault. What is being asked already by
the same asker is not asked a second time (`connectors/coalescing.py`).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

from connectors.base import (
    Changes,
    Failed,
    FetchRequest,
    Found,
    Match,
    NotFound,
    Outcome,
    Receipt,
    Source,
    Subject,
    Submission,
    Synced,
)
from connectors.breaker import Clock
from connectors.coalescing import Coalescing
from connectors.desk import UNWELL, Desk, Now, State, utc_now
from connectors.keeping import Keeper
from connectors.restraint import HeldBack
from hmis.errors import FailureCode, SourceFailed

log = logging.getLogger(__name__)

_FAIR = 0.9
T = TypeVar("T")

Right = Callable[[str], Hashable]
"""By a subject's key: who asks about them, and by what consent."""

_MISSING = Failed(FailureCode.BAD_DATA)
_LATE = Failed(FailureCode.TIMEOUT, retryable=True)


class Runtime:
    """Asks sources on behalf of the whole process; keep one.

    clock: monotonic seconds, for breakers and latencies. now: the wall clock, for what operators are told.
    """

    def __init__(self, clock: Clock = time.monotonic, now: Now = utc_now) -> None:
        self._clock, self._now = clock, now
        self._desks: dict[str, Desk] = {}
        self._under_way = Coalescing()
        self.keeper = Keeper()
        """Writes down what may be kept of the answers."""

    def state(self, source: Source) -> State:
        """How the source is doing at this moment."""
        return self._desk(source).state(source)

    async def fetch(
        self, source: Source, request: FetchRequest, right: Right | None = None
    ) -> Mapping[str, Outcome]:
        """Exactly one outcome for every subject of the request, by its key.

        At most ceil(n / batch_max) calls. Values are cut to `request.fields`. Asking for a noun or a field
        that the source does not supply is answered NOT_SUPPORTED, a subject without partner ids NotFound;
        neither reaches the partner.

        right: questions alike in all that they ask and by what right share a call while it is under way.
        None = this one is shared with nobody.
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
            asked = replace(request, subjects=batch)
            if right is None:
                outcomes.update(await self._fetch_batch(source, asked))
                return
            about = frozenset((subject, right(subject.key)) for subject in batch)
            late: Mapping[str, Outcome] = {subject.key: _LATE for subject in batch}
            answers = await self._under_way.share(
                (source.name, source.version, request.noun, request.fields, request.purpose, about),
                request.deadline,
                lambda: self._fetch_batch(source, asked),
                late=late,
                ran_out=_may_pass_for_all,
                joined=self._desk(source).joined,
            )
            outcomes.update(answers)

        await self._side_by_side(source, batches, ask)
        return outcomes

    async def find(
        self, source: Source, subjects: Sequence[Subject], deadline: float, right: Right | None = None
    ) -> Mapping[str, list[Match] | Failed]:
        """For every subject, by its key, the partner's records that may be about `subject.person`.

        One call for each of them, under the same care as `fetch`, and shared as there.
        """
        if "find" not in source.capabilities:
            return {subject.key: Failed(FailureCode.NOT_SUPPORTED) for subject in subjects}
        answers: dict[str, list[Match] | Failed] = {}

        async def look_up(subject: Subject) -> list[Match] | Failed:
            found = await self._guarded(source, deadline, lambda end: source.find(subject, end))
            return found if isinstance(found, list | Failed) else _MISSING

        async def ask(subject: Subject) -> None:
            if right is None:
                answers[subject.key] = await look_up(subject)
                return
            answers[subject.key] = await self._under_way.share(
                (source.name, source.version, subject, right(subject.key)),
                deadline,
                partial(look_up, subject),
                late=_LATE,
                ran_out=_may_pass,
                joined=self._desk(source).joined,
            )

        await self._side_by_side(source, subjects, ask)
        return answers

    @staticmethod
    async def _side_by_side(source: Source, items: Sequence[T], ask: Callable[[T], Awaitable[None]]) -> None:
        """Ask for all items, as many at a time as the partner takes: one large request must not fill the
        queue by itself and be refused for it."""
        if len(items) == 1:
            await ask(items[0])
            return
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

    async def changes(self, source: Source, cursor: str | None, deadline: float) -> Changes | Failed:
        """One page of what changed at the partner."""
        if "changes" not in source.capabilities:
            return Failed(FailureCode.NOT_SUPPORTED)
        page = await self._guarded(source, deadline, lambda end: source.changes(cursor, end))
        return page if isinstance(page, Changes | Failed) else _MISSING

    async def submit(self, source: Source, submission: Submission, deadline: float) -> Receipt | Failed:
        """Hand a referral over. TIMEOUT, UNAVAILABLE and BAD_DATA leave open whether the partner has it."""
        if "submit" not in source.capabilities:
            return Failed(FailureCode.NOT_SUPPORTED)
        receipt = await self._guarded(source, deadline, lambda end: source.submit(submission, end))
        return receipt if isinstance(receipt, Receipt | Failed) else _MISSING

    async def track(
        self, source: Source, references: Sequence[str], deadline: float
    ) -> Mapping[str, Receipt] | Failed:
        """How referrals stand at the partner, by reference: at most ceil(n / batch_max) calls."""
        if "track" not in source.capabilities:
            return Failed(FailureCode.NOT_SUPPORTED)
        found: dict[str, Receipt] = {}
        size = source.limits.batch_max
        for start in range(0, len(references), size):
            batch = tuple(references[start : start + size])
            answer = await self._guarded(source, deadline, partial(source.track, batch))
            if isinstance(answer, Failed):
                return answer
            self._drop(source, len(answer.keys() - set(batch)))
            found |= {reference: answer[reference] for reference in batch if reference in answer}
        return found

    async def sync(self, source: Source) -> Synced | Failed:
        """Pull a drop. Background work: no deadline of a caller, and no bearing on the breaker."""
        if "sync" not in source.capabilities:
            return Failed(FailureCode.NOT_SUPPORTED)
        try:
            synced = await source.sync()
            self._desk(source).succeeded()
            return synced
        except Exception as fault:
            return self._failed(source, fault)

    async def _fetch_batch(self, source: Source, request: FetchRequest) -> Mapping[str, Outcome]:
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
        unwell: Callable[[T], FailureCode | None] = lambda _answer: None,
    ) -> T | Failed:
        """Wait for a slot, then call. Cancelling it ends the call and frees the slot."""
        loop = asyncio.get_running_loop()
        desk = self._desk(source)
        whole = min(deadline - loop.time(), source.limits.timeout_s)
        if desk.is_full(whole):
            return Failed(FailureCode.UNAVAILABLE, retryable=True)
        desk.waiting += 1
        try:
            async with asyncio.timeout_at(deadline):
                await desk.slots.acquire()
        except TimeoutError:
            return _LATE
        finally:
            desk.waiting -= 1
        try:
            if loop.time() >= deadline:
                return _LATE
            end = min(deadline, loop.time() + source.limits.timeout_s)
            fair = end - loop.time() >= _FAIR * whole
            return await self._call(source, end, call, unwell, fair=fair)
        finally:
            desk.slots.release()

    async def _call(
        self,
        source: Source,
        end: float,
        call: Callable[[float], Awaitable[T]],
        unwell: Callable[[T], FailureCode | None],
        *,
        fair: bool,
    ) -> T | Failed:
        """fair: the queue has left the call nearly all of its time, so that a time-out is the partner's."""
        desk = self._desk(source)
        ticket = desk.breaker.admit()
        if ticket is None:
            return Failed(FailureCode.UNAVAILABLE, retryable=True)
        desk.calls += 1
        well: bool | None = None
        began = self._clock()
        try:
            async with asyncio.timeout_at(end):
                answer = await call(end)
            code = unwell(answer)
            well = code is None
            if code is None:
                desk.succeeded()
            else:
                desk.failed(code)
            return answer
        except asyncio.CancelledError:
            if _called_off():
                raise
            # Nobody cancelled us: something inside the source was cancelled, and the source let that out.
            return self._failed(source, ConnectionAbortedError())
        except Exception as fault:
            failed = self._failed(source, fault)
            # Held back by our own limit or late from our own queue, the partner may be perfectly well.
            ours = isinstance(fault, HeldBack) or (failed.code is FailureCode.TIMEOUT and not fair)
            well = None if ours else failed.code not in UNWELL
            return failed
        finally:
            desk.breaker.report(ticket, well)
            if well is not None:
                desk.took(self._clock() - began)

    def _failed(self, source: Source, fault: Exception) -> Failed:
        failed = _as_failed(fault)
        self._desk(source).failed(failed.code)
        if not isinstance(fault, SourceFailed | TimeoutError):
            # Where, not what: an exception's text may quote a record.
            place = _innermost(fault)
            log.error("%s: %s at %s, taken for %s", source.name, type(fault).__name__, place, failed.code)
        return failed

    def _desk(self, source: Source) -> Desk:
        if source.name not in self._desks:
            self._desks[source.name] = Desk(source.limits.concurrency, self._clock, self._now)
        return self._desks[source.name]


def _called_off() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _as_failed(fault: Exception) -> Failed:
    if isinstance(fault, SourceFailed):
        return Failed(fault.code, fault.retryable)
    if isinstance(fault, TimeoutError):
        return _LATE
    if isinstance(fault, OSError):
        return Failed(FailureCode.UNAVAILABLE, retryable=True)
    if isinstance(fault, NotImplementedError):
        return Failed(FailureCode.NOT_SUPPORTED)
    return Failed(FailureCode.BAD_DATA)


def _may_pass(answer: object) -> bool:
    return isinstance(answer, Failed) and answer.retryable


def _may_pass_for_all(outcomes: Mapping[str, Outcome]) -> bool:
    return all(_may_pass(outcome) for outcome in outcomes.values())


def _all_unwell(outcomes: Mapping[str, Outcome]) -> FailureCode | None:
    """A source that answers for each subject may still be telling us that nobody was reached, and why."""
    values = list(outcomes.values()) if isinstance(outcomes, Mapping) else []
    codes = [one.code for one in values if isinstance(one, Failed) and one.code in UNWELL]
    return codes[0] if codes and len(codes) == len(values) else None


def _innermost(fault: Exception) -> str:
    trace = fault.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}" if trace is not None else "unknown"
