"""By GET: whether an operation may be asked in a URL, by the schema and the document alone.

URLs end in logs, histories and caches, with whatever was asked. So only a field that the schema declares for
it (`public(by_get=True)`) may begin such a question, and nothing below it may tell of a person.
"""

from __future__ import annotations

from functools import lru_cache
from typing import cast

import strawberry
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    get_named_type,
)
from graphql.utilities import get_operation_ast

from schema.check import consent_bearing
from schema.fields import HubField


def by_post_only(schema: strawberry.Schema, document: DocumentNode, operation_name: str | None) -> str | None:
    """Why a valid document may not be asked by GET; None = it may, or which operation is meant is unclear.

    One pass, each fragment once.
    """
    operation = get_operation_ast(document, operation_name)
    if operation is None:
        return None
    if operation.operation is not OperationType.QUERY:
        return "This changes something."
    return _Pass(schema, document).over(operation)


class _Pass:
    def __init__(self, schema: strawberry.Schema, document: DocumentNode) -> None:
        self._core: GraphQLSchema = schema._schema  # Strawberry offers no public way to its types
        self._people = _people(schema)
        self._fragments = {
            one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)
        }

    def over(self, operation: OperationDefinitionNode) -> str | None:
        assert self._core.query_type is not None
        seen: set[str] = set()
        ahead: list[tuple[GraphQLNamedType, SelectionSetNode]] = [
            (self._core.query_type, operation.selection_set)
        ]
        while ahead:
            kind, selections = ahead.pop()
            for one in selections.selections:
                match one:
                    case FieldNode() if one.name.value.startswith("__"):
                        pass  # the schema's own
                    case FieldNode():
                        if why := self._why_not(kind, one.name.value):
                            return why
                        if one.selection_set is not None:
                            below = get_named_type(self._field(kind, one.name.value).type)
                            ahead.append((below, one.selection_set))
                    case InlineFragmentNode():
                        narrowed = one.type_condition
                        inside = kind if narrowed is None else self._core.type_map[narrowed.name.value]
                        ahead.append((inside, one.selection_set))
                    case FragmentSpreadNode() if one.name.value not in seen:
                        seen.add(one.name.value)
                        fragment = self._fragments[one.name.value]
                        condition = self._core.type_map[fragment.type_condition.name.value]
                        ahead.append((condition, fragment.selection_set))
        return None

    def _field(self, kind: GraphQLNamedType, name: str) -> GraphQLField:
        # Of a valid document: only these two have fields to select.
        fields: dict[str, GraphQLField] = cast(GraphQLObjectType | GraphQLInterfaceType, kind).fields
        return fields[name]

    def _why_not(self, kind: GraphQLNamedType, name: str) -> str | None:
        field = self._field(kind, name)
        declared = field.extensions.get("strawberry-definition")
        told = declared if isinstance(declared, HubField) else None
        if (told and told.category is not None) or get_named_type(field.type).name in self._people:
            return f"{kind.name}.{name} tells of people."
        if kind is self._core.query_type and not (told and told.is_by_get):
            return f"{kind.name}.{name} may tell of people."
        return None


@lru_cache(maxsize=8)
def _people(schema: strawberry.Schema) -> frozenset[str]:
    """The types that bear consent: of the schema, and the same for everybody."""
    return frozenset(consent_bearing(schema))
