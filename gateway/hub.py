"""Hub: everything that lives as long as the process, opened and closed in one place."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

import strawberry
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.audit import group_commit
from auth.checkpoints import KEPT_FILE, Kept, SigningKey
from auth.demo_issuer import DemoIssuer
from auth.demo_provider import DemoProvider
from auth.group_commit import GroupCommit
from auth.issuers import Issuer, Issuers, RemoteIssuer
from auth.journal import Journal
from auth.sealing import Sealer
from auth.sessions import CLIENT_ID, Sessions
from auth.tokens import Verifier
from auth.viewers import Viewers
from connectors.agreement import Agreement
from connectors.base import Source
from connectors.runtime import Runtime
from gateway import partners
from gateway.artist import Artist
from gateway.budget import Budget
from gateway.documents import Documents
from gateway.labelling import keep_labelled
from gateway.logs import quiet_loop
from gateway.replaying import Replay
from gateway.sealing import keep_sealed
from gateway.settings import Settings
from gateway.sign_in import SignIn, sign_in_of
from gateway.tokens import demo_issuer
from gateway.trusted import Trusted, trusted_by
from gateway.turns import Turns
from gateway.watch import Watch
from gateway.work import Work
from hmis.database import Reader, embedded, engine
from hmis.eligibility.pack import Pack, pack, read
from resolvers.sending import Desk
from schema.supplied import catalog

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]

AT_ONCE = 40
"""Operations under way at one time, twice the connections for reading; others wait their turn. With many more
each would wait for a connection until that times out. Those that wait for a partner do not count."""


@dataclass(frozen=True)
class Hub:
    settings: Settings
    documents: Documents
    trusted: Trusted
    budget: Budget | None
    """What each viewer may ask for in a minute. None = as much as they like."""
    writer: AsyncEngine
    """As the login role: imports, links, partners' files and consent."""
    audit: GroupCommit
    """As the login role, too: where answers wait for their audit."""
    reader: Reader
    """As `hub_app`: whatever is shown to anybody."""
    verifier: Verifier
    viewers: Viewers
    sessions: Sessions
    """Who is at which browser."""
    watch: Watch
    """What open pages listen to."""
    sign_in: SignIn | None
    """The way to the provider where people sign in. None = nobody can, and there are no pages."""
    demo_issuer: DemoIssuer | None
    demo_provider: DemoProvider | None
    """Of the demo issuer: where one picks who to be."""
    sources: Mapping[str, Source]
    agreements: Mapping[str, Agreement]
    """By connector id; under which agreement, and from when until when, a partner is asked."""
    levels: Mapping[str, str]
    """By connector id; the quality that its connector claims."""
    runtime: Runtime
    synced: asyncio.Event
    """Set when partners' files were looked at for the first time."""
    now: Clock
    search_key: bytes = field(repr=False)
    """Hashes search terms for the audit."""
    journal: Journal
    replay: Replay
    """Whether every revocation of the journal is in force; before that nothing is answered."""
    turns: Turns
    rules: Pack
    """By which people are screened for benefits."""
    artist: Artist
    """Who draws what is published."""


@asynccontextmanager
async def opened(
    settings: Settings, schema: strawberry.Schema, now: Clock, environ: Mapping[str, str]
) -> AsyncIterator[Hub]:
    """The hub of this process; while it is open partners' files are kept fresh and the audit is sealed.

    environ: where partners' variables are looked up.
    """
    quiet_loop(asyncio.get_running_loop())
    async with contextlib.AsyncExitStack() as stack:
        url = settings.database_url
        if url is None:
            url = await asyncio.to_thread(embedded, settings.home)
        writer = engine(url)
        stack.push_async_callback(writer.dispose)
        audited = group_commit(url)
        stack.push_async_callback(audited.aclose)
        reader = Reader(url)
        stack.push_async_callback(reader.dispose)
        asked = partners.opened(environ, catalog(schema), writer)
        runtime = Runtime()
        stack.push_async_callback(runtime.keeper.settled)
        artist = Artist()
        stack.push_async_callback(artist.aclose)
        for source in asked.sources.values():
            stack.push_async_callback(source.aclose)
        # The key first: it makes HUB_HOME, where the journal lies too.
        key = SigningKey.open(settings.home)
        sealer = Sealer(writer, key, Kept(settings.home / KEPT_FILE), now)
        journal = Journal(settings.journal_file)
        replay = Replay(writer, journal)
        await replay.begin(settings.day_of(now()))
        local = demo_issuer(settings) if settings.demo_issuer else None
        picking = None if local is None else DemoProvider(local, CLIENT_ID)
        documents = Documents(
            schema,
            compiled=settings.compiled,
            suggestions=settings.suggestions,
            max_cost=settings.max_cost,
        )
        search_key = key.search_key()
        per_minute = settings.cost_per_minute
        sessions = Sessions(writer)
        watch = Watch(writer, sessions, now, settings.day_of)
        stack.push_async_callback(watch.aclose)
        hub = Hub(
            settings=settings,
            documents=documents,
            trusted=trusted_by(settings, documents, reader),
            budget=Budget(writer, per_minute, search_key) if per_minute else None,
            writer=writer,
            audit=audited,
            reader=reader,
            verifier=Verifier(_issuers(settings, local)),
            viewers=Viewers(reader),
            sessions=sessions,
            watch=watch,
            sign_in=sign_in_of(settings, picking, now),
            demo_issuer=local,
            demo_provider=picking,
            sources=asked.sources,
            agreements=asked.agreements,
            levels=asked.levels,
            runtime=runtime,
            synced=asyncio.Event(),
            now=now,
            search_key=search_key,
            journal=journal,
            replay=replay,
            turns=Turns(AT_ONCE),
            rules=pack() if settings.eligibility is None else read(settings.eligibility),
            artist=artist,
        )
        desk = Desk(writer, reader, asked.sources, hub.runtime, now, settings.day_of, asked.lapsed)
        ready = partial(_in_force, replay, settings, now)
        work = Work(url, desk, settings.sync_every_s, ready, token_keys=asked.token_keys)
        beside = [
            asyncio.create_task(work.keep(hub.synced)),
            asyncio.create_task(keep_sealed(sealer, settings.seal_every_s)),
            asyncio.create_task(keep_labelled(writer, settings.sync_every_s)),
        ]
        try:
            yield hub
        finally:
            for task in beside:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task


async def _in_force(replay: Replay, settings: Settings, now: Clock) -> None:
    await replay.ensure(settings.day_of(now()))


def _issuers(settings: Settings, demo: DemoIssuer | None) -> Issuers:
    trusted: list[Issuer] = [RemoteIssuer(url, settings.audience) for url in settings.issuers]
    if demo is not None:
        trusted.append(demo.trusted_for(settings.audience))
    if not trusted:
        log.warning("HUB_ISSUERS is empty, so no token is trusted: every request will be answered 401")
    return Issuers(trusted)
