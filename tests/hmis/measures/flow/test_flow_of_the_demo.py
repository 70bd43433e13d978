"""Flow of HUD's demo export, by the measure and by an oracle that reads the CSV files and goes day by day."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from hmis.measures import core
from hmis.measures.answering import answer
from hmis.measures.asked import Asked
from hmis.measures.core import Core
from hmis.measures.flow.flow import FLOW
from tests.hmis.measures import exports
from tests.hmis.measures.flow import oracle
from tests.hmis.measures.flow.identities import hold

_YEAR = Asked(date(2021, 10, 1), date(2022, 9, 30))
_FILES = (
    "Project", "HMISParticipation", "Enrollment", "Exit", "Services", "CurrentLivingSituation",
)  # fmt: skip
_TEXTS = ("ID", "Date", "CoC")


@pytest.fixture(scope="module")
def export(reference: Any) -> Path:
    path: Path = reference("hmis-fy2026-demo.zip")
    return path


@pytest.fixture(scope="module")
def demo(export: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Core]:
    with core.opened(exports.snapshot(tmp_path_factory.mktemp("demo"), export)) as tables:
        yield tables


def _read(export: Path) -> dict[str, list[dict[str, Any]]]:
    """The files as they are: texts and whole numbers, nothing for what is blank."""

    def value(name: str, said: str) -> str | int | None:
        if not said:
            return None
        return said[:10] if any(part in name for part in _TEXTS) or not said.isdigit() else int(said)

    with zipfile.ZipFile(export) as archive:
        return {
            file: [
                {name: value(name, said) for name, said in row.items()}
                for row in csv.DictReader(io.StringIO(archive.read(f"{file}.csv").decode("utf-8-sig")))
                if not row["DateDeleted"]
            ]
            for file in _FILES
        }


def test_the_demo_flows_as_a_list_of_its_days_says(demo: Core, export: Path) -> None:
    said = answer(FLOW, demo, _YEAR)
    assert oracle.as_told(said) == oracle.flow(_read(export), _YEAR)
    hold(said)


def test_the_year_of_the_demo(demo: Core) -> None:
    said = answer(FLOW, demo, _YEAR)
    assert said["inflow"] == {
        "housed": 71, "homeless": 161, "first_time": 759, "returned_from_permanent": 32,
        "re_engaged_from_non_permanent": 16,
    }  # fmt: skip
    assert said["outflow"] == {
        "housed": 50, "homeless": 261, "exited_permanent": 369, "exited_non_permanent": 294, "inactive": 65,
    }  # fmt: skip
    assert [month["homeless_at_end"] for month in said["monthly"]][-1] == said["outflow"]["homeless"]
