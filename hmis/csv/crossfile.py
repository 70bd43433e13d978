"""Checks that need a second file: whose row it is, which project, which household. Set-wise, after merging.

They read the staged rows of the archive and the core tables, where the parents already are.
"""

# ruff: noqa: S608  # the names in this SQL come from HUD's specification

from __future__ import annotations

from hmis.bulk import BulkConnection
from hmis.csv.reading import LINE
from hmis.csv.rules import EXAMPLES, Findings
from hmis.csv.staging import Run, Stage, note
from hmis.spec import CONDITIONS, FILES

_SHELTER = "(0, 1)"
_STATED = {(condition.file, condition.column): condition.rule for condition in CONDITIONS}


async def check(connection: BulkConnection, stage: Stage, run: Run, findings: Findings) -> None:
    """Everything that the rows of one file can be asked together with the files before it."""
    await _unknown_references(connection, stage, run, findings)
    if {"enrollment_id", "personal_id"} <= set(stage.attrs) and stage.file != "Enrollment":
        await note(
            connection,
            findings,
            "person-differs",
            stage.file,
            "PersonalID",
            f"""select s.{LINE} from {stage.name} s
                join enrollment e on e.source_id = {run.source_id} and e.enrollment_id = s.enrollment_id
                where e.personal_id is distinct from s.personal_id""",
        )
    for rule, column, lines in _QUERIES.get(stage.file, ()):
        facts = {"condition": _STATED[stage.file, column]} if rule == "project-type-differs" else {}
        query = lines.format(stage=stage.name, source=run.source_id, line=LINE)
        await note(connection, findings, rule, stage.file, column, query, **facts)


async def _unknown_references(connection: BulkConnection, stage: Stage, run: Run, findings: Findings) -> None:
    """UserIDs and ExportIDs that nothing explains. Real exports carry many; one finding a file."""
    for attr, table, rule in (
        ("user_id", "hmis_user", "user-unknown"),
        ("export_id", "export", "export-unknown"),
    ):
        if attr not in stage.attrs or attr == stage.key:
            continue
        rows = await connection.fetchrow(
            f"""with used as (
                    select {attr}, count(*) as number, min({LINE}) as {LINE} from {stage.name}
                    where {attr} is not null group by {attr}),
                unknown as (
                    select * from used where not exists (
                        select from {table} k where k.source_id = {run.source_id} and k.{attr} = used.{attr}))
                select sum(number)::bigint, array(select {LINE} from unknown order by {LINE} limit {EXAMPLES})
                from unknown"""
        )
        if rows[0]:
            column = FILES[stage.file].by_attr[attr].name
            findings.add(rule, stage.file, column, lines=rows[1], count=rows[0])


def _project_type(column: str, allowed: str, via: str = "s.project_id") -> str:
    """Rows with a value in `column` whose project is of another type than `allowed`."""
    return f"""select s.{{line}} from {{stage}} s
               join project p on p.source_id = {{source}} and p.project_id = {via}
               where s.{column} is not null and not coalesce({allowed}, false)"""


def _project_coc(column: str, more: str = "") -> str:
    """Rows whose CoC code is not one of their project's."""
    return f"""select s.{{line}} from {{stage}} s where s.{column} is not null {more} and not exists (
        select from project_coc c
        where c.source_id = {{source}} and c.project_id = s.project_id and c.coc_code = s.{column})"""


_IN_CONTINUUM = """and exists (
        select from project p
        where p.source_id = {source} and p.project_id = s.project_id and p.continuum_project = 1)"""
_RESIDENTIAL = "p.project_type in (0, 1, 2, 3, 8, 9, 10) or (p.project_type = 13 and p.rrh_sub_type = 2)"

_QUERIES: dict[str, tuple[tuple[str, str, str], ...]] = {
    "Inventory": (
        ("project-coc-missing", "CoCCode", _project_coc("coc_code")),
        (
            "project-type-differs",
            "Availability",
            _project_type("availability", f"p.project_type in {_SHELTER}"),
        ),
        ("project-type-differs", "ESBedType", _project_type("es_bed_type", f"p.project_type in {_SHELTER}")),
    ),
    "Affiliation": (
        (
            "project-type-differs",
            "ProjectID",
            _project_type("project_id", "p.project_type = 6 or (p.project_type = 13 and p.rrh_sub_type = 1)"),
        ),
        (
            "project-type-differs",
            "ResProjectID",
            _project_type("res_project_id", _RESIDENTIAL, "s.res_project_id"),
        ),
    ),
    "Enrollment": (
        ("project-coc-missing", "EnrollmentCoC", _project_coc("enrollment_coc", _IN_CONTINUUM)),
        (
            "heads-several",
            "RelationshipToHoH",
            """select line as {line} from (
                   select s.{line} as line, row_number() over (
                       partition by household_id, project_id order by s.{line}) as n
                   from {stage} s
                   where relationship_to_hoh = 1 and household_id is not null and date_deleted is null) h
               where n > 1""",
        ),
    ),
    "Exit": (
        (
            "exit-before-entry",
            "ExitDate",
            """select s.{line} from {stage} s
               join enrollment e on e.source_id = {source} and e.enrollment_id = s.enrollment_id
               where s.exit_date < e.entry_date""",
        ),
    ),
    "CurrentLivingSituation": (
        (
            "project-type-differs",
            "VerifiedBy",
            """select s.{line} from {stage} s
               join enrollment e on e.source_id = {source} and e.enrollment_id = s.enrollment_id
               join project p on p.source_id = {source} and p.project_id = e.project_id
               where s.verified_by is not null and p.project_type is distinct from 14""",
        ),
    ),
}
