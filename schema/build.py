"""The schema, built and checked."""

from __future__ import annotations

import strawberry
from strawberry.schema.config import StrawberryConfig

from schema import words
from schema.check import check
from schema.mutation import Mutation
from schema.query import Query

__all__ = ["printed", "schema", "words"]


def build() -> strawberry.Schema:
    """The schema; refused where it could tell of somebody unasked."""
    built = strawberry.Schema(
        query=Query, mutation=Mutation, config=StrawberryConfig(disable_field_suggestions=True)
    )
    check(built)
    return built


schema = build()


def printed() -> str:
    """The schema as its readers know it: `schema/schema.graphql` is this text."""
    return f"{schema.as_str()}\n"
