"""Tracking: hearing from a partner how the referrals stand that it has not finished with."""

from __future__ import annotations

import asyncio
import logging

from sqlalchemy import select

from connectors.base import Failed, Source
from hmis.referral_states import MOVING
from hmis.tables import referral
from resolvers import steps
from resolvers.sending import Desk

log = logging.getLogger(__name__)

_WITHIN_S = 60.0


async def track(desk: Desk, source: Source) -> int | Failed:
    """Ask about every referral that moves at this partner; how many were heard of."""
    moving = select(referral.c.reference, referral.c.id).where(
        referral.c.connector == source.name,
        referral.c.reference.is_not(None),
        referral.c.status.in_([status.value for status in MOVING]),
    )
    async with desk.writer.connect() as connection:
        ours = {row.reference: row.id for row in await connection.execute(moving)}
    if not ours:
        return 0
    deadline = asyncio.get_running_loop().time() + _WITHIN_S
    answer = await desk.runtime.track(source, list(ours), deadline)
    if isinstance(answer, Failed):
        return answer
    for reference, receipt in answer.items():
        async with desk.writer.begin() as connection:
            known = await steps.held(connection, ours[reference])
            if not await steps.heard(connection, known, receipt, desk.now()):
                log.warning("%s: %s cannot follow %s", source.name, receipt.status, known["status"])
    return len(answer)
