"""Temporary tables that hold the rows of an archive until they are known to be good.

They live and die with the transaction of the import, so whatever ends it leaves nothing behind.
"""

# ruff: noqa: S608  # the names in this SQL come from HUD's specification

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from sqlalchemy.dialects import postgresql

from hmis.bulk import BulkConnection
from hmis.csv.checking import SET_ASIDE, Checked
from hmis.csv.reading import LINE
from hmis.csv.rules import EXAMPLES, Findings
from hmis.spec import FILES
from hmis.tables import HMIS, PARENTS


@dataclass(frozen=True, slots=True)
class Run:
    """One import: whose rows, which number, when."""

    source_id: int
    import_id: int
    now: datetime


class Stage:
    """The staged rows of one file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.table = HMIS[file].name
        self.name = f"stage_{self.table}"
        self.key = FILES[file].key.attr
        self.attrs = [column.attr for column in FILES[file].columns]
        self.has_date_deleted = "date_deleted" in self.attrs
        self.left_out = f"left_out_{self.table}"
        """Table of the keys that the archive has and that were not stored: not absent, though not staged."""
        self.rows = 0
        self.unreadable = 0
        """Rows whose key nobody could read; any row that seems absent may be one of them."""

    @property
    def stored(self) -> list[str]:
        """The columns that the core table takes from the file."""
        return [*self.attrs, SET_ASIDE]

    @property
    def compared(self) -> list[str]:
        """What makes a row another row. ExportID alone does not: every export has a new one."""
        return [
            attr
            for attr in self.stored
            if attr != self.key and (attr != "export_id" or self.file == "Export")
        ]

    @property
    def date_deleted(self) -> str:
        """Not null where the source deleted the row, also on a day that nobody can read: whoever asked to be
        forgotten stays forgotten."""
        if not self.has_date_deleted:
            return "null::text"
        return f"coalesce(s.date_deleted::text, s.{SET_ASIDE} ->> 'DateDeleted')"

    async def create(self, connection: BulkConnection) -> None:
        dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped
        columns = [f"{attr} {HMIS[self.file].c[attr].type.compile(dialect)}" for attr in self.stored]
        await connection.execute(
            f"create temporary table {self.name} ({', '.join(columns)}, {LINE} integer) on commit drop"
        )
        await connection.execute(f"create temporary table {self.left_out} ({self.key} text) on commit drop")

    async def copy(self, connection: BulkConnection, checked: Checked) -> None:
        """Store a frame of checked rows."""
        await connection.copy_to_table(
            self.name, source=BytesIO(checked.csv), columns=[*self.stored, LINE], format="csv"
        )
        self.rows += checked.rows

    async def settle_doubles(self, connection: BulkConnection, findings: Findings) -> int:
        """Keep one of identical rows; note keys that stand for different ones. Returns the rows left out."""
        doubled = f"select {self.key} from {self.name} group by {self.key} having count(*) > 1"
        if not await connection.fetchval(f"select exists ({doubled})"):
            return 0
        content = ", ".join(self.compared)
        await connection.execute(
            f"""create temporary table double_{self.table} on commit drop as
                select {self.key}, min({LINE}) as kept, count(distinct md5(row({content})::text)) as kinds
                from {self.name} where {self.key} in ({doubled})
                group by {self.key}"""
        )
        joined = f"{self.name} s join double_{self.table} d using ({self.key})"
        key = FILES[self.file].key.name
        await note(
            connection,
            findings,
            "key-differs",
            self.file,
            key,
            f"select {LINE} from {joined} where kinds > 1",
        )
        same = f"from {joined} where kinds = 1 and s.{LINE} <> d.kept"
        left_out = await note(connection, findings, "key-twice", self.file, key, f"select {LINE} {same}")
        if left_out:
            await connection.execute(f"delete from {self.name} where {LINE} in (select {LINE} {same})")
        await connection.execute(f"drop table double_{self.table}")
        return left_out

    async def leave_out_orphans(self, connection: BulkConnection, run: Run, findings: Findings) -> int:
        """Take out rows whose parent is neither in the archive nor known. Parents are merged by now."""
        left_out = 0
        for parent, attr in PARENTS.get(self.file, ()):
            target = HMIS[parent].name
            gone = f"""gone as (
                delete from {self.name} s where not exists (
                    select from {target} p
                    where p.source_id = {run.source_id} and p.{FILES[parent].key.attr} = s.{attr})
                returning {LINE}, {self.key}),
                remembered as (insert into {self.left_out} select {self.key} from gone)"""
            column = FILES[self.file].by_attr[attr].name
            left_out += await note(
                connection,
                findings,
                "parent-missing",
                self.file,
                column,
                f"select {LINE} from gone",
                before=gone,
                parent=parent.lower(),
            )
        return left_out


async def note(
    connection: BulkConnection,
    findings: Findings,
    rule: str,
    file: str,
    column: str | None,
    lines: str,
    *,
    before: str = "",
    **facts: object,
) -> int:
    """Note a finding for every line that the query `lines` returns; `before` is a CTE it reads.

    Returns how many there are.
    """
    found = await connection.fetchrow(
        f"""with {before}{", " if before else ""}found as ({lines})
            select count(*), array(select {LINE} from found order by {LINE} limit {EXAMPLES}) from found"""
    )
    count = int(found[0])
    if count:
        findings.add(rule, file, column, lines=found[1], count=count, **facts)
    return count
