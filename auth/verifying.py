"""Verifying: the whole sealed audit computed anew from its rows, up to the first place where it differs.

Everything is read once, in pages, in the order of the log: the time is linear in its length and the memory
does not grow with it. Each checkpoint, those kept outside the database too, must find its root at its size:
so every one of them is consistent with all after it, and all with the rows.
"""

from __future__ import annotations

import heapq
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping, exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from auth.checkpoints import Checkpoint, PublicKey, moment
from auth.leaves import VERSIONS, leaf, subjects_of
from auth.merkle import Frontier, leaf_hash
from hmis.errors import AuditBroken
from hmis.tables import audit_checkpoint, audit_event, audit_leaf

OVERDUE = timedelta(minutes=15)
"""An event that waits longer than this to be sealed is a fault: somebody may have stopped the sealer."""

PAGE = 500
"""Leaves read at once."""


@dataclass(frozen=True, slots=True)
class Verified:
    """A log in which every event is the one that was sealed."""

    size: int
    root: bytes
    checkpoints: int


async def verify(
    engine: AsyncEngine,
    keys: Iterable[PublicKey],
    kept: Iterable[Checkpoint],
    now: datetime,
    overdue: timedelta = OVERDUE,
    page: int = PAGE,
) -> Verified:
    """Compute the log anew.

    Args:
        keys: whose checkpoints count.
        kept: checkpoints from outside the database; the log must still begin with each of them.

    Raises:
        AuditBroken: with the first index that cannot be vouched for, and what is wrong there.
    """
    snapshot = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    async with snapshot.connect() as connection, connection.begin():
        checking = _Checking({key.id: key for key in keys}, kept)
        stored = _checkpoints(connection, page)
        upcoming = await anext(stored, None)
        frontier, vouched = Frontier(), 0
        checking.check_kept(frontier)
        async for row, found in _leaves(connection, page):
            await _same(connection, frontier.size, row, found, page)
            frontier.append(row["leaf_hash"])
            checking.check_kept(frontier)
            while upcoming is not None and upcoming[0].size <= frontier.size:
                checking.check(*upcoming, frontier)
                vouched = upcoming[0].size
                upcoming = await anext(stored, None)
        checking.ended(frontier.size, vouched, upcoming)
        await _nobody_waits(connection, frontier.size, now - overdue)
    return Verified(frontier.size, frontier.root(), checking.count)


class _Checking:
    """Checkpoints against the log as it is computed."""

    def __init__(self, keys: Mapping[str, PublicKey], kept: Iterable[Checkpoint]) -> None:
        self._keys = keys
        self._kept = [(one.size, place, one) for place, one in enumerate(kept)]
        heapq.heapify(self._kept)
        self._good = 0
        self.count = 0

    def check(self, checkpoint: Checkpoint, packed: bytes, frontier: Frontier) -> None:
        """One whose size the log has just reached."""
        last = max(checkpoint.size - 1, 0)
        what = f"the checkpoint of {checkpoint.size} events"
        key = self._keys.get(checkpoint.key_id)
        if key is None:
            known = " or ".join(self._keys) or "none"
            raise AuditBroken(
                last, f"{what} is signed by key {checkpoint.key_id}, and the key known here is {known}"
            )
        if not key.signed(checkpoint):
            raise AuditBroken(last, f"the signature of {what} is not valid")
        if checkpoint.root == frontier.root() and packed != frontier.packed:
            raise AuditBroken(last, f"the frontier of {what} was edited")
        if checkpoint.root != frontier.root():
            raise AuditBroken(
                self._good,
                f"{what} has another root: something from here to index {last} was rewritten, leaf and all",
            )
        self._good = checkpoint.size
        self.count += 1

    def check_kept(self, frontier: Frontier) -> None:
        while self._kept and self._kept[0][0] <= frontier.size:
            self.check(heapq.heappop(self._kept)[2], frontier.packed, frontier)

    def ended(self, size: int, vouched: int, upcoming: _Stored | None) -> None:
        """The leaves are at their end, and so must be the checkpoints."""
        stored = upcoming[0] if upcoming else None
        outside = self._kept[0][2] if self._kept else None
        for more, where in ((stored, ""), (outside, " kept outside the database")):
            if more is not None:
                raise AuditBroken(
                    size,
                    f"the log ends before it, and a checkpoint{where} vouches for {more.size} events: "
                    "its tail was cut",
                )
        if vouched < size:
            raise AuditBroken(vouched, "no checkpoint vouches for the leaf; checkpoints were deleted")


_Stored = tuple[Checkpoint, bytes]
"""A checkpoint of the database, and the frontier beside it."""


async def _checkpoints(connection: AsyncConnection, page: int) -> AsyncIterator[_Stored]:
    after = None
    while True:
        statement = select(audit_checkpoint).order_by(audit_checkpoint.c.size).limit(page)
        if after is not None:
            statement = statement.where(audit_checkpoint.c.size > after)
        rows = (await connection.execute(statement)).mappings().all()
        for row in rows:
            signed = (row["size"], row["root_hash"], row["signed_at"], row["key_id"], row["signature"])
            yield Checkpoint(*signed), row["frontier"]
        if len(rows) < page:
            return
        after = rows[-1]["size"]


_Found = tuple[RowMapping | None, Sequence[RowMapping]]
"""An event and its lines; None = there is no such event."""


async def _leaves(connection: AsyncConnection, page: int) -> AsyncIterator[tuple[RowMapping, _Found]]:
    """Every leaf in order, beside what is stored of its event."""
    after = None
    while True:
        statement = select(audit_leaf).order_by(audit_leaf.c.index).limit(page)
        if after is not None:
            statement = statement.where(audit_leaf.c.index > after)
        rows = (await connection.execute(statement)).mappings().all()
        wanted = [row["event_id"] for row in rows]
        events = await _events(connection, wanted)
        lines = await subjects_of(connection, wanted)
        for row in rows:
            yield row, (events.get(row["event_id"]), lines.get(row["event_id"], ()))
        if len(rows) < page:
            return
        after = rows[-1]["index"]


async def _events(connection: AsyncConnection, wanted: Sequence[int]) -> dict[int, RowMapping]:
    rows = await connection.execute(select(audit_event).where(audit_event.c.id.in_(wanted)))
    return {row["id"]: row for row in rows.mappings()}


async def _same(connection: AsyncConnection, index: int, row: RowMapping, found: _Found, page: int) -> None:
    """The leaf at this place is there, its event is there, and it is the event that was sealed here."""
    event, lines = found
    if row["index"] != index:
        raise AuditBroken(index, "the leaf was deleted from the log")
    if event is None:
        raise AuditBroken(index, f"event {row['event_id']} was deleted")
    if row["version"] not in VERSIONS:
        raise AuditBroken(index, f"its leaf is of version {row['version']}, which this hub does not know")
    if leaf_hash(leaf(index, event, lines, row["version"])) == row["leaf_hash"]:
        return
    if await _stood_elsewhere(connection, row, found, page):
        raise AuditBroken(
            index, f"event {row['event_id']} was sealed at another place: the log was reordered"
        )
    raise AuditBroken(index, f"event {row['event_id']}, or what it says of people, was edited")


async def _stood_elsewhere(connection: AsyncConnection, row: RowMapping, found: _Found, page: int) -> bool:
    """Whether the event is whole and only its place is wrong: leaves that changed places are told from edits.

    Looks at every place of the log once; only a broken log comes here.
    """
    event, lines = found
    assert event is not None
    after = -1
    while True:
        statement = (
            select(audit_leaf.c.index, audit_leaf.c.leaf_hash)
            .where(audit_leaf.c.index > after)
            .order_by(audit_leaf.c.index)
            .limit(page)
        )
        places = (await connection.execute(statement)).all()
        for index, hashed in places:
            if leaf_hash(leaf(index, event, lines, row["version"])) in (hashed, row["leaf_hash"]):
                return True
        if len(places) < page:
            return False
        after = places[-1][0]


async def _nobody_waits(connection: AsyncConnection, size: int, since: datetime) -> None:
    sealed = exists().where(audit_leaf.c.event_id == audit_event.c.id)
    statement = select(
        func.count().label("number"),
        func.min(audit_event.c.id).label("id"),
        func.min(audit_event.c.at).label("at"),
    ).where(audit_event.c.at < since, ~sealed)
    waiting: Any = (await connection.execute(statement)).one()
    if waiting.number:
        raise AuditBroken(
            size,
            f"{waiting.number} events wait to be sealed since {moment(waiting.at)}, the first of them event "
            f"{waiting.id}; no sealer is at work, or it refuses to: try `audit seal`",
        )
