"""Statements that are built once: their constants stand in the text, only what differs is a parameter.

SQLAlchemy makes a parameter of every number and word of an expression. A statement about people has more than
a hundred, and handing them over took longer than PostgreSQL took to answer.
"""

from __future__ import annotations

from typing import Any, TypeVar, cast

from sqlalchemy import BindParameter, Select, literal_column
from sqlalchemy.sql.visitors import replacement_traverse

from hmis.sentence import POSTGRESQL

Statement = TypeVar("Statement", bound=Select[Any])


def fixed(statement: Statement) -> Statement:
    """The same statement with its constants written out. Named parameters stay what they are."""

    def constant(element: Any, **_: Any) -> Any:
        if isinstance(element, BindParameter) and element.unique and not element.expanding:
            text = element.compile(dialect=POSTGRESQL, compile_kwargs={"literal_binds": True})
            # As a parameter it would have had its type, too.
            kind = element.type.compile(dialect=POSTGRESQL)
            return literal_column(f"{text}::{kind}", element.type)
        return None

    return cast(Statement, replacement_traverse(statement, {}, constant))
