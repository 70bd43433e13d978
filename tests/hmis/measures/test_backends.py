"""One definition, two backends, equal to the last digit: rows, figures, what is printed, whom they count."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hmis.measures.answering import figures, figures_by, records
from hmis.measures.catalog import MEASURES
from hmis.measures.core import Core
from hmis.measures.dimensions import with_dimensions
from hmis.measures.measure import Measure
from tests.bench.state import YEAR

# One worker of a run has the one Spark.
pytestmark = pytest.mark.xdist_group("spark")


def _rows(tables: Core, measure: Measure) -> tuple[Measure, list[tuple[Any, ...]]]:
    """The measure with its members computed once, and those with all that they may be counted by."""
    kept = tables.kept(measure.members(tables, YEAR))
    rows = with_dimensions(tables, YEAR, kept, measure.by)
    listed = rows.select(sorted(rows.columns)).to_pyarrow().to_pylist()
    return replace(measure, members=lambda core, asked: kept), sorted(
        (tuple(row.values()) for row in listed), key=repr
    )


@pytest.mark.parametrize("name", MEASURES)
def test_spark_counts_as_duckdb_does(name: str, on_duckdb: Core, on_spark: Core) -> None:
    measure = MEASURES[name]
    here, rows_here = _rows(on_duckdb, measure)
    there, rows_there = _rows(on_spark, measure)
    assert rows_here
    assert rows_there == rows_here
    found = figures(here, on_duckdb, YEAR)
    assert figures(there, on_spark, YEAR) == found
    assert measure.shape(figures(there, on_spark, YEAR)) == measure.shape(found)
    for dimension in measure.by:
        by = (dimension,)
        assert figures_by(there, on_spark, YEAR, by) == figures_by(here, on_duckdb, YEAR, by)
    most = max(found, key=lambda figure: found[figure].units)
    assert records(there, on_spark, YEAR, most) == records(here, on_duckdb, YEAR, most)
