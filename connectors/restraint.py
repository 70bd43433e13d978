"""What the hub holds back from a partner, so that its own care does not become the partner's trouble."""

from __future__ import annotations

from collections import deque

from connectors.breaker import Clock
from hmis.errors import FailureCode, SourceFailed


class HeldBack(SourceFailed):
    """The hub's own limit for the partner used up the time: it was not asked, so this says nothing of it."""

    def __init__(self, source: str) -> None:
        super().__init__(source, FailureCode.RATE_LIMITED, retryable=True)


class RetryBudget:
    """Second tries are at most `share` of the calls of the last `window_s`, and at least `minimum`.

    Each call may be tried three times; when a partner is down for everybody, that alone would treble its load
    in the moment it can bear the least. The minimum lets a partner that is seldom asked have its second try.
    """

    def __init__(self, clock: Clock, *, share: float = 0.1, minimum: int = 3, window_s: float = 30.0) -> None:
        self._clock, self._share, self._minimum, self._window_s = clock, share, minimum, window_s
        self._calls: deque[float] = deque()
        self._retries: deque[float] = deque()
        self.spent = 0
        """Second tries since the start."""

    def called(self) -> None:
        """Note one call, before its first try."""
        self._forget()
        self._calls.append(self._clock())

    def spend(self) -> bool:
        """Whether another try may be made; True counts it."""
        self._forget()
        if len(self._retries) >= max(self._minimum, int(self._share * len(self._calls))):
            return False
        self._retries.append(self._clock())
        self.spent += 1
        return True

    def _forget(self) -> None:
        since = self._clock() - self._window_s
        for kept in (self._calls, self._retries):
            while kept and kept[0] <= since:
                kept.popleft()
