"""Place: what resolvers may ask about the field they answer, the same for every request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphql import FieldNode, FragmentDefinitionNode, GraphQLObjectType

from resolvers.request import Request


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Where a field stands in its document; of graphql-core's `GraphQLResolveInfo` what is used here."""

    parent_type: GraphQLObjectType
    field_name: str
    field_nodes: Sequence[FieldNode]
    fragments: Mapping[str, FragmentDefinitionNode]


@dataclass(frozen=True, slots=True, eq=False)
class PlaceInfo:
    """Of Strawberry's `Info` what resolvers here use."""

    context: Request
    _raw_info: Place

    @property
    def field_name(self) -> str:
        return self._raw_info.field_name
