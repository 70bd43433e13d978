"""The keys of a batch as a table to join with: one statement for any number of keys, one plan for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import FromClause, bindparam, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import TypeEngine

Columns = Mapping[str, TypeEngine[Any]]


def asked(columns: Columns) -> FromClause:
    """`asked({"source_id": Integer(), "key": Text()})` -> asked(source_id, key), filled by `keys`."""
    arrays = [bindparam(f"asked_{name}", type_=ARRAY(kind)) for name, kind in columns.items()]
    return func.unnest(*arrays).table_valued(*columns, name="asked").render_derived()


def keys(columns: Columns, rows: Sequence[Sequence[object]]) -> dict[str, list[object]]:
    """`keys(columns, [(1, "7"), (1, "9")])`: what `asked(columns)` holds when the statement runs."""
    return {f"asked_{name}": [row[place] for row in rows] for place, name in enumerate(columns)}
