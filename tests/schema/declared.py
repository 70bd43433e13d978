"""What the schema declares, for tests that hold it against HUD's specification."""

from __future__ import annotations

from collections.abc import Iterator

from graphql import GraphQLObjectType, GraphQLSchema

from schema.build import schema
from schema.fields import HubField

CORE: GraphQLSchema = schema._schema


def object_types() -> Iterator[GraphQLObjectType]:
    """The types of answers. GraphQL keeps only what Query and Mutation reach."""
    for name, kind in CORE.type_map.items():
        if isinstance(kind, GraphQLObjectType) and not name.startswith("__"):
            yield kind


def declared(kind: GraphQLObjectType) -> dict[str, HubField]:
    """The fields of a type by the name callers use."""
    found = {name: field.extensions.get("strawberry-definition") for name, field in kind.fields.items()}
    return {name: field for name, field in found.items() if isinstance(field, HubField)}


def fields() -> Iterator[tuple[str, HubField]]:
    """Every field as `Exit.destination` and its declaration."""
    for kind in object_types():
        for name, field in declared(kind).items():
            yield f"{kind.name}.{name}", field
