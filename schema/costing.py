"""Costing: what fields weigh and how long lists are, told in the schema by the directives of IBM's cost
specification (https://ibm.github.io/graphql-specs/cost-spec.html)."""

from __future__ import annotations

import strawberry
from graphql import GraphQLField
from strawberry.schema_directive import Location

UNSAID = 10
"""Taken for the length of a list that says nothing. No list of objects in our own schema does."""
PAGES = ("edges", "nodes")
"""The lists of a connection, each as long as its page."""


@strawberry.schema_directive(
    locations=[
        Location.ARGUMENT_DEFINITION,
        Location.ENUM,
        Location.FIELD_DEFINITION,
        Location.INPUT_FIELD_DEFINITION,
        Location.OBJECT,
        Location.SCALAR,
    ],
    description="What one of these weighs when the cost of an operation is added up",
)
class Cost:
    weight: str


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    description="How long a list is taken to be when the cost of an operation is added up",
)
class ListSize:
    assumed_size: int | None = strawberry.UNSET
    slicing_arguments: list[str] | None = strawberry.UNSET
    sized_fields: list[str] | None = strawberry.UNSET
    require_one_slicing_argument: bool | None = True


def listed(size: int) -> ListSize:
    """Of a list that comes whole: how long it is taken to be. Most are shorter."""
    return ListSize(assumed_size=size, require_one_slicing_argument=strawberry.UNSET)


def paged(by: str) -> ListSize:
    """Of a connection. The argument that cuts the page has a default, so it need not be given."""
    return ListSize(slicing_arguments=[by], sized_fields=list(PAGES), require_one_slicing_argument=False)


def cost_of(field: GraphQLField) -> int | None:
    """What the field was told to weigh; None = nothing was told."""
    told = [one for one in _directives(field) if isinstance(one, Cost)]
    return int(told[0].weight) if told else None


def size_of(field: GraphQLField) -> ListSize | None:
    """How long the field says its list is; None = it does not say."""
    told = [one for one in _directives(field) if isinstance(one, ListSize)]
    return told[0] if told else None


def _directives(field: GraphQLField) -> list[object]:
    return list(getattr(field.extensions.get("strawberry-definition"), "directives", ()))
