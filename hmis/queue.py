"""The queue for work in the background: Procrastinate's, in the hub's own database.

It lives in a PostgreSQL schema of its own. Its functions name their tables without one, so each is told here
where to look, whoever calls it; then a job is deferred in the transaction that makes it necessary.
"""

# ruff: noqa: S608  # the only text put into this SQL is written below, and in the package

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from importlib import resources

from psycopg.conninfo import make_conninfo
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

from hmis.database import async_url
from hmis.errors import InputRefused

SCHEMA = "procrastinate"
QUEUE = "hub"

_PACKAGE = "procrastinate.sql"
_ROLES = "hub_writer"
# What the URL says, by libpq's names. For what is not here it has no word: that tunes the other driver.
_LIBPQ = {
    "host": "host",
    "port": "port",
    "ssl": "sslmode",
    "timeout": "connect_timeout",
    "passfile": "passfile",
    "krbsrvname": "krbsrvname",
    "target_session_attrs": "target_session_attrs",
}


def edition() -> str:
    """Which tables the installed package wants: its newest migration, as it calls it."""
    return _migrations()[-1]


def _migrations() -> list[str]:
    names = (file.name for file in (resources.files(_PACKAGE) / "migrations").iterdir())
    return sorted(name for name in names if name.endswith(".sql"))


def bring_forward(connection: Connection) -> None:
    """Make the queue, or bring it to the installed package's edition, by the package's own SQL.

    For migrations: each time the package wants other tables, a new one calls this again.
    """
    run = connection.exec_driver_sql
    before = run("select current_setting('search_path')").scalar_one()
    known = run(f"select obj_description(oid) from pg_namespace where nspname = '{SCHEMA}'").scalar()
    package = resources.files(_PACKAGE)
    if known is None:
        run(f"create schema {SCHEMA}")
        files = [package / "schema.sql"]
    else:
        files = [package / "migrations" / name for name in _migrations() if name > known]
    run(f"set local search_path = {SCHEMA}")
    for file in files:
        _script(connection, file.read_text(encoding="utf-8"))
    for function in run(
        f"select oid::regprocedure::text from pg_proc where pronamespace = '{SCHEMA}'::regnamespace"
    ).scalars():
        run(f"alter function {function} set search_path = {SCHEMA}, pg_temp")
    run(f"comment on schema {SCHEMA} is '{edition()}'")
    run(f"grant usage on schema {SCHEMA} to {_ROLES}")
    run(f"grant select, insert, update, delete on all tables in schema {SCHEMA} to {_ROLES}")
    run(f"grant usage on all sequences in schema {SCHEMA} to {_ROLES}")
    connection.execute(text("select set_config('search_path', :before, true)"), {"before": before})


def _script(connection: Connection, script: str) -> None:
    """Several statements at once, which the driver takes only without parameters."""
    adapted = connection.connection.dbapi_connection
    assert adapted is not None
    adapted.run_async(lambda session: session.execute(script))


def conninfo(url: str) -> str:
    """HUB_DATABASE_URL as libpq reads it, for Procrastinate's driver. Its sessions see the queue alone."""
    parsed = async_url(url)
    said: dict[str, str] = {}
    for name, value in parsed.query.items():
        if not isinstance(value, str):
            raise InputRefused("HUB_DATABASE_URL names something twice.")
        if name in _LIBPQ:
            said[_LIBPQ[name]] = value
    for name, part in (("host", parsed.host), ("port", parsed.port), ("user", parsed.username)):
        if part:
            said[name] = str(part)
    if parsed.password:
        said["password"] = str(parsed.password)
    return make_conninfo(
        dbname=parsed.database, **said, options=f"-c search_path={SCHEMA}", application_name="hmis-hub work"
    )


_DEFER = text(f"""
    select {SCHEMA}.procrastinate_defer_jobs_v1(array[row(
        '{QUEUE}', cast(:task as text), 0, cast(null as text), cast(null as text),
        cast(:args as jsonb), cast(:at as timestamptz)
    )]::{SCHEMA}.procrastinate_job_to_defer_v1[])
""")  # two constants of this module


async def defer(
    connection: AsyncConnection, task: str, args: Mapping[str, object], at: datetime | None = None
) -> None:
    """A job, to be done once the caller's transaction is committed. at: not before then; None = at once."""
    await connection.execute(_DEFER, {"task": task, "args": json.dumps(args), "at": at})
