"""Pinned connections: each reads in one name, is kept as it is, and is replaced when it was lost."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from hmis.context import Context
from hmis.database import Reader
from tests.readers import reader_beside

WHO = "select current_setting('hub.agency', true), pg_backend_pid()"


def in_the_name_of(agency: str) -> Context:
    return Context(agency, "", "", "mia", "CARE_COORDINATION", "2026-06-30", "2026-06-30T16:00Z")


@pytest.fixture
def reader(database: AsyncEngine) -> Reader:
    return reader_beside(database)


async def asked(reader: Reader, context: Context | None) -> tuple[str, int]:
    [(agency, process)] = await reader.rows(context, WHO, ())
    return agency or "", process


async def test_whoever_reads_reads_in_their_own_name(reader: Reader) -> None:
    names = ["a", "b", "", "b", "a", ""]
    told = [(await asked(reader, in_the_name_of(name) if name else None))[0] for name in names]
    assert told == names


async def test_a_connection_is_taken_again_in_the_same_name(reader: Reader) -> None:
    _, first = await asked(reader, in_the_name_of("a"))
    await asked(reader, in_the_name_of("b"))
    _, again = await asked(reader, in_the_name_of("a"))
    assert again == first


async def test_many_at_once_never_mix_names_nor_open_more_than_may_be(reader: Reader) -> None:
    names = [str(number % 15) for number in range(120)]
    told = await asyncio.gather(*(asked(reader, in_the_name_of(name)) for name in names))
    assert [name for name, _ in told] == names
    processes = set()
    for name in set(names):
        processes.add((await asked(reader, in_the_name_of(name)))[1])
    assert len(processes) <= 10


async def test_a_connection_that_was_lost_meanwhile_is_replaced_unseen(
    reader: Reader, database: AsyncEngine
) -> None:
    _, process = await asked(reader, in_the_name_of("a"))
    async with database.connect() as connection:
        await connection.execute(text("select pg_terminate_backend(:process)"), {"process": process})
    name, other = await asked(reader, in_the_name_of("a"))
    assert (name, other != process) == ("a", True)


async def test_a_statement_that_fails_takes_its_connection_with_it(reader: Reader) -> None:
    _, process = await asked(reader, in_the_name_of("a"))
    with pytest.raises(Exception, match="division by zero"):
        await reader.rows(in_the_name_of("a"), "select 1/0", ())
    name, other = await asked(reader, in_the_name_of("a"))
    assert (name, other != process) == ("a", True)
