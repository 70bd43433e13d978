"""How alike every two records are that might be one person's, in bits: Splink, on DuckDB or on Apache Spark.

What is compared is in memory, or in a folder that is removed with the work; Splink says nothing while it
works, for what it says may hold a value.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from itertools import islice
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

from hmis.identity.matching.known import Known
from hmis.identity.matching.model import COMPARISONS, Trained, settings

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]  # it has no types
    from splink import Linker
    from splink.internals.splink_dataframe import SplinkDataFrame

_BATCH = 50_000
_MEMORY = "2GB"
_LEVELS = tuple(
    ("missing", *(level.name for level in reversed(comparison.levels))) for comparison in COMPARISONS
)
"""The names of a comparison's levels by Splink's numbers: -1 missing, 0 the last, and up to the first."""


_WANTED = ", ".join((
    "number_l", "number_r", "match_weight",
    *(f"gamma_{comparison.name}" for comparison in COMPARISONS),
    *(f"mw_{comparison.name}" + (
        f" + mw_tf_adj_{comparison.name}" if any(level.rare_by for level in comparison.levels) else ""
    ) + f" as bits_{comparison.name}" for comparison in COMPARISONS),
))  # fmt: skip


class Backend(StrEnum):
    DUCKDB = "duckdb"
    SPARK = "spark"


class Row(NamedTuple):
    """A record to compare."""

    number: int
    """Its own, for the length of this run."""
    person: int
    """Of whom it is so far: two records of one person are not compared."""
    known: Known


class Pair(NamedTuple):
    """Two records that may be one person's."""

    one: int
    other: int
    """Numbers of records, the smaller one first."""
    weight: float
    """Bits: log2 of the odds that they are one person's."""
    levels: tuple[str, ...]
    """How alike they are, by comparison in the order of `COMPARISONS`."""
    bits: tuple[float, ...]
    """What each comparison says for one person, or against."""


def pairs(rows: Rows, learned: Trained, least: float, backend: Backend) -> list[Pair]:
    """Every pair of at least so many bits, in order of the records' numbers."""
    with linked(rows, learned, backend) as linker:
        found = linker.inference.predict(threshold_match_weight=least, warning_mode="never")
        return list(_pairs(linker.misc.query_sql(f"select {_WANTED} from {found.physical_name}")))


class Rows(NamedTuple):
    """Records that come one by one, for they are many."""

    count: int
    rows: Iterable[Row]


@contextmanager
def linked(rows: Rows, learned: Trained | None, backend: Backend) -> Iterator[Linker]:
    """Splink over these records; nothing of them is left anywhere afterwards."""
    from splink import Linker

    silence()
    with TemporaryDirectory(prefix="hub-match-") as folder:
        opened = _duckdb(rows, folder) if backend is Backend.DUCKDB else _spark(rows, folder)
        with opened as table:
            yield Linker(table, settings(rows.count, learned), log_level=None, validate_settings=False)


def silence() -> None:
    """Splink logs SQL and what it found in it."""
    quiet = logging.getLogger("splink")
    quiet.setLevel(logging.CRITICAL)
    quiet.propagate = False


@contextmanager
def _duckdb(rows: Rows, folder: str) -> Iterator[SplinkDataFrame]:
    import duckdb
    from splink import DuckDBAPI

    connection = duckdb.connect(":memory:")
    try:
        connection.execute(f"set temp_directory = '{folder}'")
        connection.execute(f"set memory_limit = '{_MEMORY}'")
        connection.execute("set preserve_insertion_order = false")
        connection.execute("set enable_progress_bar = false")
        for number, batch in enumerate(_batches(rows.rows)):
            connection.register("batch", batch)
            create = "create table records as" if number == 0 else "insert into records"
            connection.execute(f"{create} select * from batch")
            connection.unregister("batch")
        yield DuckDBAPI(connection=connection).register("records")
    finally:
        connection.close()


@contextmanager
def _spark(rows: Rows, folder: str) -> Iterator[SplinkDataFrame]:
    """The session is the one there is, or one as spark-defaults.conf and SPARK_* say; else a local one."""
    import pyarrow as pa
    from pyspark.sql import SparkSession
    from splink import SparkAPI

    session = SparkSession.builder.appName("hmis-hub match").getOrCreate()
    batches = list(_batches(rows.rows))
    records = session.createDataFrame(pa.concat_tables(batches)).persist()
    try:
        api = SparkAPI(
            spark_session=session, break_lineage_method="persist", register_udfs_automatically=False
        )
        yield api.register(records)
    finally:
        session.catalog.clearCache()


def _batches(rows: Iterable[Row]) -> Iterator[pa.Table]:
    """Tables of some thousand rows; one without rows where there are none."""
    import pyarrow as pa

    numbers = {"number": pa.int64(), "person": pa.int64()}
    said = {name: pa.int64() if name in ("sex", "veteran") else pa.string() for name in Known._fields}
    schema = pa.schema(numbers | said)
    coming = iter(rows)
    first = True
    while (batch := list(islice(coming, _BATCH))) or first:
        first = False
        columns = zip(*((row.number, row.person, *row.known) for row in batch), strict=True)
        yield pa.table([*columns] or [[] for _ in schema], schema=schema)


def _pairs(found: SplinkDataFrame) -> Iterator[Pair]:
    table = found.as_pyarrow_table()
    names = [comparison.name for comparison in COMPARISONS]
    shared: dict[tuple[int, ...], tuple[str, ...]] = {}
    order = table.sort_by([("number_l", "ascending"), ("number_r", "ascending")])
    for batch in order.to_batches(max_chunksize=_BATCH):
        gammas = zip(*(batch.column(f"gamma_{name}").to_pylist() for name in names), strict=True)
        bits = zip(*(batch.column(f"bits_{name}").to_pylist() for name in names), strict=True)
        ends = (batch.column(name).to_pylist() for name in ("number_l", "number_r", "match_weight"))
        for one, other, weight, levels, says in zip(*ends, gammas, bits, strict=True):
            if levels not in shared:
                shared[levels] = tuple(_LEVELS[at][level + 1] for at, level in enumerate(levels))
            yield Pair(one, other, weight, shared[levels], says)
