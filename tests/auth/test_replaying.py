"""Replaying: what the journal says and the database lacks is written again, once, as it was."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, func, insert, select

from auth.categories import Category
from auth.consent import Effect, Grant
from auth.grants import by_person, statement
from auth.journal import Entry, Kind
from auth.replaying import REASON, Replayed, replay, unwritten
from hmis.labels import Label
from hmis.tables import consent_grant, consent_recipient, consent_revocation, guardian_bar, policy_profile
from tests.worlds import NOW, TODAY, World


@pytest.fixture
async def world(database: Any) -> World:
    world = World(database)
    for name in "AB":
        await world.organization(name)
    await world.client("cleo", last_name="Stone")
    return world


async def again(world: World, *entries: Entry) -> Replayed:
    async with world.engine.begin() as connection:
        return await replay(connection, entries)


async def journal_of(world: World, *written: Entry) -> list[Entry]:
    async with world.engine.connect() as connection:
        return await unwritten(connection, written)


async def facts(world: World) -> list[Grant]:
    async with world.engine.connect() as connection:
        rows = await connection.execute(statement(TODAY, people=[world.people["cleo"]]))
        return by_person(rows.mappings())[world.people["cleo"]]


async def lost(world: World, *tables: Any) -> None:
    """What a restore of last week's backup does to these."""
    async with world.engine.begin() as connection:
        for table in tables:
            await connection.execute(delete(table))


async def test_revocation_refusal_and_bar_come_back_with_their_times_and_hands(world: World) -> None:
    permit = await world.grant("cleo", "A")
    await world.revoke(permit, NOW - timedelta(days=2))
    parent = await world.guardian("cleo")
    await world.bar(parent)
    await world.grant(
        "cleo",
        "A",
        "B",
        effect=Effect.DENY,
        categories=Category.HEALTH_DISABILITY,
        labels=Label.HIV,
        end=date(2027, 1, 1),
        sources=(world.sources["demo"],),
        data_from=date(2020, 1, 1),
        evidence="sha256:00ff",
    )
    before = await facts(world)
    told = await journal_of(world)
    assert [one.kind for one in told] == [Kind.REFUSE, Kind.REVOKE, Kind.BAR]
    assert await journal_of(world, *told) == []

    await lost(world, consent_revocation, guardian_bar, consent_recipient)
    async with world.engine.begin() as connection:
        await connection.execute(delete(consent_grant).where(consent_grant.c.effect == "DENY"))
    found = await again(world, *told, *told)
    assert (found.entries, set(map(_key, found.written)), found.absent) == (3, set(map(_key, told)), ())
    assert {_without_recipients(one) for one in await facts(world)} == {
        _without_recipients(one) for one in before
    }
    [refusal] = [grant for grant in await facts(world) if grant.effect is Effect.DENY]
    assert refusal.agencies == {world.agencies[name].id for name in "AB"}
    async with world.engine.connect() as connection:
        row = (await connection.execute(select(consent_revocation))).one()
    assert (row.grant_id, row.reason, row.revoked_at) == (permit, REASON, NOW - timedelta(days=2))
    assert row.revoked_by == world.viewer("A").subject

    repeated = await again(world, *told)
    assert (repeated.written, repeated.in_place) == ((), 3)


def _key(entry: Entry) -> Any:
    return entry.key


def _without_recipients(grant: Grant) -> Any:
    """The revoked permit lost its own recipients with the others, which no journal gives back."""
    return (grant.id, grant.effect, grant.categories, grant.labels, grant.end, grant.sources, grant.revoked)


async def test_the_first_revocation_of_a_grant_stands(world: World) -> None:
    permit, person = await world.grant("cleo", "A"), world.people["cleo"]
    early, late = (Entry(Kind.REVOKE, permit, person, NOW + timedelta(days=day), "ann") for day in (0, 1))
    assert (await again(world, early, late)).written == (early,)
    assert (await again(world, late)).written == ()


async def test_a_refusal_that_was_revoked_since_comes_back_and_is_over(world: World) -> None:
    refusal = await world.grant("cleo", effect=Effect.DENY)
    await world.revoke(refusal)
    told = await journal_of(world)
    await lost(world, consent_revocation, consent_grant)
    assert len((await again(world, *reversed(told))).written) == 2
    assert [grant.revoked for grant in await facts(world)] == [True]


async def test_what_is_about_nothing_here_is_told_and_changes_nothing(world: World) -> None:
    await world.grant("cleo", "A", effect=Effect.DENY)
    [known] = await journal_of(world)
    nobody = Entry(Kind.REFUSE, uuid4(), uuid4(), NOW, "ann", known.terms)
    elsewhere = {**known.terms, "recorded_at_agency": str(uuid4())}
    entries = [
        Entry(Kind.REVOKE, uuid4(), uuid4(), NOW, "ann"),
        Entry(Kind.BAR, uuid4(), uuid4(), NOW, "ann"),
        nobody,
        Entry(Kind.REFUSE, uuid4(), world.people["cleo"], NOW, "ann", elsewhere),
    ]
    found = await again(world, *entries)
    assert found.written == ()
    assert set(map(_key, found.absent)) == set(map(_key, entries))
    async with world.engine.connect() as connection:
        assert await connection.scalar(select(func.count()).select_from(consent_grant)) == 1


async def test_a_refusal_is_never_narrower_than_it_was(world: World) -> None:
    """What it names may be younger than the backup: a group then means everybody, an absent agency nobody."""
    await world.grant("cleo", "A", effect=Effect.DENY)
    [known] = await journal_of(world)
    agency = str(world.agencies["A"].id)
    terms = {
        **known.terms,
        "group_id": str(uuid4()),
        "guardian_id": str(uuid4()),
        "agencies": [agency, str(uuid4())],
    }
    entry = Entry(Kind.REFUSE, uuid4(), world.people["cleo"], NOW, "ann", terms)
    assert (await again(world, entry)).written == (entry,)
    [refusal] = [grant for grant in await facts(world) if grant.id == entry.id]
    assert refusal.community_wide
    assert refusal.agencies == {UUID(agency)}
    assert refusal.guardian is None


async def test_where_the_newest_form_counts_alone_an_older_one_does_not_come_back(world: World) -> None:
    person, form = world.people["cleo"], uuid4()
    old = await world.grant("cleo", "A", form=uuid4())
    other = await world.grant("cleo", "B")
    async with world.engine.connect() as connection:
        at = await connection.scalar(select(func.now()))
    newer = Entry(Kind.REPLACE, form, person, at, "ann")
    assert (await again(world, newer)).written == (newer,)
    assert {grant.id: grant.revoked for grant in await facts(world)} == {old: True, other: False}
    entered_again = await world.grant("cleo", "A", form=uuid4())
    assert (await again(world, newer)).written == ()
    assert not {grant.id: grant.revoked for grant in await facts(world)}[entered_again]


async def test_a_form_is_in_the_journal_only_where_the_newest_counts_alone(world: World) -> None:
    form = uuid4()
    await world.grant("cleo", "A", form=form)
    await world.grant("cleo", "B", form=form)
    assert await journal_of(world) == []
    async with world.engine.begin() as connection:
        await connection.execute(insert(policy_profile).values(combination="LATEST", recorded_by="test"))
    [entry] = await journal_of(world)
    assert (entry.kind, entry.id, entry.person) == (Kind.REPLACE, form, world.people["cleo"])
    assert (await again(world, entry)).in_place == 1
