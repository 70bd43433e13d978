"""Who a partner's records are about: when a match becomes a link, and when it never does again."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.base import Failed, Match, Person, Subject
from connectors.crosswalk import Link, State, decide, links, say
from connectors.kit.offered import ADA
from connectors.matching import partner_ids
from connectors.memory import MemorySource, Record
from connectors.runtime import Runtime
from hmis.errors import FailureCode, SourceFailed
from hmis.identity import forgetting
from hmis.tables import match_candidate, partner_link, person
from tests.conftest import Statements
from tests.connectors.partners import soon

BEN = Person("Ben", "Muster", date(1990, 5, 5))


async def _people(engine: AsyncEngine, count: int = 1) -> list[UUID]:
    numbers = [uuid4() for _ in range(count)]
    async with engine.begin() as connection:
        await connection.execute(insert(person), [{"id": number} for number in numbers])
    return numbers


def _pantry() -> MemorySource:
    return MemorySource({"H-1": Record(ADA), "H-2": Record(BEN)}, name="pantry", fields=frozenset({"x"}))


async def test_a_person_is_looked_up_once_and_the_link_remembered(
    database: AsyncEngine, statements: Statements
) -> None:
    ada, ben, stranger = await _people(database, 3)
    source, runtime = _pantry(), Runtime()
    people = {ada: ADA, ben: BEN, stranger: Person("Zoe", "Quill", date(1950, 1, 1))}

    first = await partner_ids(runtime, source, database, people, soon())
    statements.forget()
    second = await partner_ids(runtime, source, database, {ada: ADA, ben: BEN}, soon())

    assert first == {ada: ("H-1",), ben: ("H-2",), stranger: ()}
    assert second == {ada: ("H-1",), ben: ("H-2",)}
    assert len(source.looked_up) == 3
    assert statements.count == 1
    async with database.connect() as connection:
        assert await links(connection, "pantry", [ada, stranger]) == {ada: (Link("H-1", "FIND", 100),)}
        evidence = (await connection.scalars(select(partner_link.c.evidence))).first()
    assert evidence == {"disclosed": ["dob", "first_name", "last_name"]}


async def test_a_partner_that_cannot_be_asked_is_a_code_and_no_link(database: AsyncEngine) -> None:
    ada, ben = await _people(database, 2)
    source, runtime = _pantry(), Runtime()
    await partner_ids(runtime, source, database, {ben: BEN}, soon())
    source.fault = SourceFailed("pantry", FailureCode.UNAVAILABLE, retryable=True)

    answers = await partner_ids(runtime, source, database, {ada: ADA, ben: BEN}, soon())

    assert answers == {ada: Failed(FailureCode.UNAVAILABLE, retryable=True), ben: ("H-2",)}


async def test_two_good_answers_make_no_link(database: AsyncEngine) -> None:
    (ada,) = await _people(database)
    source = _pantry()
    source.records["H-7"] = Record(ADA)

    assert await partner_ids(Runtime(), source, database, {ada: ADA}, soon()) == {ada: ()}
    async with database.connect() as connection:
        assert await links(connection, "pantry", [ada]) == {}


async def test_who_may_not_be_disclosed_in_full_is_not_looked_up(database: AsyncEngine) -> None:
    (ada,) = await _people(database)
    source = _pantry()

    answers = await partner_ids(Runtime(), source, database, {ada: replace(ADA, dob=None)}, soon())

    assert answers == {ada: ()}
    assert source.looked_up == []


async def test_a_source_without_look_up_uses_the_links_it_has(database: AsyncEngine) -> None:
    (ada,) = await _people(database)
    source = _pantry()
    source.capabilities = frozenset()

    assert await partner_ids(Runtime(), source, database, {ada: ADA}, soon()) == {ada: ()}
    assert source.looked_up == []


async def test_a_rejected_link_ends_and_is_never_made_again(database: AsyncEngine) -> None:
    (ada,) = await _people(database)
    source, runtime = _pantry(), Runtime()
    assert await partner_ids(runtime, source, database, {ada: ADA}, soon()) == {ada: ("H-1",)}

    async with database.begin() as connection:
        await say(connection, "pantry", ada, "H-1", State.REJECTED)

    assert await partner_ids(runtime, source, database, {ada: ADA}, soon()) == {ada: ()}
    async with database.connect() as connection:
        rows = await connection.execute(
            select(partner_link.c.status, partner_link.c.valid_to.is_(None)).order_by(partner_link.c.id)
        )
        assert [tuple(row) for row in rows] == [("CONFIRMED", False), ("REJECTED", True)]


class Guessing(MemorySource):
    """A partner whose answer to every look-up is `guesses`."""

    guesses: list[Match]

    async def find(self, subject: Subject, deadline: float) -> list[Match]:
        await super().find(subject, deadline)
        return self.guesses


def _guessing(*guesses: Match) -> Guessing:
    source = Guessing({}, name="pantry", fields=frozenset({"x"}))
    source.guesses = list(guesses)
    return source


async def _questions(engine: AsyncEngine) -> list[tuple[object, ...]]:
    candidate = match_candidate.c
    asked = (candidate.value, candidate.reason, candidate.score, candidate.margin, candidate.state)
    async with engine.connect() as connection:
        return [tuple(row) for row in await connection.execute(select(*asked).order_by(candidate.value))]


async def _lookup(engine: AsyncEngine, source: MemorySource, who: UUID) -> object:
    return (await partner_ids(Runtime(), source, engine, {who: ADA}, soon()))[who]


async def test_what_no_rule_may_decide_is_asked_once_and_kept_up_to_date(database: AsyncEngine) -> None:
    (ada,) = await _people(database)

    assert await _lookup(database, _guessing(Match("H-1", 80), Match("H-2", 75), Match("H-3", 10)), ada) == ()
    assert await _lookup(database, _guessing(Match("H-1", 85), Match("H-2", 75)), ada) == ()

    assert await _questions(database) == [
        ("H-1", "LOW_SCORE", 85, 10, "OPEN"),
        ("H-2", "LOW_SCORE", 75, -10, "OPEN"),
    ]
    async with database.connect() as connection:
        assert await links(connection, "pantry", [ada]) == {}


async def test_a_question_says_which_facts_agreed_and_never_a_value(database: AsyncEngine) -> None:
    (ada,) = await _people(database)
    other = date(1950, 12, 24)
    await _lookup(database, _guessing(Match("H-1", 95, other), Match("H-2", 70, ADA.dob)), ada)

    async with database.connect() as connection:
        candidate = match_candidate.c
        rows = await connection.execute(select(candidate.value, candidate.evidence).order_by(candidate.value))
        evidence = {row.value: row.evidence for row in rows}
        kept = (await connection.execute(text("select match_candidate::text from match_candidate"))).all()
    told = ["dob", "first_name", "last_name"]
    assert evidence == {
        "H-1": {"disclosed": told, "differed": ["dob"]},
        "H-2": {"disclosed": told, "agreed": ["dob"]},
    }
    assert not any(value in row[0] for row in kept for value in ("1950", "1984", "Ada", "Sample"))
    assert await _questions(database) == [
        ("H-1", "BIRTH_DATES_DIFFER", 95, 25, "OPEN"),
        ("H-2", "BIRTH_DATES_DIFFER", 70, -25, "OPEN"),
    ]


async def test_a_rejected_question_is_not_asked_again(database: AsyncEngine) -> None:
    (ada,) = await _people(database)
    source = _guessing(Match("H-1", 80))
    await _lookup(database, source, ada)
    async with database.begin() as connection:
        question = await connection.scalar(select(match_candidate.c.id))
        assert question is not None
        assert await decide(connection, question, State.REJECTED, "mia", _NOW) is State.REJECTED

    source.guesses = [Match("H-1", 100)]
    assert await _lookup(database, source, ada) == ()
    assert await _questions(database) == [("H-1", "LOW_SCORE", 80, None, "REJECTED")]


async def test_a_confirmed_question_is_a_link_and_nobody_is_looked_up_any_more(
    database: AsyncEngine,
) -> None:
    (ada,) = await _people(database)
    source = _guessing(Match("H-1", 80))
    await _lookup(database, source, ada)
    async with database.begin() as connection:
        question = await connection.scalar(select(match_candidate.c.id))
        assert question is not None
        await decide(connection, question, State.CONFIRMED, "mia", _NOW)
    source.looked_up.clear()

    assert await _lookup(database, source, ada) == ("H-1",)
    assert source.looked_up == []
    async with database.begin() as connection:
        assert await decide(connection, question, State.REJECTED, "eve", _NOW) is State.CONFIRMED
        assert await links(connection, "pantry", [ada]) == {ada: (Link("H-1", "STAFF", None),)}


async def test_a_clear_answer_withdraws_the_question(database: AsyncEngine) -> None:
    (ada,) = await _people(database)
    await _lookup(database, _guessing(Match("H-1", 80)), ada)

    assert await _lookup(database, _guessing(Match("H-1", 100)), ada) == ("H-1",)
    assert await _questions(database) == [("H-1", "LOW_SCORE", 80, None, "WITHDRAWN")]


async def test_two_requests_that_find_the_same_person_at_once_write_one_link(database: AsyncEngine) -> None:
    """Also when the partner tells each of them another record: the one that is written first stands."""
    (ada,) = await _people(database)
    gate = asyncio.Event()
    sources = [_guessing(Match(value, 100)) for value in ("H-1", "H-1", "H-2", "H-3")]
    for source in sources:
        source.gate = gate
    asking = [asyncio.create_task(_lookup(database, source, ada)) for source in sources]
    await asyncio.gather(*(source.reached.wait() for source in sources))
    gate.set()
    answers = await asyncio.gather(*asking)

    assert len(set(answers)) == 1
    async with database.connect() as connection:
        found = await links(connection, "pantry", [ada])
        assert [(link.value,) for link in found[ada]] == answers[:1]
    assert await _questions(database) == []


async def test_an_answer_that_comes_after_the_consent_was_taken_back_is_not_remembered(
    database: AsyncEngine,
) -> None:
    (ada,) = await _people(database)
    source = _pantry()
    source.gate = asyncio.Event()
    asking = asyncio.create_task(_lookup(database, source, ada))
    await source.reached.wait()
    async with database.begin() as connection:
        await forgetting.withdraw(connection, ada, {"pantry": 1})
    source.gate.set()

    assert await asking == ()
    async with database.connect() as connection:
        assert (await connection.execute(select(partner_link))).all() == []


@pytest.mark.parametrize("length", [40, 64])
async def test_a_hash_of_a_name_is_never_sent_to_anybody(database: AsyncEngine, length: int) -> None:
    """HUD's hashed export (HashStatus 2 to 4) has no key: everybody can try out all names."""
    (ada,) = await _people(database)
    source = _pantry()
    hashed = replace(ADA, last_name="0123456789abcdef"[:16] * 4)
    hashed = replace(hashed, last_name=(hashed.last_name or "")[:length])

    assert await partner_ids(Runtime(), source, database, {ada: hashed}, soon()) == {ada: ()}
    assert source.looked_up == []


_NOW = datetime(2026, 6, 30, 16, 0, tzinfo=UTC)
