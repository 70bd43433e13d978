"""Nouns that partners fill: their fields by the names that manifests use, and what of them was asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import strawberry
from graphql import FieldNode, FragmentSpreadNode, GraphQLResolveInfo, InlineFragmentNode, SelectionSetNode
from strawberry.types.base import StrawberryList, StrawberryOptional
from strawberry.types.enum import StrawberryEnumDefinition
from strawberry.types.scalar import ScalarDefinition

from auth.categories import Category
from connectors.binding import Catalog, Noun, NounField
from resolvers import partners
from schema.fields import HubField, Info, personal

_ASKING = 10
"""What a noun of partners weighs: another system may be asked."""
_EACH = 10
"""How many of a noun partners are taken to hold of one client."""
_SCALARS = {bool: "Boolean", int: "Int", float: "Float", str: "String", strawberry.ID: "ID"}


def from_partners(category: Category, noun: str, description: str) -> Any:
    """The edge from a client to what partners hold of one noun.

    Null when no partner could be asked; `extensions.sources` says why.
    """

    async def edge(root: strawberry.Parent[Any], info: Info) -> Any:
        raw: GraphQLResolveInfo[Any] = info._raw_info
        asked = frozenset(_selected(raw))
        place = f"{raw.parent_type.name}.{raw.field_name}"
        return await partners.of_client(info.context, root, noun, category, asked, place)

    told = f"{description}; null when none could be asked, see `extensions.sources`"
    return personal(category, told, edge, size=_EACH, weight=_ASKING)


def _selected(info: GraphQLResolveInfo[Any]) -> Iterator[str]:
    """The names of the fields asked of a noun, whatever fragments they stand in."""
    ahead: list[SelectionSetNode | None] = [node.selection_set for node in info.field_nodes]
    seen: set[str] = set()
    while ahead:
        selections = ahead.pop()
        for node in selections.selections if selections else ():
            if isinstance(node, FieldNode):
                yield node.name.value
            elif isinstance(node, InlineFragmentNode):
                ahead.append(node.selection_set)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
                seen.add(node.name.value)
                ahead.append(info.fragments[node.name.value].selection_set)


def catalog(schema: strawberry.Schema) -> Catalog:
    """What partners can fill, for holding manifests against: noun -> category and fields."""
    nouns: dict[str, Noun] = {}
    for name, kind in schema._schema.type_map.items():
        definition = kind.extensions.get("strawberry-definition") if not name.startswith("__") else None
        fields = [
            field
            for field in getattr(definition, "fields", ())
            if isinstance(field, HubField) and field.is_supplied
        ]
        if fields:
            categories = {field.category for field in fields}
            (category,) = categories  # declared by one word for the whole noun
            nouns[name] = Noun(
                str(category.name).lower() if category is not None else "public",
                {field.supplied_as: _noun_field(field.type) for field in fields},
            )
    return nouns


def _noun_field(kind: Any) -> NounField:
    many = False
    while isinstance(kind, StrawberryOptional | StrawberryList):
        many = many or isinstance(kind, StrawberryList)
        kind = kind.of_type
    if isinstance(kind, StrawberryEnumDefinition):
        return NounField(kind.name, many, frozenset(str(one.value) for one in kind.values))
    name = kind.name if isinstance(kind, ScalarDefinition) else _SCALARS.get(kind) or str(kind.__name__)
    return NounField(_PYTHON.get(name, name), many)


_PYTHON = {"date": "Date", "datetime": "DateTime"}
