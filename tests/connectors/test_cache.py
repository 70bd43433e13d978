"""Answers are kept by the whole question, given again while fresh, marked when a partner is down."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors import cache
from connectors.base import Failed, FetchRequest, Found, Limits, NotFound, Outcome, Subject
from connectors.cache import Consent
from connectors.kit.offered import ADA
from connectors.memory import MemorySource, Record
from connectors.runtime import Runtime
from hmis.errors import FailureCode, SourceFailed
from hmis.identity import forgetting
from hmis.tables import partner_cache, partner_link, person
from tests.connectors.partners import soon

NOW = datetime(2026, 6, 30, 16, 0, tzinfo=UTC)
ALICE, BOB = UUID(int=1), UUID(int=2)
FACTS = {
    "lastVisit": date(2026, 6, 1),
    "visitCount": 3,
    "spent": Decimal("12.50"),
    "seen": datetime(2026, 6, 1, 9, tzinfo=UTC),
    "programs": ["TEFAP", None],
    "place": {"city": "Springfield", "since": date(2026, 1, 1)},
    "nothing": None,
}
CONSENT = Consent(1, "first")
UNWELL = SourceFailed("memory", FailureCode.UNAVAILABLE, retryable=True)


@pytest.fixture
async def people(database: AsyncEngine) -> AsyncEngine:
    async with database.begin() as connection:
        await connection.execute(insert(person), [{"id": ALICE}, {"id": BOB}])
    return database


def _source(*, hours: int = 1, stale_hours: int = 24) -> MemorySource:
    limits = Limits(rate=1_000, cache=timedelta(hours=hours), stale_if_error=timedelta(hours=stale_hours))
    record = Record(ADA, FACTS, datetime(2026, 6, 2, 9, tzinfo=UTC), frozenset({"DV"}))
    return MemorySource({"H-1": record, "H-2": record}, limits=limits)


async def _ask(
    engine: AsyncEngine,
    source: MemorySource,
    *,
    now: datetime = NOW,
    consent: Consent = CONSENT,
    purpose: str = "CARE_COORDINATION",
    fields: frozenset[str] = frozenset(FACTS),
    ids: Mapping[UUID, tuple[str, ...]] | None = None,
) -> dict[str, Outcome]:
    subjects = tuple(Subject(str(who), known) for who, known in (ids or {ALICE: ("H-1",)}).items())
    request = FetchRequest(subjects, "FoodAssistance", fields, purpose, soon())
    runtime = Runtime()
    outcomes = await cache.fetch(runtime, engine, source, request, lambda _: consent, now)
    await runtime.keeper.settled()
    return outcomes


async def test_an_answer_is_given_again_as_it_was_without_asking(people: AsyncEngine) -> None:
    source = _source()
    first = (await _ask(people, source))[str(ALICE)]
    again = (await _ask(people, source, now=NOW + timedelta(minutes=59)))[str(ALICE)]

    assert isinstance(first, Found)
    assert again == replace(first, live="cache", retrieved_at=NOW)
    assert len(source.asked) == 1


async def test_only_who_is_not_kept_is_asked_about(people: AsyncEngine) -> None:
    source = _source()
    await _ask(people, source)
    outcomes = await _ask(people, source, ids={ALICE: ("H-1",), BOB: ("H-2",)})

    assert all(isinstance(outcome, Found) for outcome in outcomes.values())
    assert [subject.key for subject in source.asked[-1].subjects] == [str(BOB)]


@pytest.mark.parametrize(
    "other",
    [
        {"consent": Consent(3, "first")},
        {"consent": Consent(1, "second")},
        {"purpose": "REPORTING"},
        {"fields": frozenset({"visitCount"})},
        {"ids": {ALICE: ("H-2",)}},
        {"now": NOW + timedelta(hours=1)},
    ],
    ids=["more categories", "another grant", "another purpose", "other fields", "another record", "too old"],
)
async def test_another_question_is_asked(people: AsyncEngine, other: dict[str, object]) -> None:
    source = _source()
    await _ask(people, source)
    found = next(iter((await _ask(people, source, **other)).values()))  # type: ignore[arg-type]

    assert isinstance(found, Found)
    assert found.live == "live"
    assert len(source.asked) == 2


async def test_another_edition_of_the_manifest_is_asked(people: AsyncEngine) -> None:
    source = _source()
    await _ask(people, source)
    source.version = "1-another"
    await _ask(people, source)

    assert len(source.asked) == 2


async def test_a_partner_that_is_down_leaves_an_older_answer_marked(people: AsyncEngine) -> None:
    source = _source()
    await _ask(people, source)
    source.fault = UNWELL
    stale = (await _ask(people, source, now=NOW + timedelta(hours=24)))[str(ALICE)]
    gone = (await _ask(people, source, now=NOW + timedelta(hours=25)))[str(ALICE)]

    assert isinstance(stale, Found)
    assert (stale.live, stale.stale, stale.retrieved_at) == ("cache", True, NOW)
    assert stale.instead_of == Failed(FailureCode.UNAVAILABLE, retryable=True)
    assert gone == Failed(FailureCode.UNAVAILABLE, retryable=True)


async def test_a_partner_that_lets_us_in_no_more_leaves_nothing(people: AsyncEngine) -> None:
    source = _source()
    await _ask(people, source)
    source.fault = SourceFailed("memory", FailureCode.AUTH)

    assert (await _ask(people, source, now=NOW + timedelta(hours=2)))[str(ALICE)] == Failed(FailureCode.AUTH)


async def test_who_is_unknown_there_is_asked_about_each_time(people: AsyncEngine) -> None:
    source = _source()
    for _ in range(2):
        assert (await _ask(people, source, ids={ALICE: ("H-9",)}))[str(ALICE)] == NotFound()

    assert len(source.asked) == 2


async def test_without_a_word_in_the_manifest_nothing_is_kept(people: AsyncEngine) -> None:
    source = _source(hours=0)
    for _ in range(2):
        await _ask(people, source)

    assert len(source.asked) == 2
    assert await _count(people) == 0


async def test_what_nobody_may_be_shown_any_more_goes_with_the_next_answer(people: AsyncEngine) -> None:
    source = _source()
    await _ask(people, source)
    await _ask(people, source, consent=Consent(1, "second"), now=NOW + timedelta(hours=26))

    assert await _count(people) == 1


async def test_what_changed_at_the_partner_is_asked_again(people: AsyncEngine) -> None:
    source = _source()
    both = {ALICE: ("H-1",), BOB: ("H-2",)}
    await _ask(people, source, ids=both)
    async with people.begin() as connection:
        link = {"person_id": ALICE, "connector": "memory", "value": "H-1", "method": "FIND"}
        await connection.execute(insert(partner_link), link)
        await cache.invalidate(connection, "memory", ["H-1", "H-9"])
    await _ask(people, source, ids=both)

    assert [subject.key for subject in source.asked[-1].subjects] == [str(ALICE)]


async def test_without_a_database_the_partner_is_asked(
    people: AsyncEngine, caplog: pytest.LogCaptureFixture
) -> None:
    source = _source()
    async with people.begin() as connection:
        await connection.exec_driver_sql("alter table partner_cache rename to away")
    try:
        found = (await _ask(people, source))[str(ALICE)]
    finally:
        async with people.begin() as connection:
            await connection.exec_driver_sql("alter table away rename to partner_cache")

    assert isinstance(found, Found)
    assert "Springfield" not in caplog.text


async def _count(engine: AsyncEngine) -> int:
    async with engine.connect() as connection:
        return await connection.scalar(select(func.count()).select_from(partner_cache)) or 0


async def test_an_answer_that_comes_after_the_consent_was_taken_back_is_not_kept(people: AsyncEngine) -> None:
    source = _source()
    source.gate = asyncio.Event()
    both = {ALICE: ("H-1",), BOB: ("H-2",)}
    asking = asyncio.create_task(_ask(people, source, ids=both))
    await source.reached.wait()
    async with people.begin() as connection:
        await forgetting.withdraw(connection, ALICE, {"memory": 1})
    source.gate.set()

    assert {type(outcome) for outcome in (await asking).values()} == {Found}
    async with people.connect() as connection:
        assert (await connection.scalars(select(partner_cache.c.person_id))).all() == [BOB]
