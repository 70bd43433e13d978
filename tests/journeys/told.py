"""Told: which fields of the schema an answer says something in."""

from __future__ import annotations

from collections import Counter
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLObjectType,
    InlineFragmentNode,
    SelectionSetNode,
    get_named_type,
    parse,
)
from graphql.utilities import get_operation_ast

from tests.schema.declared import CORE


def told_in(document: str, operation_name: str | None, data: Any) -> Counter[str]:
    """Each field as `Client.birth`, and how often it is something else than null."""
    node = parse(document)
    operation = get_operation_ast(node, operation_name)
    if operation is None or not isinstance(data, dict):
        return Counter()
    telling = _Telling(
        {one.name.value: one for one in node.definitions if isinstance(one, FragmentDefinitionNode)}
    )
    root = CORE.get_root_type(operation.operation)
    assert root is not None
    telling.walk(operation.selection_set, root, data)
    return telling.found


class _Telling:
    def __init__(self, fragments: dict[str, FragmentDefinitionNode]) -> None:
        self._fragments = fragments
        self.found = Counter[str]()

    def walk(self, selections: SelectionSetNode, kind: GraphQLObjectType, row: dict[str, Any]) -> None:
        for one in selections.selections:
            if isinstance(one, FieldNode):
                self._field(one, kind, row)
            elif isinstance(one, InlineFragmentNode):
                self.walk(one.selection_set, kind, row)
            else:
                self.walk(self._fragments[one.name.value].selection_set, kind, row)  # type: ignore[attr-defined]

    def _field(self, node: FieldNode, kind: GraphQLObjectType, row: dict[str, Any]) -> None:
        name = node.name.value
        value = row.get(node.alias.value if node.alias else name)
        if value is None or name.startswith("__"):
            return
        self.found[f"{kind.name}.{name}"] += 1
        below = get_named_type(kind.fields[name].type)
        if isinstance(below, GraphQLObjectType) and node.selection_set is not None:
            for each in value if isinstance(value, list) else [value]:
                if each is not None:
                    self.walk(node.selection_set, below, each)
