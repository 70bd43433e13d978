"""Beds: nights on which there was one, of projects that take part, and nobody's."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from hmis.measures.answering import answer
from hmis.measures.asked import Asked
from hmis.measures.beds import BEDS
from hmis.measures.publishing.attack import audit
from hmis.measures.publishing.counted import Scope, cubes
from hmis.measures.publishing.deciding import decided
from hmis.measures.publishing.suppress import suppress
from hmis.measures.publishing.tied import tied
from tests.hmis.measures import tables

JANUARY = Asked(date(2022, 1, 1), date(2022, 1, 31))
SCOPE = Scope(JANUARY.start, JANUARY.end)


def _inventory(project: str, beds: int, **more: object) -> dict[str, object]:
    return {
        "ProjectID": project, "CoCCode": tables.COC, "BedInventory": beds, "UnitInventory": 2,
        "InventoryStartDate": "2020-01-01", **more,
    }  # fmt: skip


ROWS = {
    "Project": [
        {"ProjectID": "p1", "ProjectType": 0},
        {"ProjectID": "p2", "ProjectType": 2},
        {"ProjectID": "p3", "ProjectType": 13},
    ],
    "Inventory": [
        _inventory("p1", 10),
        _inventory("p1", 4, InventoryEndDate="2022-01-10"),
        _inventory("p2", 1, InventoryStartDate="2022-01-29"),
        _inventory("p3", 20, CoCCode="XX-999"),
    ],
}


def test_a_bed_counts_for_every_night_it_was_in_force(tmp_path: Path) -> None:
    with tables.opened(tmp_path, **ROWS) as core:
        told = answer(BEDS, core, JANUARY)
        of_coc = answer(BEDS, core, Asked(JANUARY.start, JANUARY.end, tables.COC))
    shelter = 10 * 31 + 4 * 10
    assert told["available"] == {
        "ES": shelter, "SH": 0, "TH": 3, "RRH": 620, "PSH": 0, "ES+SH+TH": shelter + 3
    }  # fmt: skip
    assert of_coc["available"] == {**told["available"], "RRH": 0}


def test_beds_are_nobodys_so_only_what_is_as_small_as_a_few_people_is_hidden(tmp_path: Path) -> None:
    with tables.opened(tmp_path, **ROWS) as core:
        counts = list(cubes(BEDS, core, SCOPE))
    table = tied(counts)
    assert audit(suppress(table.cells.values(), table.relations), table.relations) == []
    (cube,) = decided(counts, ())
    shown = {place[0].removeprefix("available/"): cell.value for place, cell in cube.cells.items()}
    # With the three nights in transitional housing their difference is hidden, too.
    assert shown["TH"] is None
    assert (shown["ES"] is None) or (shown["ES+SH+TH"] is None)
    assert (shown["RRH"], shown["PSH"]) == (620, 0)
