"""The queue lives in the hub's own database, in a schema of its own, and is written to in any transaction."""

from __future__ import annotations

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hmis.queue import bring_forward, conninfo, defer, edition

JOBS = text("select task_name, queue_name, args::text from procrastinate.procrastinate_jobs")


async def test_a_job_is_there_when_the_transaction_that_needs_it_is_committed(database: AsyncEngine) -> None:
    async with database.connect() as connection:
        await defer(connection, "send", {"outbox": "1"})
        await connection.rollback()
        assert (await connection.execute(JOBS)).all() == []
    async with database.begin() as connection:
        await defer(connection, "send", {"outbox": "2"})
    async with database.connect() as connection:
        assert (await connection.execute(JOBS)).all() == [("send", "hub", '{"outbox": "2"}')]


async def test_procrastinates_own_driver_reaches_the_same_queue(
    database: AsyncEngine, database_url: str
) -> None:
    async with database.begin() as connection:
        await defer(connection, "send", {})
    async with await psycopg.AsyncConnection.connect(conninfo(database_url)) as session:
        rows = await (await session.execute("select task_name from procrastinate_jobs")).fetchall()
    assert rows == [("send",)]


async def test_the_queue_is_of_the_edition_that_the_installed_package_wants(
    connection: AsyncConnection,
) -> None:
    """When this fails a new release of the package wants other tables: a migration calls `bring_forward`."""
    told = text("select obj_description(oid) from pg_namespace where nspname = 'procrastinate'")
    assert await connection.scalar(told) == edition() == "03.04.00_50_post_add_retry_failed_job_procedure.sql"


async def test_an_older_edition_is_brought_forward_by_the_packages_own_migrations(
    connection: AsyncConnection,
) -> None:
    before = "03.04.00_01_pre_add_retry_failed_job_procedure.sql"
    function = "procrastinate_trigger_function_status_events_update_v1"
    await connection.execute(text(f"comment on schema procrastinate is '{before}'"))
    await connection.execute(text(f"drop function procrastinate.{function} cascade"))
    await connection.run_sync(bring_forward)
    made = text(f"select proconfig from pg_proc where proname = '{function}'")
    assert await connection.scalar(made) == ["search_path=procrastinate, pg_temp"]
    assert await connection.scalar(text("show search_path")) == '"$user", public'


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (
            "postgresql://hub:p%40ss@db.example.org:5433/hub?ssl=verify-full",
            {"host": "db.example.org", "port": "5433", "user": "hub", "password": "p@ss", "dbname": "hub",
             "sslmode": "verify-full"},
        ),
        ("postgres://hub@/hub?host=/run/pg", {"host": "/run/pg", "user": "hub", "dbname": "hub"}),
        ("postgresql://db/hub?prepared_statement_cache_size=0", {"host": "db", "dbname": "hub"}),
    ],
)  # fmt: skip
def test_one_url_names_the_database_for_both_drivers(url: str, said: dict[str, str]) -> None:
    found = conninfo_to_dict(conninfo(url))
    assert found.pop("options") == "-c search_path=procrastinate"
    assert found.pop("application_name") == "hmis-hub work"
    assert found == said
