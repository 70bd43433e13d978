"""Every source answers the same questions in the same way. A new partner joins this list."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.base import Failed, Found, NotFound, Person, Source, Subject
from connectors.energy_drop.kit import agency
from connectors.kit.offered import ADA
from connectors.kit.recording import running
from connectors.memory import MemorySource, Record
from connectors.pantry.standin import application
from connectors.runtime import Runtime
from hmis.errors import FailureCode, SourceFailed
from tests.connectors.partners import KEY, ask, household, pantry, soon

BEN = Person("Ben", "Muster", date(1990, 5, 5))
CANARY = Person("Zyxwvutsrq", "Qrstuvwxyz", date(1971, 3, 17))


@dataclass
class Offered:
    """A source, two ids it knows, and one it does not."""

    source: Source
    known: tuple[str, str]
    unknown: str = "no-such-record"
    runtime: Runtime = field(default_factory=Runtime)

    @property
    def noun(self) -> str:
        return next(iter(self.source.offers))

    @property
    def fields(self) -> frozenset[str]:
        return self.source.offers[self.noun].fields


async def _memory(_stack: AsyncExitStack, _home: Path, _engine: AsyncEngine) -> Offered:
    facts = {"lastVisit": date(2026, 1, 9), "visitCount": 2}
    source = MemorySource({"H-1": Record(ADA, facts), "H-2": Record(BEN, facts)})
    return Offered(source, ("H-1", "H-2"))


async def _pantry(stack: AsyncExitStack, _home: Path, _engine: AsyncEngine) -> Offered:
    app = application([household("H-1", ADA), household("H-2", BEN)], KEY)
    source = pantry(await stack.enter_async_context(running(app)))
    stack.push_async_callback(source.aclose)
    return Offered(source, ("H-1", "H-2"))


async def _energy_drop(stack: AsyncExitStack, home: Path, engine: AsyncEngine) -> Offered:
    partner = await stack.enter_async_context(agency(home))
    partner.lay_out()
    source = partner.source(engine)
    await source.sync()
    return Offered(source, ("E-1", "E-2"))


Builder = Callable[[AsyncExitStack, Path, AsyncEngine], Awaitable[Offered]]


@asynccontextmanager
async def _built(builder: Builder, home: Path, engine: AsyncEngine) -> AsyncIterator[Offered]:
    async with AsyncExitStack() as stack:
        yield await builder(stack, home, engine)


@pytest.fixture(params=[_memory, _pantry, _energy_drop], ids=lambda builder: builder.__name__.strip("_"))
async def offered(
    request: pytest.FixtureRequest, tmp_path: Path, database: AsyncEngine
) -> AsyncIterator[Offered]:
    async with _built(request.param, tmp_path, database) as built:
        yield built


async def test_it_says_who_it_is_and_what_it_supplies(offered: Offered) -> None:
    source = offered.source

    assert source.name
    assert source.title
    assert source.version
    assert all(offer.category == offer.category.lower() for offer in source.offers.values())
    assert all(offer.fields for offer in source.offers.values())
    assert source.capabilities <= {"find", "check", "sync"}
    assert bool(source.discloses) is ("find" in source.capabilities)


async def test_a_known_record_is_found_with_its_day_and_reference(offered: Offered) -> None:
    subject = Subject("p", (offered.known[0],))

    found = (await offered.source.fetch(ask(subject, noun=offered.noun, fields=offered.fields)))["p"]

    assert isinstance(found, Found)
    assert found.row.values.keys() == offered.fields
    assert isinstance(found.row.as_of, date | datetime)
    assert found.row.reference == offered.known[0]
    assert not found.stale


async def test_exactly_one_outcome_for_everybody_in_any_order(offered: Offered) -> None:
    one, other = offered.known
    asked = [
        Subject("a", (one,)),
        Subject("b", (offered.unknown,)),
        Subject("c", (other,)),
        Subject("d"),
        Subject("e", (one,)),
        Subject("f", (offered.unknown, other)),
    ]

    there = await offered.source.fetch(ask(*asked, noun=offered.noun, fields=offered.fields))
    back = await offered.source.fetch(ask(*reversed(asked), noun=offered.noun, fields=offered.fields))

    assert there == back
    kinds = {key: type(outcome) for key, outcome in there.items()}
    assert kinds == {"a": Found, "b": NotFound, "c": Found, "d": NotFound, "e": Found, "f": Found}


@pytest.mark.parametrize("extra", [-3, -2, 0, 1])
async def test_any_number_of_people_is_answered(offered: Offered, extra: int) -> None:
    offered.source.limits = replace(offered.source.limits, batch_max=3)
    subjects = [Subject(f"p{number}", (offered.known[0],)) for number in range(3 + extra)]

    outcomes = await offered.runtime.fetch(
        offered.source, ask(*subjects, noun=offered.noun, fields=offered.fields)
    )

    assert outcomes.keys() == {subject.key for subject in subjects}
    assert all(isinstance(outcome, Found) for outcome in outcomes.values())
    assert offered.runtime.state(offered.source).calls == -(-len(subjects) // 3)


async def test_only_what_was_asked_for_is_given(offered: Offered) -> None:
    for name in offered.fields:
        subject = Subject("p", (offered.known[0],))
        found = (await offered.source.fetch(ask(subject, noun=offered.noun, fields=frozenset({name}))))["p"]
        assert isinstance(found, Found)
        assert found.row.values.keys() == {name}


async def test_after_the_deadline_there_is_no_answer(offered: Offered) -> None:
    request = ask(
        Subject("p", (offered.known[0],)), noun=offered.noun, fields=offered.fields, deadline=soon(-1)
    )

    outcomes = await offered.runtime.fetch(offered.source, request)

    assert outcomes == {"p": Failed(FailureCode.TIMEOUT, retryable=True)}


async def test_a_declared_look_up_finds_the_person_and_nobody_else(offered: Offered) -> None:
    source = offered.source
    if "find" not in source.capabilities:
        with pytest.raises(SourceFailed) as failed:
            await source.find(Subject("p", person=ADA), soon())
        assert failed.value.code is FailureCode.NOT_SUPPORTED
        return

    assert [match.value for match in await source.find(Subject("p", person=ADA), soon())] == ["H-1"]
    assert await source.find(Subject("p", person=CANARY), soon()) == []


async def test_half_a_person_is_not_looked_up(offered: Offered) -> None:
    if "find" not in offered.source.capabilities:
        return

    assert await offered.source.find(Subject("p", person=Person("Ada", "Sample", None)), soon()) == []
    assert await offered.source.find(Subject("p"), soon()) == []


async def test_it_can_be_checked_without_naming_anybody(offered: Offered) -> None:
    assert await offered.runtime.check(offered.source, soon()) is None


async def test_a_sync_is_safe_to_repeat_or_not_supported(offered: Offered) -> None:
    synced = await offered.runtime.sync(offered.source)

    if "sync" in offered.source.capabilities:
        assert not isinstance(synced, Failed)
        assert synced.state == "UNCHANGED"
    else:
        assert synced == Failed(FailureCode.NOT_SUPPORTED)


async def test_nobody_is_named_in_a_log_or_a_repr(offered: Offered, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    subject = Subject("p", (offered.known[0],), CANARY)

    await offered.runtime.find(offered.source, (subject,), soon())
    outcomes = await offered.runtime.fetch(
        offered.source, ask(subject, noun=offered.noun, fields=offered.fields)
    )
    await offered.runtime.sync(offered.source)

    shown = f"{caplog.text} {subject!r} {outcomes!r}"
    for personal in ("Zyxwvutsrq", "Qrstuvwxyz", "1971-03-17", "Sample", "1984"):
        assert personal not in shown
