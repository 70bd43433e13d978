"""A seeded population small enough for every run, compared once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from hmis.community.population import Line, Population
from hmis.community.teaching import rows_of
from hmis.identity.matching.deciding import Decision, Facts, Terms, decide
from hmis.identity.matching.model import trained
from hmis.identity.matching.scoring import Backend, Pair, Row, pairs, table_of


@dataclass(frozen=True)
class Compared:
    """Records that are each a person of their own, whose they really are, and who is alike."""

    lines: list[Line]
    rows: list[Row]
    pairs: list[Pair]

    @property
    def truth(self) -> list[int]:
        return [line.person for line in self.lines]

    def decided(self) -> Decision:
        facts = {row.number: [Facts(row.known.ssn, row.known.born)] for row in self.rows}
        return decide(self.pairs, range(len(self.rows)), facts)


def compared_by(backend: Backend, lines: list[Line]) -> Compared:
    rows = [row._replace(person=row.number) for row in rows_of(lines)]
    table = table_of([row for row in rows if row.known.can_be_compared])
    return Compared(lines, rows, pairs([table], trained(), Terms().review, backend))


@pytest.fixture(scope="session")
def population() -> Compared:
    """Four thousand records."""
    return compared_by(Backend.DUCKDB, list(Population(11).records(4_000)))


@pytest.fixture(scope="session")
def spark() -> Any:
    """The one local session of the run; it ends with the process."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    for name in ("spark.sql.shuffle.partitions", "spark.default.parallelism"):
        builder = builder.config(name, "1")
    return builder.getOrCreate()
