"""Backends: DuckDB in this process, or Apache Spark where a state outgrows one machine."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from uuid import uuid4

from hmis.errors import InputRefused

if TYPE_CHECKING:
    from ibis.backends import BaseBackend
    from ibis.expr.types import Table


@contextmanager
def connected(backend: Literal["duckdb", "spark"], *, memory: str, spill: Path) -> Iterator[BaseBackend]:
    """A connection to a backend, closed afterwards.

    memory: most that DuckDB takes before it writes to `spill`.

    Raises:
        InputRefused: Spark is asked for and not installed.
    """
    with _spark() if backend == "spark" else _duckdb(memory, spill) as connection:
        yield connection


def kept(connection: BaseBackend, made: Table) -> Table:
    """A table computed once, for as long as the connection lasts."""
    if connection.name != "duckdb":
        return made.cache()
    # Ibis 12 drops what it cached, and with sqlglot 30 leaves out the name; a temporary table goes by itself.
    return connection.create_table(f"kept_{uuid4().hex}", made, temp=True)


@contextmanager
def _duckdb(memory: str, spill: Path) -> Iterator[BaseBackend]:
    import ibis

    with tempfile.TemporaryDirectory(prefix=".spill-", dir=spill) as folder:
        connection = ibis.duckdb.connect(temp_directory=folder, memory_limit=memory)
        try:
            yield connection
        finally:
            connection.disconnect()


@contextmanager
def _spark() -> Iterator[BaseBackend]:
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise InputRefused("Spark is not installed: `pip install 'hmis-hub[spark]'`.") from None
    import ibis

    # The master is the deployment's to name, as for every Spark application; alone it is this machine.
    builder = SparkSession.builder.appName("hmis-hub").config("spark.ui.enabled", "false")
    if "SPARK_MASTER" in os.environ or "MASTER" not in os.environ:
        builder = builder.master(os.environ.get("SPARK_MASTER", "local[*]"))
    session = (
        builder.config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", os.environ.get("SPARK_SHUFFLE_PARTITIONS", "8"))
        .config("spark.log.level", "ERROR")
        .getOrCreate()
    )
    yield ibis.pyspark.connect(session)
