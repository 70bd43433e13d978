"""Sealing: every committed event gets one place, whenever and in whatever order it was committed."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random
from uuid import UUID

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from auth.audit import Operation, Trail, write
from auth.categories import Category
from auth.leaves import NEWEST, VERSIONS, leaf
from auth.merkle import leaf_hash, root_of
from hmis.errors import AuditBroken
from hmis.tables import audit_checkpoint, audit_event, audit_leaf, audit_subject
from tests.audits import Log, Told, write_event
from tests.conftest import Statements
from tests.worlds import TODAY

PERSON = UUID("11111111-1111-4111-8111-111111111111")
OTHER = UUID("22222222-2222-4222-8222-222222222222")
GRANT = UUID("33333333-3333-4333-8333-333333333333")


@pytest.fixture
def log(database: AsyncEngine, tmp_path: Path) -> Log:
    return Log(database, tmp_path)


async def places(log: Log) -> list[int]:
    """The events in the order of the log, whose places must be 0, 1, 2, ..."""
    async with log.engine.connect() as connection:
        rows = (await connection.execute(select(audit_leaf).order_by(audit_leaf.c.index))).all()
    assert [row.index for row in rows] == list(range(len(rows)))
    return [row.event_id for row in rows]


async def test_a_leaf_is_the_json_that_anybody_can_write_from_the_rows(log: Log) -> None:
    told = (
        Told(OTHER, withheld=Category.DOB, notice="2026-01"),
        Told(PERSON, Category.NAME | Category.DOB, Category.NAME, grants=(GRANT,)),
    )
    (number,) = await log.sealed(1, *told, agency_id=None, subject="Zoë\n")
    expected = (
        '{"event":{"agency_id":null,"application":"tests","as_of":"2026-06-30",'
        f'"at":"2026-06-30T16:00:00.000000Z","id":{number},"operation_name":"Profile",'
        f'"operation_sha256":"{"0" * 64}","outcome":"ANSWERED","policy_version":"test",'
        '"purpose":"CARE_COORDINATION","request_id":"r","role":"CASE_MANAGER","searched":[],"subject":"Zoë\\n"},'
        '"index":0,"subjects":[{"disclosed":6,'
        f'"event_id":{number},"exception":null,"grants":["{GRANT}"],"notice":null,'
        f'"person_id":"{PERSON}","shared":2,"withheld":0}},{{"disclosed":0,'
        f'"event_id":{number},"exception":null,"grants":[],"notice":"2026-01",'
        f'"person_id":"{OTHER}","shared":0,"withheld":4}}],"version":2}}'
    )
    async with log.engine.connect() as connection:
        event = (await connection.execute(select(audit_event))).mappings().one()
        lines = select(audit_subject).order_by(audit_subject.c.person_id)
        subjects = (await connection.execute(lines)).mappings().all()
        stored = await connection.scalar(select(audit_leaf.c.leaf_hash))
    assert leaf(0, event, subjects).decode() == expected
    assert stored == leaf_hash(expected.encode())


def test_the_newest_version_covers_every_column() -> None:
    newest = VERSIONS[NEWEST]
    assert set(newest.event) == {column.name for column in audit_event.columns}
    assert set(newest.subject) == {column.name for column in audit_subject.columns}


async def test_nothing_to_seal_leaves_nothing(log: Log) -> None:
    assert await log.sealer().seal() == 0
    async with log.engine.connect() as connection:
        assert await connection.scalar(select(func.count()).select_from(audit_checkpoint)) == 0
    assert log.kept.read() is None


async def test_a_checkpoint_vouches_for_the_root_over_all_leaves_and_is_kept_outside(log: Log) -> None:
    for count in (1, 4, 2):
        await log.sealed(count, Told(PERSON, Category.NAME))
    async with log.engine.connect() as connection:
        hashes = (await connection.scalars(select(audit_leaf.c.leaf_hash).order_by("index"))).all()
        rows = (await connection.execute(select(audit_checkpoint).order_by("size"))).all()
    assert [row.size for row in rows] == [1, 5, 7]
    assert [row.root_hash for row in rows] == [root_of(hashes[: row.size]) for row in rows]
    kept = log.kept.read()
    assert kept is not None
    assert (kept.size, kept.root) == (7, rows[-1].root_hash)
    assert log.key.public.signed(kept)


async def test_more_than_a_batch_is_sealed_in_several_and_none_is_left(log: Log) -> None:
    numbers = await log.events(10)
    assert await log.sealer(batch=3).seal() == 10
    assert await places(log) == numbers
    assert (await log.verify()).checkpoints == 5  # four of the database, and the one kept outside


async def test_an_event_that_commits_late_is_sealed_later(log: Log) -> None:
    sealer = log.sealer()
    async with log.engine.connect() as slow:
        late = await write_event(slow)
        early, *_ = await log.events(2)
        assert late < early
        assert await sealer.seal() == 2
        assert sealer.floor < late
        await slow.commit()
    assert await sealer.seal() == 1
    assert (await places(log))[-1] == late
    await log.verify()


async def test_the_floor_rises_over_what_was_undone_and_over_nothing_that_is_under_way(log: Log) -> None:
    sealer = log.sealer()
    async with log.engine.connect() as undone, log.engine.connect() as slow:
        await write_event(undone)
        late = await write_event(slow)
        (newest,) = await log.events(1)
        await sealer.seal()
        await undone.rollback()
        await sealer.seal()
        assert sealer.floor == 0
        await slow.commit()
        assert await sealer.seal() == 1
        assert sealer.floor == newest
    assert await places(log) == [newest, late]


async def test_once_the_floor_has_risen_a_round_does_not_look_below_it(
    log: Log, statements: Statements
) -> None:
    sealer = log.sealer()
    numbers = await log.events(5)
    await sealer.seal()
    assert sealer.floor == numbers[-1]
    await log.events(1)
    statements.forget()
    await sealer.seal()
    wanted = [words for words in statements.texts if "audit_event.id >" in words]
    assert len(wanted) == 1


@pytest.mark.parametrize("seed", range(5))
async def test_whatever_the_order_of_commits_every_committed_event_is_sealed_once(
    log: Log, seed: int
) -> None:
    random = Random(seed)
    sealers = [log.sealer(batch=2), log.sealer(batch=3)]
    committed: list[int] = []
    async with AsyncExitStack() as stack:
        open_ones: list[tuple[AsyncExitStack, AsyncConnection, int]] = []
        for _ in range(40):
            step = random.random()
            if step < 0.5 and len(open_ones) < 8:
                own = await stack.enter_async_context(AsyncExitStack())
                connection = await own.enter_async_context(log.engine.connect())
                open_ones.append((own, connection, await write_event(connection)))
            elif step < 0.8 and open_ones:
                own, connection, number = open_ones.pop(random.randrange(len(open_ones)))
                if random.random() < 0.8:
                    await connection.commit()
                    committed.append(number)
                await own.aclose()
            else:
                await random.choice(sealers).seal()
    await sealers[0].seal()
    assert sorted(await places(log)) == sorted(committed)
    await log.verify()


async def test_writers_and_sealers_side_by_side_lose_nothing(log: Log) -> None:
    operation = Operation("r", "Profile", "0" * 64, TODAY)

    async def ask() -> None:
        trail = Trail(about_people=True)
        trail.of(PERSON).show(Category.NAME, own=False)
        await write(
            log.engine,
            operation,
            trail,
            subject="mia",
            application=None,
            viewer=None,
            outcome="ANSWERED",
        )

    sealers = [log.sealer(batch=4) for _ in range(3)]
    await asyncio.gather(*(ask() for _ in range(60)), *(sealer.seal() for sealer in sealers * 5))
    await sealers[0].seal()
    assert len(await places(log)) == 60
    assert (await log.verify()).size == 60


async def test_one_sealer_works_at_a_time(log: Log) -> None:
    await log.events(1)
    async with log.engine.connect() as other:
        await other.execute(text("select pg_advisory_xact_lock(cast(:key as bigint))"), {"key": 0x6875626C})
        assert await log.sealer().seal() == 0
    assert await log.sealer().seal() == 1


async def test_a_seal_that_fails_is_done_again(log: Log) -> None:
    sealer = log.sealer()
    numbers = await log.events(3)
    async with log.engine.begin() as connection:
        await connection.execute(text("alter table audit_checkpoint rename to away"))
    with pytest.raises(Exception, match="audit_checkpoint"):
        await sealer.seal()
    async with log.engine.begin() as connection:
        await connection.execute(text("alter table away rename to audit_checkpoint"))
    assert sealer.floor == 0
    assert await sealer.seal() == 3
    assert await places(log) == numbers


async def test_nothing_is_added_to_a_log_that_was_cut(log: Log) -> None:
    await log.sealed(2)
    await log.sealed(2)
    await log.events(1)
    async with log.engine.begin() as connection:
        await connection.execute(delete(audit_leaf).where(audit_leaf.c.index >= 2))
    with pytest.raises(AuditBroken) as broken:
        await log.sealer().seal()
    assert broken.value.index == 2
    async with log.engine.begin() as connection:
        await connection.execute(delete(audit_checkpoint).where(audit_checkpoint.c.size > 2))
    with pytest.raises(AuditBroken, match="kept in") as broken:
        await log.sealer().seal()  # in the database all is well again, but not in the home
    assert broken.value.index == 2
    assert await places(log) == [1, 2]


async def test_nothing_is_added_after_a_checkpoint_that_was_changed(log: Log) -> None:
    await log.sealed(3)
    await log.events(1)
    for change in ({"frontier": bytes(64)}, {"frontier": b""}, {"root_hash": bytes(32)}):
        async with log.engine.begin() as connection:
            await connection.execute(update(audit_checkpoint).values(**change))
        with pytest.raises(AuditBroken, match="was changed"):
            await log.sealer().seal()


async def test_a_checkpoint_of_this_home_may_be_older_than_the_log(log: Log) -> None:
    # Another gateway sealed meanwhile, or this one stopped between sealing and keeping.
    await log.sealed(2)
    old = log.kept.read()
    await log.sealed(2)
    assert old is not None
    log.kept.write(old)
    await log.sealed(1)
    assert (await log.verify()).size == 5
