"""The breaker: stop asking a partner that keeps failing, and look again after a pause."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Literal

Clock = Callable[[], float]
Ticket = Literal["call", "probe"]
Position = Literal["CLOSED", "OPEN", "HALF_OPEN"]


class Breaker:
    """`failures` within `window_s` open it; after `pause_s` one call, the probe, decides.

    Retries and the rate limit come before it, so five failures in half a minute are a partner in trouble.
    """

    def __init__(
        self, clock: Clock, *, failures: int = 5, window_s: float = 30.0, pause_s: float = 10.0
    ) -> None:
        self._clock, self._window_s, self._pause_s = clock, window_s, pause_s
        self._failed: deque[float] = deque(maxlen=failures)
        self._opened_at: float | None = None
        self._probing = False

    @property
    def position(self) -> Position:
        """HALF_OPEN = the pause is over: the next call, or the one under way, is the probe."""
        if self._opened_at is None:
            return "CLOSED"
        return "OPEN" if self._clock() < self._opened_at + self._pause_s else "HALF_OPEN"

    def admit(self) -> Ticket | None:
        """A ticket for one call, to be handed back to `report`; None = do not call."""
        if self._opened_at is None:
            return "call"
        if self._probing or self.position == "OPEN":
            return None
        self._probing = True
        return "probe"

    def report(self, ticket: Ticket, well: bool | None) -> None:
        """How an admitted call went; None = nobody knows, it was called off."""
        if ticket == "probe":
            self._probing = False
            if well:
                self._opened_at = None
                self._failed.clear()
            elif well is False:
                self._opened_at = self._clock()
        elif well is False and self._opened_at is None:
            now = self._clock()
            self._failed.append(now)
            if len(self._failed) == self._failed.maxlen and now - self._failed[0] <= self._window_s:
                self._opened_at = now
