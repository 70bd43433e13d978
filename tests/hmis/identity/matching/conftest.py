"""A seeded population small enough for every run, compared once; and the one Spark of the run."""

from __future__ import annotations

from typing import Any

import pytest

from hmis.community.population import Population
from hmis.identity.matching.scoring import Backend
from tests.populations import Compared, compared_by


@pytest.fixture(scope="session")
def population() -> Compared:
    """Four thousand records."""
    return compared_by(Backend.DUCKDB, list(Population(11).records(4_000)))


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The one local session of the run; it ends with the process."""
    from pyspark.sql import SparkSession

    small = {
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "1",
        "spark.default.parallelism": "1",
        "spark.sql.warehouse.dir": str(tmp_path_factory.mktemp("spark")),
    }
    return SparkSession.builder.master("local[1]").config(map=small).getOrCreate()
