"""Everything a partner may do wrong, through a whole source: the code, the breaker, and no word of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from connectors.base import Failed, Subject
from connectors.faults import FAULTS, WORDS, WireFault
from connectors.rest import RestSource
from connectors.runtime import Runtime
from connectors.wire import Act, Wire
from hmis.errors import FailureCode
from tests.connectors.partners import ask, pantry, soon

ADA = Subject("ada", ("H-1",))
FIELDS = frozenset({"lastVisit", "visitCount"})
BEGINS_AND_NEVER_ENDS = [fault for fault in FAULTS if fault.name in ("timeout", "drip", "stalled")]


@asynccontextmanager
async def _partner(fault: WireFault) -> AsyncIterator[tuple[Wire, RestSource]]:
    wire = Wire(fault.says)
    async with wire.serving() as address:
        source = pantry(address)
        yield wire, source
        await source.aclose()


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
async def test_each_fault_has_its_code_and_not_a_word_of_the_partner_comes_out(
    fault: WireFault, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    seconds = 0.3 if fault in BEGINS_AND_NEVER_ENDS else 30.0
    async with _partner(fault) as (wire, source):
        runtime = Runtime()
        async with asyncio.timeout(25):
            outcomes = await runtime.fetch(source, ask(ADA, fields=FIELDS, deadline=soon(seconds)))
        state = runtime.state(source)

    assert outcomes == {"ada": Failed(fault.code, fault.retryable)}
    assert state.failures == {fault.code: 1}
    assert state.last_failure is not None
    assert state.last_failure.code is fault.code
    # Nobody hears a question where nobody listens, or before the certificate is believed.
    assert len(wire.requests) == (0 if fault.says in (Act.REFUSE, Act.STRANGER) else fault.tries)
    shown = "".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    assert WORDS not in f"{shown} {outcomes!r} {state!r}"


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
async def test_the_breaker_opens_for_a_partner_that_is_unwell_and_not_for_wrong_answers(
    fault: WireFault,
) -> None:
    async with _partner(fault) as (_, source):
        runtime = Runtime()
        for _ in range(5):
            seconds = 0.1 if fault in BEGINS_AND_NEVER_ENDS else 30.0
            await runtime.fetch(source, ask(ADA, fields=FIELDS, deadline=soon(seconds)))

        assert runtime.state(source).breaker == ("OPEN" if fault.retryable else "CLOSED")


@pytest.mark.parametrize("fault", BEGINS_AND_NEVER_ENDS, ids=lambda fault: fault.name)
async def test_calling_off_leaves_no_connection(fault: WireFault) -> None:
    async with _partner(fault) as (wire, source):
        asking = asyncio.create_task(Runtime().fetch(source, ask(ADA, fields=FIELDS, deadline=soon(60))))
        await wire.asked.wait()
        assert wire.open == 1

        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        async with asyncio.timeout(5):
            await wire.quiet.wait()

    assert wire.open == 0


@pytest.mark.parametrize("fault", BEGINS_AND_NEVER_ENDS, ids=lambda fault: fault.name)
async def test_the_deadline_ends_the_call_and_the_connection(fault: WireFault) -> None:
    async with _partner(fault) as (wire, source):
        deadline = soon(0.3)
        outcomes = await Runtime().fetch(source, ask(ADA, fields=FIELDS, deadline=deadline))

        assert asyncio.get_running_loop().time() >= deadline
        assert outcomes == {"ada": Failed(FailureCode.TIMEOUT, retryable=True)}
        async with asyncio.timeout(5):
            await wire.quiet.wait()


def test_the_table_names_each_fault_once_and_every_code() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
    assert {fault.code for fault in FAULTS} == set(FailureCode)
