"""Workers in the process of a test."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.memory import MemorySource
from connectors.runtime import Runtime
from gateway.work import Work
from resolvers.sending import Desk
from tests.readers import reader_beside


def worker(database: AsyncEngine, url: str, *sources: MemorySource, **more: Any) -> Work:
    """It may begin at once unless told otherwise."""

    async def at_once() -> None:
        return None

    partners = {source.name: source for source in sources}
    reader = reader_beside(database)
    desk = Desk(database, reader, partners, Runtime(), lambda: datetime.now(UTC), lambda now: now.date())
    return Work(url, desk, 300, **{"ready": at_once, **more})
