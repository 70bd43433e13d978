"""Before the journal of revocations is in force the hub is not ready and answers nothing about anybody."""

from __future__ import annotations

import getpass
import json
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.journal import FILE, Entry, Journal, Kind
from gateway.settings import Settings
from hmis.errors import InputRefused
from hmis.tables import audit_event, audit_subject, consent_revocation
from tests.gateway.conftest import Gate, Gateway, running
from tests.gateway.test_cli import Hub
from tests.worlds import NOW, World


@pytest.fixture
async def world(database: AsyncEngine) -> World:
    world = World(database)
    await world.organization("A")
    await world.client("ada")
    return world


async def revoked(engine: AsyncEngine) -> int:
    async with engine.connect() as connection:
        return await connection.scalar(select(func.count()).select_from(consent_revocation)) or 0


async def test_a_database_that_comes_late_is_replayed_into_before_anything_is_answered(
    settings: Settings, world: World
) -> None:
    """As `serve` on a fresh restore that still has to be migrated."""
    permit = await world.grant("ada", "A")
    entry = Entry(Kind.REVOKE, permit, world.people["ada"], NOW, "ann")
    await Journal(settings.journal_file).keep(entry)
    async with world.engine.begin() as connection:
        await connection.execute(text("alter table alembic_version rename to elsewhere"))
    try:
        async with running(settings, Gate()) as gateway:
            ready = await gateway.client.get("/readyz")
            asked = await gateway.ask("{ hello }")
            assert (ready.status_code, ready.json()["revocations"]) == (503, "not replayed")
            assert (asked.status_code, asked.json()["errors"][0]["extensions"]["code"]) == (503, "NOT_READY")
            assert await revoked(world.engine) == 0
            async with world.engine.begin() as connection:
                await connection.execute(text("alter table elsewhere rename to alembic_version"))
            assert (await gateway.ask("{ hello }")).status_code == 200
            assert await revoked(world.engine) == 1
            assert (await gateway.client.get("/readyz")).json()["revocations"] == "kept"
    finally:
        async with world.engine.begin() as connection:
            await connection.execute(text("alter table if exists elsewhere rename to alembic_version"))


async def test_a_damaged_journal_stops_the_start_with_its_place(settings: Settings, world: World) -> None:
    settings.journal_file.write_text("what?\n")
    with pytest.raises(InputRefused, match=r"revocations\.jsonl, line 1, is no entry"):
        async with running(settings, Gate()):
            pass


def test_a_damaged_journal_is_one_line_on_the_terminal(tmp_path: Path, database_url: str) -> None:
    hub = Hub(tmp_path / "home")
    hub.home.mkdir()
    (hub.home / FILE).write_text("what?\n")
    ran = hub("serve", "--port", "0", HUB_DATABASE_URL=database_url)
    assert ran.code == 1
    assert "line 1, is no entry of a journal of revocations" in ran.err.splitlines()[-1]
    assert "Traceback" not in ran.err


async def test_a_journal_that_cannot_be_written_is_said_and_questions_are_answered(
    gateway: Gateway,
) -> None:
    journal: Journal = gateway.app.state.hub.journal
    journal.path.unlink(missing_ok=True)
    journal.path.mkdir()
    await journal.keep(Entry(Kind.REVOKE, uuid4(), uuid4(), NOW, "ann"))
    ready = await gateway.client.get("/readyz")
    assert (ready.status_code, ready.json()["revocations"]) == (200, "not written")
    journal.path.rmdir()
    assert (await gateway.client.get("/readyz")).json()["revocations"] == "kept"
    assert len(journal.read()) == 1


async def test_a_journal_begins_with_what_the_database_knows(settings: Settings, world: World) -> None:
    permit = await world.grant("ada", "A")
    await world.revoke(permit)
    for _ in range(2):
        async with running(settings, Gate()):
            pass
    [entry] = Journal(settings.journal_file).read()
    assert (entry.kind, entry.id, entry.at) == (Kind.REVOKE, permit, NOW)
    async with world.engine.connect() as connection:
        assert await connection.scalar(select(func.count()).select_from(audit_event)) == 0


async def test_the_operator_replays_the_journal_of_another_host_and_the_audit_knows(
    tmp_path: Path, world: World, database_url: str
) -> None:
    hub, other = Hub(tmp_path / "home"), tmp_path / "other.jsonl"
    permit = await world.grant("ada", "A")
    await Journal(other).keep(
        Entry(Kind.REVOKE, permit, world.people["ada"], NOW, "ann"),
        Entry(Kind.REVOKE, uuid4(), uuid4(), NOW, "ann"),
    )
    first = hub("consent", "replay", str(other), "--json", HUB_DATABASE_URL=database_url)
    assert first.code == 0, first.err
    report = json.loads(first.out)
    assert report["written"] == {"revocations": 1, "refusals": 0, "guardiansBarred": 0, "formsReplaced": 0}
    assert (report["entries"], report["inPlace"], len(report["absent"])) == (2, 0, 1)
    second = hub("consent", "replay", str(other), HUB_DATABASE_URL=database_url)
    assert second.out == "2 entries: 0 written again, 1 in place, 1 of what this database does not have.\n"
    own = hub("consent", "replay", HUB_DATABASE_URL=database_url)
    assert own.out == "0 entries: 0 written again, 0 in place, 0 of what this database does not have.\n"
    assert [entry.id for entry in Journal(hub.home / FILE).read()] == [permit]
    async with world.engine.connect() as connection:
        [event] = (await connection.execute(select(audit_event))).all()
        [line] = (await connection.execute(select(audit_subject))).all()
    assert (event.subject, event.operation_name) == (f"operator:{getpass.getuser()}", "consent replay")
    assert (line.person_id, line.disclosed) == (world.people["ada"], 0)


def test_a_journal_that_is_not_there_is_one_line(tmp_path: Path, database_url: str) -> None:
    ran = Hub(tmp_path / "home")(
        "consent", "replay", str(tmp_path / "none.jsonl"), HUB_DATABASE_URL=database_url
    )
    assert (ran.code, ran.line) == (1, f"There is no journal {tmp_path / 'none.jsonl'}.")
