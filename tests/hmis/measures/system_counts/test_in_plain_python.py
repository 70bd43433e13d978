"""The measure against the same rules written another way: a household at a time, nights as sets of dates."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from hmis.measures.answering import answer
from hmis.measures.asked import Asked
from hmis.measures.core import Core, opened
from hmis.measures.system_counts.counts import SYSTEM_COUNTS
from hmis.measures.system_counts.detail import SYSTEM_COUNTS_DETAIL
from hmis.measures.system_counts.universe import UNIVERSES
from tests.hmis.measures import exports, tables
from tests.hmis.measures.system_counts import demo
from tests.hmis.measures.system_counts.made import END, START, as_text, system
from tests.hmis.measures.system_counts.oracle import Oracle

YEAR = Asked(START, END)


def _are_equal(core: Core, files: dict[str, Any], asked: Asked) -> None:
    expected = Oracle(files, asked.start, asked.end, asked.coc)
    detail = answer(SYSTEM_COUNTS_DETAIL, core, asked)
    key = ("report_row", "cohort", "universe", "household_type", "project_id")
    assert {tuple(row[part] for part in key): row["value"] for row in detail["rows"]} == expected.rows()
    assert detail["report"] == expected.report()
    counts, moves = answer(SYSTEM_COUNTS, core, asked), expected.moves()
    for code, universe in enumerate(UNIVERSES, start=11):
        assert counts["people"][universe] == expected.rows().get((53, 1, code, 0, None), 0)
        assert counts["households"][universe] == expected.rows().get((54, 1, code, 0, None), 0)
        assert counts["bed_nights"][universe] == expected.rows().get((56, 1, code, 0, None), 0)
        assert counts["entries"][universe] == moves["entries"][code]
        assert counts["exits"][universe] == moves["exits"][code]
    assert counts["unduplicated_people"] == expected.report()["UnduplicatedClient"]


@pytest.mark.parametrize("seed", range(4))
def test_any_small_system_counts_alike(tmp_path: Path, seed: int) -> None:
    files = system(seed)
    with tables.opened(tmp_path, **as_text(files)) as core:
        for asked in (YEAR, Asked(START, END, tables.COC), Asked(date(2023, 1, 31), date(2023, 1, 31))):
            _are_equal(core, files, asked)


def test_the_demo_export_counts_alike_and_to_known_figures(tmp_path: Path, reference: Any) -> None:
    export = reference("hmis-fy2026-demo.zip")
    files = demo.read(export)
    year = Asked(date(2021, 10, 1), date(2022, 9, 30), "XX-501")
    with opened(exports.snapshot(tmp_path, export)) as core:
        _are_equal(core, files, year)
        _are_equal(core, files, Asked(date(2023, 10, 1), date(2024, 9, 30)))
        made = answer(SYSTEM_COUNTS, core, year)
    assert made == {
        "unduplicated_people": 732,
        "people": {"ES": 293, "SH": 0, "TH": 121, "RRH": 54, "PSH": 23, "ES+SH+TH": 414},
        "households": {"ES": 245, "SH": 0, "TH": 75, "RRH": 30, "PSH": 22, "ES+SH+TH": 320},
        "bed_nights": {"ES": 10742, "SH": 0, "TH": 17934, "RRH": 6145, "PSH": 5561, "ES+SH+TH": 28676},
        "entries": {"ES": 294, "SH": 0, "TH": 83, "RRH": 137, "PSH": 10, "ES+SH+TH": 377},
        "exits": {"ES": 299, "SH": 0, "TH": 88, "RRH": 45, "PSH": 14, "ES+SH+TH": 387},
    }
