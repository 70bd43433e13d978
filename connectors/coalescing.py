"""Coalescing: the same question of the same asker, while it is under way, is asked of a partner once.

A dashboard asks of the same person in several documents at a time. Whoever asks what is being asked already
waits for that call and has its outcome. It is no cache: a call is forgotten as it ends. Nor does it let
anybody see more: who asks and by what consent are part of the question, so nobody who asks after a consent
was taken back has what was let go before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")

_WORTH_IT = 0.1
"""The share of their time that somebody must have left to ask anew what the first had no time for."""


class _Call:
    """One call under way, and how many wait for it. deadline: of whoever began it."""

    __slots__ = ("deadline", "task", "waiting")

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline
        self.waiting = 0
        self.task: asyncio.Task[Any]


class Coalescing:
    """The calls under way, by their question."""

    def __init__(self) -> None:
        self._under_way: dict[Hashable, _Call] = {}

    def __len__(self) -> int:
        return len(self._under_way)

    async def share(
        self,
        question: Hashable,
        deadline: float,
        call: Callable[[], Awaitable[T]],
        *,
        late: T,
        ran_out: Callable[[T], bool],
        joined: Callable[[], None],
    ) -> T:
        """The outcome of the call that is under way for this question; of `call`, if there is none.

        Each who waits does so until a deadline of their own, in the running loop's time, and may be cancelled
        without harm to the others; the call is cancelled when nobody waits for it any more.

        question: all that the outcome depends on, with who asks and by what consent.
        late: the outcome for somebody whose own deadline comes before the call ends.
        ran_out: whether an outcome may be owed to want of time. If whoever began had less of it than somebody
        else, that one begins anew with what is left to them.
        joined: called by each who waits for another's call.
        """
        loop = asyncio.get_running_loop()
        enough = _WORTH_IT * (deadline - loop.time())
        while True:
            under_way = self._under_way.get(question)
            if under_way is None:
                under_way = self._begin(question, deadline, call)
            else:
                joined()
            if not await self._ended(question, under_way, deadline):
                return late
            outcome: T = under_way.task.result()
            in_time = loop.time() < under_way.deadline
            if in_time or deadline - loop.time() <= max(enough, 0.0) or not ran_out(outcome):
                return outcome

    def _begin(self, question: Hashable, deadline: float, call: Callable[[], Awaitable[T]]) -> _Call:
        begun = self._under_way[question] = _Call(deadline)

        async def to_its_end() -> T:
            try:
                return await call()
            finally:
                # Before anybody hears of the outcome: who asks from now on asks anew.
                self._forget(question, begun)

        begun.task = asyncio.create_task(to_its_end())
        return begun

    async def _ended(self, question: Hashable, under_way: _Call, deadline: float) -> bool:
        """Wait for a call; False = the deadline came first."""
        task, loop = under_way.task, asyncio.get_running_loop()
        under_way.waiting += 1
        try:
            # By its own deadline the call ends itself, and it says better than a time-out what was wrong.
            seconds = None if deadline >= under_way.deadline else max(deadline - loop.time(), 0.0)
            await asyncio.wait({task}, timeout=seconds)
            return task.done()
        finally:
            under_way.waiting -= 1
            if not under_way.waiting and not task.done():
                self._forget(question, under_way)  # it is as good as over: nobody joins it now
                task.cancel()
                await asyncio.wait({task})

    def _forget(self, question: Hashable, call: _Call) -> None:
        if self._under_way.get(question) is call:
            del self._under_way[question]
