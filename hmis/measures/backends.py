"""Backends: DuckDB in this process, or Apache Spark where a state outgrows one machine."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from uuid import uuid4

from hmis.errors import InputRefused
from hmis.measures.scratch import scratch

if TYPE_CHECKING:
    from ibis.backends import BaseBackend
    from ibis.expr.types import Table

_LOG = "spark.log"
_PARTITIONS = "spark.sql.shuffle.partitions"
_PARTITIONS_ON_ONE_MACHINE = "8"
"""Spark shuffles into 200 pieces by itself, which is for clusters: tasks of nothing, seconds each measure."""


@contextmanager
def connected(backend: Literal["duckdb", "spark"], *, memory: str, spill: Path) -> Iterator[BaseBackend]:
    """A connection to a backend, closed afterwards.

    memory: most that DuckDB takes before it writes to `spill`; the process takes up to 1 GB beside it.
    Spark's memory, master and folders are Spark's to configure. What Spark logs goes to `spill`.

    Raises:
        InputRefused: Spark is asked for and not installed, or does not start; there is no room to spill.
    """
    _expect_known_warnings()
    with _spark(spill) if backend == "spark" else _duckdb(memory, spill) as connection:
        yield connection


def _expect_known_warnings() -> None:
    """What libraries say of each other, which nobody here can change."""
    of_pyspark = r"pyspark\."
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning, of_pyspark)
    warnings.filterwarnings("ignore", "The copy keyword is deprecated", DeprecationWarning, of_pyspark)
    warnings.filterwarnings("ignore", "The 'future.infer_string' option", DeprecationWarning, r"ibis\.")
    warnings.filterwarnings("ignore", r"fetch_arrow_table\(\) is deprecated", DeprecationWarning, r"ibis\.")


def kept(connection: BaseBackend, made: Table) -> Table:
    """A table computed once, for as long as the connection lasts."""
    if connection.name != "duckdb":
        return made.cache()
    # Ibis 12 drops what it cached, and with sqlglot 30 leaves out the name; a temporary table goes by itself.
    return connection.create_table(f"kept_{uuid4().hex}", made, temp=True)


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
def _spark(spill: Path) -> Iterator[BaseBackend]:
    """Whatever the deployment says of Spark holds: `spark-defaults.conf` below SPARK_CONF_DIR, or
    PYSPARK_SUBMIT_ARGS. Where it says nothing, Spark runs on this machine, on all its cores.

    Spark stays until the process ends: to start it takes longer than most of what it is asked.
    """
    import ibis

    # Names of tables are a session's own, so two snapshots may be open at once.
    session = _started(spill / _LOG).newSession()
    told = session.sparkContext.getConf()
    if told.get("spark.master", "").startswith("local") and not told.contains(_PARTITIONS):
        session.conf.set(_PARTITIONS, _PARTITIONS_ON_ONE_MACHINE)
    yield ibis.pyspark.connect(session)


def _started(log: Path) -> Any:
    try:
        from pyspark.errors import PySparkRuntimeError
        from pyspark.sql import SparkSession
    except ImportError:
        raise InputRefused("Spark is not installed: `pip install 'hmis-hub[spark]'`.") from None
    builder = (
        SparkSession.builder.appName("hmis-hub")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.log.level", "ERROR")
        .config("spark.sql.session.timeZone", "UTC")
    )
    try:
        with _errors_to(log):
            return builder.getOrCreate()
    except PySparkRuntimeError as fault:
        raise InputRefused(f"Spark did not start, which needs Java 17 or newer; see {log}.") from fault


@contextmanager
def _errors_to(log: Path) -> Iterator[None]:
    """What a process that starts meanwhile says on its standard error goes into a file, for its life."""
    written = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    own = os.dup(2)
    try:
        os.dup2(written, 2)
        yield
    finally:
        os.dup2(own, 2)
        os.close(own)
        os.close(written)
