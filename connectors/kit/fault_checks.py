"""Checks of what is made of a partner's faults on the wire (`connectors/faults.py`): C43 to C60."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from connectors.base import Failed, NotFound, Subject, Submission
from connectors.faults import FAULTS, WireFault
from connectors.http import ATTEMPTS
from connectors.kit.bench import Bench, asking, led, soon
from connectors.kit.checks import Broken, does_not_apply, expect, group
from connectors.kit.offered import ADA, Offered
from connectors.runtime import Runtime
from hmis.errors import FailureCode, SourceFailed

check = group("faults", "gold")

BY_NAME = {fault.name: fault for fault in FAULTS}
_ENDLESS = ("timeout", "drip", "stalled")
_FIX = "Use connectors.http.Http, or raise SourceFailed with this code."

_OWN = {
    "C43": ("401", "A key that is not taken is AUTH"),
    "C44": ("403", "A door that stays shut is AUTH"),
    "C45": ("404", "An address that is not there is CONFIG, not an empty answer"),
    "C46": ("409", "A conflict is CONFLICT"),
    "C47": ("429", "Too many calls are RATE_LIMITED"),
    "C48": ("429-retry-after-0", "Retry-After: 0 is no invitation to hurry"),
    "C49": ("429-retry-after-5", "Retry-After: 5 is heeded within the deadline"),
    "C50": ("429-retry-after-date", "Retry-After with a date is read"),
    "C51": ("500", "A partner that fails is UNAVAILABLE"),
    "C52": ("503", "A partner that is away is UNAVAILABLE"),
    "C53": ("timeout", "An answer that does not come is TIMEOUT"),
    "C54": ("reset", "A connection torn down is UNAVAILABLE"),
    "C55": ("drip", "An answer that does not end is TIMEOUT"),
    "C56": ("truncated-json", "Half a document is BAD_DATA"),
    "C57": ("html", "A sign-in page in place of JSON is BAD_DATA"),
    "C58": ("200-with-error", "200 with an error in it is BAD_DATA, not an empty answer"),
}


async def _meets(bench: Bench, offered: Offered, fault: WireFault) -> None:
    """Every declared operation meets the fault, each at a partner of its own."""
    people = ["fetch"] if offered.records else []
    wanted = [*people, *sorted(offered.source.capabilities & {"find", "check"})]
    outcomes = await asyncio.gather(*(_met(offered, fault, one) for one in wanted))
    for operation, outcome in zip(wanted, outcomes, strict=True):
        if operation == "fetch" and fault.name == "404" and outcome == NotFound() and not bench.declarative:
            continue  # where one record is one address, 404 is how a partner says so
        if operation in offered.nobody_is_404 and fault.name == "404" and outcome in (NotFound(), []):
            continue
        if operation == "check" and fault.code is FailureCode.BAD_DATA and outcome is None:
            continue  # it answered, which is all that was asked
        if outcome != Failed(fault.code, fault.retryable):
            told = outcome.code if isinstance(outcome, Failed) else _named(outcome)
            again = "" if not isinstance(outcome, Failed) or outcome.code is not fault.code else ", retryable"
            raise Broken(f"{operation} made {told}{again} of it, not {fault.code}")


def _named(outcome: object) -> str:
    return "no fault" if outcome is None or isinstance(outcome, list) else type(outcome).__name__


async def _met(offered: Offered, fault: WireFault, operation: str) -> object:
    # Room for a busy machine: a fault that ends by itself is met at once elsewhere.
    seconds = 0.2 if fault.name in _ENDLESS else 4.0
    async with led(offered, fault.says) as (source, wire):
        runtime, subject = Runtime(), Subject("p", offered.records[:1], ADA)
        end = soon(seconds)
        outcome: object
        if operation == "check":
            outcome = await runtime.check(source, end)
        else:
            answers: Mapping[str, object] = (
                await runtime.find(source, [subject], end)
                if operation == "find"
                else await runtime.fetch(source, asking(offered, subject, deadline=end))
            )
            outcome = answers["p"]
        if len(wire.requests) > ATTEMPTS * offered.calls:
            raise Broken(f"{operation} was tried {len(wire.requests)} times, more than {ATTEMPTS}")
    return outcome


def _one(id: str, name: str, title: str) -> None:
    async def run(bench: Bench) -> None:
        async with bench.opened() as offered:
            await _meets(bench, offered, BY_NAME[name])

    run.__doc__ = (
        f"The partner does `{name}`; every declared operation has to make {BY_NAME[name].code} of it."
    )
    check(id, title, fix=_FIX)(run)


for _id, (_name, _title) in _OWN.items():
    _one(_id, _name, _title)


@check("C59", "Everything else a partner may do on the wire has its code", fix=_FIX)
async def the_others(bench: Bench) -> None:
    """The rest of the table in connectors/faults.py: refused, gzip bombs, ten megabytes, another protocol."""
    named = {name for name, _ in _OWN.values()}
    async with bench.opened() as offered:

        async def meet(fault: WireFault) -> None:
            try:
                await _meets(bench, offered, fault)
            except Broken as broken:
                raise Broken(f"{fault.name}: {broken}") from None

        # Alone: where nobody listens now, a partner of another fault might in a moment.
        await meet(BY_NAME["refused"])
        others = [fault for fault in FAULTS if fault.name not in (*named, "refused")]
        await asyncio.gather(*(meet(fault) for fault in others))


@check(
    "C60",
    "What is brought to the partner is not brought twice",
    fix="Send the submission's key with every try.",
)
async def not_brought_twice(bench: Bench) -> None:
    """A referral sent twice is two referrals, unless the partner can tell by the key that it is one."""
    async with bench.facing(BY_NAME["503"].says) as (source, wire, offered):
        if "submit" not in source.capabilities:
            does_not_apply("nothing is brought to it")
        key = "key-of-one-submission"
        try:
            await source.submit(Submission("REFERRAL", key, "SENT", offered.known[0], ADA), soon(2.5))
            raise Broken("a partner that is away took it")
        except SourceFailed:
            pass
        keyless = sum(key.encode() not in request for request in wire.requests)
        expect(
            len(wire.requests) <= 1 or not keyless, f"{len(wire.requests)} tries, {keyless} without the key"
        )
