"""Sentences: statements read once for all, as the driver takes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select
from sqlalchemy.dialects.postgresql import asyncpg

POSTGRESQL = asyncpg.dialect()  # type: ignore[no-untyped-call]  # it has no types


@dataclass(frozen=True, slots=True)
class Sentence:
    """A statement's text with $1, $2 …, and what these are called, in order."""

    text: str
    names: tuple[str, ...]

    def arguments(self, values: Mapping[str, Any]) -> list[Any]:
        """What stands for $1, $2 …, out of values by name."""
        return [values[name] for name in self.names]


def sentence(statement: Select[Any]) -> Sentence:
    """A statement without unnamed parameters, read once for all."""
    compiled = statement.compile(dialect=POSTGRESQL)
    return Sentence(compiled.string, tuple(compiled.positiontup or ()))
