"""The journal: what clients took back, in a file beside the database that no restore of it reaches.

One line of JSON for each revocation, refusal, barred guardian and form that replaced older ones: ids, times,
whose hand, and of a refusal its terms. Never a value about a person, and not the reason, which is free text.
Each line ends with a sum over the rest of it, so that a damaged one shows. The file only grows.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import logging
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from hmis.errors import InputRefused

FILE = "revocations.jsonl"
VERSION = 1
WITHIN_S = 2.0
"""How long a revocation waits for its line before it is committed without."""

log = logging.getLogger(__name__)


class Kind(StrEnum):
    """What was taken back."""

    REVOKE = "REVOKE"
    """A grant ends."""
    REFUSE = "REFUSE"
    """A grant that closes."""
    BAR = "BAR"
    """A guardian signs no more."""
    REPLACE = "REPLACE"
    """A newer form ends the older ones, where the newest counts alone."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal."""

    kind: Kind
    id: UUID
    """Of the grant that was revoked or that refuses, of the guardian, or of the newer form."""
    person: UUID
    at: datetime
    by: str
    """Subject of the token."""
    terms: Mapping[str, Any] = field(default_factory=dict)
    """Of a refusal: its row, without what may hold free text, and the agencies it names."""

    @property
    def key(self) -> tuple[Kind, UUID]:
        return self.kind, self.id

    def line(self) -> bytes:
        said: dict[str, Any] = {
            "v": VERSION,
            "kind": self.kind.value,
            "id": str(self.id),
            "person": str(self.person),
            "at": self.at.isoformat(),
            "by": self.by,
        }
        if self.terms:
            said["terms"] = self.terms
        return _json({**said, "sum": _sum(said)}) + b"\n"

    @classmethod
    def read(cls, line: bytes) -> Entry:
        """What `line` wrote; a ValueError when it is anything else."""
        try:
            said = json.loads(line)
            if said.pop("sum") != _sum(said) or said["v"] != VERSION:
                raise ValueError("not an entry")
            return cls(
                Kind(said["kind"]),
                UUID(said["id"]),
                UUID(said["person"]),
                datetime.fromisoformat(said["at"]),
                said["by"],
                said.get("terms", {}),
            )
        except (AttributeError, KeyError, TypeError) as fault:
            raise ValueError("not an entry") from fault


def _json(said: object) -> bytes:
    return json.dumps(said, separators=(",", ":")).encode()


def _sum(said: Mapping[str, Any]) -> str:
    return sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()[:16]


_HASH = re.compile(r"sha256:[0-9a-fA-F]+")
_NO_TERMS = frozenset({"id", "person_id", "recorded_at", "recorded_by", "evidence"})


def refusal(values: Mapping[str, Any], agencies: Iterable[UUID], at: datetime) -> Entry:
    """The entry of a refusal.

    Args:
        values: a row of `consent_grant`, stored or about to be.
        agencies: whom it names.
        at: when it was recorded.
    """
    terms = {name: _told(value) for name, value in values.items() if name not in _NO_TERMS}
    # Where a form is kept is free text and may name its signer; the hash of a form names nobody.
    evidence = values["evidence"]
    terms["evidence"] = evidence if evidence and _HASH.fullmatch(evidence) else None
    terms["agencies"] = sorted(map(str, agencies))
    return Entry(Kind.REFUSE, values["id"], values["person_id"], at, values["recorded_by"], terms)


def _told(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


class Journal:
    """The file. Several processes append to it: of one host, or of several where storage keeps `flock`."""

    def __init__(self, path: Path, within_s: float = WITHIN_S) -> None:
        self.path, self._within_s = path, within_s
        self._owed: list[bytes] = []
        """Not on the disk yet. The event loop adds at the end, the one thread takes from the front."""
        self._thread = ThreadPoolExecutor(1, "journal")

    @property
    def owes(self) -> bool:
        """Whether something is not on the disk yet."""
        return bool(self._owed)

    async def keep(self, *entries: Entry) -> None:
        """Append, and return when it is on the disk, or when the disk refused or took too long.

        Whether the disk takes it decides nothing: a client who says no is heard at once, and what the disk
        would not take is logged and owed, tried again with the next call, and found in the database when the
        hub starts (`auth/replaying.py`).
        """
        self._owed += [entry.line() for entry in entries]
        if not self._owed:
            return
        writing = asyncio.get_running_loop().run_in_executor(self._thread, self._write)
        try:
            async with asyncio.timeout(self._within_s):
                await asyncio.shield(writing)
        except TimeoutError:  # storage behind a network can hang for as long as it likes
            self._say("it does not answer")

    def _write(self) -> None:
        lines = list(self._owed)
        try:
            self._append(lines)
        except OSError as fault:
            self._say(fault.strerror or type(fault).__name__)
        else:
            del self._owed[: len(lines)]

    def _say(self, why: str) -> None:
        log.error(
            "%s cannot be written to (%s): %d revocations hold, and would not outlive a restore of the "
            "database. Make room for it, or let the hub write there.",
            self.path,
            why,
            len(self._owed),
        )

    def _append(self, lines: Sequence[bytes]) -> None:
        descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            size = os.fstat(descriptor).st_size
            _mend_end(descriptor, size)
            for line in lines:
                if os.write(descriptor, line) < len(line):
                    raise OSError(0, "no room for a whole line")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if size == 0:
            _sync_folder(self.path.parent)  # that there is a file must be on the disk too

    def read(self) -> list[Entry]:
        """Every entry, in the order they were written. No file = none.

        A last line that was cut off is none: its hub died before it could answer, or before it committed.

        Raises:
            InputRefused: it cannot be read, or a line is damaged; with the place and the mend.
        """
        try:
            with self.path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_SH)
                *lines, rest = file.read().split(b"\n")
        except FileNotFoundError:
            if self.path.parent.is_dir():
                return []
            raise InputRefused(
                f"The folder of the journal of revocations {self.path} is not there. Is HUB_JOURNAL right, "
                "and its storage mounted?"
            ) from None
        except OSError as fault:
            raise InputRefused(
                f"The journal of revocations {self.path} cannot be read ({fault.strerror}). "
                "Let the hub read and write it."
            ) from None
        entries = [self._entry(number, line) for number, line in enumerate(lines, 1)]
        return [*entries, *_whole(rest)]

    def _entry(self, number: int, line: bytes) -> Entry:
        try:
            return Entry.read(line)
        except ValueError:
            raise InputRefused(
                f"{self.path}, line {number}, is no entry of a journal of revocations: what a client took "
                "back may be hidden there. Put the line back from a copy, or install the version that wrote "
                "it; take it out only when somebody has looked into what it was."
            ) from None


def _mend_end(descriptor: int, size: int) -> None:
    """Let the next line begin at the beginning of a line, wherever a hub died while it wrote."""
    if size == 0 or os.pread(descriptor, 1, size - 1) == b"\n":
        return
    rest = os.pread(descriptor, size, 0).rpartition(b"\n")[2]
    if _whole(rest):
        os.write(descriptor, b"\n")
    else:
        os.ftruncate(descriptor, size - len(rest))  # of an entry that was never promised to anybody


def _whole(rest: bytes) -> list[Entry]:
    """The entry behind the last end of a line, if all of it is there but that end."""
    try:
        return [Entry.read(rest)]
    except ValueError:
        return []


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
