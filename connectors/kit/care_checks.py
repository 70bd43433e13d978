"""Checks of the care a connector takes of everybody else's time, and of its own sockets: C61 to C66."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any

from connectors.base import Failed, Subject
from connectors.faults import FAULTS
from connectors.kit.bench import Bench, asking, fetched, soon
from connectors.kit.checks import Broken, does_not_apply, expect, group
from connectors.kit.offered import ADA
from connectors.kit.watching import blocking_calls
from connectors.runtime import Runtime
from connectors.wire import Act, Wire, answer
from hmis.errors import FailureCode, SourceFailed

check = group("care", "gold")

_GRACE_S = 1.0
"""Far longer than any machine needs to let go; nobody is failed for a slow processor."""
_AWAY = next(fault for fault in FAULTS if fault.name == "503")


async def _within(work: Coroutine[Any, Any, Any], seconds: float) -> Any:
    """The result, or Broken when it is not there in time: also of what does not let itself be called off."""
    task = asyncio.ensure_future(work)
    done, _ = await asyncio.wait({task}, timeout=seconds)
    if not done:
        task.cancel()
        raise Broken(f"it had not ended {seconds:g} s later")
    return task.result()


async def _quiet(wire: Wire) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_GRACE_S):
            if wire.open:
                await wire.quiet.wait()
    expect(not wire.open, f"{wire.open} connections are still open")


@check("C61", "At the deadline it lets go", fix="Let CancelledError pass; wait for nothing outside the call.")
async def lets_go(bench: Bench) -> None:
    """The caller gets an answer then, with or without this partner. A call that goes on holds a place."""
    async with bench.facing(Act.HANG) as (source, wire, offered):
        request = asking(offered, Subject("p", (offered.known[0],)), deadline=soon(0.25))
        outcomes = await _within(Runtime().fetch(source, request), 0.25 + _GRACE_S)
        expect(outcomes == {"p": Failed(FailureCode.TIMEOUT, retryable=True)}, "it is not TIMEOUT")
        await _quiet(wire)


@check(
    "C62", "It never holds up everybody else", fix="Await it, or take it to a thread with asyncio.to_thread."
)
async def holds_up_nobody(bench: Bench) -> None:
    """One event loop serves all callers: a blocking call in one connector stops every answer."""
    async with bench.opened() as offered:
        source = offered.source
        with blocking_calls() as seen, contextlib.suppress(SourceFailed):
            await fetched(offered, Subject("p", offered.known))
            if "find" in source.capabilities:
                await source.find(Subject("p", (), ADA), soon())
        expect(not seen, f"{', '.join(sorted(set(seen)))} in the event loop")


@check("C63", "Called off, it leaves no connection", fix="Close in `finally`; start no task of its own.")
async def called_off(bench: Bench) -> None:
    """Callers hang up all the time; what each of them leaves behind adds up."""
    async with bench.facing(Act.HANG) as (source, wire, offered):
        task = asyncio.create_task(
            fetched(offered, Subject("p", (offered.known[0],)), source=source, seconds=9)
        )
        asked = asyncio.create_task(wire.asked.wait())
        await asyncio.wait({task, asked}, timeout=_GRACE_S, return_when=asyncio.FIRST_COMPLETED)
        asked.cancel()
        expect(not task.done() and bool(wire.requests), "it did not wait for its partner's answer")
        task.cancel()
        done, _ = await asyncio.wait({task}, timeout=_GRACE_S)
        expect(bool(done), "it goes on though it was called off")
        expect(task.cancelled(), "it took being called off for an answer")
        await _quiet(wire)


@check("C64", "Closed, it leaves no connection", fix="Close the client in aclose().")
async def closed(bench: Bench) -> None:
    """The hub closes its sources when it ends; a partner counts the connections that stay."""
    async with bench.facing(answer("{}", "200 OK", "Content-Type: application/json")) as (
        source,
        wire,
        offered,
    ):
        with contextlib.suppress(Exception):
            await fetched(offered, Subject("p", (offered.known[0],)), source=source)
        await source.aclose()
        await _quiet(wire)


@check(
    "C65",
    "A partner that keeps failing is left alone, and asked again",
    fix="Say UNAVAILABLE, TIMEOUT or RATE_LIMITED.",
)
async def left_alone(bench: Bench) -> None:
    """The breaker goes by the codes: five failures open it, and after ten seconds one call decides."""
    clock = [1000.0]
    async with bench.facing(_AWAY.says) as (source, wire, offered):
        runtime = Runtime(clock=lambda: clock[0])

        async def ask() -> int:
            before = len(wire.requests)
            await runtime.fetch(
                source, asking(offered, Subject("p", (offered.known[0],)), deadline=soon(2.5))
            )
            return len(wire.requests) - before

        for _ in range(5):
            expect(await ask() > 0, "it was left alone before it had failed five times")
        expect(await ask() == 0, "it is still asked after five failures")
        clock[0] += 11
        expect(await ask() > 0, "it is not asked again after the pause")


@check("C66", "Pages that never end come to an end", fix="Stop at a cursor seen before, and at a limit.")
async def pages_end(bench: Bench) -> None:
    """Partners have answered with the same cursor for ever."""
    async with bench.opened() as offered:
        if offered.endless is None:
            does_not_apply("no pages are asked for")
        source = offered.endless
        request = asking(offered, Subject("p", (offered.known[0],)), deadline=soon(60))
        with contextlib.suppress(SourceFailed):
            await _within(source.fetch(request), 2.0)
