"""What holds of every measure, whatever it counts, on the rows of a small made state.

Each change is made to the rows as a source would give them; then they are numbered and counted anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import duckdb
import pytest

from hmis.measures import answering, core
from hmis.measures.catalog import MEASURES
from hmis.measures.columns import TABLES, columns
from hmis.measures.measure import NOTHING, Figures
from hmis.measures.numbering import number_rows
from hmis.measures.snapshot import Snapshot
from tests.bench.state import SOURCES, YEAR, write_raw

STAYS, SEED = 2_000, 5
_KEYS = {
    "id", "organization_id", "project_id", "personal_id", "enrollment_id", "household_id", "person_id",
}  # fmt: skip
_LONG_AGO, _DAYS_AHEAD = 9_500, 400
"""More days than any measure looks back, and more than it looks ahead."""

Change = Mapping[str, str]
"""HUD's file -> the SQL of its rows; `{rows}` are those it had. A file that is missing stays as it is."""


def _of_all(sql: str) -> Change:
    return dict.fromkeys(TABLES, sql)


def _renamed() -> Change:
    """Other keys, sorting otherwise; sources in another order; and rows in another order."""
    changes = {}
    for file in TABLES:
        keys = [f"md5({name} || 'renamed') as {name}" for name in columns(file) if name in _KEYS]
        renamed = ", ".join([*keys, "4 - source_id as source_id"])
        changes[file] = f"select * replace ({renamed}) from {{rows}} order by hash(id, 'order')"
    return changes


def _known_twice() -> Change:
    """Two more systems know all that the first knows, down to the last row, of the same people."""
    more = " union all ".join(
        f"select * replace (source_id + {10 * at} as source_id) from {{rows}} where source_id = 1" for at in (1, 2)
    )
    # A record that nobody was linked to is a person of its own; its copies would be others.
    linked = "select * replace (coalesce(person_id, concat(source_id, personal_id)) as person_id) from {rows}"
    copied = _of_all(f"select * from {{rows}} union all {more}")
    return {**copied, "Client": copied["Client"].replace("{rows}", f"({linked})")}


def _long_ago_and_to_come() -> Change:
    """Stays of the same people, and of others, that ended before anything looks back, or have not begun."""
    old = f"entry_date - {_LONG_AGO} as entry_date, move_in_date - {_LONG_AGO} as move_in_date"
    to_come = f"{YEAR.re} + {_DAYS_AHEAD} as entry_date, null::int as move_in_date"

    def added(suffix: str, dates: str) -> str:
        return f"""select * replace (
            enrollment_id || '{suffix}' as enrollment_id, household_id || '{suffix}' as household_id, id || '{suffix}' as id,
            null::int as date_to_street_essh, null::int as date_of_engagement, null::int as date_of_path_status,
            {dates}) from {{rows}} where {_OLD_ENOUGH}"""

    return {
        "Enrollment": f"select * from {{rows}} union all {added('-old', old)} union all {added('-new', to_come)}",
        "Exit": f"""select * from {{rows}} union all
            select * replace (enrollment_id || '-old' as enrollment_id, id || '-old' as id,
                              exit_date - {_LONG_AGO} as exit_date) from {{rows}}
            union all select * replace (enrollment_id || '-new' as enrollment_id, id || '-new' as id,
                                        {YEAR.re} + {_DAYS_AHEAD} + 9 as exit_date) from {{rows}}""",
        "Services": f"""select * from {{rows}} union all
            select * replace (enrollment_id || '-old' as enrollment_id, id || '-old' as id,
                              date_provided - {_LONG_AGO} as date_provided) from {{rows}}""",
    }  # fmt: skip


# Whoever was an adult then already, and left: a stay that is open still is no stay of long ago.
_OLD_ENOUGH = ""


def _without_victim_service_providers() -> Change:
    theirs = "(select source_id, project_id from {Project} join {Organization} using (source_id, organization_id)"
    return {"Enrollment": f"select * from {{rows}} where (source_id, project_id) not in {theirs})"}
