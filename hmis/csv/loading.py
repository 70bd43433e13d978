"""Importing an HMIS archive: one transaction from the first row to the last link.

Whatever ends it before its commit (a refusal, kill -9, a full disk) leaves the database as it was.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

import asyncpg  # type: ignore[import-untyped]  # it has no types
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from hmis import labelling
from hmis.bulk import BULK_SETTINGS, BulkConnection, bulk
from hmis.csv import crossfile
from hmis.csv.absence import Absence
from hmis.csv.archive import Archive, Limits
from hmis.csv.checking import Checked, Checker
from hmis.csv.merging import merge
from hmis.csv.plan import Plan, plan
from hmis.csv.reading import CsvFile
from hmis.csv.report import Counts, Report, total
from hmis.csv.rules import Findings
from hmis.csv.staging import Run, Stage
from hmis.errors import NotReady
from hmis.identity.links import Links, link
from hmis.spec import FILES

Progress = Callable[[str, int, int], None]
"""Called with the file (or `people`, `done`), the bytes read and the bytes there are."""


async def import_archive(
    engine: AsyncEngine,
    path: Path,
    source: str,
    *,
    now: datetime,
    progress: Progress | None = None,
    limits: Limits | None = None,
    attempt: UUID | None = None,
) -> Report:
    """Bring what is stored of `source` to what the archive at `path` says, and link its people.

    Idempotent: the same archive again changes nothing but adds a row to `import_run`. Two imports of one
    source wait for each other.

    attempt: the row of `import_attempt` that this one ends (`hmis/csv/watching.py`).

    Raises:
        ArchiveRefused: the archive has structural faults; they are listed and nothing was changed.
        InputRefused: there is nothing at `path` or it may not be read.
        NotReady: the database gave up (full disk, lost connection); nothing was changed.
    """
    findings = Findings()
    with Archive(path, limits or Limits(), findings) as archive:
        found = await asyncio.to_thread(plan, archive, now.date(), findings)
        try:
            async with engine.connect() as connection:
                driver = await bulk(connection)
                async with driver.transaction():
                    importing = _Import(driver, archive, found, findings, progress or _silent)
                    report = await importing.run(source, now)
                    if attempt is not None:
                        await driver.execute("delete from import_attempt where id = $1", attempt)
                    return report
        except (DBAPIError, asyncpg.PostgresError, asyncpg.InterfaceError, ConnectionError) as fault:
            # Without its cause: PostgreSQL's own words may hold the value it stumbled over.
            raise _database_failed(fault) from None


def _database_failed(fault: Exception) -> NotReady:
    if isinstance(fault, asyncpg.InsufficientResourcesError):
        return NotReady(
            "The database is out of disk or memory; nothing was changed. Make room and import again."
        )
    code = getattr(fault, "sqlstate", None) or type(fault).__name__
    where = f" in {table}" if (table := getattr(fault, "table_name", None)) else ""
    return NotReady(f"The database gave up ({code}{where}); nothing was changed. Its log says more.")


def _silent(_file: str, _done: int, _total: int) -> None:
    """Nobody watches."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """Some checked rows of a file, or its end."""

    file: str
    checked: Checked | None
    read: int = 0
    """At the end: rows of the file, with those left out."""
    left_out: int = 0


class _Import:
    """One import, inside its transaction."""

    def __init__(
        self,
        connection: BulkConnection,
        archive: Archive,
        plan: Plan,
        findings: Findings,
        progress: Progress,
    ) -> None:
        self._connection = connection
        self._archive = archive
        self._plan = plan
        self._findings = findings
        self._progress = progress
        self._stages: dict[str, Stage] = {}
        self._counts: dict[str, Counts] = {}
        self._bytes_done = 0

    async def run(self, source: str, now: datetime) -> Report:
        await self._connection.execute(BULK_SETTINGS)
        run = await self._begin(source, now)
        await self._load(run)
        self._findings.refuse_if_faulty()
        if self._plan.full_refresh_of is not None:
            period = self._plan.full_refresh_of
            await Absence(self._connection, run, period, self._stages, self._counts, self._findings).apply()
        if self._changed():
            await labelling.renew(self._connection, run.source_id)
        self._progress("people", self._bytes_done, self._bytes_done)
        links = await self._link(run)
        if links.kept_apart:
            self._findings.add("consents-apart", "Client", count=links.kept_apart)
        if links.too_common:
            self._findings.add("facts-shared", "Client", count=links.too_common)
        if self._changed():
            await self._analyze()
        report = await self._record(run, source, links)
        self._progress("done", self._bytes_done, self._bytes_done)
        return report

    async def _begin(self, source: str, now: datetime) -> Run:
        """Wait for our turn, and take a number."""
        await self._connection.execute(
            "select pg_advisory_xact_lock(hashtextextended('import ' || $1, 0))", source
        )
        await self._connection.execute(
            "insert into source (name) values ($1) on conflict (name) do nothing", source
        )
        source_id = await self._connection.fetchval("select id from source where name = $1", source)
        import_id = await self._connection.fetchval(
            "select nextval(pg_get_serial_sequence('import_run', 'id'))"
        )
        return Run(source_id, import_id, now)

    async def _load(self, run: Run) -> None:
        """Store and merge file after file, while the next rows are read and checked in a thread."""
        pieces = self._pieces()
        ahead = asyncio.create_task(asyncio.to_thread(next, pieces, None))
        try:
            while (piece := await ahead) is not None:
                ahead = asyncio.create_task(asyncio.to_thread(next, pieces, None))
                await self._take(piece, run)
                self._progress(piece.file, self._bytes_done, self._archive.declared_bytes)
        finally:
            # The archive is closed next; nobody may be reading it then.
            await asyncio.gather(ahead, return_exceptions=True)

    async def _take(self, piece: _Piece, run: Run) -> None:
        stage = self._stages.get(piece.file)
        if stage is None:
            stage = self._stages[piece.file] = Stage(piece.file)
            await stage.create(self._connection)
        if piece.checked is not None:
            await stage.copy(self._connection, piece.checked)
            return
        counts = self._counts[piece.file] = Counts(read=piece.read, left_out=piece.left_out)
        stage.unreadable = piece.left_out
        if not stage.rows:
            return
        counts.left_out += await stage.settle_doubles(self._connection, self._findings)
        if self._findings.faults():
            # Refused in any case; the other files are still looked over for keys that stand twice.
            return
        counts.left_out += await stage.leave_out_orphans(self._connection, run, self._findings)
        await merge(self._connection, stage, run, counts)
        counts.unchanged = counts.read - counts.left_out - counts.touched
        await crossfile.check(self._connection, stage, run, self._findings)

    def _pieces(self) -> Iterator[_Piece]:
        """The rows of every file, checked, parents before children. Runs in a thread."""
        before = 0
        for file, header in self._plan.headers.items():
            reader = CsvFile(self._archive.read(file, self._findings), file, self._findings)
            checker = Checker(file, header, self._plan.facts, self._findings)
            rows = 0
            for frame in reader.frames():
                rows += frame.height
                checked = checker.check(frame)
                self._bytes_done = before + reader.bytes_done
                yield _Piece(file, checked)
            before = self._bytes_done = before + reader.bytes_done
            yield _Piece(file, None, rows + reader.left_out, reader.left_out + checker.left_out)

    def _changed(self) -> bool:
        """Whether any row was added, changed or removed."""
        return any(counts.touched for counts in self._counts.values())

    async def _analyze(self) -> None:
        """Tell PostgreSQL what it holds now: with the statistics of before, reads after a first import would
        be planned for empty tables until autovacuum comes by."""
        touched = [FILES[file].table for file, counts in self._counts.items() if counts.touched]
        beside = ("person", "client_link", "project_label", "client_label", "client_owner")
        await self._connection.execute(f"analyze {', '.join((*touched, *beside))}")

    async def _link(self, run: Run) -> Links:
        if not self._changed():
            return Links()
        hashed = self._plan.facts.hashed
        return await link(self._connection, run.source_id, run.import_id, run.now, hashed=hashed)

    async def _record(self, run: Run, source: str, links: Links) -> Report:
        report = Report(
            source=source,
            import_id=run.import_id,
            version=self._plan.version,
            archive_sha256=self._archive.sha256,
            files=self._counts,
            findings=self._findings.all,
            people=links.people,
            links_made=links.made,
            totals=total(self._counts),
        )
        await self._connection.execute(
            """insert into import_run (id, source_id, archive_sha256, started_at, finished_at, report)
               values ($1, $2, $3, $4, $4::timestamptz + (clock_timestamp() - transaction_timestamp()),
                       $5::text::jsonb)""",
            run.import_id,
            run.source_id,
            report.archive_sha256,
            run.now,
            report.to_json(),
        )
        return report
