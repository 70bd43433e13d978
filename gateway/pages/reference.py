"""Reference: the schema as people read it, worked out of the schema itself once for each process.

An entry for each type, enum, input and scalar, and for each field at which a question or a change begins:

    Entry("clients", "question", type="ClientConnection!", arguments=(Member("where", ...), ...), ...)
    Entry("Client", "type", members=(Member("name", type="Name", of="Name", needs="NAME", ...), ...), ...)

It knows nothing of any data.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import strawberry
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    Undefined,
    get_named_type,
    is_leaf_type,
    is_required_argument,
    is_required_input_field,
    print_ast,
)
from graphql.utilities import ast_from_value

from auth.categories import Category
from gateway.plan.cost import Weights
from schema.costing import size_of
from schema.fields import HubField

QUESTION, CHANGE, TYPE, INPUT, ENUM, SCALAR = "question", "change", "type", "input", "enum", "scalar"
KINDS = (QUESTION, CHANGE, TYPE, INPUT, ENUM, SCALAR)


@dataclass(frozen=True, slots=True)
class Member:
    """A field, an argument, a field of an input, or a value of an enum."""

    name: str
    description: str
    type: str = ""
    """As the schema writes it: `[Stay!]!`; empty for values."""
    of: str = ""
    """The type in it, by name."""
    is_leaf: bool = True
    needs: str | None = None
    """The consent category that shows it, or without which it may not be asked by."""
    weight: int = 0
    """What each of it adds to the cost: resolving it, and its object."""
    size: int | None = None
    """How long its list is taken to be; None = it is no list, or as long as the page that it is part of."""
    page: str | None = None
    """The argument that says how many."""
    columns: tuple[str, ...] = ()
    """The HUD columns that it tells."""
    default: str | None = None
    is_required: bool = False
    deprecated: str | None = None
    is_by_get: bool = False
    arguments: tuple[Member, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """What has a page of its own."""

    name: str
    kind: str
    description: str
    members: tuple[Member, ...] = ()
    """Fields or values; of a question or a change none."""
    root: Member | None = None
    """Of a question or a change: the field itself."""
    used: tuple[tuple[str, str], ...] = ()
    """Where it stands: the entry there, and the place in it."""

    def told(self) -> dict[str, Any]:
        """What an editor needs to complete words, as JSON."""
        return {"name": self.name, "kind": self.kind, "members": [_told(one) for one in self.members]}


def _told(member: Member) -> dict[str, Any]:
    told: dict[str, Any] = {"name": member.name, "about": member.description}
    if member.type:
        told |= {"type": member.type, "of": member.of, "leaf": member.is_leaf}
    if member.needs:
        told["needs"] = member.needs
    if member.is_required:
        told["required"] = True
    if member.arguments:
        told["arguments"] = [_told(one) for one in member.arguments]
    return told


@dataclass(frozen=True, slots=True)
class Found:
    """Something that a search found. place: `Client.birth`; empty = the entry itself."""

    entry: Entry
    place: str
    description: str


@dataclass(frozen=True)
class Reference:
    """All entries, in the order of their kinds and names."""

    entries: Mapping[str, Entry]
    roots: Mapping[str, Entry] = field(default_factory=dict)
    """`Query` and `Mutation`, which have no pages: their fields do."""

    def of_kind(self, kind: str) -> list[Entry]:
        return [one for one in self.entries.values() if one.kind == kind]

    def told(self, name: str) -> dict[str, Any] | None:
        """A type for an editor, the roots included; None = there is no such type."""
        found = self.roots.get(name) or self.entries.get(name)
        return None if found is None or found.root is not None else found.told()

    def search(self, words: str, most: int) -> list[Found]:
        """Names that hold all the words first, then descriptions."""
        wanted = words.lower().split()
        named, told = [], []
        for entry in self.entries.values() if wanted else ():
            places = [Found(entry, "", entry.description)]
            places += [
                Found(entry, f"{entry.name}.{one.name}", one.description)
                for one in (entry.root.arguments if entry.root else entry.members)
            ]
            for one in places:
                name = (one.place or entry.name).lower()
                if all(word in name for word in wanted):
                    named.append(one)
                elif all(word in f"{name} {one.description.lower()}" for word in wanted):
                    told.append(one)
        named.sort(key=lambda one: (one.place != "", len(one.place or one.entry.name)))
        return [*named, *told][:most]


@cache
def reference(schema: strawberry.Schema) -> Reference:
    """The reference of a schema: of nobody, and the same for everybody."""
    core: GraphQLSchema = schema._schema  # Strawberry offers no public way to its types
    weights = Weights(core)
    roots = [
        (root, kind)
        for root, kind in ((core.query_type, QUESTION), (core.mutation_type, CHANGE))
        if root is not None
    ]
    found = [
        Entry(name, kind, _plain(told.description), root=_field(weights, root, name, told))
        for root, kind in roots
        for name, told in root.fields.items()
    ]
    types = [one for name, one in sorted(core.type_map.items()) if not name.startswith("__")]
    found += [_entry(weights, one) for one in types if one not in [root for root, _ in roots]]
    used = _used(found)
    ordered = sorted(found, key=lambda one: KINDS.index(one.kind))
    entries = {one.name: replace(one, used=tuple(used.get(one.name, ()))) for one in ordered}
    return Reference(entries, {root.name: _entry(weights, root) for root, _ in roots})


def _entry(weights: Weights, kind: GraphQLNamedType) -> Entry:
    told = _plain(kind.description)
    if isinstance(kind, GraphQLObjectType):
        fields = (_field(weights, kind, name, one) for name, one in kind.fields.items())
        return Entry(kind.name, TYPE, told, tuple(fields))
    if isinstance(kind, GraphQLInputObjectType):
        return Entry(kind.name, INPUT, told, tuple(_given(name, one) for name, one in kind.fields.items()))
    if isinstance(kind, GraphQLEnumType):
        values = (
            Member(name, _plain(one.description), deprecated=one.deprecation_reason)
            for name, one in kind.values.items()
        )
        return Entry(kind.name, ENUM, told, tuple(values))
    return Entry(kind.name, SCALAR, told)


def _field(weights: Weights, kind: GraphQLObjectType, name: str, told: GraphQLField) -> Member:
    declared = told.extensions.get("strawberry-definition")
    hub = declared if isinstance(declared, HubField) else None
    weight, size = weights.of(kind, name), size_of(told)
    assert weight is not None
    of = get_named_type(told.type)
    return Member(
        name,
        _plain(told.description),
        type=str(told.type),
        of=of.name,
        is_leaf=is_leaf_type(of),
        needs=_needs(declared),
        weight=weight.own + weight.objects,
        size=(size.assumed_size or None) if size else None,
        page=weight.slicing[0] if weight.slicing else None,
        columns=hub.hud if hub else (),
        deprecated=told.deprecation_reason,
        is_by_get=hub is not None and hub.is_by_get,
        arguments=tuple(_given(name, one) for name, one in told.args.items()),
    )


def _given(name: str, told: GraphQLArgument | GraphQLInputField) -> Member:
    of = get_named_type(told.type)
    default = None
    if told.default_value is not Undefined:
        written = ast_from_value(told.default_value, told.type)
        default = None if written is None else print_ast(written)
    return Member(
        name,
        _plain(told.description),
        type=str(told.type),
        of=of.name,
        is_leaf=is_leaf_type(of),
        needs=_needs(told.extensions.get("strawberry-definition")),
        default=default,
        is_required=is_required_argument(told)
        if isinstance(told, GraphQLArgument)
        else is_required_input_field(told),
        deprecated=told.deprecation_reason,
    )


def _needs(declared: object) -> str | None:
    category = getattr(declared, "metadata", {}).get("category")
    return category.name if isinstance(category, Category) else None


def _plain(description: str | None) -> str:
    """On one line."""
    return " ".join((description or "").split())


def _used(entries: list[Entry]) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for entry in entries:
        for name, place in _uses(entry):
            if (entry.name, place) not in (known := found.setdefault(name, [])):
                known.append((entry.name, place))
    return found


def _uses(entry: Entry) -> Iterator[tuple[str, str]]:
    """The types that an entry names, and where."""
    if entry.root is not None:
        yield entry.root.of, entry.name
        for argument in entry.root.arguments:
            yield argument.of, f"{entry.name}({argument.name}:)"
    for member in entry.members:
        if member.of:
            yield member.of, f"{entry.name}.{member.name}"
        for argument in member.arguments:
            yield argument.of, f"{entry.name}.{member.name}({argument.name}:)"
