"""Apache Spark, for work that one machine is not enough for: one session a process."""

from __future__ import annotations

import atexit
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import TYPE_CHECKING

from hmis.errors import InputRefused

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_LOG = "spark.log"
_PARTITIONS = "spark.sql.shuffle.partitions"
_PARTITIONS_ON_ONE_MACHINE = "8"
"""Spark shuffles into 200 pieces by itself, which is for clusters: tasks of nothing, seconds each measure."""


def spark_session() -> SparkSession:
    """A session of its own, so that names of tables never meet, on the Spark of this process.

    Whatever the deployment says of Spark holds: `spark-defaults.conf` below SPARK_CONF_DIR, or
    PYSPARK_SUBMIT_ARGS. Where it says nothing, Spark runs on this machine, on all its cores. It stays until
    the process ends: to start it takes longer than most of what it is asked.

    Raises:
        InputRefused: Spark is not installed, or does not start.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise InputRefused("Spark is not installed: `pip install 'hmis-hub[spark]'`.") from None
    _expect_known_warnings()
    session = (SparkSession.getActiveSession() or _started()).newSession()
    told = session.sparkContext.getConf()
    if told.get("spark.master", "").startswith("local") and not told.contains(_PARTITIONS):
        session.conf.set(_PARTITIONS, _PARTITIONS_ON_ONE_MACHINE)
    return session


def _started() -> SparkSession:
    from pyspark.errors import PySparkRuntimeError
    from pyspark.sql import SparkSession

    # For what Spark logs, and for tables, of which there are none; else it would make it where we stand.
    folder = Path(mkdtemp(prefix="hub-spark-"))
    builder = (
        SparkSession.builder.appName("hmis-hub")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.log.level", "ERROR")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.warehouse.dir", str(folder))
    )
    try:
        with _errors_to(folder / _LOG):
            session = builder.getOrCreate()
    except PySparkRuntimeError as fault:
        raise InputRefused(
            f"Spark did not start, which needs Java 17 or newer; see {folder / _LOG}."
        ) from fault
    atexit.register(rmtree, folder, ignore_errors=True)
    return session


def _expect_known_warnings() -> None:
    """What libraries say of each other, which nobody here can change."""
    of_pyspark = r"pyspark\."
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning, of_pyspark)
    warnings.filterwarnings("ignore", "The copy keyword is deprecated", DeprecationWarning, of_pyspark)


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
