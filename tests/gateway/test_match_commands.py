"""`hmis-hub match`: a trial writes nothing, the queue can be worked, and the audit knows all of it."""

from __future__ import annotations

import getpass
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from gateway import matching
from hmis.errors import AuditUnavailable
from hmis.tables import audit_event, audit_subject, client_link, match_review
from tests.gateway.test_cli import NOWHERE, Hub
from tests.worlds import NOW, World

OPERATOR = f"operator:{getpass.getuser()}"
ADA = {
    "first_name": "Adaeze", "last_name": "Quillfeather", "name_data_quality": 1, "ssn": "734123456",
    "ssn_data_quality": 1, "dob": date(1990, 5, 3), "dob_data_quality": 1, "sex": 0, "veteran_status": 0,
}  # fmt: skip
VALUES = ("adaeze", "quil", "734123456", "799887766", "1990")


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    return Hub(tmp_path / "home")


@pytest.fixture
async def world(database: AsyncEngine) -> World:
    """Ada in two sources, once with a slip and without an SSN; and Eve, who has her name and birth date."""
    world = World(database)
    await world.client("ada", source="north", **ADA)
    await world.client("ada2", source="south", **(ADA | {"last_name": "Quilfeather", "ssn_data_quality": 9}))
    await world.source("west")
    return world


@pytest.fixture
async def eve(world: World) -> None:
    """Ada's name and birth date, and another SSN: no rule decides."""
    await world.client("eve", source="west", **(ADA | {"ssn": "799887766"}))


async def audited(engine: AsyncEngine) -> list[tuple[str, str, set[Any]]]:
    """Who, what, about whom."""
    async with engine.connect() as connection:
        events = (await connection.execute(select(audit_event).order_by(audit_event.c.id))).all()
        subjects = (await connection.execute(select(audit_subject))).all()
    return [
        (
            event.subject,
            event.operation_name,
            {subject.person_id for subject in subjects if subject.event_id == event.id},
        )
        for event in events
    ]


async def linked(engine: AsyncEngine) -> int:
    async with engine.connect() as connection:
        statement = select(client_link.c.id).where(client_link.c.method == "MODEL")
        return len((await connection.execute(statement)).all())


async def test_a_trial_says_what_would_come_of_it_and_writes_nothing_but_its_audit(
    hub: Hub, world: World, database_url: str
) -> None:
    ran = hub("match", "--sources", "north,south", "--dry-run", HUB_DATABASE_URL=database_url)
    assert ran.code == 0, ran.err
    assert "2 records of 2 people were read, 2 compared." in ran.out
    assert "1 people would be one with another" in ran.out
    assert await linked(world.engine) == 0
    assert await audited(world.engine) == [(OPERATOR, "match --dry-run", set())]
    assert not [value for value in VALUES if value in (ran.out + ran.err).lower()]


async def test_matching_links_and_the_audit_says_whom(hub: Hub, world: World, database_url: str) -> None:
    ran = hub("match", "--json", HUB_DATABASE_URL=database_url)
    assert ran.code == 0, ran.err
    assert json.loads(ran.out) == {
        "records": 2, "compared": 2, "people": 2, "alike": 1, "parted": 0, "united": 1, "questions": {},
        "remembered": 0,
    }  # fmt: skip
    assert await linked(world.engine) == 1
    both = {world.people["ada"], world.people["ada2"]}
    assert await audited(world.engine) == [(OPERATOR, "match", both)]


async def test_the_queue_is_worked_at_the_terminal(
    hub: Hub, world: World, eve: None, database_url: str
) -> None:
    assert hub("match", "--sources", "north,west", HUB_DATABASE_URL=database_url).code == 0
    ran = hub("match", "review", "--json", HUB_DATABASE_URL=database_url)
    (question,) = json.loads(ran.out)
    assert question["reason"] == "SSN"
    assert [one["records"] for one in question["people"]] in (
        [["north:ada"], ["west:eve"]],
        [["west:eve"], ["north:ada"]],
    )
    listed = hub("match", "review", HUB_DATABASE_URL=database_url).out
    assert "the SSNs are of two people" in listed
    assert "birth_date       same" in listed
    assert not [value for value in VALUES if value in (ran.out + listed).lower()]
    decided = hub("match", "decide", question["id"], "--different", HUB_DATABASE_URL=database_url)
    assert (decided.code, decided.out) == (0, "No rule will join their records again.\n")
    assert hub("match", "review", HUB_DATABASE_URL=database_url).out == "Nobody waits for an answer.\n"
    again = hub("match", "decide", question["id"], "--same", HUB_DATABASE_URL=database_url)
    assert again.code == 1
    assert again.line.startswith("There is no such open question.")
    both = {world.people["ada"], world.people["eve"]}
    assert await audited(world.engine) == [
        (OPERATOR, "match", set()),
        (OPERATOR, "match review", both),
        (OPERATOR, "match review", both),
        (OPERATOR, "match decide", both),
        (OPERATOR, "match review", set()),
    ]


async def test_two_who_are_said_to_be_one_have_one_hub_id(
    hub: Hub, world: World, eve: None, database_url: str
) -> None:
    hub("match", "--sources", "north,west", HUB_DATABASE_URL=database_url)
    async with world.engine.connect() as connection:
        question = await connection.scalar(select(match_review.c.id))
    ran = hub("match", "decide", str(question), "--same", HUB_DATABASE_URL=database_url)
    assert ran.code == 0, ran.err
    async with world.engine.connect() as connection:
        of_both = text(
            "select distinct person_id::text from client_link where undone_at is null"
            " and personal_id in ('ada', 'eve')"
        )
        assert (await connection.scalars(of_both)).all() == [ran.out.strip()]


async def test_without_an_audit_nothing_is_linked(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refused(*_: object, **__: object) -> None:
        raise AuditUnavailable("no")

    monkeypatch.setattr(matching.audit, "write", refused)
    with pytest.raises(AuditUnavailable):
        await matching.match(
            world.engine, [], NOW, NOW.tzinfo, write=True, backend="duckdb", say=lambda _: None
        )
    assert await linked(world.engine) == 0


def test_a_question_is_answered_one_way_or_the_other(hub: Hub) -> None:
    ran = hub("match", "decide", "0b0c2f7e-5a0b-4d4e-9b62-5b8f5f0c1d11", HUB_DATABASE_URL=NOWHERE)
    assert ran.code == 2
    assert "--same" in ran.line


async def test_a_source_that_is_not_there_is_one_clear_line(
    hub: Hub, world: World, database_url: str
) -> None:
    ran = hub("match", "--sources", "north,east", "--dry-run", HUB_DATABASE_URL=database_url)
    assert ran.code == 1
    assert ran.line == "There is no source east; there are: north, south, west."


def test_help_of_each_command_has_examples(hub: Hub) -> None:
    for arguments in (("match",), ("match", "review"), ("match", "decide")):
        ran = hub(*arguments, "--help")
        assert ran.code == 0
        assert "Example" in ran.out
        assert f"hmis-hub {' '.join(arguments)}" in ran.out
