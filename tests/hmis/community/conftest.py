from __future__ import annotations

import pytest

from hmis.community import Community, build


@pytest.fixture(scope="session")
def community() -> Community:
    """The demo's community: 500 people. Tests read it and change nothing."""
    return build()
