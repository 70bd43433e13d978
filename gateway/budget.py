"""Budget: how much one viewer may ask for in a minute, whichever worker answers.

A bucket that empties by the cost of what is asked and fills again evenly. All it takes is the moment at which
it is full again, so one statement looks, spends and says what is left (the generic cell rate algorithm, ITU-T
I.371). A request is charged what it may cost at most, known from its document and variables alone, so nobody
learns from what is left how much was hidden. Off unless `HUB_COST_PER_MINUTE` gives an amount.
"""

from __future__ import annotations

import hmac
import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.tokens import Claims
from gateway.errors import Limit, Refused

WINDOW = timedelta(minutes=1)
"""A bucket holds what comes back in so long."""
_FORGOTTEN_AFTER = timedelta(hours=1)
_TIDIED_EVERY = 256
_WHATEVER = timedelta(days=1)
"""What may be owed at most: more than anybody has under way at once."""

# Who asks for the first time has no row yet; who asks for more than is left gets none back, and reads how
# long to wait. Rows of others are deleted now and then, except those that somebody else is just writing.
_TAKE = text("""
    with tidied as (
        delete from viewer_budget where viewer in (
            select viewer from viewer_budget
            where cast(:tidy as boolean) and viewer <> :viewer and full_at < :forgotten
            for update skip locked)
    ), taken as (
        insert into viewer_budget as held (viewer, full_at)
        values (:viewer, cast(:now as timestamptz) + cast(:takes as interval))
        on conflict (viewer) do update
            set full_at = greatest(held.full_at, cast(:now as timestamptz)) + cast(:takes as interval)
            where greatest(held.full_at, cast(:now as timestamptz)) + cast(:takes as interval)
                <= cast(:now as timestamptz) + cast(:holds as interval)
        returning full_at
    )
    select true as is_taken, full_at from taken
    union all
    select false, full_at from viewer_budget where viewer = :viewer and not exists (select from taken)
""")


@dataclass
class Budget:
    """What viewers may ask for, in units of cost."""

    engine: AsyncEngine
    per_minute: int
    key: bytes = field(repr=False)
    """Names a viewer in the table: without it nobody can tell whose row it is."""
    _taken: int = 0

    async def take(self, claims: Claims, cost: int, now: datetime, *, owed: bool = False) -> int:
        """Spend; what is left. One statement, committed by itself.

        What costs more than the whole budget is let through when nothing of it is spent, and spends all.

        owed: it is being done already, so it is spent whether or not so much is left; what is left may then
            be less than nothing, and has to come back first.

        Raises:
            Refused: 429, with Retry-After in seconds. Never of what is owed.
        """
        self._taken += 1
        takes = WINDOW * min(cost / self.per_minute, 1)
        # By itself and not in a transaction: one round trip, and no commit to wait for.
        alone = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        async with alone.connect() as connection:
            found = await connection.execute(
                _TAKE,
                {
                    "viewer": _name(self.key, claims),
                    "now": now,
                    "takes": takes,
                    "holds": _WHATEVER if owed else WINDOW,
                    "tidy": self._taken % _TIDIED_EVERY == 0,
                    "forgotten": now - _FORGOTTEN_AFTER,
                },
            )
            row = found.one_or_none()
        if row is not None and row.is_taken:
            return int((WINDOW - (row.full_at - now)) / WINDOW * self.per_minute)
        # No row: it was written by somebody else since this statement began.
        wait = takes if row is None else row.full_at + takes - WINDOW - now
        seconds = max(math.ceil(wait.total_seconds()), 1)
        told = f"This is more than one may ask for in a minute; ask again in {seconds} s."
        raise Refused(429, Limit.RATE, told, {"Retry-After": str(seconds)})


def _name(key: bytes, claims: Claims) -> bytes:
    """A subject alone may be somebody else at another issuer."""
    named = f"budget\0{claims.issuer}\0{claims.subject}"
    return hmac.digest(key, named.encode(), sha256)[:16]
