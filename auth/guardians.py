"""Guardians: adults who may sign for a minor, recorded and barred. Append-only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, Select, insert, select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from auth.parameters import VIEWER
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
                recorded_at_agency=viewer.agency.id,
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


def of_people(people: Iterable[UUID]) -> Select[Any]:
    """Guardians of some people that the viewer's agency recorded, newest first, with their bars.

    Another's would tell where else a client is known, and names somebody who is only in its files.
    """
    return (
        select(guardian, guardian_bar.c.barred_at, guardian_bar.c.reason.label("barred_because"))
        .outerjoin(guardian_bar, guardian_bar.c.guardian_id == guardian.c.id)
        .where(guardian.c.person_id.in_(people), guardian.c.recorded_at_agency == VIEWER.agency)
        .order_by(guardian.c.recorded_at.desc(), guardian.c.id)
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
