"""An empty database brought forward by the migrations is the database the code describes."""

from __future__ import annotations

import re
import uuid
from collections.abc import AsyncIterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from hmis import migrate, standing
from hmis.database import async_url
from hmis.errors import NotReady
from hmis.tables import metadata


@pytest.fixture
async def fresh_url(admin_url: str) -> AsyncIterator[str]:
    """A database with nothing in it."""
    name = f"hub_fresh_{uuid.uuid4().hex[:12]}"
    admin = create_async_engine(async_url(admin_url), isolation_level="AUTOCOMMIT")
    async with admin.connect() as connection:
        await connection.execute(text(f'create database "{name}"'))
    yield make_url(admin_url).set(database=name).render_as_string(hide_password=False)
    async with admin.connect() as connection:
        await connection.execute(text(f'drop database "{name}" with (force)'))
    await admin.dispose()


@pytest.fixture
async def fresh(fresh_url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(async_url(fresh_url))
    yield engine
    await engine.dispose()


_CATALOGUE = {
    "columns": """
        select c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
               pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum)
        from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
        where c.relkind in ('r', 'v', 'm') and c.relnamespace = 'public'::regnamespace""",
    "constraints": """
        select conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint
        where connamespace = 'public'::regnamespace""",
    "indexes": "select tablename, indexname, indexdef from pg_indexes where schemaname = 'public'",
    "comments": """
        select relname, obj_description(oid) from pg_class
        where relkind = 'r' and relnamespace = 'public'::regnamespace""",
    "triggers": """
        select c.relname, tgname, pg_get_triggerdef(t.oid) from pg_trigger t
        join pg_class c on c.oid = tgrelid and c.relnamespace = 'public'::regnamespace
        where not tgisinternal""",
    "functions": """
        select proname, pg_get_functiondef(oid), proacl::text from pg_proc
        where pronamespace = 'public'::regnamespace""",
    "policies": "select tablename, policyname, roles, cmd, qual, with_check from pg_policies",
    "rights": """
        select relname, relrowsecurity, relforcerowsecurity, relacl::text from pg_class
        where relkind = 'r' and relnamespace = 'public'::regnamespace""",
}


async def _catalogue(engine: AsyncEngine) -> dict[str, list[tuple[object, ...]]]:
    """What PostgreSQL says is there, without Alembic's own table."""
    async with engine.connect() as connection:
        found = {}
        for what, query in _CATALOGUE.items():
            rows = (await connection.execute(text(query))).all()
            found[what] = sorted((tuple(row) for row in rows if row[0] != "alembic_version"), key=repr)
        return found


async def test_a_migrated_database_is_the_one_the_tables_describe(
    database: AsyncEngine, fresh: AsyncEngine
) -> None:
    async with fresh.begin() as connection:
        await connection.run_sync(metadata.create_all)
        await connection.execute(text("create table alembic_version ()"))
        await connection.run_sync(_protect)
    described, migrated = await _catalogue(fresh), await _catalogue(database)
    for what in _CATALOGUE:
        assert migrated[what] == described[what], what


def _protect(connection: Connection) -> None:
    """Row-level security as the newest migration about it makes it; tables in code do not describe it."""
    revisions = ScriptDirectory.from_config(migrate.config()).walk_revisions()
    newest = next(revision.module for revision in revisions if hasattr(revision.module, "protect"))
    newest.protect(connection)


async def test_alembic_sees_no_difference(database: AsyncEngine) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        return list(compare_metadata(context, metadata))

    async with database.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_every_name_fits_postgresql() -> None:
    names = [index.name for table in metadata.tables.values() for index in table.indexes]
    assert all(re.fullmatch(r"[a-z0-9_]+", str(name)) for name in names)


async def test_a_database_is_empty_then_current(fresh_url: str, fresh: AsyncEngine) -> None:
    assert await standing.state(fresh) == "empty"
    await migrate.upgrade(fresh_url)
    assert await standing.state(fresh) == "current"
    await migrate.upgrade(fresh_url)
    assert await standing.state(fresh) == "current"


async def test_a_database_of_older_code_is_known_by_its_newest_migration(
    fresh_url: str, fresh: AsyncEngine
) -> None:
    await migrate.upgrade(fresh_url)
    async with fresh.begin() as connection:
        await connection.execute(text("update alembic_version set version_num = '0001_core'"))
    assert await standing.state(fresh) == "older"


async def test_the_migrations_are_known_by_the_names_of_their_files() -> None:
    walked = ScriptDirectory.from_config(migrate.config()).walk_revisions()
    assert standing.revisions() == [revision.revision for revision in walked][::-1]


async def test_a_database_of_newer_code_is_left_alone(fresh_url: str, fresh: AsyncEngine) -> None:
    await migrate.upgrade(fresh_url)
    async with fresh.begin() as connection:
        await connection.execute(text("update alembic_version set version_num = '9999_later'"))
    assert await standing.state(fresh) == "newer"
    with pytest.raises(NotReady, match="newer version"):
        await migrate.upgrade(fresh_url)


async def test_a_server_that_is_not_there_is_one_clear_line() -> None:
    with pytest.raises(NotReady, match="does not answer"):
        await migrate.upgrade("postgresql://nobody@127.0.0.1:9/none")
