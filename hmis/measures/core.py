"""Core: the tables of a snapshot as every measure sees them, on whichever backend they were opened.

Days are numbers (`hmis.measures.days`); `…_ymd` are days as year * 10000 + month * 100 + day. Columns carry
HUD's names in snake case. Null means that the source says nothing. Beside them:

- `client`: `client` (a record's number), `person` (the linked person's number, what is counted once).
- `project`: `project`, the organization's name, `is_victim_service_provider`.
- `stay`: one row an enrollment with its exit, its project's and its head of household's facts: `enrollment`,
  `household`, `client`, `person`, `project`, `project_type`, `is_head`, `heads` (how many heads the household
  has), `head_*` (of the first of them; null without one), `exit_date` (null = still there).
- `service`, `current_living_situation`, `income_benefits`, `disability`, `assessment`, `event`: rows of a
  stay, by `enrollment` and `person`.
- `project_coc`, `inventory`, `hmis_participation`, `funder`: rows of a project, by `project`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
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

    with connected(backend, memory=memory, spill=snapshot.folder) as connection, ExitStack() as kept:
        yield _core(snapshot, connection, source, kept)


def _core(snapshot: Snapshot, connection: BaseBackend, source: str | None, until_closed: ExitStack) -> Core:
    from hmis.errors import InputRefused

    numbers = count()

    def kept(made: Table) -> Table:
        # Not `cache()` where closing the connection drops everything: the garbage collector would drop a cached
        # table in the middle of another query.
        if connection.name == "duckdb":
            return connection.create_table(f"kept_{next(numbers)}", made, temp=True)
        return until_closed.enter_context(made.cache())

    def table(name: str) -> Table:
        read: Table = connection.read_parquet(str(snapshot.file(name)), table_name=name)
        return read if source is None else read.filter(read.source_id == snapshot.sources[source])

    if source is not None and source not in snapshot.sources:
        known = ", ".join(sorted(snapshot.sources)) or "none"
        raise InputRefused(f"There is no source {source!r} in the snapshot. Known: {known}.")
    return Core(**{name: table(name) for name in TABLES}, kept=kept)
