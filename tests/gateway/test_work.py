"""Workers are killed where it hurts: no referral is lost, and each has its effect at the partner once."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.categories import Category
from connectors.kit.recording import running
from connectors.memory import MemorySource
from connectors.pantry.intake import Intake
from connectors.pantry.standin import application
from gateway.work import cron
from hmis.errors import FailureCode, NotReady, SourceFailed
from hmis.tables import outbox, outbox_attempt, partner_link, referral, sync_state
from tests.connectors.partners import KEY, household
from tests.gateway.workers import worker
from tests.worlds import World

SHARED = Category.EXISTENCE | Category.FOOD
CREATE = """mutation($input: ReferralInput!) { referralCreate(input: $input) {
  referral { id } problems { code } } }"""
WITHIN_S = 60
NOW = datetime.now(UTC)
"""These workers live by the real clock."""


@dataclass
class Scene:
    """A client who agreed, a real food bank, and workers as processes of their own."""

    world: World
    ada: str
    grant: Any
    intake: Intake
    environ: dict[str, str]

    async def refer(self) -> None:
        # What the mutation checks of a partner; the workers have a real one.
        self.world.partners["pantry"] = MemorySource({}, name="pantry", title="Example Food Bank")
        wish = {"client": self.ada, "partner": "pantry", "service": "food box", "tell": ["NAME"]}
        answer = await self.world.ask(self.world.viewer("A"), CREATE, now=NOW, input=wish)
        assert answer.data is not None
        assert answer.data["referralCreate"]["problems"] == []

    async def start(self, *command: str) -> Process:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", *command, stdin=PIPE, stdout=PIPE, env=self.environ, cwd=_ROOT
        )

    async def work(self) -> None:
        """What an operator runs: everything that is due is done when it ends."""
        worker = await self.start("gateway", "work", "--once")
        async with asyncio.timeout(WITHIN_S):
            await worker.communicate()
        assert worker.returncode == 0

    @asynccontextmanager
    async def held(self, point: str) -> AsyncIterator[Process]:
        """A worker that has come to this point; killed when let go of."""
        worker = await self.start("tests.gateway.held_worker", point)
        assert worker.stdout is not None
        try:
            async with asyncio.timeout(WITHIN_S):
                assert (await worker.stdout.readline()).decode().strip() == point
            yield worker
        finally:
            if worker.returncode is None:
                worker.send_signal(signal.SIGKILL)
            await worker.wait()

    async def states(self) -> list[tuple[str, str]]:
        """Every referral, and what became of sending it."""
        query = select(referral.c.status, outbox.c.state).join(outbox).order_by(outbox.c.created_at)
        async with self.world.engine.connect() as connection:
            return [(row.status, row.state) for row in await connection.execute(query)]

    async def attempts(self) -> int:
        async with self.world.engine.connect() as connection:
            return await connection.scalar(select(func.count()).select_from(outbox_attempt)) or 0


_ROOT = Path(__file__).parents[2]


@pytest.fixture
async def scene(database: AsyncEngine, database_url: str, tmp_path: Path) -> AsyncIterator[Scene]:
    world = World(database)
    await world.organization("A")
    ada = await world.client("ada", first_name="Ada", last_name="Quill", dob=date(1980, 5, 1))
    await world.stay("s1", "ada", "A-p")
    grant = await world.grant("ada", "A", categories=SHARED)
    intake = Intake()
    async with running(application([household("H-1")], KEY, intake)) as url:
        environ = {
            **os.environ,
            "HUB_HOME": str(tmp_path),
            "HUB_DATABASE_URL": database_url,
            "HUB_PANTRY_BASE_URL": url,
            "HUB_PANTRY_API_KEY": KEY,
            "HUB_PANTRY_AGREEMENT": "DSA-1 2020-01-01/2100-01-01",
        }
        yield Scene(world, str(ada), grant, intake, environ)


async def test_outside_the_days_of_an_agreement_nothing_is_sent_and_the_referral_waits(scene: Scene) -> None:
    scene.environ["HUB_PANTRY_AGREEMENT"] = "DSA-1 2020-01-01/2020-12-31"
    await scene.refer()
    await scene.work()
    assert await scene.states() == [("DRAFT", "PENDING")]
    assert scene.intake.sent == {}


async def test_a_worker_by_itself_does_what_is_due_and_ends(scene: Scene) -> None:
    await scene.refer()
    await scene.work()
    assert await scene.states() == [("RECEIVED", "DONE")]
    assert list(scene.intake.sent.values()) == [1]
    assert scene.intake.referrals["REF-1"]["told"] == {
        "household": None, "firstName": "Ada", "lastName": "Quill", "dateOfBirth": None, "service": "food box"
    }  # fmt: skip
    scene.intake.move("REF-1", "in-progress")
    await scene.work()
    assert await scene.states() == [("IN_PROGRESS", "DONE")]


@pytest.mark.parametrize(("point", "reached"), [("before", 0), ("after", 1), ("commit", 1)])
async def test_killed_before_the_answer_is_kept_it_is_sent_under_the_same_key_and_taken_once(
    scene: Scene, point: str, reached: int
) -> None:
    await scene.refer()
    async with scene.held(point):
        assert len(scene.intake.referrals) == reached
    assert await scene.states() == [("DRAFT", "PENDING")]
    assert await scene.attempts() == 1
    await scene.work()
    assert await scene.states() == [("RECEIVED", "DONE")]
    assert list(scene.intake.sent.values()) == [reached + 1]
    assert len(scene.intake.referrals) == 1
    assert await scene.attempts() == 2


HOLD = text("""
    create function hold() returns trigger language plpgsql as $$
    begin perform pg_advisory_xact_lock(11); return null; end $$;
""")
AT_COMMIT = text("""
    create constraint trigger hold after update on outbox deferrable initially deferred
    for each row execute function hold()
""")


async def test_killed_while_the_commit_is_under_way_it_is_not_sent_again(scene: Scene) -> None:
    await scene.refer()
    engine = scene.world.engine
    async with engine.begin() as connection:
        await connection.execute(HOLD)
        await connection.execute(AT_COMMIT)
    try:
        async with engine.connect() as holder:
            await holder.execute(text("select pg_advisory_lock(11)"))
            async with scene.held("committing"), engine.connect() as watching:
                waiting = text("select count(*) from pg_locks where locktype = 'advisory' and not granted")
                async with asyncio.timeout(WITHIN_S):
                    while not await watching.scalar(waiting):
                        await watching.rollback()
            await holder.execute(text("select pg_advisory_unlock(11)"))
            # What was committing is through when its lock can be had.
            await holder.execute(text("select pg_advisory_lock(11), pg_advisory_unlock(11)"))
            await holder.execute(text("lock table outbox in exclusive mode"))
            await holder.rollback()
    finally:
        async with engine.begin() as connection:
            await connection.execute(text("drop trigger hold on outbox"))
            await connection.execute(text("drop function hold()"))
    assert await scene.states() == [("RECEIVED", "DONE")]
    await scene.work()
    assert await scene.states() == [("RECEIVED", "DONE")]
    assert list(scene.intake.sent.values()) == [1]


async def test_many_referrals_outlive_workers_that_die_one_after_the_other(scene: Scene) -> None:
    for _ in range(3):
        await scene.refer()
    for point in ("before", "after", "commit", "before"):
        async with scene.held(point):
            pass
    await scene.work()
    assert await scene.states() == [("RECEIVED", "DONE")] * 3
    assert len(scene.intake.referrals) == len(scene.intake.sent) == 3


async def test_two_workers_as_processes_send_once(scene: Scene) -> None:
    await scene.refer()
    async with scene.held("before") as first:
        await scene.work()
        assert await scene.states() == [("DRAFT", "PENDING")]
        assert first.stdin is not None
        first.stdin.write(b"\n")
        async with asyncio.timeout(WITHIN_S):
            await first.wait()
    assert await scene.states() == [("RECEIVED", "DONE")]
    assert list(scene.intake.sent.values()) == [1]
    assert await scene.attempts() == 1


async def test_a_consent_taken_back_after_a_worker_died_before_sending_is_left_to_a_person(
    scene: Scene,
) -> None:
    await scene.refer()
    async with scene.held("before"):
        await scene.world.revoke(scene.grant)
    await scene.work()
    assert await scene.states() == [("DRAFT", "UNKNOWN")]
    assert scene.intake.referrals == {}


async def test_a_consent_taken_back_before_a_worker_comes_sends_nothing(scene: Scene) -> None:
    await scene.refer()
    await scene.world.revoke(scene.grant)
    await scene.work()
    assert await scene.states() == [("CANCELLED", "CANCELLED_BY_CONSENT")]
    assert scene.intake.sent == {}


async def test_every_partner_is_looked_at_first_and_how_it_went_is_kept(
    database: AsyncEngine, database_url: str
) -> None:
    well, ill, quiet = (MemorySource({}, name=name) for name in ("well", "ill", "quiet"))
    ill.fault = SourceFailed("ill", FailureCode.UNAVAILABLE, retryable=True)
    quiet.capabilities = frozenset({"find"})
    synced = asyncio.Event()
    working = asyncio.create_task(worker(database, database_url, well, ill, quiet).keep(synced))
    async with asyncio.timeout(WITHIN_S):
        await synced.wait()
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    kept = select(sync_state.c.connector, sync_state.c.last_code).order_by(sync_state.c.connector)
    async with database.connect() as connection:
        assert (await connection.execute(kept)).all() == [("ill", "UNAVAILABLE"), ("well", None)]


async def test_what_was_kept_of_a_changed_record_is_forgotten(
    database: AsyncEngine, database_url: str
) -> None:
    world = World(database)
    ada = await world.client("ada")
    link = {"person_id": ada, "connector": "memory", "value": "h-1", "method": "STAFF"}
    async with database.begin() as connection:
        await connection.execute(insert(partner_link), [link])
    source = MemorySource({})
    source.pages = {None: type(await source.changes(None, 0))(("h-1", "h-2"), (), "1", more=False)}
    forgotten: list[tuple[str, set[str]]] = []

    async def forget(_: object, connector: str, values: Any) -> None:
        forgotten.append((connector, set(values)))

    work = worker(database, database_url, source, invalidators=(forget,))
    await work.run(asyncio.Event(), once=True)
    assert forgotten == [("memory", {"h-1"})]


async def test_nothing_is_begun_before_every_revocation_is_in_force(
    database: AsyncEngine, database_url: str
) -> None:
    async def not_yet() -> None:
        raise NotReady("not replayed")

    source = MemorySource({})
    with pytest.raises(NotReady):
        await worker(database, database_url, source, ready=not_yet).run(asyncio.Event(), once=True)
    assert not source.reached.is_set()


async def test_what_a_dead_worker_had_begun_is_taken_up(database: AsyncEngine, database_url: str) -> None:
    """Its heart has not beaten for longer than a living worker's may be still."""
    source = MemorySource({})
    async with database.begin() as connection:
        await connection.execute(
            text("""
                with dead as (insert into procrastinate.procrastinate_workers (last_heartbeat)
                              values (now() - interval '1 hour') returning id)
                insert into procrastinate.procrastinate_jobs
                       (queue_name, task_name, lock, queueing_lock, args, status, worker_id)
                select 'hub', 'look', 'look:memory', 'look:memory',
                       '{"connector": "memory", "timestamp": 0}', 'doing', id from dead
            """)
        )
    work = worker(database, database_url, source)
    synced = asyncio.Event()
    working = asyncio.create_task(work.keep(synced))
    async with asyncio.timeout(WITHIN_S):
        await synced.wait()
    working.cancel()
    await asyncio.wait([working])
    left = text("select count(*) from procrastinate.procrastinate_jobs where status = 'doing'")
    async with database.connect() as connection:
        assert await connection.scalar(left) == 0


@pytest.mark.parametrize(
    ("every_s", "said"),
    [
        (1, "* * * * * */1"),
        (30.9, "* * * * * */30"),
        (60, "*/1 * * * *"),
        (300, "*/5 * * * *"),
        (3600, "0 */1 * * *"),
        (900_000, "0 */23 * * *"),
    ],
)
def test_how_often_is_said_as_a_timer_reads_it(every_s: float, said: str) -> None:
    assert cron(every_s) == said
