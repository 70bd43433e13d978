"""Which databases can be named, and how; and what the driver itself reads there."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from asyncpg import UndefinedTableError  # type: ignore[import-untyped]  # it has no types
from sqlalchemy import Text, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from hmis.database import async_url, engine, read
from hmis.errors import InputRefused
from hmis.sentence import Sentence, sentence


@pytest.mark.parametrize("scheme", ["postgresql", "postgres"])
def test_both_names_of_the_scheme_are_taken(scheme: str) -> None:
    url = async_url(f"{scheme}://hub@db.example.org/hub")
    assert url.render_as_string() == "postgresql+asyncpg://hub@db.example.org/hub"


@pytest.mark.parametrize("name", ["ssl", "sslmode"])
def test_encryption_may_be_asked_for_by_either_name(name: str) -> None:
    assert async_url(f"postgresql://hub@db.example.org/hub?{name}=require").query == {"ssl": "require"}


def test_another_kind_of_database_is_refused_with_the_mend() -> None:
    with pytest.raises(InputRefused, match="postgresql://"):
        async_url("mysql://hub@db.example.org/hub")


@pytest.fixture
async def own_engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    mine = engine(database_url, pool_size=3)
    yield mine
    await mine.dispose()


PROCESS = sentence(select(func.pg_backend_pid(), bindparam("said", type_=Text)))


async def test_what_the_driver_reads_comes_from_the_pool_and_goes_back(own_engine: AsyncEngine) -> None:
    read_by = [await read(own_engine, PROCESS, {"said": "x"}) for _ in range(3)]
    assert len({process for ((process, _),) in read_by}) == 1
    assert {said for ((_, said),) in read_by} == {"x"}


async def test_what_was_lost_meanwhile_is_replaced_unseen_with_all_that_is_as_old(
    own_engine: AsyncEngine, database: AsyncEngine
) -> None:
    async def both() -> set[int]:
        async with own_engine.connect() as first, own_engine.connect() as second:
            return {await one.scalar(select(func.pg_backend_pid())) or 0 for one in (first, second)}

    old = await both()
    async with database.connect() as connection:
        for process in old:
            await connection.execute(select(func.pg_terminate_backend(process, 5_000)))

    ((process, _),) = await read(own_engine, PROCESS, {"said": "x"})
    assert process not in old
    assert not await both() & old


async def test_what_postgresql_refuses_is_raised_as_it_says(own_engine: AsyncEngine) -> None:
    with pytest.raises(UndefinedTableError):
        await read(own_engine, Sentence("select * from nowhere", ()), {})
    assert await read(own_engine, PROCESS, {"said": "x"})


async def test_without_a_server_it_is_a_matter_of_connection() -> None:
    nowhere = engine("postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(ConnectionError):
        await read(nowhere, PROCESS, {"said": "x"})
