"""The keys of a batch as a table to join with: one statement for any number of keys, one plan for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import FromClause, func, literal
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import TypeEngine


def asked(columns: Mapping[str, TypeEngine[Any]], keys: Sequence[Sequence[object]]) -> FromClause:
    """`asked({"source_id": Integer(), "key": Text()}, [(1, "7"), (1, "9")])` -> asked(source_id, key)."""
    arrays = [
        literal([key[place] for key in keys], ARRAY(kind)) for place, kind in enumerate(columns.values())
    ]
    return func.unnest(*arrays).table_valued(*columns, name="asked").render_derived()
