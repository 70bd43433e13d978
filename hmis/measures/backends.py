"""Backends: DuckDB in this process, or Apache Spark where a state outgrows one machine."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from uuid import uuid4

from hmis.errors import InputRefused
from hmis.scratch import scratch
from hmis.spark import spark_session

if TYPE_CHECKING:
    from ibis.backends import BaseBackend
    from ibis.expr.types import Table


@contextmanager
def connected(backend: Literal["duckdb", "spark"], *, memory: str, spill: Path) -> Iterator[BaseBackend]:
    """A connection to a backend, closed afterwards.

    memory: most that DuckDB takes before it writes to `spill`; the process takes up to 1 GB beside it.
    Spark's memory, master and folders are Spark's to configure (`hmis.spark`).

    Raises:
        InputRefused: Spark is asked for and not installed, or does not start; there is no room to spill.
    """
    _expect_known_warnings()
    with _spark() if backend == "spark" else _duckdb(memory, spill) as connection:
        yield connection


def _expect_known_warnings() -> None:
    """What libraries say of each other, which nobody here can change."""
    for message in ("The 'future.infer_string' option", r"fetch_arrow_table\(\) is deprecated"):
        warnings.filterwarnings("ignore", message, DeprecationWarning, r"ibis\.")


def kept(connection: BaseBackend, made: Table) -> Table:
    """A table computed once, for as long as the connection lasts."""
    name = f"kept_{uuid4().hex}"
    if connection.name == "pyspark":
        # Cut off from how it was made: Spark's own cache keeps that plan in every plan made of the table.
        connection.raw_sql(connection.compile(made)).localCheckpoint().createOrReplaceTempView(name)
        return connection.table(name)
    # Ibis 12 drops what it cached, and with sqlglot 30 leaves out the name; a temporary table goes by itself.
    return connection.create_table(name, made, temp=True)


@contextmanager
def _duckdb(memory: str, spill: Path) -> Iterator[BaseBackend]:
    import duckdb
    import ibis

    with scratch(spill, ".spill-") as folder:
        connection = ibis.duckdb.connect(temp_directory=str(folder), memory_limit=memory)
        try:
            yield connection
        except duckdb.OutOfMemoryException as fault:
            raise InputRefused(
                f"More had to be kept than {memory} of memory and the room on the disk of {spill} allow."
            ) from fault
        finally:
            connection.disconnect()


@contextmanager
def _spark() -> Iterator[BaseBackend]:
    import ibis

    yield ibis.pyspark.connect(spark_session())
