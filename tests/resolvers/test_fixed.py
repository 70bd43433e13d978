"""Statements about people take the viewer and the keys as parameters, and nothing else."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Date, Select, bindparam, case, literal, select
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.ext.asyncio import AsyncConnection

from resolvers import clients, enrollments, explaining, finding, households, projects
from resolvers.fixed import fixed
from resolvers.sought import Fact

BUILT_ONCE: dict[str, Select[Any]] = {
    "records of clients": clients._records(),
    "stays of clients": enrollments._of_people(enrollments.Place.BEHIND_A_DAY),
    "stays by key": enrollments._named_stays(),
    "members of households": households._statement(),
    "people by name": finding._walk((Fact.LAST_NAME,), finding._Walk.BY_NAME, True, 26),
    "people by id": finding._walk((), finding._Walk.BY_ID, False, 26),
    "projects": projects._named(),
    "an explanation": explaining.records(for_officer=True),
}
HANDED_OVER = ("viewer_", "officer_", "asked_", "after_", "last_name_")
ALONE = {"people", "person", "rows", "after"}


@pytest.mark.parametrize("name", BUILT_ONCE)
def test_no_constant_is_handed_over(name: str) -> None:
    compiled = BUILT_ONCE[name].compile(dialect=asyncpg.dialect())
    odd = {one for one in compiled.params if not one.startswith(HANDED_OVER) and one not in ALONE}
    assert odd == set()


async def test_what_is_written_out_means_the_same(connection: AsyncConnection) -> None:
    day = bindparam("day", type_=Date())
    statement = select(
        literal("it's %s: 100 %").label("text"),
        literal(1 << 40).label("number"),
        literal(date(2026, 2, 28), Date()).label("day"),
        case((day > date(2026, 1, 1), "later"), else_="before").label("when"),
    )
    values = {"day": date(2026, 6, 30)}
    before = (await connection.execute(statement, values)).one()
    after = (await connection.execute(fixed(statement), values)).one()
    assert tuple(before) == tuple(after) == ("it's %s: 100 %", 1 << 40, date(2026, 2, 28), "later")
