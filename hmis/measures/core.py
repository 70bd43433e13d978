"""Core: the tables of a snapshot as every measure sees them, on whichever backend they were opened.

Days are numbers (`hmis.measures.days`); `…_ymd` are days as year * 10000 + month * 100 + day. Columns carry
HUD's names in snake case. Null means that the source says nothing. Beside them:

- `client`: `client` (a record's number), `person` (what is counted once: the linked person's number; of one
  source alone the record's own, because HUD asks a source to keep one PersonalID a person).
- `project`: `project`, the organization's name, `is_victim_service_provider`.
- `stay`: one row an enrollment with its exit, its project's and its head of household's facts: `enrollment`,
  `household`, `client`, `person`, `project`, `project_type`, `is_head`, `heads` (how many heads the household
  has), `head_*` (of the first of them; null without one), `exit_date` (null = still there).
- `service`, `current_living_situation`, `income_benefits`, `disability`, `assessment`, `event`: rows of a
  stay, by `enrollment`, `client` and `person`.
- `project_coc`, `inventory`, `hmis_participation`, `funder`: rows of a project, by `project`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from hmis.measures.numbering import TABLES
from hmis.measures.snapshot import Snapshot

if TYPE_CHECKING:
    from ibis.backends import BaseBackend
    from ibis.expr.types import Table

Backend = Literal["duckdb", "spark"]


@dataclass(frozen=True, slots=True)
class Core:
    """The tables, and a way to keep what several figures of one measure are made of."""

    client: Table
    project: Table
    stay: Table
    service: Table
    current_living_situation: Table
    income_benefits: Table
    disability: Table
    assessment: Table
    event: Table
    project_coc: Table
    inventory: Table
    hmis_participation: Table
    funder: Table
    kept: Callable[[Table], Table]
    """Compute a table once, for all that is made of it."""


@contextmanager
def opened(
    snapshot: Snapshot, backend: Backend = "duckdb", *, source: str | None = None, memory: str = "3GB"
) -> Iterator[Core]:
    """The snapshot's tables on a backend, of one source or of all.

    Raises:
        InputRefused: there is no such source, or Spark is not installed.
    """
    from hmis.measures.backends import connected

    with connected(backend, memory=memory, spill=snapshot.folder) as connection:
        yield _core(snapshot, connection, source)


def _core(snapshot: Snapshot, connection: BaseBackend, source: str | None) -> Core:
    from hmis.errors import InputRefused
    from hmis.measures.backends import kept

    def table(name: str) -> Table:
        read: Table = connection.read_parquet(str(snapshot.file(name)), table_name=name)
        if source is not None:
            read = read.filter(read.source_id == snapshot.sources[source])
        return _by_record(read) if source is not None or len(snapshot.sources) == 1 else read

    if source is not None and source not in snapshot.sources:
        known = ", ".join(sorted(snapshot.sources)) or "none"
        raise InputRefused(f"There is no source {source!r} in the snapshot. Known: {known}.")
    return Core(**{name: table(name) for name in TABLES}, kept=lambda made: kept(connection, made))


# Where a record of one source is the person, a link that joins two of its records changes no count.
_RECORD_OF = {"person": "client", "head_person": "head_client"}


def _by_record(read: Table) -> Table:
    counted = {name: read[record] for name, record in _RECORD_OF.items() if name in read.columns}
    return read.mutate(**counted) if counted else read
