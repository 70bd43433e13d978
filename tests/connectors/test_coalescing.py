"""What the same asker asks twice at the same time is asked of the partner once, and nothing else is."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from connectors.base import Failed, FetchRequest, Found, Match, Subject
from connectors.kit.offered import ADA
from connectors.memory import MemorySource, Record
from connectors.runtime import Right, Runtime
from hmis.errors import FailureCode, SourceFailed
from tests.connectors.partners import ask, soon
from tests.connectors.waiting import begun, joining

FIELDS = frozenset({"lastVisit", "visitCount"})
WHO = Subject("p", ("H-1",))
UNWELL = SourceFailed("memory", FailureCode.UNAVAILABLE, retryable=True)
LATE = {"p": Failed(FailureCode.TIMEOUT, retryable=True)}


def gated() -> MemorySource:
    """A partner that answers when it is let."""
    record = Record(ADA, {"lastVisit": date(2026, 1, 9), "visitCount": 2})
    source = MemorySource({"H-1": record, "H-2": record})
    source.gate = asyncio.Event()
    return source


def let(source: MemorySource) -> None:
    assert source.gate is not None
    source.gate.set()


def by(*told: Hashable) -> Right:
    return lambda _key: told


ANN = by("ann", "her consent")


async def test_the_second_waits_for_the_call_of_the_first() -> None:
    source, runtime = gated(), Runtime()
    question = ask(WHO, fields=FIELDS)
    first = await begun(source, runtime.fetch(source, question, ANN))
    second = await joining(runtime, source, runtime.fetch(source, replace(question, deadline=soon()), ANN))
    let(source)

    assert await second == await first
    assert isinstance((await first)["p"], Found)
    assert len(source.asked) == 1
    assert (runtime.state(source).calls, runtime.state(source).shared) == (1, 1)


@pytest.mark.parametrize(
    ("other", "right"),
    [
        ({}, by("bob", "her consent")),
        ({}, by("ann", "another consent")),
        ({}, None),
        ({"fields": frozenset({"visitCount"})}, ANN),
        ({"purpose": "ELIGIBILITY"}, ANN),
        ({"subjects": (Subject("p", ("H-2",)),)}, ANN),
        ({"subjects": (Subject("q", ("H-1",)),)}, ANN),
        ({"subjects": (WHO, Subject("q", ("H-2",)))}, ANN),
    ],
    ids=[
        "another viewer",
        "another consent",
        "nobody in particular",
        "other fields",
        "another purpose",
        "another record",
        "another person",
        "more people",
    ],
)
async def test_another_question_has_its_own_call(other: dict[str, Any], right: Right | None) -> None:
    source, runtime = gated(), Runtime()
    question = ask(WHO, fields=FIELDS)
    first = await begun(source, runtime.fetch(source, question, ANN))
    second = await begun(source, runtime.fetch(source, replace(question, **other), right))
    let(source)

    for outcomes in await asyncio.gather(first, second):
        assert all(isinstance(outcome, Found) for outcome in outcomes.values())
    assert len(source.asked) == 2
    assert runtime.state(source).shared == 0


async def test_another_partner_is_asked_by_itself() -> None:
    one, other, runtime = gated(), gated(), Runtime()
    other.name = "other"
    question = ask(WHO, fields=FIELDS)
    first = await begun(one, runtime.fetch(one, question, ANN))
    second = await begun(other, runtime.fetch(other, question, ANN))
    let(one)
    let(other)

    await asyncio.gather(first, second)
    assert (len(one.asked), len(other.asked)) == (1, 1)


async def test_an_answer_that_is_there_is_given_to_nobody_else() -> None:
    source, runtime = gated(), Runtime()
    let(source)
    question = ask(WHO, fields=FIELDS)
    for _ in range(2):
        await runtime.fetch(source, question, ANN)

    assert len(source.asked) == 2


async def test_the_first_may_go_away_and_the_second_has_the_answer() -> None:
    source, runtime = gated(), Runtime()
    question = ask(WHO, fields=FIELDS)
    first = await begun(source, runtime.fetch(source, question, ANN))
    second = await joining(runtime, source, runtime.fetch(source, question, ANN))
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    let(source)

    assert isinstance((await second)["p"], Found)
    assert len(source.asked) == 1


async def test_when_the_last_one_goes_away_the_call_ends_and_its_place_is_free() -> None:
    source, runtime = gated(), Runtime()
    source.limits = replace(source.limits, concurrency=1)
    question = ask(WHO, fields=FIELDS)
    first = await begun(source, runtime.fetch(source, question, ANN))
    second = await joining(runtime, source, runtime.fetch(source, question, ANN))
    for one in (first, second):
        one.cancel()
        with pytest.raises(asyncio.CancelledError):
            await one

    # With the only place taken this would wait for it, and not reach the partner.
    third = await begun(source, runtime.fetch(source, question, ANN))
    let(source)
    assert isinstance((await third)["p"], Found)
    assert runtime.state(source).failures == {}
    assert len(source.asked) == 2


async def test_who_has_less_time_than_the_first_does_not_wait_as_long() -> None:
    source, runtime = gated(), Runtime()
    question = ask(WHO, fields=FIELDS)
    first = await begun(source, runtime.fetch(source, question, ANN))

    assert await runtime.fetch(source, replace(question, deadline=soon(0.02)), ANN) == LATE
    assert runtime.state(source).shared == 1
    let(source)
    assert isinstance((await first)["p"], Found)
    assert len(source.asked) == 1


async def test_who_has_more_time_than_the_first_asks_anew_with_what_is_left() -> None:
    source, runtime = gated(), Runtime()
    question = ask(WHO, fields=FIELDS, deadline=soon(0.05))
    first = await begun(source, runtime.fetch(source, question, ANN))
    second = await joining(runtime, source, runtime.fetch(source, replace(question, deadline=soon(60)), ANN))

    source.reached.clear()
    assert await first == LATE
    async with asyncio.timeout(10):
        await source.reached.wait()
    let(source)
    assert isinstance((await second)["p"], Found)
    assert len(source.asked) == 2


async def test_who_has_hardly_more_time_than_the_first_is_as_late() -> None:
    source, runtime = gated(), Runtime()
    question = ask(WHO, fields=FIELDS, deadline=soon(0.05))
    first = await begun(source, runtime.fetch(source, question, ANN))
    nearly = replace(question, deadline=question.deadline + 0.001)
    second = await joining(runtime, source, runtime.fetch(source, nearly, ANN))

    assert await first == await second == LATE
    assert len(source.asked) == 1


async def test_a_failure_is_shared_and_counted_once() -> None:
    source, runtime = gated(), Runtime()
    question = ask(WHO, fields=FIELDS)
    first = await begun(source, runtime.fetch(source, question, ANN))
    second = await joining(runtime, source, runtime.fetch(source, question, ANN))
    source.fault = UNWELL
    let(source)

    assert await first == await second == {"p": Failed(FailureCode.UNAVAILABLE, retryable=True)}
    assert runtime.state(source).failures == {"UNAVAILABLE": 1}


async def test_a_bug_in_a_source_is_a_code_for_everybody_who_waits() -> None:
    class Broken(MemorySource):
        async def fetch(self, request: FetchRequest) -> Any:
            await super().fetch(request)
            return "nonsense"

    source, runtime = Broken(gated().records), Runtime()
    source.gate = asyncio.Event()
    question = ask(WHO, fields=FIELDS)
    first = await begun(source, runtime.fetch(source, question, ANN))
    second = await joining(runtime, source, runtime.fetch(source, question, ANN))
    let(source)

    assert await first == await second == {"p": Failed(FailureCode.BAD_DATA)}


async def test_somebody_who_is_being_looked_up_is_not_looked_up_beside() -> None:
    source, runtime = gated(), Runtime()
    subjects = (Subject("p", person=ADA),)
    first = await begun(source, runtime.find(source, subjects, soon(), ANN))
    second = await joining(runtime, source, runtime.find(source, subjects, soon(), ANN))
    let(source)

    assert await second == await first == {"p": [Match("H-1", 100), Match("H-2", 100)]}
    assert source.looked_up == [ADA]


@pytest.mark.parametrize(
    ("who", "right"),
    [
        (Subject("p", person=ADA), by("bob", "her consent")),
        (Subject("p", person=ADA), by("ann", "another consent")),
        (Subject("p", person=replace(ADA, first_name="Eda")), ANN),
        (Subject("q", person=ADA), ANN),
    ],
    ids=["another viewer", "another consent", "other facts", "another person"],
)
async def test_another_look_up_has_its_own_call(who: Subject, right: Right) -> None:
    source, runtime = gated(), Runtime()
    first = await begun(source, runtime.find(source, (Subject("p", person=ADA),), soon(), ANN))
    second = await begun(source, runtime.find(source, (who,), soon(), right))
    let(source)

    await asyncio.gather(first, second)
    assert len(source.looked_up) == 2


async def test_of_a_large_question_only_the_calls_that_are_alike_are_shared() -> None:
    source, runtime = gated(), Runtime()
    source.limits = replace(source.limits, batch_max=2)
    few, many = (tuple(Subject(f"p{number}", ("H-1",)) for number in range(count)) for count in (2, 3))
    first = await begun(source, runtime.fetch(source, ask(*few, fields=FIELDS), ANN))
    second = await joining(runtime, source, runtime.fetch(source, ask(*many, fields=FIELDS), ANN))
    let(source)

    assert [len(outcomes) for outcomes in await asyncio.gather(first, second)] == [2, 3]
    assert sorted(len(request.subjects) for request in source.asked) == [1, 2]
