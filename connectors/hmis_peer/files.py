"""A peer that lays out its CSV exchange: `sync` lands it, `fetch` answers from the tables."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import tempfile
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.base import (
    FetchRequest,
    Found,
    NotFound,
    Outcome,
    Subject,
    Synced,
)
from connectors.hmis_peer import landing
from connectors.hmis_peer.exchange import Exchange, errors_file, read_exchange
from connectors.hmis_peer.peer import Peer, today
from connectors.manifest import Manifest
from connectors.sftp import Access, Drop, Listed, opened, visited
from hmis.errors import ArchiveRefused, FailureCode, SourceFailed
from hmis.findings import Finding

log = logging.getLogger(__name__)

ERRORS = "ERRORS-"
ARCHIVE_CAP = 4 << 30
"""Bytes of a zip. A large city's export packs to about 500 MB."""
_SYNC_S = 3_600


class PeerFiles(Peer):
    """Answers out of the newest exchange. Nobody is looked up outward: people are linked inside the hub."""

    def __init__(
        self,
        manifest: Manifest,
        way_in: Access,
        engine: AsyncEngine,
        implementation: str | None = None,
        today: Callable[[], date] = today,
    ) -> None:
        super().__init__(manifest, engine, implementation, today)
        self._access = way_in
        self._refused: tuple[Listed, Synced] | None = None
        """The archive that was refused last: it is not fetched again until another lies in its place."""

    async def fetch(self, request: FetchRequest) -> Mapping[str, Outcome]:
        ids = {value for subject in request.subjects for value in subject.partner_ids}
        known: dict[str, list[landing.Stay]] = {}
        if ids:
            try:
                async with self._engine.connect() as connection:
                    known = await landing.stays(connection, self.name, ids, request.fields)
            except SQLAlchemyError:  # its text quotes parameters, so it ends here
                raise SourceFailed(self.name, FailureCode.UNAVAILABLE, retryable=True) from None
        return {subject.key: self._outcome(subject, known, request.fields) for subject in request.subjects}

    def _outcome(
        self, subject: Subject, known: Mapping[str, list[landing.Stay]], fields: frozenset[str]
    ) -> Outcome:
        mine = [stay for value in dict.fromkeys(subject.partner_ids) for stay in known.get(value, ())]
        if not mine:
            return NotFound()
        rows = tuple(
            self._row(stay.personal_id, stay.values, fields, stay.as_of, stay.labels) for stay in mine
        )
        return Found(rows, live="landing", stale=self.today() - mine[0].newest > self._freshness)

    async def check(self, deadline: float) -> None:
        async with opened(self.name, self._access) as drop:
            await drop.names()

    async def sync(self) -> Synced:
        async with visited(self.name, self._access, _SYNC_S) as drop:
            return await self._sync(drop)

    async def _sync(self, drop: Drop) -> Synced:
        archives = [one for one in await drop.listing() if one.name.lower().endswith(".zip")]
        if not archives:
            return Synced("NOTHING")
        latest = max(archives, key=lambda one: (one.changed, one.name))
        if self._refused is not None and self._refused[0] == latest:
            return self._refused[1]
        # Readable to this user alone, and gone with the block; what is killed inside it leaves a folder that
        # only this user can open.
        with tempfile.TemporaryDirectory(prefix="hmis-peer-") as folder:
            path = Path(folder) / "archive.zip"
            sha256 = await drop.fetch(latest.name, path, ARCHIVE_CAP)
            if sha256 is None:
                log.warning("%s: an archive was taken away, or is larger than agreed", self.name)
                return Synced("NOTHING")
            async with landing.transaction(self.name, self._engine) as connection:
                if await landing.is_known(connection, self.name, sha256):
                    return Synced("UNCHANGED", _named(latest))
            try:
                exchange = await asyncio.to_thread(read_exchange, path, self.today())
            except ArchiveRefused as refused:
                return await self._refuse(drop, latest, refused.findings)
        return await self._take(drop, latest, sha256, exchange)

    async def _take(self, drop: Drop, latest: Listed, sha256: str, exchange: Exchange) -> Synced:
        # Before it is in force: a hub that dies in between reads the archive again and writes the same file.
        await self._report(drop, latest, exchange.findings)
        shared = exchange.implementation_id if exchange.implementation_id == self._implementation else None
        async with landing.transaction(self.name, self._engine) as connection:
            standing = await landing.take(connection, self.name, _named(latest), sha256, exchange, shared)
        if standing is not None:
            return Synced(standing, _named(latest), exchange.exported_on)
        log.info("%s: an exchange was taken, %d findings", self.name, len(exchange.findings))
        rows = exchange.clients.height + exchange.stays.height
        return Synced("TAKEN", _named(latest), exchange.exported_on, rows, _rules(exchange.findings))

    async def _refuse(self, drop: Drop, latest: Listed, findings: tuple[Finding, ...]) -> Synced:
        await self._report(drop, latest, findings)
        rules = _rules(findings)
        log.warning("%s: an exchange was refused: %s", self.name, ", ".join(sorted(rules)))
        synced = Synced("REFUSED", _named(latest), rules=rules)
        self._refused = (latest, synced)
        return synced

    async def _report(self, drop: Drop, latest: Listed, findings: tuple[Finding, ...]) -> None:
        if not await drop.write(f"{ERRORS}{latest.name}.csv", errors_file(findings)):
            log.warning("%s: the errors file could not be written back", self.name)


def _named(archive: Listed) -> str:
    """What our log and ledger call an archive: its own name may name somebody, for an export can be of one
    client."""
    return f"{archive.changed}-{hashlib.sha256(archive.name.encode()).hexdigest()[:8]}"


def _rules(findings: tuple[Finding, ...]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for finding in findings:
        counts[finding.rule] = counts.get(finding.rule, 0) + finding.count
    return counts
