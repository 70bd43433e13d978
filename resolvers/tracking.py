"""Tracking: hearing from a partner how the referrals stand that it has not finished with."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from uuid import UUID

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
    ours: dict[str, list[UUID]] = defaultdict(list)
    async with desk.writer.connect() as connection:
        for row in await connection.execute(moving):
            ours[row.reference].append(row.id)
    if not ours:
        return 0
    deadline = asyncio.get_running_loop().time() + _WITHIN_S
    answer = await desk.runtime.track(source, list(ours), deadline)
    if isinstance(answer, Failed):
        return answer
    for identifier, receipt in ((one, answer[name]) for name in answer for one in ours[name]):
        async with desk.writer.begin() as connection:
            known = await steps.held(connection, identifier)
            if not await steps.heard(connection, known, receipt, desk.now()):
                log.warning("%s: %s cannot follow %s", source.name, receipt.status, known["status"])
    return len(answer)
