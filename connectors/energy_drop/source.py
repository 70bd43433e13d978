"""Energy assistance from landed files: `sync` pulls a drop, `fetch` answers from the tables."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.base import (
    FetchRequest,
    Found,
    NotFound,
    Outcome,
    Row,
    Subject,
    Synced,
)
from connectors.config import Config
from connectors.declared import DeclaredSource
from connectors.energy_drop import landing, mapping
from connectors.energy_drop.landing import Household
from connectors.energy_drop.layout import ERRORS, MANIFEST, TRIGGER, Payment, errors_file
from connectors.energy_drop.mapping import Batch, DropManifest
from connectors.manifest import Manifest
from connectors.sftp import Access, Drop, access, opened, visited
from hmis.errors import FailureCode, SourceFailed

log = logging.getLogger(__name__)
_SYNC_S = 300
_NIL = Decimal("0.00")


def build(manifest: Manifest, config: Config, engine: AsyncEngine) -> EnergyDrop:
    """As the registry asks for it."""
    return EnergyDrop(manifest, access(manifest.id, config), engine)


def _today() -> date:
    return datetime.now(UTC).date()


class EnergyDrop(DeclaredSource):
    """Answers are as old as the newest drop; `Found.stale` marks those older than the manifest's freshness.

    Nobody is looked up outward: people are linked to households inside the hub (`connectors.matching`).
    """

    def __init__(
        self, manifest: Manifest, access: Access, engine: AsyncEngine, today: Callable[[], date] = _today
    ) -> None:
        super().__init__(manifest, {"check", "sync"})
        utility = manifest.supplies["UtilityAssistance"]
        self._fuel = utility.fields["heatingFuel"]
        self._payment = manifest.supplies["RentalAssistance"].fields["kind"]
        self._freshness = utility.freshness or timedelta.max
        self._access = access
        self._engine = engine
        self.today = today

    async def fetch(self, request: FetchRequest) -> Mapping[str, Outcome]:
        ids = {value for subject in request.subjects for value in subject.partner_ids}
        if not ids:
            return {subject.key: NotFound() for subject in request.subjects}
        try:
            async with self._engine.connect() as connection:
                if request.noun == "RentalAssistance":
                    paid = await landing.payments(connection, self.name, ids)
                    return {one.key: self._paid(one, paid, request.fields) for one in request.subjects}
                known = await landing.households(connection, self.name, ids, request.fields)
        except SQLAlchemyError:  # its text quotes parameters, so it ends here
            raise SourceFailed(self.name, FailureCode.UNAVAILABLE, retryable=True) from None
        return {subject.key: self._outcome(subject, known, request.fields) for subject in request.subjects}

    def _paid(
        self,
        subject: Subject,
        paid: Mapping[str, list[tuple[date, Payment]]],
        fields: frozenset[str],
    ) -> Outcome:
        """Payments to every household the person was in, newest first."""
        mine = [one for value in dict.fromkeys(subject.partner_ids) for one in paid.get(value, ())]
        if not mine:
            return NotFound()
        rows = tuple(
            Row(_facts(payment, fields), f"{payment.household_id}/{payment.number}", as_of)
            for as_of, payment in sorted(mine, key=lambda one: one[1].paid_on, reverse=True)
        )
        return Found(rows, live="landing", stale=self._is_stale(mine[0][0]))

    def _is_stale(self, as_of: date) -> bool:
        return self.today() - as_of > self._freshness

    def _outcome(self, subject: Subject, known: Mapping[str, Household], fields: frozenset[str]) -> Outcome:
        """Facts of every household the person was in: somebody who moved was helped in both homes."""
        mine = [known[value] for value in dict.fromkeys(subject.partner_ids) if value in known]
        if not mine:
            return NotFound()
        current = max(mine, key=lambda household: household.last_benefit or date.min)
        values: dict[str, object] = {
            "lastBenefitDate": current.last_benefit,
            "totalBillAssistance": sum((one.bill_assistance or _NIL for one in mine), _NIL),
            "heatingFuel": current.fuel,
        }
        row = Row(
            values={name: value for name, value in values.items() if name in fields},
            reference=current.household_id,
            as_of=current.as_of,
        )
        return Found((row,), live="landing", stale=self._is_stale(current.as_of))

    async def check(self, deadline: float) -> None:
        async with opened(self.name, self._access) as drop:
            await drop.names()

    async def sync(self) -> Synced:
        try:
            async with visited(self.name, self._access, _SYNC_S) as drop:
                return await self._sync(drop)
        except SQLAlchemyError:
            raise SourceFailed(self.name, FailureCode.UNAVAILABLE, retryable=True) from None

    async def _sync(self, drop: Drop) -> Synced:
        names = await drop.names()
        triggers = sorted(name for name in names if name.startswith(TRIGGER))
        if not triggers:
            return Synced("NOTHING")
        manifest = mapping.read_drop_manifest(await drop.read(MANIFEST) or b"")
        if manifest is None:
            named = mapping.safe_name(triggers[-1].removeprefix(TRIGGER))
            return await self._refuse(drop, named, None, mapping.not_a_manifest())
        if f"{TRIGGER}{manifest.batch}" not in names:
            return Synced("NOTHING")  # the manifest is there and the partner still writes
        async with self._engine.connect() as connection:
            if standing := await landing.standing(connection, self.name, manifest):
                return Synced(standing, manifest.batch, manifest.day)
        contents = {name: await drop.read(name) for name in manifest.files}
        batch = await asyncio.to_thread(mapping.read_batch, manifest, contents, self._fuel, self._payment)
        if batch.refused:
            return await self._refuse(drop, manifest.batch, manifest, batch)
        # Before it is in force: a hub that dies in between reads the drop again and writes the same file.
        await self._report(drop, manifest.batch, batch)
        return await self._take(manifest, batch)

    async def _take(self, manifest: DropManifest, batch: Batch) -> Synced:
        async with self._engine.begin() as connection:
            await landing.lock(connection, self.name)
            if standing := await landing.standing(connection, self.name, manifest):
                return Synced(standing, manifest.batch, manifest.day)  # another process was quicker
            await landing.replace(connection, self.name, manifest, batch)
        log.info("%s: drop %s taken, %d findings", self.name, manifest.batch, len(batch.findings))
        rows = sum(map(len, (batch.members, batch.benefits, batch.payments, batch.tokens)))
        return Synced("TAKEN", manifest.batch, manifest.day, rows, batch.rules)

    async def _refuse(self, drop: Drop, named: str, manifest: DropManifest | None, batch: Batch) -> Synced:
        await self._report(drop, named, batch)
        log.warning("%s: drop %s refused: %s", self.name, named, ", ".join(sorted(batch.rules)))
        return Synced("REFUSED", named, manifest.day if manifest else None, rules=batch.rules)

    async def _report(self, drop: Drop, named: str, batch: Batch) -> None:
        if not await drop.write(f"{ERRORS}{named}.csv", errors_file(batch.findings)):
            log.warning("%s: the errors file of drop %s could not be written back", self.name, named)


def _facts(payment: Payment, fields: frozenset[str]) -> dict[str, object]:
    facts: dict[str, object] = {
        "paidOn": payment.paid_on,
        "amount": payment.amount,
        "kind": payment.kind,
        "coversFrom": payment.covers_from,
        "coversTo": payment.covers_to,
    }
    return {name: value for name, value in facts.items() if name in fields}
