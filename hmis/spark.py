"""Apache Spark, for work that one machine is not enough for: one session a process."""

from __future__ import annotations

import atexit
import os
from shutil import rmtree
from tempfile import mkdtemp
from typing import TYPE_CHECKING

from hmis.errors import InputRefused

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def spark_session() -> SparkSession:
    """The session there is, or one begun as SPARK_* variables and spark-defaults.conf say.

    Raises:
        InputRefused: Spark is not installed.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise InputRefused("Spark is not installed: `pip install 'hmis-hub[spark]'`.") from None
    if (running := SparkSession.getActiveSession()) is not None:
        return running
    # For tables, of which there are none; Spark would make the folder where we stand.
    folder = mkdtemp(prefix="hub-spark-")
    atexit.register(rmtree, folder, ignore_errors=True)
    # The master is the deployment's to name, as for every Spark application; alone it is this machine.
    builder = SparkSession.builder.appName("hmis-hub").config("spark.ui.enabled", "false")
    if "SPARK_MASTER" in os.environ or "MASTER" not in os.environ:
        builder = builder.master(os.environ.get("SPARK_MASTER", "local[*]"))
    return (
        builder.config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", os.environ.get("SPARK_SHUFFLE_PARTITIONS", "8"))
        .config("spark.log.level", "ERROR")
        .config("spark.sql.warehouse.dir", folder)
        .config("spark.ui.showConsoleProgress", "false")
        .getOrCreate()
    )
