"""Keeping labels current beside the requests: a new edition of the rules, or an agency of another kind."""

from __future__ import annotations

import asyncio
import logging

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from hmis import labelling
from hmis.errors import HubError

log = logging.getLogger(__name__)


async def keep_labelled(writer: AsyncEngine, every_s: float) -> None:
    """Look again every so many seconds, until cancelled. The first time is before the first answer."""
    while True:
        await asyncio.sleep(every_s)
        try:
            if changed := await labelling.catch_up(writer):
                log.info("labels were computed anew for %d projects", changed)
        except (HubError, SQLAlchemyError, OSError) as fault:
            log.warning("labels could not be looked at: %s", type(fault).__name__)
