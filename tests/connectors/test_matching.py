"""Who a partner's records are about: when a match becomes a link, and when it never does again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from connectors.base import Acceptance, Failed, Match, Person
from connectors.energy_drop.kit import DAY
from connectors.kit.offered import ADA
from connectors.matching import Link, Linked, acceptable, link_members, links, partner_ids, reject
from connectors.memory import MemorySource, Record
from connectors.runtime import Runtime
from hmis.errors import FailureCode, SourceFailed
from hmis.tables import landing_batch, landing_household_member, partner_link, person
from tests.conftest import Statements
from tests.connectors.partners import soon

RULE = Acceptance(min_score=90, margin=10)
BEN = Person("Ben", "Muster", date(1990, 5, 5))


@pytest.mark.parametrize(
    ("matches", "accepted"),
    [
        ([], None),
        ([("a", 90)], "a"),
        ([("a", 89)], None),
        ([("a", 100), ("b", 91)], None),
        ([("b", 90), ("a", 100)], "a"),
        ([("a", 100), ("b", 100)], None),
        ([("a", 100), ("a", 95)], "a"),
    ],
)
def test_a_match_is_believed_when_it_is_good_and_clearly_the_best(
    matches: list[tuple[str, int]], accepted: str | None
) -> None:
    best = acceptable([Match(value, score) for value, score in matches], (), RULE)

    assert (best.value if best else None) == accepted


def test_what_was_rejected_is_no_candidate_and_no_rival() -> None:
    matches = [Match("a", 100), Match("b", 95)]

    assert acceptable(matches, {"a"}, RULE) == Match("b", 95)
    assert acceptable(matches[:1], {"a"}, RULE) is None


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
        await reject(connection, "pantry", ada, "H-1")

    assert await partner_ids(runtime, source, database, {ada: ADA}, soon()) == {ada: ()}
    async with database.connect() as connection:
        rows = await connection.execute(
            select(partner_link.c.status, partner_link.c.valid_to.is_(None)).order_by(partner_link.c.id)
        )
        assert [tuple(row) for row in rows] == [("CONFIRMED", False), ("REJECTED", True)]


async def _land(connection: AsyncConnection, *members: tuple[str, str, str, date | None]) -> None:
    batch = await connection.scalar(
        insert(landing_batch)
        .values(
            connector="energy-drop",
            batch="b",
            content_sha256="0",
            as_of=DAY,
            members=1,
            benefits=0,
            rows_refused=0,
        )
        .returning(landing_batch.c.id)
    )
    shared = {"batch_id": batch, "connector": "energy-drop"}
    await connection.execute(
        insert(landing_household_member),
        [
            shared | {"household_id": number, "first_normal": first, "last_normal": last, "dob": dob}
            for number, first, last, dob in members
        ],
    )


async def _linked(engine: AsyncEngine, *people: UUID) -> dict[UUID, set[str]]:
    async with engine.connect() as connection:
        found = await links(connection, "energy-drop", people)
    return {number: {link.value for link in of} for number, of in found.items()}


async def _link(engine: AsyncEngine, *people: tuple[UUID, Person]) -> Linked:
    async with engine.begin() as connection:
        return await link_members(connection, "energy-drop", people)


async def test_members_are_linked_when_names_and_birth_date_agree(database: AsyncEngine) -> None:
    ada, twin, other = await _people(database, 3)
    async with database.begin() as connection:
        await _land(
            connection,
            ("E-1", "ada", "sample", ADA.dob),
            ("E-2", "ada", "sample", ADA.dob),
            ("E-3", "ada", "sample", date(1984, 2, 28)),
            ("E-4", "ada", "smaple", ADA.dob),
            ("E-5", "ada", "sample", None),
            ("E-6", "", "sample", ADA.dob),
        )

    linked = await _link(
        database,
        (ada, Person("ADÁ", "O'Sample", ADA.dob)),
        (ada, Person("Ada", "Sam-ple", ADA.dob)),
        (twin, Person("Ida", "Sample", ADA.dob)),
        (other, Person(None, "Sample", ADA.dob)),
    )

    assert linked == Linked(made=2, ended=0, ambiguous=0)
    assert await _linked(database, ada, twin, other) == {ada: {"E-1", "E-2"}}


async def test_two_people_of_one_name_and_birth_date_stay_unlinked(database: AsyncEngine) -> None:
    one, other = await _people(database, 2)
    async with database.begin() as connection:
        await _land(connection, ("E-1", "ada", "sample", ADA.dob))

    assert await _link(database, (one, ADA), (other, ADA)) == Linked(made=0, ended=0, ambiguous=1)
    assert await _linked(database, one, other) == {}


async def test_linking_again_makes_nothing_new(database: AsyncEngine) -> None:
    (ada,) = await _people(database)
    async with database.begin() as connection:
        await _land(connection, ("E-1", "ada", "sample", ADA.dob))

    assert (await _link(database, (ada, ADA))).made == 1
    assert await _link(database, (ada, ADA)) == Linked(made=0, ended=0, ambiguous=0)


async def test_a_link_that_the_rule_would_not_make_any_more_is_ended(database: AsyncEngine) -> None:
    ada, double = await _people(database, 2)
    async with database.begin() as connection:
        await _land(connection, ("E-1", "ada", "sample", ADA.dob))
    await _link(database, (ada, ADA))

    assert await _link(database, (ada, ADA), (double, ADA)) == Linked(made=0, ended=1, ambiguous=1)
    assert await _linked(database, ada, double) == {}


async def test_members_are_not_linked_against_a_rejection(database: AsyncEngine) -> None:
    (ada,) = await _people(database)
    async with database.begin() as connection:
        await _land(connection, ("E-1", "ada", "sample", ADA.dob))
        await reject(connection, "energy-drop", ada, "E-1")

    assert (await _link(database, (ada, ADA))).made == 0
    assert await _linked(database, ada) == {}


async def test_linking_members_discloses_nobody(database: AsyncEngine) -> None:
    (ada,) = await _people(database)
    source = _pantry()

    await _link(database, (ada, ADA))

    assert source.looked_up == []
    assert source.asked == []
