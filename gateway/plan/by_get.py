"""By GET: whether an operation may be asked in a URL, by the schema and the document alone.

URLs end in logs, histories and caches, with whatever was asked. So only a field that the schema declares for
it (`public(by_get=True)`) may begin such a question, and nothing below it may tell of a person.
"""

from __future__ import annotations

from functools import lru_cache

import strawberry
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
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
    """Why a valid document may not be asked by GET; None = it may, or which operation is meant cannot be told.

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
                            ahead.append((self._type_of(kind, one.name.value), one.selection_set))
                    case InlineFragmentNode():
                        narrowed = one.type_condition
                        below = kind if narrowed is None else self._core.type_map[narrowed.name.value]
                        ahead.append((below, one.selection_set))
                    case FragmentSpreadNode() if one.name.value not in seen:
                        seen.add(one.name.value)
                        fragment = self._fragments[one.name.value]
                        condition = self._core.type_map[fragment.type_condition.name.value]
                        ahead.append((condition, fragment.selection_set))
        return None

    def _type_of(self, kind: GraphQLNamedType, name: str) -> GraphQLNamedType:
        return get_named_type(kind.fields[name].type)  # type: ignore[attr-defined]  # of a valid document

    def _why_not(self, kind: GraphQLNamedType, name: str) -> str | None:
        told = kind.fields[name].extensions.get("strawberry-definition")  # type: ignore[attr-defined]
        category = told.category if isinstance(told, HubField) else None
        if category is not None or self._type_of(kind, name).name in self._people:
            return f"{kind.name}.{name} tells of people."
        if kind is self._core.query_type and not (isinstance(told, HubField) and told.is_by_get):
            return f"{kind.name}.{name} may tell of people."
        return None


@lru_cache(maxsize=8)
def _people(schema: strawberry.Schema) -> frozenset[str]:
    """The types that bear consent: of the schema, and the same for everybody."""
    return frozenset(consent_bearing(schema))
