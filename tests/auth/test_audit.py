"""The audit: one statement, no values, and no answer when it cannot be written."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.audit import INSERT, Operation, Trail, write
from auth.categories import Category
from auth.consent import POLICY_VERSION
from hmis.errors import AuditUnavailable
from hmis.tables import audit_event, audit_subject
from tests.conftest import Statements
from tests.worlds import TODAY, World

OPERATION = Operation("r-1", "Profile", "0" * 64, TODAY)


async def _write(world: World, trail: Trail, outcome: str = "ANSWERED") -> None:
    viewer = world.viewer("A")
    await write(
        world.engine,
        OPERATION,
        trail,
        subject=viewer.subject,
        application=viewer.client_id,
        viewer=viewer,
        outcome=outcome,
    )


async def test_an_operation_is_written_with_every_person_it_told_of(
    database: AsyncEngine, statements: Statements
) -> None:
    world = World(database)
    await world.organization("A")
    trail, grant = Trail(about_people=True), uuid4()
    first, second, third = uuid4(), uuid4(), uuid4()
    trail.of(first).show(Category.NAME, own=False)
    trail.of(first).show(Category.DOB, own=True)
    trail.of(first).grants = (grant,)
    trail.of(second).withheld |= Category.NAME
    trail.of(second).notice = "2026-01"
    trail.of(third).exception = "BREAK_GLASS"
    statements.forget()
    await _write(world, trail)
    assert statements.count == 1
    async with database.connect() as connection:
        event = (await connection.execute(select(audit_event))).one()
        lines = (await connection.execute(select(audit_subject))).mappings().all()
    assert (event.operation_name, event.policy_version, event.as_of) == ("Profile", POLICY_VERSION, TODAY)
    assert (event.role, event.purpose, event.outcome) == ("CASE_MANAGER", "CARE_COORDINATION", "ANSWERED")
    told = {line["person_id"]: line for line in lines}
    masks = {person: (line["disclosed"], line["shared"], line["withheld"]) for person, line in told.items()}
    name, birth = int(Category.NAME), int(Category.DOB)
    assert masks == {first: (name | birth, name, 0), second: (0, 0, name), third: (0, 0, 0)}
    grounds = [
        (told[person]["grants"], told[person]["notice"], told[person]["exception"])
        for person in (first, second, third)
    ]
    assert grounds == [([grant], None, None), ([], "2026-01", None), ([], None, "BREAK_GLASS")]


def test_no_column_of_the_audit_is_forgotten() -> None:
    listed = set(re.findall(r"\w+", INSERT))
    of_the_database = {"id", "at"}
    for table in (audit_event, audit_subject):
        assert {column.name for column in table.columns} - of_the_database <= listed


async def test_a_search_that_found_nobody_is_written_too(database: AsyncEngine) -> None:
    world = World(database)
    await world.organization("A")
    await _write(world, Trail(about_people=True))
    async with database.connect() as connection:
        assert len((await connection.execute(select(audit_event))).all()) == 1


async def test_without_the_audit_table_there_is_no_answer_and_it_recovers_by_itself(
    database: AsyncEngine,
) -> None:
    world = World(database)
    await world.organization("A")
    async with database.begin() as connection:
        await connection.execute(text("alter table audit_event rename to audit_event_away"))
    try:
        with pytest.raises(AuditUnavailable):
            await _write(world, Trail(about_people=True))
    finally:
        async with database.begin() as connection:
            await connection.execute(text("alter table audit_event_away rename to audit_event"))
    await _write(world, Trail(about_people=True))
