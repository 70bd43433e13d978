"""What holds of every answer of flow."""

from __future__ import annotations

from itertools import pairwise
from typing import Any


def hold(said: dict[str, Any]) -> None:
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
