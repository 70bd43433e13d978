"""A seeded population small enough for every run, compared once."""

from __future__ import annotations

import pytest

from hmis.community.population import Population
from hmis.identity.matching.scoring import Backend
from tests.populations import Compared, compared_by


@pytest.fixture(scope="session")
def population() -> Compared:
    """Four thousand records."""
    return compared_by(Backend.DUCKDB, list(Population(11).records(4_000)))
