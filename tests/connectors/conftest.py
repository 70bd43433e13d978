"""Fixtures for partner tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import stamina

from connectors.energy_drop.kit import Agency, agency
from connectors.hmis_peer.kit import Neighbour, neighbour


@pytest.fixture(autouse=True)
def no_waiting_between_retries() -> Iterator[None]:
    """Retries happen as in earnest, at most as many, and at once."""
    with stamina.set_testing(True, attempts=99, cap=True):
        yield


@pytest.fixture
async def energy_agency(tmp_path: Path) -> AsyncIterator[Agency]:
    async with agency(tmp_path) as running:
        yield running


@pytest.fixture
async def next_door(tmp_path: Path) -> AsyncIterator[Neighbour]:
    async with neighbour(tmp_path) as running:
        yield running
