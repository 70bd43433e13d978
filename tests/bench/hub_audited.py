"""The hub with its audit committed in one of three ways, for `bench_audit_over_http.py` alone.

BENCH_AUDIT says which. What the audit is to say is put together in all three; only the hub as it is, which
commits the rows of those under way together, is one that may answer anybody.
"""

import dataclasses
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from starlette.applications import Starlette

from auth import audit
from auth.group_commit import GroupCommit
from gateway.app import create_app
from gateway.settings import Settings
from tests.bench.bench_audit import EACH, GROUPED, NONE, CommitEach, Pool

WAY = "BENCH_AUDIT"
CONNECTIONS = 16
"""For a commit each: as many as PostgreSQL can commit at once on the machines this is for, and more."""


class _Nowhere(GroupCommit):
    def __init__(self) -> None: ...

    async def commit(self, row: bytes) -> None: ...

    async def aclose(self) -> None: ...


async def _each(settings: Settings) -> GroupCommit:
    assert settings.database_url is not None
    return CommitEach(await Pool.of(settings.database_url, audit.INSERT, CONNECTIONS))


async def _nowhere(_: Settings) -> GroupCommit:
    return _Nowhere()


_INSTEAD: dict[str, Callable[[Settings], Awaitable[GroupCommit]]] = {EACH: _each, NONE: _nowhere}


def audited(settings: Settings, way: str) -> Starlette:
    """The application, its audit replaced once it is open."""
    made = create_app(settings)
    if way == GROUPED:
        return made
    opened = made.router.lifespan_context

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with opened(app):
            other = await _INSTEAD[way](settings)
            app.state.hub = dataclasses.replace(app.state.hub, audit=other)
            try:
                yield
            finally:
                await other.aclose()

    made.router.lifespan_context = lifespan
    return made


if WAY in os.environ:
    app = audited(Settings.read(), os.environ[WAY])
