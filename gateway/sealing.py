"""The sealer as long as the hub runs: every few seconds what was audited is sealed (`auth/sealing.py`)."""

from __future__ import annotations

import asyncio
import logging

from sqlalchemy.exc import SQLAlchemyError

from auth.sealing import Sealer
from hmis.errors import HubError

log = logging.getLogger(__name__)

_LAST_SEAL_WITHIN_S = 5


async def keep_sealed(sealer: Sealer, every_s: float) -> None:
    """Seal now and every so many seconds until cancelled, and once more then, for what was answered last.

    Nothing is raised: requests are answered while sealing fails, and `audit verify` tells of what waits.
    """
    said = ""
    try:
        while True:
            said = await _attempt(sealer, said)
            await asyncio.sleep(every_s)
    finally:
        try:
            async with asyncio.timeout(_LAST_SEAL_WITHIN_S):
                await _attempt(sealer, said)
        except TimeoutError:
            log.warning("the last events are not sealed yet: the database did not answer in time")


async def _attempt(sealer: Sealer, said: str) -> str:
    """Seal once; a fault is logged when it is another than last time. What was said of it, "" = no fault."""
    try:
        count = await sealer.seal()
    except HubError as fault:
        now = str(fault)
    except (SQLAlchemyError, OSError) as fault:
        now = type(fault).__name__
    else:
        if said:
            log.info("the audit is sealed again, %d events", count)
        return ""
    if now != said:
        log.error("the audit is not sealed: %s", now)
    return now
