"""Steps of a referral: the one place where its status changes, each time with a row of its history."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connectors.base import Receipt
from hmis.referral_states import Status, may_become
from hmis.tables import referral, referral_event

HUB, PARTNER = "HUB", "PARTNER"
"""Who took a step, where it was nobody with a token."""


async def held(connection: AsyncConnection, identifier: UUID) -> RowMapping:
    """A referral, which nobody else changes before the caller's transaction ends.

    Who holds a row of the outbox too has taken that one first.
    """
    query = select(referral).where(referral.c.id == identifier).with_for_update(key_share=True)
    return (await connection.execute(query)).mappings().one()


async def step(
    connection: AsyncConnection,
    identifier: UUID,
    status: Status,
    by: str,
    now: datetime,
    reason: str | None = None,
) -> None:
    """Take a step that was found to be possible. by: HUB, PARTNER or the subject of a token."""
    await connection.execute(
        update(referral).where(referral.c.id == identifier).values(status=status.value, updated_at=now)
    )
    await noted(connection, identifier, status, by, now, reason)


async def noted(
    connection: AsyncConnection, identifier: UUID, status: Status, by: str, now: datetime, reason: str | None
) -> None:
    """One row of the history."""
    await connection.execute(
        insert(referral_event).values(
            referral_id=identifier, status=status.value, at=now, by=by, reason=reason
        )
    )


async def heard(connection: AsyncConnection, known: RowMapping, receipt: Receipt, now: datetime) -> bool:
    """Take over how a referral stands at the partner; whether it is a step that can be taken.

    What cannot follow is not taken over, and the version is: the partner's word about it is still its word.
    """
    values = {"reference": receipt.reference, "version": receipt.version}
    if values != {name: known[name] for name in values}:
        await connection.execute(update(referral).where(referral.c.id == known["id"]).values(**values))
    now_at, then = Status(known["status"]), Status(receipt.status)
    if now_at is Status.DRAFT:
        # That it was taken at all is a step of its own, whatever the partner did with it since.
        await step(connection, known["id"], Status.SENT, HUB, now)
        now_at = Status.SENT
    if then is now_at:
        return True
    if not may_become(now_at, then):
        return False
    await step(connection, known["id"], then, PARTNER, now)
    return True
