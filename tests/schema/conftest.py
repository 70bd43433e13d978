"""The schema's tests read its own declarations: every field of every type that a question can reach."""

from __future__ import annotations

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.worlds import World


@pytest.fixture
async def world(database: AsyncEngine) -> World:
    """An empty community."""
    return World(database)
