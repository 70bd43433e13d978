"""Journeys: a world, a document, the exact answer."""

from __future__ import annotations

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.worlds import World


@pytest.fixture
async def world(database: AsyncEngine) -> World:
    """An empty community."""
    return World(database)
