"""One definition, two backends, equal to the last digit: rows, figures, what is printed, whom they count."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ibis.expr.types import Table

from hmis.measures.answering import counted, figures, records
from hmis.measures.asked import Asked
from hmis.measures.catalog import MEASURES
from hmis.measures.core import Core
from hmis.measures.dimensions import with_dimensions
from hmis.measures.measure import Figures, Measure
from tests.bench.state import YEAR


class Said:
    """All that a measure says on a backend. Its rows are computed there once, and counted there each time."""

    def __init__(self, tables: Core, measure: Measure) -> None:
        self._tables = tables
        self._kept = tables.kept(with_dimensions(tables, YEAR, measure.members(tables, YEAR), measure.by))
        self._measure = replace(measure, members=self._members)

    def _members(self, tables: Core, asked: Asked) -> Table:
        return self._kept

    def rows(self) -> list[tuple[Any, ...]]:
        """Members with all that they may be counted by."""
        listed = self._kept.select(sorted(self._kept.columns)).to_pyarrow().to_pylist()
        return sorted((tuple(row.values()) for row in listed), key=repr)

    def figures(self) -> Figures:
        return figures(self._measure, self._tables, YEAR)

    def by(self, dimension: str) -> dict[tuple[str, ...], object]:
        return dict(counted(self._measure, self._kept, ("figure", dimension)))

    def records(self, figure: str) -> object:
        return records(self._measure, self._tables, YEAR, figure)


@pytest.mark.parametrize("name", MEASURES)
def test_spark_counts_as_duckdb_does(name: str, on_duckdb: Core, on_spark: Core) -> None:
    measure = MEASURES[name]
    here, there = Said(on_duckdb, measure), Said(on_spark, measure)
    rows = here.rows()
    assert rows
    assert there.rows() == rows
    found, found_there = here.figures(), there.figures()
    assert found_there == found
    assert measure.shape(found_there) == measure.shape(found)
    for dimension in measure.by:
        assert there.by(dimension) == here.by(dimension)
    most = max(found, key=lambda figure: found[figure].units)
    assert there.records(most) == here.records(most)
