"""Work in the background: looking at partners, and sending what stands in the outbox.

Procrastinate's queue in the hub's own database (docs/decisions/0011-work-in-the-background.md). A worker runs
beside every server, and `hmis-hub work` runs one by itself; however many there are, a partner is looked at by
one at a time and a row of the outbox is sent by one at a time.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

import psycopg
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ProcrastinateException, UniqueViolation
from procrastinate.jobs import Status as JobStatus
from procrastinate.types import JSONDict
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from auth.journal import Journal
from connectors import cache, syncing
from connectors.base import Failed, Source
from connectors.binding import Catalog
from connectors.runtime import Runtime
from gateway import partners
from gateway.errors import logged
from gateway.linking import Linking
from gateway.replaying import Replay
from gateway.settings import Settings
from hmis.database import Reader, engine
from hmis.errors import FailureCode, HubError, NotReady
from hmis.queue import QUEUE, conninfo
from hmis.standing import state
from hmis.tables import sync_state
from resolvers import sending, tracking
from resolvers.referrals import SEND
from resolvers.sending import Desk

log = logging.getLogger(__name__)

LOOK, TIDY = "look", "tidy"
INVALIDATORS: tuple[syncing.Invalidate, ...] = (cache.invalidate,)
"""Who keeps something of partners' records, and forgets it when one changed: (connection, connector, ids)."""

_AT_ONCE = 4
_DEAD_AFTER_S = 30.0
_STOP_WITHIN_S = 5.0
_ENDS_WITHIN_S = _STOP_WITHIN_S + 2.0
"""From being called off until it has ended: jobs under way, and then the connections."""
_CALLED_OFF_AT_MOST = 3
_AGAIN_S = 5.0
_FIRST_ROUND_EVERY_S = 0.1
_AWAY = (HubError, SQLAlchemyError, OSError, psycopg.Error, ProcrastinateException)
"""What a database that is away for a while looks like; the next round mends it."""

Ready = Callable[[], Awaitable[None]]
"""Returns when every revocation is in force; raises NotReady when not."""


class Work:
    """What one process does in the background. ready: asked before anything is begun.

    token_keys: connector -> the key of its agreement (`gateway.partners.token_keys`).
    """

    def __init__(
        self,
        url: str,
        desk: Desk,
        every_s: float,
        ready: Ready,
        invalidators: tuple[syncing.Invalidate, ...] = INVALIDATORS,
        token_keys: Mapping[str, bytes] | None = None,
    ) -> None:
        self._desk = desk
        self._ready = ready
        self._invalidators = invalidators
        self._linking = Linking(desk.writer, token_keys)
        self._looked_at = [
            name
            for name, source in desk.partners.items()
            if source.capabilities & {"sync", "changes", "track"}
        ]
        self._app = App(connector=PsycopgConnector(conninfo=conninfo(url), min_size=1, max_size=3))
        self._tasks(cron(every_s))

    def _tasks(self, often: str) -> None:
        app = self._app
        self._look = app.task(name=LOOK, queue=QUEUE)(self.look)
        app.task(name=SEND, queue=QUEUE)(self.send)
        tidy = app.task(name=TIDY, queue=QUEUE, lock=TIDY, queueing_lock=TIDY)(self.tidy)
        app.periodic(cron="* * * * *")(tidy)
        for name in self._looked_at:
            lock = f"{LOOK}:{name}"
            told: JSONDict = {"connector": name}
            app.periodic(cron=often, periodic_id=name, lock=lock, queueing_lock=lock, task_kwargs=told)(
                self._look
            )

    async def look(self, timestamp: int, connector: str) -> None:
        """Look at one partner: fetch its drop, hear its changes, ask after referrals. timestamp: when it was
        due. A partner's fault is not ours: nothing is raised."""
        source = self._desk.partners.get(connector)
        if source is None:
            return  # switched off since
        await syncing.begun(self._desk.writer, connector)
        code: FailureCode | None = FailureCode.UNAVAILABLE
        items = 0
        try:
            code, items = await self._looked(source)
        finally:
            await syncing.ended(self._desk.writer, connector, code, items)

    async def _looked(self, source: Source) -> tuple[FailureCode | None, int]:
        """The first thing that went wrong, if anything did, and how many rows or ids it brought."""
        if source.name in self._desk.closed():
            return FailureCode.CONFIG, 0  # its agreement is not in force: it hears nothing of us
        code: FailureCode | None = None
        items = 0
        for one in (self._drop, self._changes, self._track):
            outcome = await one(source)
            if isinstance(outcome, FailureCode):
                code = code or outcome
            else:
                items += outcome
        return code, items

    async def _drop(self, source: Source) -> FailureCode | int:
        if "sync" not in source.capabilities:
            return 0
        outcome = await partners.sync(self._desk.runtime, source)
        await self._linking.renew(source.name)
        return outcome.code if isinstance(outcome, Failed) else outcome.rows

    async def _changes(self, source: Source) -> FailureCode | int:
        if "changes" not in source.capabilities:
            return 0
        heard = await syncing.pull(self._desk.runtime, source, self._desk.writer, self._invalidators)
        return heard.code if isinstance(heard, Failed) else heard.items

    async def _track(self, source: Source) -> FailureCode | int:
        if "track" not in source.capabilities:
            return 0
        heard = await tracking.track(self._desk, source)
        return heard.code if isinstance(heard, Failed) else heard

    async def send(self, outbox: str) -> None:
        """Send one row of the outbox."""
        await sending.send(self._desk, UUID(outbox))

    async def tidy(self, timestamp: int = 0) -> None:
        """Take up what a worker that died had begun, and send what is due and has no job any more."""
        manager = self._app.job_manager
        for job in await manager.get_stalled_jobs(seconds_since_heartbeat=_DEAD_AFTER_S):
            try:
                await manager.retry_job(job)
            except UniqueViolation:  # the same is queued once more already
                await manager.finish_job(job, JobStatus.FAILED, delete_job=True)
        for identifier in await sending.due(self._desk):
            try:
                await sending.send(self._desk, identifier)
            except Exception as fault:  # one that cannot be sent must not keep the others from it
                logged(fault)

    async def run(self, synced: asyncio.Event, *, once: bool = False) -> None:
        """Work until cancelled. once: do what is due now, and return.

        synced: set when every partner was looked at for the first time.

        Raises:
            NotReady: the database has not the tables of this version, or a revocation is not in force yet.
        """
        if await state(self._desk.writer) != "current":
            raise NotReady("The database has not the tables of this version. Run `hmis-hub migrate`.")
        await self._ready()
        try:
            await self._app.open_async()
            _go_on()
            async with self._first_round(synced):
                await self.tidy()
                await self._app.run_worker_async(
                    queues=[QUEUE],
                    concurrency=_AT_ONCE,
                    wait=not once,
                    listen_notify=not once,
                    install_signal_handlers=False,
                    delete_jobs="successful",
                    shutdown_graceful_timeout=_STOP_WITHIN_S,
                    stalled_worker_timeout=_DEAD_AFTER_S,
                )
        finally:
            # Also when it was cut off while it opened: its connections would stay, and the next round would
            # take a pool that is closed for one that is open.
            await self._app.close_async()

    @asynccontextmanager
    async def _first_round(self, synced: asyncio.Event) -> AsyncIterator[None]:
        """Every partner is looked at now, whenever its time would be; by this worker or another one."""
        async with self._desk.writer.connect() as connection:
            since: datetime = (await connection.execute(select(func.clock_timestamp()))).scalar_one()
        for name in self._looked_at:
            lock = f"{LOOK}:{name}"
            deferrer = self._look.configure(lock=lock, queueing_lock=lock)
            with contextlib.suppress(AlreadyEnqueued):
                await deferrer.defer_async(timestamp=int(since.timestamp()), connector=name)
        watching = asyncio.create_task(self._watch(since, synced))
        try:
            yield
        finally:
            watching.cancel()
            await asyncio.wait([watching])
            if not watching.cancelled() and (fault := watching.exception()):
                log.warning("whether every partner was looked at is not known: %s", type(fault).__name__)

    async def _watch(self, since: datetime, synced: asyncio.Event) -> None:
        done = select(func.count()).where(
            sync_state.c.connector.in_(self._looked_at), sync_state.c.last_finished >= since
        )
        while not synced.is_set():
            async with self._desk.writer.connect() as connection:
                if await connection.scalar(done) == len(self._looked_at):
                    synced.set()
                    return
            await asyncio.sleep(_FIRST_ROUND_EVERY_S)

    async def keep(self, synced: asyncio.Event) -> None:
        """Work until cancelled, whatever happens to the database meanwhile."""
        said = ""
        while True:
            running = asyncio.create_task(self.run(synced))
            try:
                await asyncio.wait([running])
            except asyncio.CancelledError:
                await _ended(running)
                raise
            try:
                running.result()
                now = "the worker stopped"
            except _AWAY as fault:
                now = str(fault) if isinstance(fault, HubError) else type(fault).__name__
            if now != said:
                log.warning("work in the background waits: %s", now)
            said = now
            await asyncio.sleep(_AGAIN_S)


def _go_on() -> None:
    """Stop here if this task was called off: opening the pool is where the call is lost most easily."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def _ended(running: asyncio.Task[None]) -> None:
    """Call it off until it has ended; whatever goes wrong with its end is no concern of anybody's.

    Once is not always enough. On Python 3.11 `asyncio.wait_for` loses the call when what it waits for comes
    in the same moment (python/cpython#86296), psycopg's pool waits with it, and then the worker would go on,
    and whoever stops the hub would wait, for ever.
    """
    for _ in range(_CALLED_OFF_AT_MOST):
        running.cancel()
        done, _ = await asyncio.wait([running], timeout=_ENDS_WITHIN_S)
        if done:
            if not running.cancelled() and (fault := running.exception()):
                log.info("the worker ended with %s", type(fault).__name__)
            return
    log.error("the worker does not end; it is left behind")


def cron(every_s: float) -> str:
    """Every so many seconds, as croniter reads it: seconds (last field), whole minutes or whole hours."""
    if every_s < 60:
        return f"* * * * * */{max(1, int(every_s))}"
    minutes = int(every_s // 60)
    return f"*/{minutes} * * * *" if minutes < 60 else f"0 */{min(minutes // 60, 23)} * * *"


@asynccontextmanager
async def opened(
    settings: Settings, url: str, environ: Mapping[str, str], now: Callable[[], datetime], nouns: Catalog
) -> AsyncIterator[Work]:
    """The work of a process that serves nobody. environ: where partners' variables are looked up. nouns: what
    of the schema partners can fill."""
    async with contextlib.AsyncExitStack() as stack:
        writer = engine(url)
        stack.push_async_callback(writer.dispose)
        reader = Reader(url)
        stack.push_async_callback(reader.dispose)
        asked = partners.opened(environ, nouns, writer)
        for source in asked.sources.values():
            stack.push_async_callback(source.aclose)
        replay = Replay(writer, Journal(settings.journal_file))
        desk = Desk(writer, reader, asked.sources, Runtime(), now, settings.day_of, asked.lapsed)
        every_s, ready = settings.sync_every_s, lambda: replay.ensure(settings.day_of(now()))
        yield Work(url, desk, every_s, ready, token_keys=asked.token_keys)
