"""Flow of random worlds and of the demo export, against an oracle that goes day by day."""

from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from hmis.measures.answering import answer
from hmis.measures.asked import Asked
from hmis.measures.flow.flow import FLOW
from tests.hmis.measures import tables
from tests.hmis.measures.flow import oracle, worlds


def _identities_hold(said: dict[str, Any]) -> None:
    """What comes in less what goes out is what has changed."""
    period, inflow, outflow = said["period"], said["inflow"], said["outflow"]
    assert sum(inflow.values()) == sum(outflow.values()) == period["people"]
    there_before, there_after = (block["housed"] + block["homeless"] for block in (inflow, outflow))
    assert period["inflow"] - period["outflow"] == period["change"] == there_after - there_before
    ends = [inflow["homeless"], *(month["homeless_at_end"] for month in said["monthly"])]
    changes = [month["change"] for month in said["monthly"]]
    assert changes == [after - before for before, after in pairwise(ends)]
    assert changes == [month["inflow"] - month["outflow"] for month in said["monthly"]]
    assert ends[-1] == outflow["homeless"]


@pytest.mark.parametrize("seed", range(20, 28))
def test_a_world_flows_as_a_list_of_its_days_says(tmp_path: Path, seed: int) -> None:
    world = worlds.made(seed, stays=60)
    asked = Asked(date(2022, 1, 14), date(2022, 6, 30), coc=tables.COC if seed % 2 else None)
    with tables.opened(tmp_path, **world) as core:
        said = answer(FLOW, core, asked)
    expected = oracle.flow(world, asked)
    assert oracle.as_told(said) == expected
    _identities_hold(said)
    assert said["period"]["people"] > 0
