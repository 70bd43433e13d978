"""How alike every two records are that might be one person's, in bits: Splink, on DuckDB or on Apache Spark.

What is compared is in memory, or in a folder that is removed with the work; Splink says nothing while it
works, for what it says may hold a value.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING, Any, NamedTuple

from hmis.identity.matching.known import Known
from hmis.identity.matching.model import COMPARISONS, IN_GENERAL, Trained, settings
from hmis.scratch import scratch
from hmis.spark import spark_session

if TYPE_CHECKING:
    import pyarrow as pa
    from splink import Linker
    from splink.internals.splink_dataframe import SplinkDataFrame

_BATCH = 50_000
_MEMORY = "1500MB"
_DIGITS = 6
"""Of a weight: the last ones depend on the order in which a backend adds."""
_LEVELS = tuple(
    ("missing", *(level.name for level in reversed(comparison.levels))) for comparison in COMPARISONS
)
"""The names of a comparison's levels by Splink's numbers: -1 missing, 0 the last, and up to the first."""


def _bits(name: str, *, rare: bool) -> str:
    return f"mw_{name}" + (f" + mw_tf_adj_{name}" if rare else "") + f" as bits_{name}"


_WANTED = ", ".join(
    (
        "number_l",
        "number_r",
        "match_weight",
        *(f"gamma_{comparison.name}" for comparison in COMPARISONS),
        *(
            _bits(comparison.name, rare=any(level.rare_by for level in comparison.levels))
            for comparison in COMPARISONS
        ),
    )
)


class Backend(StrEnum):
    """What Splink works on."""

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


def table_of(rows: Sequence[Row]) -> pa.Table:
    """Records as Splink takes them."""
    import pyarrow as pa

    numbers = {"number": pa.int64(), "person": pa.int64()}
    said = {name: pa.int64() if name in ("sex", "veteran") else pa.string() for name in Known._fields}
    schema = pa.schema(numbers | said)
    columns: list[Any] = [*zip(*((row.number, row.person, *row.known) for row in rows), strict=True)]
    return pa.table(columns or [[] for _ in schema], schema=schema)


def pairs(records: Sequence[pa.Table], learned: Trained, least: float, backend: Backend) -> list[Pair]:
    """Every pair of at least so many bits, in order of the records' numbers."""
    if sum(map(len, records)) < 2:
        return []
    with linked(records, learned, backend) as linker:
        found = linker.inference.predict(threshold_match_weight=least, warning_mode="never")
        chosen: SplinkDataFrame = linker.misc.query_sql(  # type: ignore[no-untyped-call]
            f"select {_WANTED} from {found.physical_name}"  # noqa: S608
        )
        return list(_pairs(chosen.as_pyarrow_table()))  # type: ignore[no-untyped-call]


@contextmanager
def linked(records: Sequence[pa.Table], learned: Trained | None, backend: Backend) -> Iterator[Linker]:
    """Splink over these records (`table_of`); nothing of them is left anywhere afterwards."""
    from splink import Linker

    quiet = logging.getLogger("splink")  # it logs SQL, and what it found in it
    quiet.setLevel(logging.CRITICAL)
    quiet.propagate = False
    with (_on_duckdb if backend is Backend.DUCKDB else _on_spark)(records) as table:
        chosen = settings(sum(map(len, records)), learned)
        linker = Linker(table, chosen, log_level=None, validate_settings=False)
        if learned is not None:
            _tell_how_rare(linker, table.physical_name, learned)
        yield linker


def _tell_how_rare(linker: Linker, records: str, learned: Trained) -> None:
    """Count how common each name is, and add what is known of names in general: the names of few records say
    little about how common they are."""
    for comparison in COMPARISONS:
        for level in comparison.levels:
            if (column := level.rare_by) is not None:
                usual = learned["comparisons"][comparison.name][level.name]["u"]
                counted: SplinkDataFrame = linker.misc.query_sql(  # type: ignore[no-untyped-call]
                    f"""select {column}, (count(*) + {IN_GENERAL * usual}) /
                               ((select count({column}) from {records}) + {IN_GENERAL}.0) as tf_{column}
                        from {records} where {column} is not null group by {column}"""  # noqa: S608
                )
                linker.table_management.register_term_frequency_lookup(counted, column)


@contextmanager
def _on_duckdb(records: Sequence[pa.Table]) -> Iterator[SplinkDataFrame]:
    import duckdb
    from splink import DuckDBAPI

    with (
        scratch(Path(gettempdir()), "hub-match-") as folder,  # for what does not fit into memory
        duckdb.connect(":memory:") as connection,
    ):
        connection.execute(f"set temp_directory = '{folder}'")
        connection.execute(f"set memory_limit = '{_MEMORY}'")
        connection.execute("set preserve_insertion_order = false")
        connection.execute("set enable_progress_bar = false")
        for number, batch in enumerate(records):
            connection.register("batch", batch)
            connection.execute(
                "insert into records from batch" if number else "create table records as from batch"
            )
            connection.unregister("batch")
        yield DuckDBAPI(connection=connection).register("records")


@contextmanager
def _on_spark(records: Sequence[pa.Table]) -> Iterator[SplinkDataFrame]:
    import pyarrow as pa
    from splink import SparkAPI

    session = spark_session()
    frame = session.createDataFrame(pa.concat_tables(records)).persist()
    try:
        # In memory: other ways of breaking the lineage write files that stay.
        api = SparkAPI(  # type: ignore[no-untyped-call]
            spark_session=session, break_lineage_method="persist", register_udfs_automatically=False
        )
        yield api.register(frame)
    finally:
        session.catalog.clearCache()


def _pairs(found: pa.Table) -> Iterator[Pair]:
    names = [comparison.name for comparison in COMPARISONS]
    shared: dict[tuple[int, ...], tuple[str, ...]] = {}
    table = found.sort_by([("number_l", "ascending"), ("number_r", "ascending")])
    for batch in table.to_batches(max_chunksize=_BATCH):
        gammas = zip(*(batch.column(f"gamma_{name}").to_pylist() for name in names), strict=True)
        bits = zip(*(batch.column(f"bits_{name}").to_pylist() for name in names), strict=True)
        ends = (batch.column(name).to_pylist() for name in ("number_l", "number_r", "match_weight"))
        for one, other, weight, levels, says in zip(*ends, gammas, bits, strict=True):
            if levels not in shared:
                shared[levels] = tuple(_LEVELS[at][level + 1] for at, level in enumerate(levels))
            yield Pair(one, other, round(weight, _DIGITS), shared[levels], says)
