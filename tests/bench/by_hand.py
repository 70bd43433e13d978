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
"""The SQL. It gives one row whose columns are the figures of a measure."""


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
        select count(distinct person) filter (where exit_date is null or exit_date >= {rs}) as method_1,
               count(distinct person) filter (where exit_date between {rs} and {re}
                   or (met.enrollment is not null and (exit_date is null or exit_date > {re}))) as method_2,
               count(distinct person) filter (where case when project_type = 1 then slept
                   else exit_date is null or exit_date > {rs} end) as method_5
        from stay left join met using (enrollment)"""


BY_HAND: Mapping[str, ByHand] = {"active-people": _active}
"""Measure -> the same by hand."""


def figures(database: Any, snapshot: Snapshot, asked: Asked, name: str) -> dict[str, int]:
    """What the hand-written SQL says."""
    found = database.execute(BY_HAND[name](snapshot, asked))
    return dict(zip([column[0] for column in found.description], found.fetchone(), strict=True))
