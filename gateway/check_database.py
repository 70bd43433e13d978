"""A database for checking connectors: migrated, empty, of one run, and never the operator's own."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from connectors.kit.bench import Database
from hmis.database import async_url, embedded, engine
from hmis.migrate import upgrade


@asynccontextmanager
async def on_demand(home: Path) -> AsyncIterator[Database]:
    """The database, started when it is first asked for: only connectors that answer from tables need one.

    Its server stays in `home`, for making one takes longer than all checks; each run has its own copy.
    """
    async with AsyncExitStack() as stack:
        started: list[AsyncEngine] = []

        async def database() -> AsyncEngine:
            if not started:
                started.append(await stack.enter_async_context(_copy(home / "connector-check")))
            return started[0]

        yield database


@asynccontextmanager
async def _copy(home: Path) -> AsyncIterator[AsyncEngine]:
    url = await asyncio.to_thread(embedded, home)
    await upgrade(url)
    whole = make_url(url)
    name = f"check_{uuid.uuid4().hex[:12]}"
    # From beside it: a database that somebody is connected to cannot be copied.
    beside = async_url(whole.set(database="template1").render_as_string(hide_password=False))
    admin = create_async_engine(beside, isolation_level="AUTOCOMMIT")
    try:
        async with admin.connect() as connection:
            await connection.execute(text(f'create database "{name}" template "{whole.database}"'))
        own = engine(whole.set(database=name).render_as_string(hide_password=False))
        try:
            yield own
        finally:
            await own.dispose()
            async with admin.connect() as connection:
                await connection.execute(text(f'drop database "{name}" with (force)'))
    finally:
        await admin.dispose()
