"""A state of any size as a snapshot, made in SQL within DuckDB: no PostgreSQL, seconds for a million stays.

Seven years that end on `END`. Who comes back, how long stays are, who exits where and what is left blank
follow what public reports say of a state; nobody is copied, and equal seeds give equal rows. Three systems of
different size know the same people under keys of their own; most of those are linked. Some rows are as wrong
as rows are: exits before entries, two heads or none, birth dates to come, the same night twice.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from hmis.measures.asked import Asked
from hmis.measures.columns import TABLES, columns
from hmis.measures.numbering import number_rows
from hmis.measures.snapshot import Snapshot
from tests.bench.state_rows import END, FIRST, LAST, ROWS

YEAR = Asked(date(2025, 10, 1), END)
"""The last of the years: its lookback is all that there is."""
LARGE_COC, SMALL_COC = "MA-500", "MA-501"
SOURCES = {"north": 1, "south": 2, "west": 3}

# Project type, its share of enrollments in thousandths, days of a stay (mean).
_TYPES = (
    (0, 170, 55), (1, 120, 40), (2, 45, 210), (3, 55, 1_000), (4, 110, 160), (6, 70, 120), (7, 20, 90),
    (8, 10, 100), (9, 15, 900), (10, 10, 900), (11, 20, 150), (12, 65, 75), (13, 130, 290), (14, 160, 150),
)  # fmt: skip
_ENROLLMENTS_OF_A_PROJECT = 1_200
_UNITS_OF_STAYS = 0.36
"""Households for each enrollment, with some to spare: the rest are left away."""


def snapshot(folder: Path, stays: int, seed: int = 1) -> Snapshot:
    """A snapshot with exactly so many rows of Enrollment."""
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as database:
        write_raw(database, folder, stays, seed)
        rows = number_rows(database, folder)
    for file in TABLES:
        (folder / f"{file}.raw").unlink()
    return Snapshot(folder, datetime(2026, 10, 2, tzinfo=UTC), SOURCES, rows, f"made.{stays}.{seed}")


def write_raw(database: Any, folder: Path, stays: int, seed: int) -> None:
    """The rows as `hmis.measures.snapshot` has them before they are numbered: a `.raw` a HUD file."""
    # 0 to 9,999 of a key and a name: the same on every run, for every order of rows.
    database.execute(
        f"create or replace macro chance(key, what) as (hash(key * 64 + {seed}, what) % 10000)::int"
    )
    database.execute("create or replace macro often(key, what, share) as chance(key, what) < share * 100")
    database.execute(
        "create or replace macro days(key, what, mean) as"
        " (-ln((chance(key, what) + 0.5) / 10000) * mean)::int"
    )
    projects = max(3 * len(_TYPES), stays // _ENROLLMENTS_OF_A_PROJECT)
    shares = ", ".join(f"({kind}, {share}, {mean})" for kind, share, mean in _TYPES)
    for name, query in _facts(projects, stays, shares).items():
        database.execute(f"create or replace temp table {name} as {query}")
    for file, query in ROWS.items():
        _write(database, folder, file, query)


def _write(database: Any, folder: Path, file: str, query: str) -> None:
    kept = columns(file)
    said = [name for name, *_ in database.execute(f"describe {query}").fetchall()]
    unknown = set(said) - kept.keys()
    assert not unknown, f"{file} has no {unknown} in a snapshot"
    reads = ", ".join(
        f"cast({name if name in said else 'null'} as {kind}) as {name}" for name, (_, kind) in kept.items()
    )
    database.execute(f"copy (select {reads} from ({query})) to '{folder / file}.raw' (format parquet)")


def _facts(projects: int, stays: int, shares: str) -> dict[str, str]:
    """What rows are made of: temporary tables, in the order in which they build on each other."""
    return {
        "kind": f"""
        select *, sum(share) over (order by project_type) - share as above,
               sum(share) over (order by project_type) as up_to,
               greatest(3, share * {projects} // 1000) as places
        from (values {shares}) t(project_type, share, mean)""",
        "site": """
        select row_number() over (order by project_type, place) as site, *,
               case place % 10 when 1 then 2 when 2 then 3 else 1 end as source_id,
               case when place % 4 = 3 then 'MA-501' else 'MA-500' end as coc,
               often(project_type * 4096 + place, 'vsp', 5) as is_vsp
        from kind, lateral (select unnest(range(places)) as place) t""",
        # A household: one adult in 72 of 100, else an adult or two with children; some are under 25.
        "home": f"""
        select unit, often(unit, 'youth', 9) as is_youth,
               case when often(unit, 'alone', 72) then 1 else 2 + chance(unit, 'size') % 4 end as size,
               1 + floor(ln((chance(unit, 'visits') + 0.5) / 10000) / ln(0.64))::int as visits
        from range(1, {int(stays * _UNITS_OF_STAYS) + 20}) t(unit)""",
        "member": """
        select unit * 8 + place as human, unit, place, size, is_youth,
               case when place = 0 or (place = 1 and chance(unit, 'pair') < 4000 and size > 2)
                    then case when is_youth then 18 + chance(unit * 8 + place, 'age') % 7
                              else 25 + chance(unit * 8 + place, 'age') % 48 end
                    when size = 1 then 14 + chance(unit, 'age') % 4
                    else chance(unit * 8 + place, 'age') % 18 end as age
        from home, lateral (select unnest(range(size)) as place) t""",
        "visit": f"""
        select v.unit * 16 + v.visit as visit, v.unit, k.project_type, k.mean,
               {FIRST} - 300 + chance(v.unit, 'first') * 2850 // 10000
                   + coalesce(sum(days(v.unit * 16 + v.visit, 'gap', 200)) over (
                       partition by v.unit order by v.visit
                       rows between unbounded preceding and 1 preceding), 0)
                   as entry,
               chance(case when often(v.unit * 16 + v.visit, 'same', 70) then v.unit
                           else v.unit * 16 + v.visit end, 'place') % k.places as place
        from (select unit, unnest(range(least(visits, 15))) as visit from home) v
        join kind k on chance(v.unit * 16 + v.visit, 'kind') // 10 >= k.above
                   and chance(v.unit * 16 + v.visit, 'kind') // 10 < k.up_to""",
        "come": f"""
        select v.visit * 8 + m.place as stay, v.visit, m.*, s.site, s.source_id, s.project_type, s.coc,
               v.mean,
               (v.entry + case when m.place > 0 and often(v.visit * 8 + m.place, 'later', 5)
                               then 1 + chance(v.visit * 8 + m.place, 'after') % 30 else 0 end)::int as entry,
               days(v.visit, 'length', v.mean) as length
        from visit v join member m using (unit)
        join site s on s.project_type = v.project_type and s.place = v.place
        where v.entry between {FIRST} - 300 and {LAST} - 31
          and (m.place = 0 or not often(v.visit * 8 + m.place, 'apart', 10))
        order by v.unit, v.visit, m.place limit {stays}""",
        # The second key of somebody whom one system took in twice.
        "stay": f"""
        select *, exit <= {LAST} and not often(stay, 'forgotten', 2) as has_left,
               concat('h', visit) as household, concat('e', stay) as enrollment_id,
               concat('c', human, case when often(human, 'twice', 4) and visit % 2 = 1 then 'b' else '' end)
                   as personal_id,
               case when often(stay, 'no relation', 0.5) then null
                    when place = 0 then 1
                    when often(stay, 'two heads', 0.3) then 1
                    when age >= 18 then 3 else 2 end as relation
        from (select *, entry
                         + greatest(0, case when often(stay, 'early', 4) then length // 2 else length end)
                         - case when often(stay, 'wrong', 0.2) then 400 else 0 end as exit
              from come)""",
        "night": f"""
        select stay, source_id, enrollment_id, unnest(range(entry, least(exit, {LAST} + 1)))::int as day
        from stay where project_type = 1""",
    }
