"""Backends: DuckDB in this process, or Apache Spark where a state outgrows one machine."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from hmis.spark import spark_session

if TYPE_CHECKING:
    from ibis.backends import BaseBackend


@contextmanager
def connected(backend: Literal["duckdb", "spark"], *, memory: str, spill: Path) -> Iterator[BaseBackend]:
    """A connection to a backend, closed afterwards.

    memory: most that DuckDB takes before it writes to `spill`.

    Raises:
        InputRefused: Spark is asked for and not installed.
    """
    with _spark() if backend == "spark" else _duckdb(memory, spill) as connection:
        yield connection


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
    import ibis

    yield ibis.pyspark.connect(spark_session())
