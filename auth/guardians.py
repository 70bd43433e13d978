"""Guardians: adults who may sign for a minor, recorded and barred. Append-only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, insert, select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from auth.viewer import Viewer
from hmis.tables import guardian, guardian_bar


class Authority(StrEnum):
    """By what right somebody signs for a minor."""

    PARENT = "PARENT"
    LEGAL_GUARDIAN = "LEGAL_GUARDIAN"
    COURT = "COURT"
    AGENCY = "AGENCY"


@dataclass(frozen=True, slots=True)
class NewGuardian:
    """A guardian to be recorded, already checked."""

    person: UUID
    adult: str
    authority: Authority
    start: date
    end: date | None


async def record(connection: AsyncConnection, viewer: Viewer, new: NewGuardian, now: datetime) -> UUID:
    """Write a guardian; the caller's transaction commits."""
    identifier: UUID = (
        await connection.execute(
            insert(guardian)
            .values(
                person_id=new.person,
                adult=new.adult,
                authority=new.authority.value,
                valid_from=new.start,
                valid_to=new.end,
                recorded_at=now,
                recorded_by=viewer.subject,
            )
            .returning(guardian.c.id)
        )
    ).scalar_one()
    return identifier


async def bar(
    connection: AsyncConnection, viewer: Viewer, identifier: UUID, reason: str, now: datetime
) -> None:
    """Take the authority away: every grant they signed is dead. Barring twice is harmless."""
    await connection.execute(
        pg_insert(guardian_bar)
        .values(guardian_id=identifier, reason=reason, barred_at=now, barred_by=viewer.subject)
        .on_conflict_do_nothing(index_elements=["guardian_id"])
    )


async def read(connection: AsyncConnection, identifier: UUID) -> RowMapping | None:
    """A guardian, and when they were barred if they were."""
    rows: Any = await connection.execute(
        select(guardian, guardian_bar.c.barred_at)
        .outerjoin(guardian_bar, guardian_bar.c.guardian_id == guardian.c.id)
        .where(guardian.c.id == identifier)
    )
    found: RowMapping | None = rows.mappings().one_or_none()
    return found
