"""An import as others see it: how far it is while it runs, and why where it came to nothing.

What is told is written beside the import's own transaction, every second. It is there to be looked at: an
import never fails because nobody could be told.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from hmis.csv.archive import Limits
from hmis.csv.loading import Progress, import_archive
from hmis.csv.report import Report
from hmis.errors import ArchiveRefused
from hmis.tables import import_attempt

_EVERY_S = 1.0
KEPT = 100
"""So many imports that came to nothing are remembered."""

_MINE = import_attempt.c


async def import_watched(
    engine: AsyncEngine,
    path: Path,
    source: str,
    *,
    now: datetime,
    progress: Progress | None = None,
    limits: Limits | None = None,
) -> Report:
    """`import_archive`, with a row of `import_attempt` until it came to something.

    Raises:
        ArchiveRefused, InputRefused, NotReady: as `import_archive`. Why it was refused stays to be read.
    """
    watch = _Watch(engine, uuid4(), progress)
    known = await watch.begin(source, now)
    telling = asyncio.create_task(watch.tell())
    try:
        return await import_archive(
            engine, path, source, now=now, progress=watch.hear, limits=limits, attempt=known
        )
    except BaseException as fault:
        telling.cancel()
        found = fault.findings if isinstance(fault, ArchiveRefused) else ()
        await watch.end(
            "REFUSED" if isinstance(fault, ArchiveRefused) else "FAILED", [one.to_dict() for one in found]
        )
        raise
    finally:
        telling.cancel()
        with suppress(asyncio.CancelledError):
            await telling


@dataclass(slots=True)
class _Watch:
    """What of one import is to be told."""

    engine: AsyncEngine
    id: UUID
    also: Progress | None
    now: tuple[str, int, int] = ("", 0, 0)
    """Stage, bytes read, bytes there are."""

    def hear(self, stage: str, done: int, total: int) -> None:
        """The import's own progress."""
        self.now = (stage, done, total)
        if self.also is not None:
            self.also(stage, done, total)

    async def begin(self, source: str, now: datetime) -> UUID | None:
        """Its row; None = nobody can be told."""
        row = {"id": self.id, "source_name": source, "started_at": now, "seen_at": func.clock_timestamp()}
        return self.id if await self._write(insert(import_attempt).values(row)) else None

    async def tell(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(_EVERY_S)
            await self._set(dict(zip(("stage", "bytes_done", "bytes_total"), self.now, strict=True)))

    async def end(self, state: str, findings: list[dict[str, Any]]) -> None:
        """It came to nothing; of those that did so long ago nothing is kept."""
        await self._set({"state": state, "findings": findings, "ended_at": func.clock_timestamp()})
        newest = select(_MINE.id).order_by(_MINE.started_at.desc(), _MINE.id).limit(KEPT)
        await self._write(delete(import_attempt).where(_MINE.id.not_in(newest)))

    async def _set(self, values: Mapping[str, Any]) -> None:
        told = {**values, "seen_at": func.clock_timestamp()}
        await self._write(update(import_attempt).where(_MINE.id == self.id).values(told))

    async def _write(self, statement: Any) -> bool:
        """Committed at once, or given up."""
        try:
            async with self.engine.begin() as connection:
                await connection.execute(statement)
        except (SQLAlchemyError, OSError):
            return False
        return True
