"""HUD's demo export, whose project 486 has figures that are known from outside (MEASURES, first lines)."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from hmis.measures import core
from hmis.measures.answering import figures_by, records
from hmis.measures.asked import Asked
from hmis.measures.core import Core
from hmis.measures.data_quality.report import DATA_QUALITY
from hmis.measures.measure import Numbers
from tests.hmis.measures import exports

_EXPORTED = Asked(date(2019, 10, 1), date(2022, 9, 30))


@pytest.fixture(scope="module")
def demo(reference: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Core]:
    export = reference("hmis-fy2026-demo.zip")
    with core.opened(exports.snapshot(tmp_path_factory.mktemp("demo"), export)) as tables:
        yield tables


@pytest.fixture(scope="module")
def shelter(demo: Core) -> dict[str, Numbers]:
    """The figures of project 486, over the whole period of the export."""
    found = figures_by(DATA_QUALITY, demo, _EXPORTED, ("project",))
    return {figure: numbers for (figure, project), numbers in found.items() if project == "486"}


def test_sixteen_are_still_there_and_288_have_left(shelter: dict[str, Numbers]) -> None:
    found = {name: shelter[f"Q1/{name}"].units for name in (
        "people/still_there", "households/still_there", "people/exited", "households/exited", "records/all",
    )}  # fmt: skip
    assert found == {
        "people/still_there": 16,
        "households/still_there": 16,
        "people/exited": 288,
        "households/exited": 320,
        "records/all": 341,
    }


def test_starts_were_written_down_as_late_as_is_known(shelter: dict[str, Numbers]) -> None:
    spans = ("under_0", "0", "1_3", "4_6", "7_10", "11_or_more")
    assert [shelter[f"Q6/starts/days_{span}"].units for span in spans] == [1, 18, 139, 58, 31, 84]


def test_a_figure_lists_its_records(demo: Core) -> None:
    listed = records(DATA_QUALITY, demo, _EXPORTED, "Q3/relationship_to_head/issues")
    assert len(listed) == 34
    assert all(one.enrollment_id for one in listed)
