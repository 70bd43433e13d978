"""What it means that a known row is not in an export: usually nothing.

Only a full refresh of a reporting period (ExportDirective 2, ExportPeriodType 3) says what there is; and only
of what it must contain: the stays of its projects that were active in the period, what hangs on them, and
what describes its projects. A row is then removed, which can be undone: it is marked, not deleted.
"""

# ruff: noqa: S608  # the names in this SQL come from HUD's specification

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from hmis.bulk import BulkConnection, affected
from hmis.csv.report import Counts
from hmis.csv.rules import Findings
from hmis.csv.staging import Run, Stage
from hmis.tables import PARENTS

FULL_REFRESH = 2
REPORTING_PERIOD = 3

_OF_PROJECT = tuple(file for file, parents in PARENTS.items() if parents == (("Project", "project_id"),))
_OF_STAY = tuple(file for file, parents in PARENTS.items() if parents == (("Enrollment", "enrollment_id"),))
_OF_ASSESSMENT = tuple(
    file for file, parents in PARENTS.items() if parents == (("Assessment", "assessment_id"),)
)
_DATED_BY = {
    "Exit": "exit_date",
    "Services": "date_provided",
    "Assessment": "assessment_date",
    "Event": "event_date",
}
_NEVER_REMOVED = ("Organization", "User", "Project")


@dataclass(frozen=True, slots=True)
class Period:
    """The days an export speaks of, both included."""

    start: date
    end: date


class Absence:
    """Removes what a full refresh must contain and does not.

    A file of which some row could not be read may lack nothing at all, so from such a file, and from what
    hangs on it, nothing is removed.
    """

    def __init__(
        self,
        connection: BulkConnection,
        run: Run,
        period: Period,
        stages: dict[str, Stage],
        counts: dict[str, Counts],
        findings: Findings,
    ) -> None:
        self._connection = connection
        self._run = run
        self._period = period
        self._stages = stages
        self._counts = counts
        self._findings = findings

    async def apply(self) -> None:
        """Mark absent rows as removed, children before parents so that each scope is still seen."""
        for file in _NEVER_REMOVED:
            await self._report_kept(file)
        if not self._tells("Project"):
            return
        for file in _OF_PROJECT:
            if self._tells(file):
                await self._remove(file, "t.project_id in (select project_id from stage_project)")
        if not self._tells("Enrollment"):
            return
        await self._find_scope()
        for file in _OF_ASSESSMENT:
            if self._tells(file):
                await self._remove(
                    file,
                    """exists (select from assessment a join scope using (enrollment_id)
                               where a.source_id = t.source_id and a.assessment_id = t.assessment_id
                                 and a.assessment_date <= $2)""",
                    self._period.end,
                )
        for file in _OF_STAY:
            if self._tells(file):
                dated_by = _DATED_BY.get(file, "information_date")
                await self._remove(
                    file,
                    f"t.{dated_by} <= $2 and t.enrollment_id in (select enrollment_id from scope)",
                    self._period.end,
                )
        await self._remove("Enrollment", "t.enrollment_id in (select enrollment_id from scope)")
        if self._tells("Client"):
            await self._remove(
                "Client",
                """t.personal_id in (select personal_id from scope)
                   and not exists (select from enrollment e where e.source_id = t.source_id
                                     and e.personal_id = t.personal_id and e.removed_at is null)""",
            )

    def _tells(self, file: str) -> bool:
        """Whether the absence of a row from this file means anything."""
        if file not in self._stages:
            return False
        if self._stages[file].unreadable == 0:
            return True
        self._findings.add("absence-unclear", file)
        return False

    async def _find_scope(self) -> None:
        """The stays this export speaks of: of its projects, and active in its period."""
        # Dates stand in the text because CREATE TABLE AS takes no parameters.
        start, end = self._period.start.isoformat(), self._period.end.isoformat()
        await self._connection.execute(
            f"""create temporary table scope on commit drop as
                select e.enrollment_id, e.personal_id from enrollment e
                where e.source_id = {self._run.source_id}
                  and e.project_id in (select project_id from stage_project)
                  and (exists (select from stage_enrollment s where s.enrollment_id = e.enrollment_id)
                       or (e.entry_date <= '{end}' and not exists (
                             select from exit x where x.source_id = e.source_id
                                and x.enrollment_id = e.enrollment_id and x.removed_at is null
                                and x.exit_date < '{start}')))"""
        )
        await self._connection.execute("create index on scope (enrollment_id)")
        await self._connection.execute("analyze scope")

    async def _remove(self, file: str, where: str, *more: date) -> None:
        stage = self._stages[file]
        self._counts[file].deleted += affected(
            await self._connection.execute(
                f"""update {stage.table} t set removed_at = $1, import_id = {self._run.import_id}
                    where t.source_id = {self._run.source_id} and t.removed_at is null and {where}
                      and not exists (select from {stage.name} s where s.{stage.key} = t.{stage.key})
                      and not exists (select from {stage.left_out} l where l.{stage.key} = t.{stage.key})""",
                self._run.now,
                *more,
            )
        )

    async def _report_kept(self, file: str) -> None:
        stage = self._stages.get(file)
        if stage is None:
            return
        kept = await self._connection.fetchval(
            f"""select count(*) from {stage.table} t
                where t.source_id = {self._run.source_id} and t.removed_at is null
                  and not exists (select from {stage.name} s where s.{stage.key} = t.{stage.key})"""
        )
        if kept:
            self._findings.add("absent-kept", file, count=kept)
