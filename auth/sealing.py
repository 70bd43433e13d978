"""Sealing: committed audit events get the next places in the Merkle log, and a signed checkpoint vouches.

Outside the request path: an answer waits for its event to be committed, never for its seal. Transactions
commit in another order than events are numbered in, so places are given here, to whatever is committed and
has none yet; an event that appears late gets a later place, and none is ever passed over. One sealer works at
a time; leaves and their checkpoint are one transaction.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, func, insert, literal_column, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from auth.checkpoints import Checkpoint, Kept, SigningKey
from auth.leaves import NEWEST, leaf, subjects_of
from auth.merkle import Frontier, leaf_hash
from hmis.errors import AuditBroken
from hmis.tables import audit_checkpoint, audit_event, audit_leaf

BATCH = 256
"""Events sealed in one transaction; more are sealed in several."""

_ONE_AT_A_TIME = 0x6875626C

# Whoever writes an event holds this lock from before it is numbered until it is committed or undone.
_WRITERS = text("""
    select virtualtransaction from pg_locks
    where relation = cast('audit_event' as regclass) and mode = 'RowExclusiveLock' and granted
      and database = (select oid from pg_database where datname = current_database())
""")


class Sealer:
    """Seals from time to time, and remembers below which event nothing can appear any more.

    The floor is only a saving, so that a round costs as much as there is to do and not as the log is long. It
    begins at nothing with each sealer, and rises when every writer that could hold a lower number has ended.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        key: SigningKey,
        kept: Kept,
        now: Callable[[], datetime],
        batch: int = BATCH,
    ) -> None:
        self._engine = engine.execution_options(isolation_level="READ COMMITTED")
        self._key = key
        self._kept = kept
        self._now = now
        self._batch = batch
        self.floor = 0
        """Every event up to here is sealed or will never be."""
        self._waiting: tuple[int, frozenset[str]] | None = None
        """Once these writers have ended, nothing can appear below the event."""

    async def seal(self) -> int:
        """Seal what is committed; how many events that were. 0 also when another sealer is at work.

        Raises:
            AuditBroken: what is sealed already is not what was sealed. Nothing is added to such a log.
        """
        sealed, after = 0, self.floor
        while True:
            begun_at_the_floor = after == self.floor
            async with self._engine.begin() as connection:
                if not await connection.scalar(select(func.pg_try_advisory_xact_lock(_ONE_AT_A_TIME))):
                    return sealed
                settled = await self._settled(connection)
                checkpoint, events = await self._round(connection, after)
            if checkpoint is not None:
                self._kept.write(checkpoint)
            sealed += len(events)
            if len(events) == self._batch:
                after = events[-1]["id"]
            elif begun_at_the_floor:
                self.floor = settled
                return sealed
            else:
                after = self.floor  # once more for what appeared behind us

    async def _round(
        self, connection: AsyncConnection, after: int
    ) -> tuple[Checkpoint | None, Sequence[RowMapping]]:
        frontier = await self._log(connection)
        events = await self._unsealed(connection, after)
        if not events:
            return None, events
        await self._append(connection, frontier, events)
        checkpoint = self._key.sign(frontier.size, frontier.root(), self._now())
        await connection.execute(
            insert(audit_checkpoint).values(
                size=checkpoint.size,
                root_hash=checkpoint.root,
                frontier=frontier.packed,
                signed_at=checkpoint.signed_at,
                key_id=checkpoint.key_id,
                signature=checkpoint.signature,
            )
        )
        return checkpoint, events

    async def _log(self, connection: AsyncConnection) -> Frontier:
        """Where the log ends, having made sure that it ends where it was left."""
        frontier = await _last(connection)
        kept = await asyncio.to_thread(self._kept.read)
        if kept is not None:
            root = await connection.scalar(
                select(audit_checkpoint.c.root_hash).where(audit_checkpoint.c.size == kept.size)
            )
            if root != kept.root:
                raise AuditBroken(
                    min(kept.size, frontier.size),
                    f"the database lacks the checkpoint of {kept.size} events kept in {self._kept.path}, so "
                    "nothing more is sealed; if this is another database, move that file away",
                )
        return frontier

    async def _settled(self, connection: AsyncConnection) -> int:
        """Below or at which event nothing can appear that the next statement will not see."""
        writers = frozenset((await connection.scalars(_WRITERS)).all())
        if self._waiting is None:
            newest = await connection.scalar(select(func.max(audit_event.c.id)))
            # Asked again after the number was read: whoever drew a lower one has drawn it by now.
            writers = frozenset((await connection.scalars(_WRITERS)).all())
            self._waiting = (newest or 0, writers)
        event, holders = self._waiting
        if holders & writers:
            return self.floor
        self._waiting = None
        return event

    async def _unsealed(self, connection: AsyncConnection, after: int) -> Sequence[RowMapping]:
        # With an OFFSET each event is looked up by index, and the search ends with the batch; without, the
        # planner may read the whole log for every batch.
        leaves = select(audit_leaf.c.index).where(audit_leaf.c.event_id == audit_event.c.id)
        sealed = leaves.correlate(audit_event).offset(literal_column("0")).exists()
        statement = (
            select(audit_event)
            .where(audit_event.c.id > after, ~sealed)
            .order_by(audit_event.c.id)
            .limit(self._batch)
        )
        return (await connection.execute(statement)).mappings().all()

    async def _append(
        self, connection: AsyncConnection, frontier: Frontier, events: Sequence[RowMapping]
    ) -> None:
        lines = await subjects_of(connection, [event["id"] for event in events])
        first = frontier.size

        def hashed() -> list[bytes]:
            numbered = enumerate(events, first)
            return [leaf_hash(leaf(index, event, lines.get(event["id"], ()))) for index, event in numbered]

        # In a thread: requests are answered meanwhile.
        hashes = await asyncio.to_thread(hashed)
        rows: list[dict[str, Any]] = []
        for event, found in zip(events, hashes, strict=True):
            rows.append(
                {"index": frontier.size, "event_id": event["id"], "version": NEWEST, "leaf_hash": found}
            )
            frontier.append(found)
        await connection.execute(insert(audit_leaf), rows)


async def _last(connection: AsyncConnection) -> Frontier:
    """The frontier of the newest checkpoint; it must be whole and stand at the end of the leaves."""
    newest = select(audit_checkpoint).order_by(audit_checkpoint.c.size.desc()).limit(1)
    row = (await connection.execute(newest)).mappings().one_or_none()
    leaves = await connection.scalar(select(func.coalesce(func.max(audit_leaf.c.index) + 1, 0)))
    if row is None:
        frontier = Frontier()
    else:
        try:
            frontier = Frontier.unpacked(row["size"], row["frontier"])
        except ValueError:
            frontier = Frontier()
        if frontier.root() != row["root_hash"]:
            raise AuditBroken(row["size"], "the newest checkpoint was changed; run `audit verify`")
    if leaves != frontier.size:
        raise AuditBroken(
            min(leaves or 0, frontier.size),
            f"the log has {leaves} leaves and its newest checkpoint {frontier.size}; run `audit verify`",
        )
    return frontier
