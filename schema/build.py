"""The schema, built and checked."""

from __future__ import annotations

import strawberry
from strawberry.schema.config import StrawberryConfig

from schema import words
from schema.consent import Mutation
from schema.query import Query

__all__ = ["schema", "words"]


def build() -> strawberry.Schema:
    return strawberry.Schema(
        query=Query, mutation=Mutation, config=StrawberryConfig(disable_field_suggestions=True)
    )


schema = build()
