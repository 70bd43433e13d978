"""What is remembered about one source: who asks, who waits, and how it has been doing. For operators."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil
from statistics import median

from connectors.base import Source
from connectors.breaker import Breaker, Clock, Position
from hmis.errors import FailureCode

Now = Callable[[], datetime]
QUEUE = 32
_REMEMBERED = 512
"""The calls whose latency is remembered."""
_OF_LATE = 5
"""Those by which the wait in the queue is judged: few, so that a change is noticed at once."""

# What says that the partner is unwell. The other codes are answers: wrong ones, but given in good time.
UNWELL = frozenset({FailureCode.TIMEOUT, FailureCode.UNAVAILABLE, FailureCode.RATE_LIMITED})


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Failure:
    """A call that gave no answer: why, and when."""

    code: FailureCode
    at: datetime


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds that the last calls took, good and bad: half of them at most p50, 19 in 20 at most p95."""

    p50: float
    p95: float


@dataclass(frozen=True, slots=True)
class State:
    """How a source is doing.

    calls: since the start. shared: questions that waited for a call which somebody had begun. failures: calls
    that gave no answer, by code. dropped: outcomes and fields that nobody had asked for. waiting: how many
    wait for a place. retries: second tries. latency: None = no call has ended yet, and nothing is known; the
    same with the last success and the last failure.
    """

    calls: int
    shared: int
    failures: Mapping[str, int]
    dropped: int
    breaker: Position
    waiting: int
    retries: int
    last_success: datetime | None
    last_failure: Failure | None
    latency: Latency | None


class Desk:
    """Where one source's calls go over."""

    def __init__(self, places: int, clock: Clock, now: Now) -> None:
        self.slots = asyncio.Semaphore(places)
        self._places = places
        self.breaker = Breaker(clock)
        self.waiting = 0
        self.calls = 0
        self._shared = 0
        self.dropped = 0
        self._now = now
        self._failures: Counter[str] = Counter()
        self._last_success: datetime | None = None
        self._last_failure: Failure | None = None
        self._latencies: deque[float] = deque(maxlen=_REMEMBERED)
        self._of_late: deque[float] = deque(maxlen=_OF_LATE)

    def joined(self) -> None:
        """Somebody waits for a call that was begun for another."""
        self._shared += 1

    def succeeded(self) -> None:
        self._last_success = self._now()

    def failed(self, code: FailureCode) -> None:
        self._failures[code] += 1
        self._last_failure = Failure(code, self._now())

    def took(self, seconds: float) -> None:
        self._latencies.append(seconds)
        self._of_late.append(seconds)

    def is_full(self, seconds: float) -> bool:
        """Whether somebody with so many seconds left should not even queue.

        The queue is for a moment's crowd. Where calls take so long of late that the deadline would pass in
        the queue or soon after, a quick "no" is the better answer, to the caller and to the partner.
        """
        if not self.slots.locked():
            return False
        usual = median(self._of_late) if self._of_late else 0.0
        return self.waiting >= QUEUE or (self.waiting + 1) / self._places * usual + usual > seconds

    def state(self, source: Source) -> State:
        return State(
            calls=self.calls,
            shared=self._shared,
            failures=dict(self._failures),
            dropped=self.dropped,
            breaker=self.breaker.position,
            waiting=self.waiting,
            retries=source.retries(),
            last_success=self._last_success,
            last_failure=self._last_failure,
            latency=_quantiles(sorted(self._latencies)),
        )


def _quantiles(ordered: list[float]) -> Latency | None:
    if not ordered:
        return None
    p50, p95 = (ordered[ceil(share * len(ordered)) - 1] for share in (0.5, 0.95))
    return Latency(p50, p95)
