"""Flow of random worlds, against an oracle that goes day by day."""

from datetime import date
from pathlib import Path

import pytest

from hmis.measures.answering import answer
from hmis.measures.asked import Asked
from hmis.measures.flow.flow import FLOW
from tests.hmis.measures import tables
from tests.hmis.measures.flow import oracle, worlds
from tests.hmis.measures.flow.identities import hold


@pytest.mark.parametrize("seed", range(20, 28))
def test_a_world_flows_as_a_list_of_its_days_says(tmp_path: Path, seed: int) -> None:
    world = worlds.made(seed, stays=60)
    asked = Asked(date(2022, 1, 14), date(2022, 6, 30), coc=tables.COC if seed % 2 else None)
    with tables.opened(tmp_path, **world) as core:
        said = answer(FLOW, core, asked)
    expected = oracle.flow(world, asked)
    assert oracle.as_told(said) == expected
    hold(said)
    assert said["period"]["people"] > 0
