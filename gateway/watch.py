"""The watch: whether anything was recorded about the consent of people whose pages are open.

One question to the database twice a second for all pages of this process together, and none while no page is
open. It asks how many there are of each kind of record, which grow with whatever changes what anybody may
see; what that means for a viewer is for the decision to say.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Self
from uuid import UUID

from sqlalchemy import ARRAY, bindparam, text
from sqlalchemy import UUID as Uuid
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.sessions import Session, Sessions

log = logging.getLogger(__name__)

MOST, MOST_EACH = 200, 8
"""Pages listening at one time: in this process, and of one session."""
_EVERY_S = 0.5
_SOON = timedelta(minutes=2)

_STANDING = text("""
select asked.id,
  (select count(*) from consent_grant g where g.person_id = asked.id) || '/' ||
  (select count(*) from consent_revocation r join consent_grant g on g.id = r.grant_id
    where g.person_id = asked.id) || '/' ||
  (select count(*) || '.' || count(b.id) from guardian u left join guardian_bar b on b.guardian_id = u.id
    where u.person_id = asked.id) || '/' ||
  (select count(*) from break_glass o where o.person_id = asked.id and o.closes_at > :now) || '/' ||
  (select count(distinct o.id) || '.' || count(distinct a.approver) || '.' || count(e.*)
    from legal_order o
    left join legal_order_approval a on a.order_id = o.id
    left join legal_order_end e on e.order_id = o.id where o.person_id = asked.id) || '/' ||
  (select count(*) from client_link l where l.person_id = asked.id and l.undone_at is null) || '/' ||
  (select count(*) || '.' || count(valid_to) from visibility_group_member) || '/' ||
  (select count(*) from policy_profile) || '/' ||
  (select count(*) || '.' || count(agreement_to) from agency) as standing
from unnest(:people) as asked (id)
""").bindparams(bindparam("people", type_=ARRAY(Uuid())))


class Full(Exception):
    """So many pages listen already."""


class Ended(Exception):
    """Nothing more will be told. session: because the session is over, not the hub."""

    def __init__(self, *, session: bool) -> None:
        super().__init__()
        self.session = session


class Open:
    """One page that listens. Leave it (`with`) when it listens no more."""

    def __init__(self, watch: Watch, person: UUID, session: Session) -> None:
        self.person, self.session = person, session
        self.ends_soon = False
        self.told: str | None = None
        """As `standing` said last."""
        self._watch = watch
        self._woken = asyncio.Event()
        self._over: Ended | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._watch._left(self)

    async def standing(self) -> str:
        """How consent about the person stands; another word whenever anything was recorded.

        Raises:
            Ended: the session is over, or the hub stops.
        """
        if self._over is not None:
            raise self._over
        self.told = await self._watch.standing(self.person)
        return self.told

    async def woken(self, within_s: float) -> bool:
        """Wait until there may be something to tell; False = there was nothing so long."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self._woken.wait()
            self._woken.clear()
            return True
        return False

    def wake(self, over: Ended | None = None) -> None:
        self._over = self._over or over
        self._woken.set()


class Watch:
    """The watch of one process."""

    def __init__(
        self,
        writer: AsyncEngine,
        sessions: Sessions,
        now: Callable[[], datetime],
        day_of: Callable[[datetime], date],
    ) -> None:
        self._alone = writer.execution_options(isolation_level="AUTOCOMMIT")
        self._sessions, self._now, self._day_of = sessions, now, day_of
        self._open: set[Open] = set()
        self._task: asyncio.Task[None] | None = None
        self._stopped = False

    @property
    def listening(self) -> int:
        """How many pages."""
        return len(self._open)

    def open(self, person: UUID, session: Session) -> Open:
        """Listen for one page.

        Raises:
            Full: there are too many.
        """
        mine = sum(one.session.word == session.word for one in self._open)
        if self._stopped or len(self._open) >= MOST or mine >= MOST_EACH:
            raise Full
        opened = Open(self, person, session)
        self._open.add(opened)
        if self._task is None:
            self._task = asyncio.create_task(self._keep())
        return opened

    def stop(self) -> None:
        """Let every page go, so that the hub can stop."""
        self._stopped = True
        for one in self._open:
            one.wake(Ended(session=False))

    async def aclose(self) -> None:
        self.stop()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def standing(self, person: UUID) -> str:
        """How consent about somebody stands now."""
        return (await self._standings([person]))[person]

    def _left(self, opened: Open) -> None:
        self._open.discard(opened)

    async def _keep(self) -> None:
        """Look until nobody listens any more."""
        while self._open:
            try:
                await self._look()
            except (DBAPIError, OSError, TimeoutError):
                log.warning("could not look whether consent changed; trying again")
            await asyncio.sleep(_EVERY_S)
        self._task = None

    async def _look(self) -> None:
        listening = list(self._open)
        standings = await self._standings(list({one.person for one in listening}))
        ends = await self._sessions.ends([one.session for one in listening], self._now())
        for one in listening:
            end = ends.get(one.session.word)
            if end is None:
                one.wake(Ended(session=True))
                continue
            soon = end - self._now() < _SOON
            changed = one.told is not None and one.told != standings[one.person]
            if changed or soon != one.ends_soon:
                one.ends_soon = soon
                one.wake()

    async def _standings(self, people: Sequence[UUID]) -> dict[UUID, str]:
        now = self._now()
        async with self._alone.connect() as connection:
            rows: Any = await connection.execute(_STANDING, {"people": list(people), "now": now})
            day = self._day_of(now).isoformat()
            return {row.id: f"{day}/{row.standing}" for row in rows}
