"""Group commit: who comes meanwhile is committed together, and each answer waits for its own row alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.audit import INSERT, Operation, Trail, write
from auth.categories import Category
from auth.group_commit import MOST, GroupCommit
from hmis.database import connected
from hmis.errors import AuditUnavailable
from hmis.tables import audit_event, audit_subject
from tests.audits import Log
from tests.worlds import TODAY

PERSON = UUID("11111111-1111-4111-8111-111111111111")


@dataclass
class Held:
    """Makes real connections whose statements the test can hold before they reach PostgreSQL."""

    url: str
    sizes: list[int] = field(default_factory=list)
    """Rows of each statement, in order."""
    connections: list[Any] = field(default_factory=list)
    entered: asyncio.Event = field(default_factory=asyncio.Event)
    opened: asyncio.Event = field(default_factory=asyncio.Event)
    closes_behind: bool = False
    """Whether one statement alone is let through each time."""

    async def connect(self) -> Connection:
        self.connections.append(await connected(self.url))
        return Connection(self, self.connections[-1])


@dataclass
class Connection:
    held: Held
    real: Any
    statement: Any = None

    async def prepare(self, statement: str) -> Connection:
        self.statement = await self.real.prepare(statement)
        return self

    async def fetch(self, rows: str, **more: Any) -> None:
        self.held.sizes.append(len(orjson.loads(rows)))
        self.held.entered.set()
        await self.held.opened.wait()
        if self.held.closes_behind:
            self.held.opened.clear()
        await self.statement.fetch(rows, **more)

    def is_closed(self) -> bool:
        return bool(self.real.is_closed())

    def terminate(self) -> None:
        self.real.terminate()

    async def close(self, **more: Any) -> None:
        await self.real.close(**more)


@pytest.fixture
def held(database: AsyncEngine, database_url: str) -> Held:
    return Held(database_url)


@pytest.fixture
async def group(held: Held) -> AsyncIterator[GroupCommit]:
    """On one connection, so that all who come during a statement are of the next one."""
    group = GroupCommit(held.connect, INSERT, lanes=1)
    yield group
    held.opened.set()
    await group.aclose()


def ask(group: GroupCommit, request: str, *, name: str = "Profile") -> asyncio.Task[None]:
    """Somebody who waits for the audit of their request."""
    trail = Trail(about_people=True)
    trail.of(PERSON).show(Category.NAME, own=False)
    operation = Operation(request, name, "0" * 64, TODAY)
    waiting = write(group, operation, trail, subject="mia", application=None, viewer=None, outcome="ANSWERED")
    return asyncio.create_task(waiting)


async def written(database: AsyncEngine) -> list[str]:
    """Requests in the order of their events' numbers; each must have its line."""
    statement = (
        select(audit_event.c.request_id)
        .join(audit_subject, audit_subject.c.event_id == audit_event.c.id)
        .where(audit_subject.c.person_id == PERSON)
        .order_by(audit_event.c.id)
    )
    async with database.connect() as connection:
        events = (await connection.scalars(select(audit_event.c.request_id).order_by("id"))).all()
        found = (await connection.scalars(statement)).all()
    assert found == events
    return list(found)


async def test_who_comes_during_a_commit_is_committed_together_in_the_order_of_coming(
    group: GroupCommit, held: Held, database: AsyncEngine
) -> None:
    first = ask(group, "first")
    await held.entered.wait()
    others = [ask(group, f"r{number}") for number in range(5)]
    await asyncio.wait([first, *others], timeout=0)
    assert await written(database) == []
    assert not any(one.done() for one in (first, *others))
    held.opened.set()
    await asyncio.gather(first, *others)
    assert held.sizes == [1, 5]
    assert len(held.connections) == 1
    assert await written(database) == ["first", "r0", "r1", "r2", "r3", "r4"]


async def test_a_second_connection_does_not_wait_for_the_first(held: Held, database: AsyncEngine) -> None:
    group = GroupCommit(held.connect, INSERT, lanes=2)
    first = ask(group, "first")
    await held.entered.wait()
    held.entered.clear()
    second = ask(group, "second")
    await held.entered.wait()
    third = ask(group, "third")
    await asyncio.wait([third], timeout=0)
    assert (held.sizes, len(held.connections)) == ([1, 1], 2)
    held.opened.set()
    await asyncio.gather(first, second, third)
    assert held.sizes == [1, 1, 1]
    assert sorted(await written(database)) == ["first", "second", "third"]
    await group.aclose()


async def test_a_queue_is_committed_in_several_statements(
    group: GroupCommit, held: Held, database: AsyncEngine
) -> None:
    first = ask(group, "first")
    await held.entered.wait()
    others = [ask(group, f"r{number}") for number in range(MOST + 1)]
    await asyncio.wait(others, timeout=0)
    held.opened.set()
    await asyncio.gather(first, *others)
    assert held.sizes == [1, MOST, 1]
    assert len(await written(database)) == MOST + 2


async def test_a_row_that_is_refused_fails_its_own_answer_and_no_neighbours(
    group: GroupCommit, held: Held, database: AsyncEngine, caplog: pytest.LogCaptureFixture
) -> None:
    first = ask(group, "first")
    await held.entered.wait()
    good, bad, better = ask(group, "good"), ask(group, "bad", name="no\x00text"), ask(group, "better")
    await asyncio.wait([good, bad, better], timeout=0)
    held.opened.set()
    outcomes = await asyncio.gather(first, good, bad, better, return_exceptions=True)
    assert [type(one) for one in outcomes] == [type(None), type(None), AuditUnavailable, type(None)]
    assert held.sizes == [1, 3, 1, 1, 1]
    assert await written(database) == ["first", "good", "better"]
    assert "1 answers not given" in caplog.text
    assert "no\x00text" not in caplog.text


async def test_who_hangs_up_leaves_a_row_and_harms_nobody(
    group: GroupCommit, held: Held, database: AsyncEngine
) -> None:
    first = ask(group, "first")
    await held.entered.wait()
    gone, stays = ask(group, "gone"), ask(group, "stays")
    await asyncio.wait([gone, stays], timeout=0)
    for one in (first, gone):
        one.cancel()
    await asyncio.wait([first, gone])
    held.opened.set()
    await stays
    assert await written(database) == ["first", "gone", "stays"]


async def test_a_connection_lost_during_a_commit_fails_that_group_alone_and_is_made_anew(
    group: GroupCommit, held: Held, database: AsyncEngine
) -> None:
    first = ask(group, "first")
    await held.entered.wait()
    lost = [ask(group, "lost"), ask(group, "lost too")]
    await asyncio.wait(lost, timeout=0)
    held.entered.clear()
    held.closes_behind = True
    held.opened.set()
    await first
    await held.entered.wait()
    next_one = ask(group, "next")
    await asyncio.wait([next_one], timeout=0)
    async with database.connect() as connection:
        ended = text("select pg_terminate_backend(:pid, 60000)")
        assert await connection.scalar(ended, {"pid": held.connections[0].get_server_pid()})
    held.closes_behind = False
    held.opened.set()
    outcomes = await asyncio.gather(*lost, next_one, return_exceptions=True)
    assert [type(one) for one in outcomes] == [AuditUnavailable, AuditUnavailable, type(None)]
    assert len(held.connections) == 2
    # Nobody knew whether the group was committed, so it was not tried again.
    assert held.sizes == [1, 2, 1]
    assert await written(database) == ["first", "next"]


async def test_a_connection_lost_while_nobody_waits_costs_no_answer(
    group: GroupCommit, held: Held, database: AsyncEngine
) -> None:
    held.opened.set()
    await ask(group, "before")
    ours = held.connections[0]
    closed = asyncio.Event()
    ours.add_termination_listener(lambda _: closed.set())
    async with database.connect() as connection:
        await connection.execute(text("select pg_terminate_backend(:pid)"), {"pid": ours.get_server_pid()})
    await closed.wait()
    await ask(group, "after")
    assert await written(database) == ["before", "after"]


async def test_without_a_database_nobody_is_answered_and_it_recovers_by_itself(
    held: Held, database: AsyncEngine
) -> None:
    away = [True, False]

    async def connect() -> Connection:
        if away.pop(0):
            raise ConnectionRefusedError
        return await held.connect()

    group = GroupCommit(connect, INSERT)
    held.opened.set()
    with pytest.raises(AuditUnavailable):
        await ask(group, "refused")
    await ask(group, "answered")
    await group.aclose()
    assert await written(database) == ["answered"]


async def test_closing_commits_what_waits_and_takes_no_more(
    group: GroupCommit, held: Held, database: AsyncEngine
) -> None:
    first = ask(group, "first")
    await held.entered.wait()
    second = ask(group, "second")
    await asyncio.wait([second], timeout=0)
    closing = asyncio.create_task(group.aclose())
    await asyncio.wait([closing], timeout=0)
    with pytest.raises(AuditUnavailable):
        await ask(group, "late")
    assert not closing.done()
    held.opened.set()
    await closing
    assert (first.done(), second.done()) == (True, True)
    assert await written(database) == ["first", "second"]
    assert held.connections[0].is_closed()


async def test_what_is_committed_in_groups_is_sealed_and_verified_like_any_other(
    database: AsyncEngine, database_url: str, tmp_path: Path
) -> None:
    log = Log(database, tmp_path)
    workers = [GroupCommit(partial(connected, database_url), INSERT) for _ in range(2)]
    sealers = [log.sealer(batch=4) for _ in range(2)]
    asked = [ask(workers[number % 2], f"r{number}") for number in range(80)]
    await asyncio.gather(*asked, *(sealer.seal() for sealer in sealers * 5))
    for worker in workers:
        await worker.aclose()
    await sealers[0].seal()
    assert (await log.verify()).size == 80
    assert len(await written(database)) == 80
