"""Keeping up with a partner: its drops, what it says has changed, and how the last look went.

Every part may be killed at any point and begun again: a cursor is kept together with what came before it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from connectors.base import Changes, Failed, Source
from connectors.runtime import Runtime
from hmis.errors import FailureCode
from hmis.tables import partner_link, partner_tombstone, sync_cursor, sync_state

log = logging.getLogger(__name__)

Invalidate = Callable[[AsyncConnection, str, Collection[str]], Awaitable[None]]
"""(connection, connector, partner ids): forget what is kept of these records, in the caller's transaction."""

RECORDS = "records"
"""The stream of `Source.changes`, as `sync_cursor` calls it."""
_MOST_PAGES = 10_000
_PAGE_WITHIN_S = 60.0
"""Nobody waits for a page, so the connector's own limit is the one that counts."""


@dataclass(frozen=True, slots=True)
class Pulled:
    """What was heard: ids that changed, ids that are gone, of linked records and of others."""

    changed: int = 0
    removed: int = 0

    @property
    def items(self) -> int:
        return self.changed + self.removed


async def pull(
    runtime: Runtime, source: Source, engine: AsyncEngine, invalidators: Sequence[Invalidate] = ()
) -> Pulled | Failed:
    """Hear what changed since the last time, page by page, and forget what was kept of it.

    A partner that keeps no cursor names all it has each time: what is linked and not named is gone there.
    BAD_DATA: it sends a cursor it sent before, so its pages would never end.
    """
    began = cursor = await _cursor(engine, source.name)
    named: set[str] = set()
    seen: set[str | None] = {cursor}
    pulled = Pulled()
    for _ in range(_MOST_PAGES):
        page = await runtime.changes(source, cursor, asyncio.get_running_loop().time() + _PAGE_WITHIN_S)
        if isinstance(page, Failed):
            return page
        named |= set(page.changed)
        pulled = Pulled(pulled.changed + len(page.changed), pulled.removed + len(page.removed))
        is_last = not page.more
        if page.more and page.cursor in seen:
            log.warning("%s: a cursor came back; the rest of its changes is not read", source.name)
            return Failed(FailureCode.BAD_DATA)
        # A list that was begun anew is only whole at its end: kept before, a part would be taken for all.
        keep = page.cursor if began is not None or is_last else None
        whole = named if is_last and began is None and page.cursor is None else None
        async with engine.begin() as connection:
            await _apply(connection, source.name, page, keep, whole, invalidators)
        if is_last:
            return pulled
        cursor = page.cursor
        seen.add(cursor)
    return Failed(FailureCode.BAD_DATA)


async def _cursor(engine: AsyncEngine, connector: str) -> str | None:
    kept = select(sync_cursor.c.cursor).where(
        sync_cursor.c.connector == connector, sync_cursor.c.stream == RECORDS
    )
    async with engine.connect() as connection:
        cursor: str | None = await connection.scalar(kept)
        return cursor


async def _apply(
    connection: AsyncConnection,
    connector: str,
    page: Changes,
    keep: str | None,
    whole: set[str] | None,
    invalidators: Sequence[Invalidate],
) -> None:
    """One page. whole: every id that the partner has, where this page ends a full list."""
    tombstone = partner_tombstone.c
    gone = await _linked(connection, connector, page.removed)
    if whole is not None:
        gone |= await _linked(connection, connector) - whole
    if page.changed:
        back = tombstone.value.in_(page.changed)
        await connection.execute(delete(partner_tombstone).where(tombstone.connector == connector, back))
    if gone:
        dead = [{"connector": connector, "value": value} for value in sorted(gone)]
        await connection.execute(insert(partner_tombstone).on_conflict_do_nothing(), dead)
    touched = gone | await _linked(connection, connector, page.changed)
    if touched:
        for invalidate in invalidators:
            await invalidate(connection, connector, touched)
    if keep is not None:
        row = insert(sync_cursor).values(connector=connector, stream=RECORDS, cursor=keep)
        await connection.execute(
            row.on_conflict_do_update(
                index_elements=["connector", "stream"], set_={"cursor": keep, "at": func.now()}
            )
        )


async def _linked(
    connection: AsyncConnection, connector: str, among: Collection[str] | None = None
) -> set[str]:
    """Those of the partner's ids that somebody of the hub is linked to. Of others nothing is written down."""
    link = partner_link.c
    query = select(link.value).where(
        link.connector == connector, link.valid_to.is_(None), link.status == "CONFIRMED"
    )
    if among is not None:
        query = query.where(link.value.in_(among))
    return set(await connection.scalars(query))


async def begun(engine: AsyncEngine, connector: str) -> None:
    """A look begins."""
    row = insert(sync_state).values(connector=connector, last_started=func.now())
    async with engine.begin() as connection:
        await connection.execute(
            row.on_conflict_do_update(index_elements=["connector"], set_={"last_started": func.now()})
        )


async def ended(engine: AsyncEngine, connector: str, code: FailureCode | None, items: int = 0) -> None:
    """A look ended. code None = well; items: rows or ids it brought."""
    values: dict[str, object] = {"last_finished": func.clock_timestamp(), "last_code": code}
    if code is None:
        values |= {"last_success": func.clock_timestamp(), "items": items}
    async with engine.begin() as connection:
        await connection.execute(
            update(sync_state).where(sync_state.c.connector == connector).values(**values)
        )
