"""Statements that are built once: their constants stand in the text, only what differs is a parameter.

SQLAlchemy makes a parameter of every number and word of an expression. A statement about people has more than
a hundred, and handing them over took longer than PostgreSQL took to answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar, cast

from sqlalchemy import BindParameter, Select, literal_column
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.sql.visitors import replacement_traverse

Statement = TypeVar("Statement", bound=Select[Any])
_POSTGRESQL = asyncpg.dialect()  # type: ignore[no-untyped-call]  # it has no types


def fixed(statement: Statement) -> Statement:
    """The same statement with its constants written out. Named parameters stay what they are."""

    def constant(element: Any, **_: Any) -> Any:
        if isinstance(element, BindParameter) and element.unique and not element.expanding:
            text = element.compile(dialect=_POSTGRESQL, compile_kwargs={"literal_binds": True})
            # As a parameter it would have had its type, too.
            kind = element.type.compile(dialect=_POSTGRESQL)
            return literal_column(f"{text}::{kind}", element.type)
        return None

    return cast(Statement, replacement_traverse(statement, {}, constant))


@dataclass(frozen=True, slots=True)
class Sentence:
    """A statement as the driver takes it: its text with $1, $2 …, and what these are called, in order."""

    text: str
    names: tuple[str, ...]


def sentence(statement: Select[Any]) -> Sentence:
    """A statement without unnamed parameters, read once for all."""
    compiled = statement.compile(dialect=_POSTGRESQL)
    return Sentence(compiled.string, tuple(compiled.positiontup or ()))
