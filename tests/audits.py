"""Audit events straight in the tables, and a sealer and a verifier over them, for tests."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from auth.categories import NOTHING, Category
from auth.checkpoints import KEPT_FILE, Checkpoint, Kept, SigningKey
from auth.sealing import Sealer
from auth.verifying import PAGE, Verified, verify
from hmis.tables import audit_event, audit_subject

NOW = datetime(2026, 6, 30, 16, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Told:
    """What one event says of one person."""

    person: UUID
    disclosed: Category = NOTHING
    shared: Category = NOTHING
    withheld: Category = NOTHING
    grants: tuple[UUID, ...] = ()
    notice: str | None = None
    exception: str | None = None


async def write_event(connection: AsyncConnection, *told: Told, **changes: Any) -> int:
    """One event with its lines in the caller's transaction; its id."""
    values = {
        "at": NOW,
        "request_id": "r",
        "subject": "mia",
        "role": "CASE_MANAGER",
        "purpose": "CARE_COORDINATION",
        "application": "tests",
        "operation_name": "Profile",
        "operation_sha256": "0" * 64,
        "policy_version": "test",
        "as_of": NOW.date(),
        "outcome": "ANSWERED",
        **changes,
    }
    number: int = (
        await connection.execute(insert(audit_event).values(**values).returning(audit_event.c.id))
    ).scalar_one()
    for one in told:
        await connection.execute(
            insert(audit_subject).values(
                event_id=number,
                person_id=one.person,
                disclosed=int(one.disclosed),
                shared=int(one.shared),
                withheld=int(one.withheld),
                grants=list(one.grants),
                notice=one.notice,
                exception=one.exception,
            )
        )
    return number


@dataclass
class Log:
    """The sealed audit of one test: its database, its home with the key, its clock."""

    engine: AsyncEngine
    home: Path
    now: datetime = NOW

    @property
    def key(self) -> SigningKey:
        return SigningKey.open(self.home)

    @property
    def kept(self) -> Kept:
        return Kept(self.home / KEPT_FILE)

    def sealer(self, batch: int = 256) -> Sealer:
        return Sealer(self.engine, self.key, self.kept, lambda: self.now, batch)

    async def events(self, count: int, *told: Told, **changes: Any) -> list[int]:
        """So many committed events."""
        async with self.engine.begin() as connection:
            return [await write_event(connection, *told, **changes) for _ in range(count)]

    async def sealed(self, count: int, *told: Told, **changes: Any) -> list[int]:
        """So many events, sealed with one checkpoint."""
        numbers = await self.events(count, *told, **changes)
        await self.sealer(batch=count + 1).seal()
        return numbers

    async def verify(
        self,
        *outside: Checkpoint,
        key: SigningKey | None = None,
        overdue: timedelta = timedelta(0),
        page: int = PAGE,
    ) -> Verified:
        """Verify, the checkpoint of this home included, as the command does."""
        kept: Iterable[Checkpoint | None] = (*outside, self.kept.read())
        keys = [(key or self.key).public]
        return await verify(self.engine, keys, [one for one in kept if one], self.now, overdue, page)
