"""A service directory: `sync` reads it into the hub's tables. It knows no people: there is no `fetch`."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.base import FetchRequest, Outcome, Synced
from connectors.config import Config
from connectors.declared import DeclaredSource
from connectors.hsds import landing
from connectors.hsds.client import Client, Listing
from connectors.hsds.landing import Known, Pull
from connectors.hsds.mapping import UNREADABLE, Json, Reader, Service, Unreadable
from connectors.http import Http
from connectors.manifest import Manifest
from connectors.signing import Auth, signer
from hmis.errors import FailureCode, InputRefused, SourceFailed

log = logging.getLogger(__name__)
_SYNC_S = 1_800
FULL_EVERY = timedelta(hours=24)
OVERLAP = timedelta(minutes=5)
"""How far behind the newest change the next reading begins: a change may become visible after a later one."""
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def build(manifest: Manifest, config: Config, engine: AsyncEngine) -> Directory:
    """As the registry asks for it."""
    per_page, share = config.number("per_page"), config.number("smallest_share")
    if not 1 <= per_page <= 1_000 or not 0 <= share <= 100:
        raise InputRefused(
            f"Connector {manifest.id}: config.per_page is 1 to 1000, config.smallest_share 0 to 100."
        )
    auth = manifest.auth if config.secret("api_key") else Auth()
    limits = manifest.limits
    http = Http(manifest.id, config.text("base_url"), limits, signer(auth, config))
    client = Client(manifest.id, http, per_page, limits.concurrency, limits.timeout_s)
    return Directory(manifest, http, client, engine, share)


def _now() -> datetime:
    return datetime.now(UTC)


class Directory(DeclaredSource):
    """Keeps a directory's services in the hub's tables, of which `resolvers/service_directory.py` answers."""

    def __init__(
        self,
        manifest: Manifest,
        http: Http,
        client: Client,
        engine: AsyncEngine,
        smallest_share: int = 50,
        now: Callable[[], datetime] = _now,
    ) -> None:
        super().__init__(manifest, {"check", "sync"})
        self.now = now
        self._http = http
        self._client = client
        self._engine = engine
        self._reader = Reader(manifest)
        self._smallest_share = smallest_share

    async def fetch(self, request: FetchRequest) -> Mapping[str, Outcome]:
        raise SourceFailed(self.name, FailureCode.NOT_SUPPORTED)

    async def check(self, deadline: float) -> None:
        try:
            async with asyncio.timeout_at(deadline):
                await self._client.check()
        except TimeoutError:
            raise SourceFailed(self.name, FailureCode.TIMEOUT, retryable=True) from None

    async def aclose(self) -> None:
        await self._http.aclose()

    async def sync(self) -> Synced:
        try:
            async with asyncio.timeout(_SYNC_S):
                return await self._sync()
        except TimeoutError:
            raise SourceFailed(self.name, FailureCode.TIMEOUT, retryable=True) from None
        except SQLAlchemyError:
            raise SourceFailed(self.name, FailureCode.UNAVAILABLE, retryable=True) from None

    async def _sync(self) -> Synced:
        began = self.now()
        async with self._engine.connect() as connection:
            before = await landing.last_pull(connection, self.name)
            full = before is None or before.cursor is None or began - before.full_at >= FULL_EVERY
            known = await landing.known(connection, self.name, full=full)
        seen = await self._client.services(None if full or before is None else before.cursor)
        records = seen.records
        listing = await self._client.listing(records.keys() if full else records.keys() | known.keys())
        listed = listing.changed.keys()
        if before is not None and 100 * len(listed) < self._smallest_share * before.services:
            log.warning("%s: %d services, there were %d: refused", self.name, len(listed), before.services)
            return Synced("REFUSED", rules={"SUSPICIOUSLY_SMALL": 1})
        records |= await self._client.each(_missed(listing, records, {} if full else known))
        if listing.agreed:
            records = {one: record for one, record in records.items() if one in listed}
        changed = [
            service
            for one, record in records.items()
            if (service := self._read(one, record)).content_sha256 != known.get(one, _UNKNOWN).content
        ]
        gone = known.keys() - listed if listing.agreed else set()
        held = {one: (kept.modified_at, kept.unreadable) for one, kept in known.items() if one not in gone}
        held |= {one.service_id: (one.modified_at, one.status == UNREADABLE) for one in changed}
        pull = Pull(
            pulled_at=began,
            full_at=_full_at(began, before, full, listing),
            cursor=_cursor(began, (when for when, _ in held.values())),
            services=len(held),
            unreadable=listing.nameless + sum(unreadable for _, unreadable in held.values()),
        )
        rules = Counter({UNREADABLE: pull.unreadable, "GONE": len(gone)})
        rules["NOT_AGREED"] = int(not listing.agreed)
        return await self._take(before, pull, changed, gone, +rules)

    def _read(self, service_id: str, record: Json) -> Service:
        try:
            return self._reader.service(record)
        except Unreadable:
            return self._reader.left_out(record, service_id)

    async def _take(
        self,
        before: Pull | None,
        pull: Pull,
        changed: list[Service],
        gone: set[str],
        rules: Mapping[str, int],
    ) -> Synced:
        day = pull.cursor.date() if pull.cursor else None
        async with self._engine.begin() as connection:
            await landing.lock(connection, self.name)
            if await landing.last_pull(connection, self.name) != before:
                return Synced("SUPERSEDED", as_of=day)  # another process was quicker
            if changed or gone:
                await landing.write(connection, self.name, changed, gone)
            await landing.remember(connection, self.name, pull)
        if not (changed or gone):
            return Synced("UNCHANGED", as_of=day, rules=rules)
        log.info("%s: %d services read, %d gone", self.name, len(changed), len(gone))
        return Synced("TAKEN", as_of=day, rows=len(changed), rules=rules)


_UNKNOWN = Known(None, None, unreadable=False)


def _missed(listing: Listing, records: Mapping[str, Json], known: Mapping[str, Known]) -> list[str]:
    """Who is listed and was not read: new ones that moved while pages were read, and ones changed since."""
    return [
        one
        for one, changed in listing.changed.items()
        if one not in records and (one not in known or _is_newer(changed, known[one].modified_at))
    ]


def _is_newer(listed: datetime | None, kept: datetime | None) -> bool:
    return listed is not None and kept is not None and listed > kept


def _full_at(began: datetime, before: Pull | None, full: bool, listing: Listing) -> datetime:
    """When all was last read; a reading that did not come to an agreement does not count."""
    if full and listing.agreed:
        return began
    return before.full_at if before is not None else _NEVER


def _cursor(began: datetime, changes: Iterable[datetime | None]) -> datetime | None:
    """Where the next reading begins. None = no service says when it changed: all is read again.

    Not in the future: a change that is dated so must not hide those that come before it.
    """
    newest = max((change for change in changes if change is not None), default=None)
    return None if newest is None else min(newest, began) - OVERLAP
