# ruff: noqa: S608  # the only text put into this SQL is written below
"""Numbering: rows get whole numbers in place of their sources' keys, and a stay gets its project's and its
household's facts beside its own.

Numbers follow the order of the sources' keys, not of the rows, so equal rows give equal numbers. Every
measure starts from these tables; what each holds is said in `hmis.measures.core`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

_HEAD = (
    "enrollment", "client", "person", "enrollment_coc", "entry_date", "exit_date", "move_in_date",
    "date_to_street_essh",
)  # fmt: skip
"""Facts of the head of household that stand beside each member's own."""

_OF_A_STAY = (
    "Services", "CurrentLivingSituation", "IncomeBenefits", "Disabilities", "Assessment", "Event",
)  # fmt: skip
_OF_A_PROJECT = ("ProjectCoC", "Inventory", "HMISParticipation", "Funder")
_NAMES = {
    "Services": "service",
    "CurrentLivingSituation": "current_living_situation",
    "IncomeBenefits": "income_benefits",
    "Disabilities": "disability",
    "Assessment": "assessment",
    "Event": "event",
    "ProjectCoC": "project_coc",
    "Inventory": "inventory",
    "HMISParticipation": "hmis_participation",
    "Funder": "funder",
}
TABLES = ("client", "project", "stay", *_NAMES.values())
"""The tables of a snapshot."""


def number_rows(database: Any, folder: Path) -> dict[str, int]:
    """Turn `<HUD file>.raw` in `folder` into the tables of a snapshot. Returns how many rows each has."""
    queries = {
        "client": _client(_raw(folder, "Client")),
        "project": _project(_raw(folder, "Project"), _raw(folder, "Organization")),
        "stay": _stay(folder),
        **{_NAMES[file]: _of_a_project(folder, file) for file in _OF_A_PROJECT},
        **{_NAMES[file]: _of_a_stay(folder, file) for file in _OF_A_STAY},
    }
    return {name: _keep(database, folder, name, query) for name, query in queries.items()}


def _keep(database: Any, folder: Path, name: str, query: str) -> int:
    written = folder / f"{name}.parquet"
    (rows,) = database.execute(f"copy ({query}) to '{written}' (format parquet, compression zstd)").fetchone()
    return int(rows)


def _raw(folder: Path, file: str) -> str:
    return f"read_parquet('{folder / file}.raw')"


def _kept(folder: Path, table: str) -> str:
    return f"read_parquet('{folder / table}.parquet')"


def _client(client: str) -> str:
    return f"""
        select row_number() over (order by source_id, personal_id) as client,
               dense_rank() over (
                   order by coalesce(person_id, concat_ws('|', source_id, personal_id))) as person,
               *, year(born) * 10000 + month(born) * 100 + day(born) as dob_ymd
        from (select *, date '1970-01-01' + dob as born from {client})"""


def _project(project: str, organization: str) -> str:
    return f"""
        select row_number() over (order by p.source_id, p.project_id) as project, p.*,
               o.organization_name,
               coalesce(o.victim_service_provider = 1, false) as is_victim_service_provider
        from {project} p left join {organization} o using (source_id, organization_id)"""


def _stay(folder: Path) -> str:
    head = ", ".join(f"h.{name} as head_{name}" for name in _HEAD)
    return f"""
        with left_last as (
            select * from {_raw(folder, "Exit")}
            qualify row_number() over (
                partition by source_id, enrollment_id order by exit_date desc, id) = 1),
        stay as (
            select row_number() over (order by e.source_id, e.enrollment_id) as enrollment,
                   dense_rank() over (order by e.source_id,
                       coalesce(e.household_id, '-' || e.enrollment_id), e.household_id is null) as household,
                   c.client, c.person, p.project, e.* exclude (personal_id, project_id, household_id),
                   e.household_id is not null as household_is_named,
                   x.exit_date, x.destination, x.date_created as exit_date_created,
                   p.project_type, p.continuum_project, p.rrh_sub_type, p.is_victim_service_provider,
                   p.operating_start_date, p.operating_end_date, c.dob, c.dob_ymd, c.dob_data_quality
            from {_raw(folder, "Enrollment")} e
            join {_kept(folder, "client")} c on c.source_id = e.source_id and c.personal_id = e.personal_id
            join {_kept(folder, "project")} p on p.source_id = e.source_id and p.project_id = e.project_id
            left join left_last x on x.source_id = e.source_id and x.enrollment_id = e.enrollment_id),
        head as (
            select *, count(*) over (partition by household) as heads from stay where relationship_to_hoh = 1
            qualify row_number() over (partition by household order by entry_date, enrollment) = 1)
        select s.*, s.relationship_to_hoh = 1 as is_head, coalesce(h.heads, 0) as heads, {head}
        from stay s left join head h using (household)"""


def _of_a_project(folder: Path, file: str) -> str:
    return f"""
        select p.project, r.* exclude (project_id)
        from {_raw(folder, file)} r join {_kept(folder, "project")} p using (source_id, project_id)"""


def _of_a_stay(folder: Path, file: str) -> str:
    return f"""
        select s.enrollment, s.client, s.person, r.* exclude (enrollment_id)
        from {_raw(folder, file)} r join {_kept(folder, "stay")} s using (source_id, enrollment_id)"""
