"""Revocations survive a restore: before a question is answered, what the journal says and the database lacks
is written again (`auth/replaying.py`), and what the database knows and the journal lacks is added to it."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from auth import audit
from auth.journal import Entry, Journal, Kind
from auth.membership import policy_in_force
from auth.replaying import Replayed, replay, unwritten
from auth.withdrawing import follow
from gateway.command import operator
from gateway.settings import Settings
from hmis import labelling
from hmis.errors import HubError, InputRefused, NotReady
from hmis.standing import state
from resolvers.withdrawing import categories

log = logging.getLogger(__name__)

COMMAND = "consent replay"
_HUB = "hub"
_WORDS = {
    Kind.REVOKE: "revocations",
    Kind.REFUSE: "refusals",
    Kind.BAR: "guardiansBarred",
    Kind.REPLACE: "formsReplaced",
}


@dataclass(frozen=True, slots=True)
class _By:
    """In whose name the audit says that something was written again."""

    subject: str
    application: str


class Replay:
    """The gate of one hub: shut until the journal is in force in the database."""

    def __init__(self, writer: AsyncEngine, journal: Journal) -> None:
        self._writer, self._journal = writer, journal
        self._one_at_a_time = asyncio.Lock()
        self.is_done = False

    async def begin(self, today: date) -> None:
        """At the start of the process. A database that is not ready yet is tried again by `ensure`.

        Raises:
            InputRefused: the journal cannot be relied on.
        """
        try:
            await self._once(today)
        except InputRefused:
            raise
        except (HubError, SQLAlchemyError, OSError) as fault:
            log.warning("the journal of revocations waits for the database: %s", type(fault).__name__)

    async def ensure(self, today: date) -> None:
        """Return when every revocation is in force.

        Raises:
            NotReady: they are not; nothing may be answered.
        """
        if self.is_done:
            return
        try:
            await self._once(today)
        except InputRefused as fault:
            log.error("%s", fault)
            raise NotReady("Revocations wait to be replayed; the hub's log says what for.") from fault

    async def _once(self, today: date) -> None:
        async with self._one_at_a_time:
            if self.is_done:
                return
            found = await in_force(self._writer, self._journal, _By(_HUB, "hmis-hub"), today)
            await labelling.catch_up(self._writer)
            if found.written:
                log.warning("after a restore %d revocations were written again", len(found.written))
            for entry in _lost(found):
                log.warning("a refusal cannot be written again: grant=%s client=%s", entry.id, entry.person)
            self.is_done = True


async def in_force(writer: AsyncEngine, journal: Journal, by: _By, today: date) -> Replayed:
    """Both ways: the journal's entries into the database, the database's into the journal.

    Raises:
        InputRefused: the journal cannot be relied on.
        NotReady: the database has not the tables of this version.
    """
    entries = await asyncio.to_thread(journal.read)
    found = await _into(writer, entries, by, today)
    async with writer.connect() as connection:
        await journal.keep(*await unwritten(connection, entries))
    return found


async def _into(writer: AsyncEngine, entries: Iterable[Entry], by: _By, today: date) -> Replayed:
    if await state(writer) != "current":
        raise NotReady("The database has not the tables of this version. Run `hmis-hub migrate`.")
    async with writer.begin() as connection:
        found = await replay(connection, entries)
        # What the restored database holds of partners is from before, too.
        policy, partners = await policy_in_force(connection), categories()
        for someone in sorted({entry.person for entry in found.written}):
            await follow(connection, someone, partners, policy, today)
    if found.written:
        trail = audit.Trail(about_people=True)
        for entry in found.written:
            trail.of(entry.person)
        digest = hashlib.sha256(COMMAND.encode()).hexdigest()
        await audit.write(
            writer,
            audit.Operation(str(uuid4()), COMMAND, digest, today),
            trail,
            subject=by.subject,
            application=by.application,
            viewer=None,
            outcome="ANSWERED",
        )
    return found


async def command(writer: AsyncEngine, settings: Settings, file: Path | None, today: date) -> Replayed:
    """`hmis-hub consent replay`: the hub's own journal, as at its start, or that of another host.

    Raises:
        InputRefused: there is no such file, or it cannot be relied on.
    """
    by = _By(operator(), "hmis-hub-cli")
    if file is None:
        await asyncio.to_thread(settings.home.mkdir, parents=True, exist_ok=True)
        return await in_force(writer, Journal(settings.journal_file), by, today)
    return await _into(writer, await asyncio.to_thread(_read, file), by, today)


def _read(file: Path) -> list[Entry]:
    if not file.is_file():
        raise InputRefused(f"There is no journal {file}.")
    return Journal(file).read()


def as_dict(found: Replayed) -> dict[str, Any]:
    """The report for programs."""
    return {
        "entries": found.entries,
        "written": {
            word: sum(entry.kind is kind for entry in found.written) for kind, word in _WORDS.items()
        },
        "inPlace": found.in_place,
        "absent": [
            {"kind": entry.kind.value, "id": str(entry.id), "client": str(entry.person)}
            for entry in found.absent
        ],
    }


def in_words(found: Replayed) -> list[str]:
    """The report for people. Of what is absent, refusals matter: nothing keeps them any more."""
    return [
        f"{found.entries} entries: {len(found.written)} written again, {found.in_place} in place, "
        f"{len(found.absent)} of what this database does not have.",
        *(
            f"Refusal {entry.id} of client {entry.person} has nothing to stand on here: record it again."
            for entry in _lost(found)
        ),
    ]


def _lost(found: Replayed) -> list[Entry]:
    return [entry for entry in found.absent if entry.kind is Kind.REFUSE]
