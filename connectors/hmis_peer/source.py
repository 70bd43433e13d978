"""A peer as a source: out of the exchange it lays out (`PeerFiles`), or by HUD's draft API (`PeerApi`)."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.base import (
    Acceptance,
    Capability,
    Failed,
    FetchRequest,
    Found,
    Labelled,
    Match,
    NotFound,
    Outcome,
    Person,
    Row,
    Source,
    Subject,
    Synced,
)
from connectors.config import Config
from connectors.hmis_peer import landing, mapping
from connectors.hmis_peer.client import HudApi
from connectors.hmis_peer.exchange import Exchange, errors_file, read_exchange
from connectors.http import Http, signer
from connectors.manifest import Manifest
from connectors.mapping import Unreadable
from connectors.sftp import Access, Drop, Listed, access, opened
from hmis import labels
from hmis.errors import ArchiveRefused, FailureCode, InputRefused, SourceFailed
from hmis.findings import Finding
from hmis.labels import Label

log = logging.getLogger(__name__)

NOUN = "PeerEnrollment"
MODES = ("csv", "api")
ERRORS = "ERRORS-"
ARCHIVE_CAP = 4 << 30
"""Bytes of a zip. A large city's export packs to about 500 MB."""
_SYNC_S = 3_600
_EXPORT_S = 60.0


def _today() -> date:
    return datetime.now(UTC).date()


def build(manifest: Manifest, config: Config, engine: AsyncEngine) -> Peer:
    """As the registry asks for it."""
    mode = config.text("mode")
    needed = {"csv": ("host", "user", "known_hosts"), "api": ("base_url", "basic_credentials")}
    if mode not in MODES:
        raise InputRefused(f"Connector {manifest.id}: config.mode must be {' or '.join(MODES)}.")
    lacking = [f"config.{name}" for name in needed[mode] if name not in config.values]
    if lacking:
        raise InputRefused(f"Connector {manifest.id}: set {', '.join(lacking)}.")
    implementation = config.text("implementation") if "implementation" in config.values else None
    if mode == "csv":
        return PeerFiles(manifest, access(manifest.id, config), engine, implementation)
    http, patient = (
        Http(manifest.id, config.text("base_url"), limits, signer(manifest.auth, config))
        for limits in (manifest.limits, replace(manifest.limits, timeout_s=_EXPORT_S))
    )
    return PeerApi(manifest, HudApi(manifest.id, http, patient), engine, implementation)


class Peer(Source):
    """What both ways have in common.

    implementation: the HMIS database (Export.ImplementationID) whose PersonalIDs this peer and one of our own
    sources are agreed to share; None = none. It takes the operator's word, not the export's alone, for
    vendors number their databases.
    """

    def __init__(
        self, manifest: Manifest, engine: AsyncEngine, implementation: str | None, today: Callable[[], date]
    ) -> None:
        self.name = manifest.id
        self.title = manifest.name
        self.offers = manifest.offers
        self.version = manifest.version
        self.limits = manifest.limits
        self.discloses = frozenset()
        self.acceptance = Acceptance()
        self.capabilities: frozenset[Capability] = frozenset({"check", "sync"})
        self.today = today
        self._engine = engine
        self._implementation = implementation
        self._freshness = manifest.supplies[NOUN].freshness or timedelta.max

    def _row(
        self, personal_id: str, values: Mapping[str, object], fields: frozenset[str], day: date, told: int
    ) -> Row:
        """A row with nothing in it but what was asked.

        Referred to by the client's id: systems count their stays, so the id of a stay would tell of others
        that are not shown.
        """
        kept = {name: values[name] for name in fields}
        destination = kept.get("destination")
        if label := labels.of_value("Exit", "destination", destination):
            kept["destination"] = Labelled(destination, labels.names(label))
        return Row(kept, personal_id, day, labels.names(Label(told)))


class PeerFiles(Peer):
    """Answers out of the newest exchange. Nobody is looked up outward: people are linked inside the hub."""

    def __init__(
        self,
        manifest: Manifest,
        way_in: Access,
        engine: AsyncEngine,
        implementation: str | None = None,
        today: Callable[[], date] = _today,
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
        try:
            async with asyncio.timeout(_SYNC_S), opened(self.name, self._access) as drop:
                return await self._sync(drop)
        except TimeoutError:
            raise SourceFailed(self.name, FailureCode.TIMEOUT, retryable=True) from None

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


class PeerApi(Peer):
    """Asks while somebody waits. `sync` learns, once a day, which of the peer's projects may be named."""

    def __init__(
        self,
        manifest: Manifest,
        api: HudApi,
        engine: AsyncEngine,
        implementation: str | None = None,
        today: Callable[[], date] = _today,
    ) -> None:
        super().__init__(manifest, engine, implementation, today)
        assert manifest.matching is not None
        self.discloses = manifest.matching.discloses
        self.acceptance = manifest.matching.acceptance
        self.capabilities = frozenset({"find", "check", "sync"})
        # One address a client: that is a call for each of them.
        self.limits = replace(manifest.limits, batch_max=1)
        offer = manifest.offers[NOUN]
        self.offers = {NOUN: replace(offer, fields=offer.fields - {"destination"})}  # the draft lacks it
        self._api = api

    async def fetch(self, request: FetchRequest) -> Mapping[str, Outcome]:
        ids = list(dict.fromkeys(value for one in request.subjects for value in one.partner_ids))
        if not ids:
            return {subject.key: NotFound() for subject in request.subjects}
        await self._fresh_directory()
        answers = await asyncio.gather(*(self._stays(value, request.deadline) for value in ids))
        told = dict(zip(ids, answers, strict=True))
        at = {stay.project_id for stays in answers if not isinstance(stays, Failed) for stay in stays}
        try:
            async with self._engine.connect() as connection:
                named = await landing.projects(connection, self.name, at)
        except SQLAlchemyError:
            raise SourceFailed(self.name, FailureCode.UNAVAILABLE, retryable=True) from None
        return {one.key: self._outcome(one, told, named, request.fields) for one in request.subjects}

    async def _fresh_directory(self) -> None:
        """Nobody is asked about while it is not known which projects may be named: the answer could not be
        shown, and a project may have become a shelter for survivors meanwhile."""
        async with landing.transaction(self.name, self._engine) as connection:
            day = await landing.newest(connection, self.name)
        if day is None or self.today() - day > self._freshness:
            raise SourceFailed(self.name, FailureCode.UNAVAILABLE, retryable=True)

    async def _stays(self, personal_id: str, deadline: float) -> list[mapping.ApiStay] | Failed:
        """One client's stays. What goes wrong with one costs that one alone."""
        try:
            return mapping.stays(await self._api.stays(personal_id, deadline), personal_id)
        except Unreadable:
            return Failed(FailureCode.BAD_DATA)
        except SourceFailed as fault:
            return Failed(fault.code, fault.retryable)

    def _outcome(
        self,
        subject: Subject,
        told: Mapping[str, list[mapping.ApiStay] | Failed],
        named: Mapping[str, Mapping[str, object]],
        fields: frozenset[str],
    ) -> Outcome:
        rows: list[Row] = []
        for value in dict.fromkeys(subject.partner_ids):
            stays = told[value]
            if isinstance(stays, Failed):
                return stays
            rows += [
                self._api_row(value, stay, project, fields)
                for stay in stays
                if (project := named.get(stay.project_id)) is not None
            ]
        return Found(tuple(rows), "live") if rows else NotFound()

    def _api_row(
        self, value: str, stay: mapping.ApiStay, project: Mapping[str, object], fields: frozenset[str]
    ) -> Row:
        values = {
            "projectName": project["project_name"],
            "projectType": project["project_type"],
            "organizationName": project["organization_name"],
            "coc": stay.coc_code or project["coc_code"],
            "entryDate": stay.entry_date,
            "exitDate": stay.exit_date,
        }
        told = project["labels"]
        assert isinstance(told, int)
        return self._row(value, values, fields, self.today(), told)

    async def find(self, subject: Subject, deadline: float) -> list[Match]:
        person = subject.person or Person()
        if None in (person.first_name, person.last_name, person.dob):
            return []  # half a person finds the wrong one
        try:
            return mapping.matches(await self._api.search(person, deadline), person)
        except Unreadable:
            raise SourceFailed(self.name, FailureCode.BAD_DATA) from None

    async def check(self, deadline: float) -> None:
        await self._api.check(deadline)

    async def sync(self) -> Synced:
        today = self.today()
        async with landing.transaction(self.name, self._engine) as connection:
            if await landing.newest(connection, self.name) == today:
                return Synced("UNCHANGED", as_of=today)
        deadline = asyncio.get_running_loop().time() + _EXPORT_S
        try:
            found = mapping.projects(await self._api.projects(today, deadline))
        except Unreadable:
            raise SourceFailed(self.name, FailureCode.BAD_DATA) from None
        projects = sorted(found.projects.values(), key=lambda one: one.project_id)
        sha256 = hashlib.sha256(f"{today}{projects!r}".encode()).hexdigest()
        async with landing.transaction(self.name, self._engine) as connection:
            standing = await landing.take_directory(
                connection, self.name, today, sha256, projects, self._implementation
            )
        return Synced(standing or "TAKEN", as_of=today, rows=0 if standing else len(projects))

    async def aclose(self) -> None:
        await self._api.aclose()
