"""Keeping: partners' answers are written down behind whoever asked, who does not wait for it.

Answers that come while others are being written gather, and the next transaction takes them all. What is lost
with the process, or left out because too much has gathered, is asked anew: nothing but time hangs on it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from asyncpg import PostgresError  # type: ignore[import-untyped]  # it has no types
from sqlalchemy import DateTime, Text, bindparam, delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from hmis.identity.forgetting import may_remember
from hmis.pinned import LOST
from hmis.tables.partner_cache import partner_cache

log = logging.getLogger(__name__)

MOST = 1_000
"""Answers that may wait to be written."""
_GATHERED_S = 0.05
"""How long they gather, so that writing does not take its time from the answer they came with."""

_REFUSED = (SQLAlchemyError, PostgresError, *LOST)

Answer = Mapping[str, Any]
"""A row of `partner_cache`."""

_NEW = insert(partner_cache)
_UPSERT = _NEW.on_conflict_do_update(
    index_elements=["key_sha256"],
    set_={name: _NEW.excluded[name] for name in ("rows", "fetched_at", "fresh_until", "stale_until")},
)
_GONE = delete(partner_cache).where(
    partner_cache.c.connector == bindparam("of", type_=Text),
    partner_cache.c.stale_until <= bindparam("now", type_=DateTime(timezone=True)),
)


class Keeper:
    """Writes answers down, one transaction at a time."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[AsyncEngine, str], Answer] = {}
        self._writing: asyncio.Task[None] | None = None
        self._hurry = asyncio.Event()

    def keep(self, engine: AsyncEngine, answers: Iterable[Answer]) -> None:
        """Have answers written, by and by; of two to one question the later."""
        for answer in answers:
            if len(self._waiting) < MOST:
                self._waiting[engine, answer["key_sha256"]] = answer
        if self._waiting and self._writing is None:
            self._writing = asyncio.create_task(self._write_all())

    async def settled(self) -> None:
        """Have all written at once that there is to write, and wait for it."""
        self._hurry.set()
        while self._writing is not None:
            await asyncio.wait({self._writing})
        self._hurry.clear()

    async def _write_all(self) -> None:
        try:
            while self._waiting:
                with suppress(TimeoutError):
                    async with asyncio.timeout(_GATHERED_S):
                        await self._hurry.wait()
                engine = next(iter(self._waiting))[0]
                group = [answer for (of, _), answer in self._waiting.items() if of is engine]
                self._waiting = {key: one for key, one in self._waiting.items() if key[0] is not engine}
                try:
                    await _write(engine, group)
                except _REFUSED as fault:  # whoever asked has their answer all the same
                    log.warning("%d answers could not be kept: %s", len(group), type(fault).__name__)
        finally:
            self._writing = None


async def _write(engine: AsyncEngine, group: list[Answer]) -> None:
    """Keep what was found, and let go of what nobody may be shown any more."""
    people = {answer["person_id"] for answer in group}
    connectors = sorted({answer["connector"] for answer in group})
    now = min(answer["fetched_at"] for answer in group)
    async with engine.begin() as connection:
        await connection.execute(_GONE, [{"of": connector, "now": now} for connector in connectors])
        # Somebody may have taken back their consent while the partner was asked, or since. All of them for
        # each partner: whoever locks people does so in one order, or two could wait for each other.
        known = {connector: await may_remember(connection, people, connector) for connector in connectors}
        kept = [answer for answer in group if answer["person_id"] in known[answer["connector"]]]
        if kept:
            await connection.execute(_UPSERT, sorted(kept, key=lambda answer: answer["key_sha256"]))
