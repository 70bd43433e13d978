"""Measures as somebody would write them by hand in DuckDB's SQL, for one system and one question each.

They read the same files and give the same numbers; what a measure written once for every backend costs beside
them is the ratio that `bench_measures.py` prints.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hmis.measures.asked import Asked
from hmis.measures.snapshot import Snapshot

ByHand = Callable[[Snapshot, Asked], str]
"""The SQL. It gives rows of a figure and how many it counts."""


def _stays(snapshot: Snapshot, columns: str) -> str:
    return f"select {columns} from '{snapshot.file('stay')}' where not is_victim_service_provider"


def _active(snapshot: Snapshot, asked: Asked) -> str:
    rs, re = asked.rs, asked.re
    return f"""
        with stay as (
            {_stays(snapshot, "enrollment, person, project_type, entry_date, exit_date")}
            and entry_date <= {re}),
        dated as (
            select enrollment, date_provided as day, record_type = 200 as is_night
            from '{snapshot.file("service")}' where date_provided between {rs} and {re}
            union all
            select enrollment, information_date, false from '{snapshot.file("current_living_situation")}'
            where information_date between {rs} and {re}),
        met as (
            select enrollment,
                   bool_or(is_night and project_type = 1 and (exit_date is null or day < exit_date)) as slept
            from dated join stay using (enrollment) where day >= entry_date group by enrollment)
        unpivot (
        select count(distinct person) filter (where exit_date is null or exit_date >= {rs}) as method_1,
               count(distinct person) filter (where exit_date between {rs} and {re}
                   or (met.enrollment is not null and (exit_date is null or exit_date > {re}))) as method_2,
               count(distinct person) filter (where case when project_type = 1 then slept
                   else project_type in (0, 2, 3, 8, 9, 10, 13)
                        and (exit_date is null or exit_date > {rs}) end) as method_5
        from stay left join met using (enrollment)) on columns(*)"""


_PH, _SHELTERED = "(3, 9, 10, 13)", "(0, 1, 2, 8)"


def _sheltered(snapshot: Snapshot, asked: Asked) -> str:
    """System performance measure 3.2."""
    rs, re = asked.rs, asked.re
    return f"""
        with stay as (
            {_stays(snapshot, "enrollment, person, project_type, entry_date, exit_date")}
            and continuum_project = 1 and project_type in {_SHELTERED} and entry_date <= {re}
            and (exit_date is null or exit_date > {rs})),
        slept as (
            select distinct enrollment from '{snapshot.file("service")}' join stay using (enrollment)
            where record_type = 200 and project_type = 1
              and date_provided between greatest(entry_date, {rs}) and {re}
              and (exit_date is null or date_provided < exit_date))
        select concat('3.2/', kind) as figure, count(distinct person)
        from (select person,
                     unnest(['all', case project_type when 2 then 'th' when 8 then 'sh' else 'es' end])
                         as kind
              from stay left join slept using (enrollment)
              where project_type <> 1 or slept.enrollment is not null) group by all"""


def _returned(snapshot: Snapshot, asked: Asked) -> str:
    """System performance measure 2."""
    return f"""
        with stay as (
            {_stays(snapshot, "enrollment, person, project_type, entry_date, exit_date, destination")}
            and continuum_project = 1 and (project_type in {_SHELTERED} or project_type in {_PH}
            or project_type = 4) and entry_date <= {asked.re}),
        gone as (
            select * from stay where exit_date between {asked.rs} - 730 and {asked.re} - 730
              and destination in (410, 411, 421, 422, 423, 426, 435)
            qualify row_number() over (partition by person order by exit_date, entry_date, enrollment) = 1),
        back as (
            select g.person, min(s.entry_date - g.exit_date) as days
            from gone g join stay s on s.person = g.person and s.enrollment <> g.enrollment
             and s.entry_date >= g.exit_date
            where s.project_type not in {_PH} or (s.entry_date > g.exit_date + 14 and not exists (
                select 1 from stay h where h.person = s.person and h.enrollment <> s.enrollment
                   and h.project_type in {_PH} and s.entry_date > h.entry_date
                   and (h.exit_date is null or s.entry_date <= h.exit_date + 14)))
            group by g.person),
        counted as (
            select unnest(['', case project_type when 4 then 'so/' when 2 then 'th/' when 8 then 'sh/'
                                    when 0 then 'es/' when 1 then 'es/' else 'ph/' end]) as kind, days
            from gone left join back using (person))
        select concat('2/', kind, bucket) as figure, count(*)
        from counted, (values ('exits', null, null), ('days_0_180', 0, 180), ('days_181_365', 181, 365),
                              ('days_366_730', 366, 730), ('days_0_730', 0, 730)) b(bucket, least, most)
        where bucket = 'exits' or days between b.least and b.most group by all"""


def _first_time(snapshot: Snapshot, asked: Asked) -> str:
    """System performance measure 5."""
    return f"""
        with stay as (
            {_stays(snapshot, "enrollment, person, project_type, entry_date, exit_date")}
            and continuum_project = 1 and (project_type in {_SHELTERED} or project_type in {_PH})),
        entered as (
            select '5.1' as part, person, min(entry_date) as day from stay
            where entry_date between {asked.rs} and {asked.re} and project_type in {_SHELTERED}
            group by person
            union all
            select '5.2', person, min(entry_date) from stay
            where entry_date between {asked.rs} and {asked.re} group by person),
        counted as (
            select part, exists (
                select 1 from stay s where s.person = e.person and s.entry_date < e.day
                   and (s.exit_date is null or s.exit_date >= e.day - 730)) as is_prior
            from entered e)
        select concat(part, '/', kind) as figure, count(*)
        from (select part, unnest(['persons', case when is_prior then 'prior' else 'first_time' end]) as kind
              from counted) group by all"""


BY_HAND: Mapping[str, ByHand] = {
    "active-people": _active,
    "spm-2": _returned,
    "spm-3.2": _sheltered,
    "spm-5": _first_time,
}
"""Measure -> the same by hand."""


def figures(database: Any, snapshot: Snapshot, asked: Asked, name: str) -> dict[str, int]:
    """What the hand-written SQL says: how many each figure counts, where it counts any."""
    return dict(database.execute(BY_HAND[name](snapshot, asked)).fetchall())
