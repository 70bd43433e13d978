"""The one Spark of a run, and the rows that both backends count."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest

from hmis.measures import core
from hmis.measures.snapshot import Snapshot
from tests.bench import state

STAYS, SEED = 2_000, 3

# For rows as few as these: no code made and compiled for each query, no pieces, no second plan.
_SMALL = {
    "spark.master": "local[1]", "spark.sql.shuffle.partitions": "1", "spark.default.parallelism": "1",
    "spark.sql.codegen.wholeStage": "false", "spark.sql.adaptive.enabled": "false",
}  # fmt: skip


@pytest.fixture(scope="session")
def spark_here() -> Iterator[None]:
    """Spark can start, and starts small. A test that asks for it skips where there is no Java."""
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        if os.environ.get("CI") == "true":
            pytest.fail("CI runs with Java (.ci/run installs it), and it is not there")
        pytest.skip("there is no Java here, which Spark needs: apt-get install openjdk-17-jre-headless")
    said = " ".join(f"--conf {name}={value}" for name, value in _SMALL.items())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSPARK_SUBMIT_ARGS", f"{said} pyspark-shell")
        yield


@pytest.fixture(scope="session")
def small_state(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """A made state of some hundred people a year."""
    return state.snapshot(tmp_path_factory.mktemp("state"), STAYS, SEED)


@pytest.fixture(scope="session")
def on_duckdb(small_state: Snapshot) -> Iterator[core.Core]:
    with core.opened(small_state) as tables:
        yield tables


@pytest.fixture(scope="session")
def on_spark(small_state: Snapshot, spark_here: None) -> Iterator[core.Core]:
    with core.opened(small_state, "spark") as tables:
        yield tables
