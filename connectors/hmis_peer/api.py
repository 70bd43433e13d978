"""A peer asked by HUD's draft API while somebody waits; `sync` learns which of its projects may be named."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.base import (
    Failed,
    FetchRequest,
    Found,
    Match,
    NotFound,
    Outcome,
    Person,
    Row,
    Subject,
    Synced,
)
from connectors.hmis_peer import landing, mapping
from connectors.hmis_peer.client import HudApi
from connectors.hmis_peer.peer import NOUN, Peer, today
from connectors.manifest import Manifest
from connectors.mapping import Unreadable
from hmis.errors import FailureCode, SourceFailed

EXPORT_S = 60.0
"""For an export, which nobody waits for."""


class PeerApi(Peer):
    """Asks while somebody waits. `sync` learns, once a day, which of the peer's projects may be named."""

    def __init__(
        self,
        manifest: Manifest,
        api: HudApi,
        engine: AsyncEngine,
        implementation: str | None = None,
        today: Callable[[], date] = today,
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
        day = self.today()
        async with landing.transaction(self.name, self._engine) as connection:
            if await landing.newest(connection, self.name) == day:
                return Synced("UNCHANGED", as_of=day)
        deadline = asyncio.get_running_loop().time() + EXPORT_S
        try:
            found = mapping.projects(await self._api.projects(day, deadline))
        except Unreadable:
            raise SourceFailed(self.name, FailureCode.BAD_DATA) from None
        projects = sorted(found.projects.values(), key=lambda one: one.project_id)
        sha256 = hashlib.sha256(f"{day}{projects!r}".encode()).hexdigest()
        async with landing.transaction(self.name, self._engine) as connection:
            standing = await landing.take_directory(
                connection, self.name, day, sha256, projects, self._implementation
            )
        return Synced(standing or "TAKEN", as_of=day, rows=0 if standing else len(projects))

    async def aclose(self) -> None:
        await self._api.aclose()
