"""Everywhere a word could come out of the hub: answers, logs, the audit, files, the database's own log."""

from __future__ import annotations

import base64
import binascii
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from hmis.tables.metadata import metadata
from tests.journeys.canaries import WORD, Planted, is_audit

_LONG = re.compile(r"[A-Za-z0-9_-]{16,}")


class Scanning(logging.Handler):
    """Hears every record and keeps the lines with a word in them."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(logging.Formatter("%(name)s %(message)s"))
        self.names: set[str] = set()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.names.add(record.name)
        line = f"{self.format(record)} {record.args}"
        if WORD.search(line):
            self.lines.append(line)


@contextmanager
def scanning() -> Iterator[Scanning]:
    """Every logger there is, at its loudest, heard by this handler and by no other."""
    handler, others = Scanning(), list(logging.root.handlers)
    known = [one for one in logging.root.manager.loggerDict.values() if isinstance(one, logging.Logger)]
    before = [(one, one.level, one.disabled) for one in (logging.root, *known)]
    for one, _, _ in before:
        one.setLevel(logging.DEBUG)
        one.disabled = False
    logging.root.handlers = [handler]
    try:
        yield handler
    finally:
        logging.root.handlers = others
        for one, level, disabled in before:
            one.setLevel(level)
            one.disabled = disabled


@dataclass
class Ears:
    """What was heard of the hub that the caller may not hear."""

    planted: Planted
    heard: list[str] = field(default_factory=list)
    answers: int = 0
    statuses: set[int] = field(default_factory=set)

    def listen(self, hidden: set[str], response: httpx.Response, question: object) -> None:
        """An answer and its headers, cursors read as what they are made of."""
        self.answers += 1
        self.statuses.add(response.status_code)
        told = f"{response.status_code} {response.headers!r} {response.text}"
        if words := self.planted.spoken(told + decoded(told), hidden):
            self.heard.append(f"{words} was told to\n{question}"[:1500])


def decoded(told: str) -> str:
    """What stands in long words that are base64."""
    found = []
    for word in _LONG.findall(told):
        try:
            found.append(base64.urlsafe_b64decode(word + "=" * (-len(word) % 4)).decode("ascii"))
        except (binascii.Error, ValueError):
            continue
    return " ".join(found)


async def audited(engine: AsyncEngine) -> str:
    """Every column of every row of the audit, as text."""
    found = []
    async with engine.connect() as connection:
        for table in metadata.sorted_tables:
            if is_audit(table):
                found += (await connection.scalars(text(f'select one::text from "{table.name}" one'))).all()
    return "\n".join(found)


def written(folder: Path) -> str:
    """All files below a folder, their names too."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return "\n".join(f"{path} {path.read_text('utf-8', 'replace')}" for path in files)


@dataclass(frozen=True)
class ServersLog:
    """What PostgreSQL writes from now on; of another machine's server nothing can be read."""

    path: Path
    begin: int

    @classmethod
    async def of(cls, engine: AsyncEngine) -> ServersLog:
        async with engine.connect() as connection:
            path = Path(str(await connection.scalar(text("show data_directory")))) / "log"
        return cls(path, path.stat().st_size if path.is_file() else 0)

    def since(self) -> str:
        if not self.path.is_file():
            return ""
        return self.path.read_bytes()[self.begin :].decode("utf-8", "replace")
