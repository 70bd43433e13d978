"""Imports: which export came when, what it changed, and what was found wrong in it."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

import strawberry

from hmis.findings import Severity
from resolvers import imports
from resolvers.imports import State
from schema.fields import Info, argument, public


def _rows(name: str) -> Any:
    return lambda root: root[1][name]


@strawberry.type(description="Rows of one file of an export, or of all of them")
class ImportCounts:
    file: str = public("HUD's name of the file; empty = all of them", lambda root: root[0])
    read: int = public("That the export has", _rows("read"))
    added: int = public("That the hub did not have", _rows("added"))
    changed: int = public("That differed", _rows("changed"))
    deleted: int = public("Marked as removed: deleted, or absent from a full refresh", _rows("deleted"))
    restored: int = public("Removed before, and live again", _rows("restored"))
    left_out: int = public("That could not be taken", _rows("left_out"))
    unchanged: int = public("That the hub had already", _rows("unchanged"))


@strawberry.type(description="One rule broken in one column of one file, however often. Never a value")
class ImportFinding:
    rule: str = public("Its stable name, as in docs/import.md", column="rule")
    severity: Severity = public("How bad it is", lambda root: root.severity)
    effect: str = public("What became of what broke it", lambda root: root.effect)
    message: str = public("What is wrong", column="message")
    mend: str = public("What to do about it", lambda root: root.mend)
    file: str = public("HUD's name of the file; empty = the archive itself", column="file")
    column: str | None = public("HUD's name of the column; null = the whole row or file", column="column")
    line: int | None = public("The first line, as an editor counts; null = the whole file", column="line")
    lines: list[int] = public("The first lines, twenty at most", column="lines")
    count: int = public("How many times", column="count")


@strawberry.type(description="What is found how often")
class ImportTally:
    name: str = public("A file, or a rule", lambda root: root[0])
    count: int = public("How many times", lambda root: root[1])


def _seconds(root: strawberry.Parent[Any], info: Info) -> float | None:
    return imports.seconds(root, info.context.now)


def _findings(
    root: strawberry.Parent[Any],
    severity: Annotated[Severity | None, argument("Only of this severity")] = None,
    file: Annotated[str | None, argument("Only of this file, as HUD calls it")] = None,
    rule: Annotated[str | None, argument("Only of this rule")] = None,
) -> Any:
    return root.findings(severity, file, rule)


@strawberry.type(description="One import of an HMIS CSV export: of files, and of nobody")
class ImportRun:
    id: strawberry.ID = public("What it is asked for by", column="id")
    source: str = public("The system the export is of", column="source")
    state: State = public("What became of it", lambda root: root.state)
    started_at: datetime.datetime = public("When it began", column="started_at")
    finished_at: datetime.datetime | None = public(
        "When it ended; null = it runs, or was killed", column="finished_at"
    )
    seconds: float | None = public("How long it took, or has taken so far", _seconds)
    version: str | None = public(
        "HUD's format of the export: FY2026; null = it came to nothing, or runs",
        lambda root: f"FY{root.report['version']}" if root.report else None,
    )
    fingerprint: str | None = public(
        "SHA-256 of what the export holds; null as for `version`", column="archive_sha256"
    )
    stage: str | None = public(
        "Of one that runs: the file it is at, or `people`",
        lambda root: root.values["stage"] or None if root.is_running else None,
    )
    bytes_done: float = public("Of one that runs: bytes that were read", column="bytes_done")
    bytes_total: float = public("Bytes there are; 0 = not known", column="bytes_total")
    totals: ImportCounts | None = public(
        "All files together; null = nothing was changed, or not yet",
        lambda root: ("", root.totals) if root.totals else None,
    )
    files: list[ImportCounts] = public("File by file", lambda root: root.files, size=24)
    people: int = public("People who began with it", lambda root: root.report.get("people", 0))
    links_made: int = public(
        "Records found to be those of a person who was known by another",
        lambda root: root.report.get("links_made", 0),
    )
    errors: int = public(
        "How often data were refused, left out or set aside", lambda root: root.count(Severity.ERROR)
    )
    warnings: int = public("How often data were kept, and wrong", lambda root: root.count(Severity.WARNING))
    infos: int = public("How often something was worth knowing", lambda root: root.count(Severity.INFO))
    findings: list[ImportFinding] = public("What was found, worst first", _findings, size=100)
    files_found: list[ImportTally] = public(
        "Files in which something was found", lambda root: root.broken("file"), size=25
    )
    rules_found: list[ImportTally] = public(
        "Rules that were broken", lambda root: root.broken("rule"), size=25
    )


async def newest(
    info: Info,
    source: Annotated[str | None, argument("Only of this source system")] = None,
    latest: Annotated[bool, argument("Of each source only the last one")] = False,
    first: Annotated[int, argument("How many, 1 to 100")] = 25,
    after: Annotated[str | None, argument("`endCursor` of the page before")] = None,
) -> Any:
    return await imports.newest(info.context, source, latest, first, after)


async def one(info: Info, id: Annotated[strawberry.ID, argument("Id of the import")]) -> Any:
    return await imports.one(info.context, id)
