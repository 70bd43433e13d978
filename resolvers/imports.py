"""Imports: which export came when, what it changed and what was found in it. For those who run the hub.

It is told of files and lines, and of nobody: a finding holds no value (`hmis/findings.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    CompoundSelect,
    DateTime,
    Integer,
    Select,
    Text,
    and_,
    bindparam,
    case,
    cast,
    false,
    func,
    literal,
    null,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import JSONB

from hmis.csv.rules import RULES
from hmis.findings import Severity
from hmis.tables import import_attempt, import_run, source
from resolvers import pages
from resolvers.request import Request
from resolvers.rows import EMPTY_PAGE, Edge, Page
from resolvers.sources import OPERATORS

_SILENT_S = 60
"""One that has not said for so long that it runs was killed: it says so every second."""
_MOST_FINDINGS = 1_000


class State(StrEnum):
    """What became of an import."""

    RUNNING = "RUNNING"
    DONE = "DONE"
    REFUSED = "REFUSED"
    FAILED = "FAILED"
    BROKEN_OFF = "BROKEN_OFF"


Counts = Mapping[str, int]
"""Rows: read, added, changed, deleted, restored, left_out, unchanged."""


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One rule broken in one column of one file, with what mends it."""

    values: Mapping[str, Any]

    @property
    def severity(self) -> Severity:
        return Severity(self.values["severity"])

    @property
    def effect(self) -> str:
        """What became of what broke it; a rule that is no longer known says nothing."""
        rule = RULES.get(self.values["rule"])
        return rule.effect if rule else ""

    @property
    def mend(self) -> str:
        """What to do, in the words of the format and never of a row."""
        rule = RULES.get(self.values["rule"])
        # What a rule names in braces stands in its message.
        return rule.mend.replace("{parent}", "parent") if rule else ""


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One import. values: of `_all`."""

    values: Mapping[Any, Any]

    @property
    def state(self) -> State:
        return State(self.values["state"])

    @property
    def is_running(self) -> bool:
        return self.state is State.RUNNING

    @property
    def report(self) -> Mapping[str, Any]:
        """As `hmis.csv.report.Report` wrote it; empty where the import came to nothing or runs."""
        return self.values["report"] or {}

    @property
    def totals(self) -> Counts | None:
        return self.report.get("totals")

    @property
    def files(self) -> list[tuple[str, Counts]]:
        """In HUD's order, as they were read."""
        return list(self.report.get("files", {}).items())

    @property
    def _findings(self) -> list[FindingRow]:
        return [FindingRow(one) for one in self.report.get("findings", self.values["findings"] or ())]

    def count(self, severity: Severity) -> int:
        """How many times rules of a severity were broken."""
        return sum(one.values["count"] for one in self._findings if one.severity is severity)

    def findings(self, severity: Severity | None, file: str | None, rule: str | None) -> list[FindingRow]:
        """Those that were asked for, worst first."""
        found = [
            one
            for one in self._findings
            if severity in (None, one.severity)
            and file in (None, one.values["file"])
            and rule in (None, one.values["rule"])
        ]
        return found[:_MOST_FINDINGS]

    def broken(self, what: str) -> list[tuple[str, int]]:
        """The files, or the rules, of its findings by name, with how often."""
        counts: Counter[str] = Counter()
        for one in self._findings:
            counts[one.values[what]] += one.values["count"]
        return sorted(counts.items())


async def newest(
    request: Request, source_name: str | None, latest: bool, first: int, after: str | None
) -> Page[ImportRow]:
    """Imports, newest first; nothing for those who do not run the hub.

    latest: of each source only the last one.
    """
    size, start = pages.page_size(first), pages.after_moment_and_key(after)
    if request.viewer is None or request.viewer.role not in OPERATORS:
        return EMPTY_PAGE
    moment, key = start or (None, None)
    given = {"source_name": source_name, "latest": latest, "moment": moment, "key": key, "most": size + 1}
    rows = await request.fetch(_page(), given)
    edges = tuple(
        Edge(ImportRow(row), pages.encode(row["started_at"].isoformat(), row["id"])) for row in rows[:size]
    )
    return Page(edges, has_next=len(rows) > size, has_previous=after is not None)


async def one(request: Request, identifier: str) -> ImportRow | None:
    """One import; None where there is none, and for those who do not run the hub."""
    if request.viewer is None or request.viewer.role not in OPERATORS:
        return None
    rows: Sequence[Any] = await request.fetch(_one(), {"identifier": identifier})
    return ImportRow(rows[0]) if rows else None


def _all() -> CompoundSelect[Any]:
    """What came to something, what came to nothing, and what runs."""
    tried, run = import_attempt.c, import_run.c
    silent: ColumnElement[bool] = and_(
        tried.state == State.RUNNING.value,
        tried.seen_at < func.clock_timestamp() - func.make_interval(0, 0, 0, 0, 0, 0, _SILENT_S),
    )
    return (
        select(
            cast(run.id, Text).label("id"),
            source.c.name.label("source"),
            literal(State.DONE.value, Text).label("state"),
            run.started_at,
            run.finished_at,
            run.archive_sha256,
            literal("", Text).label("stage"),
            literal(0, BigInteger).label("bytes_done"),
            literal(0, BigInteger).label("bytes_total"),
            run.report,
            cast(null(), JSONB).label("findings"),
        )
        .select_from(import_run.join(source, source.c.id == run.source_id))
        .union_all(
            select(
                cast(tried.id, Text),
                tried.source_name,
                case((silent, State.BROKEN_OFF.value), else_=tried.state),
                tried.started_at,
                tried.ended_at,
                cast(null(), Text),
                tried.stage,
                tried.bytes_done,
                tried.bytes_total,
                cast(null(), JSONB),
                tried.findings,
            )
        )
    )


@cache
def _page() -> Select[Any]:
    known = _all().subquery("known")
    place = (known.c.started_at, known.c.id)
    rank = func.row_number().over(partition_by=known.c.source, order_by=[column.desc() for column in place])
    ranked = select(known, rank.label("rank")).subquery("ranked")
    moment = bindparam("moment", type_=DateTime(timezone=True))
    key, name = bindparam("key", type_=Text()), bindparam("source_name", type_=Text())
    behind = tuple_(ranked.c.started_at, ranked.c.id) < tuple_(moment, key)
    return (
        select(ranked)
        .where(
            or_(name.is_(None), ranked.c.source == name),
            or_(bindparam("latest", type_=Boolean()) == false(), ranked.c.rank == 1),
            or_(moment.is_(None), behind),
        )
        .order_by(ranked.c.started_at.desc(), ranked.c.id.desc())
        .limit(bindparam("most", type_=Integer()))
    )


@cache
def _one() -> Select[Any]:
    known = _all().subquery("known")
    return select(known).where(known.c.id == bindparam("identifier", type_=Text()))


def seconds(row: ImportRow, now: datetime) -> float | None:
    """How long it took; of one that runs, how long so far. None = it was killed, and nobody knows when."""
    if row.state is State.BROKEN_OFF:
        return None
    began: datetime = row.values["started_at"]
    ended: datetime = row.values["finished_at"] or now
    return max(0.0, round((ended - began).total_seconds(), 1))
