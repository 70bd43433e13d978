"""The rows that both backends count."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hmis.measures import core
from hmis.measures.snapshot import Snapshot
from tests.bench import state

STAYS, SEED = 2_000, 3


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
