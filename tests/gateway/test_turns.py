"""Turns: so many at a time, in order, and whoever waits for a partner leaves the place to others."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from gateway.turns import Turn, Turns
from tests.gateway.conftest import Gateway


class Operation:
    """Takes a place and keeps it until told to go."""

    def __init__(self, turns: Turns) -> None:
        self.turn: Turn | None = None
        self.go = asyncio.Event()
        self.task = asyncio.create_task(self._run(turns))

    async def _run(self, turns: Turns) -> None:
        async with turns.taken() as self.turn:
            await self.go.wait()

    async def end(self) -> None:
        self.go.set()
        await self.task


async def _settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def _operations(turns: Turns, count: int) -> list[Operation]:
    operations = [Operation(turns) for _ in range(count)]
    await _settled()
    return operations


def _under_way(operations: list[Operation]) -> list[bool]:
    return [operation.turn is not None for operation in operations]


async def test_others_wait_until_a_place_is_free_first_come_first_served() -> None:
    first, second, third, fourth = operations = await _operations(Turns(2), 4)
    assert _under_way(operations) == [True, True, False, False]

    await second.end()
    await _settled()
    assert _under_way(operations) == [True, True, True, False]
    for one in (first, third, fourth):
        await one.end()


async def test_who_is_away_leaves_the_place_and_takes_it_back_without_waiting() -> None:
    turns = Turns(1)
    first, second, third = operations = await _operations(turns, 3)
    assert first.turn is not None

    with first.turn.away():
        await _settled()
        assert _under_way(operations) == [True, True, False]

    # Two are under way in one place, so the next waits for both of them.
    await second.end()
    await _settled()
    assert _under_way(operations) == [True, True, False]
    await first.end()
    await _settled()
    assert _under_way(operations) == [True, True, True]
    await third.end()


async def test_siblings_that_are_away_at_the_same_time_leave_one_place() -> None:
    first, second, third = operations = await _operations(Turns(1), 3)
    assert first.turn is not None

    with first.turn.away(), first.turn.away():
        await _settled()
        assert _under_way(operations) == [True, True, False]
    for one in (first, second, third):
        await one.end()


async def test_who_gives_up_waiting_takes_no_place() -> None:
    first, second, third = operations = await _operations(Turns(1), 3)
    second.task.cancel()
    await _settled()

    await first.end()
    await _settled()

    assert second.task.cancelled()
    assert _under_way(operations) == [True, False, True]
    await third.end()


async def test_who_gives_up_as_the_place_is_handed_over_hands_it_on() -> None:
    first, second, third = operations = await _operations(Turns(1), 3)
    assert first.turn is not None

    with first.turn.away():
        second.task.cancel()
        await _settled()
        assert second.task.cancelled()
        assert _under_way(operations) == [True, False, True]

    await first.end()
    await third.end()


async def test_a_slow_partner_does_not_hold_up_those_who_ask_nothing_of_it(gateway: Gateway) -> None:
    gateway.app.state.hub = replace(gateway.app.state.hub, turns=Turns(1))
    waiting = asyncio.create_task(gateway.ask("{ slowPartner }"))
    await gateway.gate.entered.wait()

    async with asyncio.timeout(30):
        quick = await gateway.ask("{ hello }")
    assert quick.json() == {"data": {"hello": "world"}}
    assert not waiting.done()

    gateway.gate.opened.set()
    assert (await waiting).json() == {"data": {"slowPartner": "done"}}
