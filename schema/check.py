"""The check before the start: every fact about a person asks consent, and everything is explained.

A type bears consent when any of its fields is personal, or when it can be reached through such types only.
There every field names its category and may be null, because null is what consent withholds. Every argument
of a field that returns such types names the category of the field it reads, unless it only pages.
"""

from __future__ import annotations

from collections.abc import Iterator

import strawberry
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
)

from hmis.errors import InputRefused
from schema.fields import HubField
from schema.paging import Connection, Edge, PageInfo
from schema.partner import PartnerSource, Provenance

TELL_OF_NOBODY: dict[type, str] = {
    Connection: "a page holds rows and nothing of its own; each row is asked for itself",
    Edge: "a place on such a page",
    PageInfo: "where a page of rows the viewer sees anyway ends",
    Provenance: "of the row it stands on, which was asked for itself",
    PartnerSource: "the same for everybody; that a client is known there is FoodAssistance.source",
}
"""Types reached through people only that tell nothing of them, each with the reason."""

PAGING = frozenset({"first", "after", "last", "before"})
"""Arguments that say how much of a list and from where; they read nothing of anybody."""

_Composite = GraphQLObjectType | GraphQLInterfaceType


def check(schema: strawberry.Schema) -> None:
    """Refuse a schema that could tell of somebody unasked, or that leaves anything unexplained.

    Raises:
        InputRefused: with every fault, one a line, each naming the field and what mends it.
    """
    core: GraphQLSchema = schema._schema  # Strawberry offers no public way to its types
    faults = [*_unasked(core), *_unread(core), *_in_urls(core), *_unexplained(core)]
    if faults:
        raise InputRefused("\n".join(["This schema may not start:", *faults]))


def consent_bearing(schema: strawberry.Schema) -> set[str]:
    """The names of the types whose every field must name a category."""
    return {kind.name for kind in _consent_bearing(schema._schema)}


def _consent_bearing(core: GraphQLSchema) -> list[_Composite]:
    open_to_all = _reached_without_people(core)
    return [
        kind
        for kind in _types(core)
        if isinstance(kind, _Composite)
        and not _tells_of_nobody(kind)
        and (_is_personal(kind) or kind.name not in open_to_all)
    ]


def _types(core: GraphQLSchema) -> Iterator[GraphQLNamedType]:
    return (kind for name, kind in core.type_map.items() if not name.startswith("__"))


def _category(field: GraphQLField) -> object:
    told = field.extensions.get("strawberry-definition")
    return told.category if isinstance(told, HubField) else None


def _is_personal(kind: GraphQLNamedType) -> bool:
    return isinstance(kind, _Composite) and any(_category(field) for field in kind.fields.values())


def _tells_of_nobody(kind: GraphQLNamedType) -> bool:
    declared = kind.extensions.get("strawberry-definition")
    generic = getattr(declared, "concrete_of", None) or declared
    return getattr(generic, "origin", None) in TELL_OF_NOBODY


def _reached_without_people(core: GraphQLSchema) -> set[str]:
    """Types that a question reaches without passing through a type with personal fields."""
    found: set[str] = set()
    ahead: list[GraphQLNamedType] = [
        root for root in (core.query_type, core.mutation_type, core.subscription_type) if root
    ]
    while ahead:
        kind = ahead.pop()
        if kind.name in found:
            continue
        found.add(kind.name)
        if isinstance(kind, GraphQLUnionType):
            ahead += kind.types
        elif isinstance(kind, _Composite) and not _is_personal(kind):
            ahead += [get_named_type(field.type) for field in kind.fields.values()]
    return found


def _unasked(core: GraphQLSchema) -> Iterator[str]:
    for kind in _consent_bearing(core):
        for name, field in kind.fields.items():
            if _category(field) is None:
                yield f"{kind.name}.{name} names no consent category: declare it with personal(Category...)"
            if isinstance(field.type, GraphQLNonNull):
                yield f"{kind.name}.{name} cannot be null, so consent could not withhold it: add | None"


def _unread(core: GraphQLSchema) -> Iterator[str]:
    """Arguments that filter, order or look up people by a field whose category they do not name.

    Whoever may search by what they may not see learns it, one question at a time.
    """
    people = {kind.name for kind in _consent_bearing(core)}
    for kind in _types(core):
        if not isinstance(kind, _Composite) or kind is core.mutation_type:
            continue
        for name, field in kind.fields.items():
            if people & _rows_of(get_named_type(field.type)):
                for argument, given in field.args.items():
                    yield from _unread_in(f"{kind.name}.{name}({argument}:)", argument, given, [])


def _in_urls(core: GraphQLSchema) -> Iterator[str]:
    """Fields by which a question may begin in a URL, and that lead to people."""
    people = {kind.name for kind in _consent_bearing(core)}
    for kind in _types(core):
        for name, field in kind.fields.items() if isinstance(kind, _Composite) else ():
            told = field.extensions.get("strawberry-definition")
            if isinstance(told, HubField) and told.is_by_get:
                if kind is not core.query_type:
                    yield f"{kind.name}.{name} is no beginning of a question: leave out by_get"
                if people & _rows_of(get_named_type(field.type)):
                    yield f"{kind.name}.{name} leads to people, and URLs end in logs: leave out by_get"


def _rows_of(kind: GraphQLNamedType) -> set[str]:
    """The types of what a field returns: itself, or what stands on the page that it is."""
    found, ahead = set(), [kind]
    while ahead:
        kind = ahead.pop()
        found.add(kind.name)
        if isinstance(kind, GraphQLUnionType):
            ahead += kind.types
        elif isinstance(kind, _Composite) and _tells_of_nobody(kind):
            inside = (get_named_type(field.type) for field in kind.fields.values())
            ahead += [each for each in inside if each.name not in found]
    return found


def _unread_in(
    place: str, name: str, given: GraphQLArgument | GraphQLInputField, above: list[str]
) -> Iterator[str]:
    """An argument names a category, or each of its own fields does."""
    if name in PAGING and not above:
        return
    told = given.extensions.get("strawberry-definition")
    if getattr(told, "metadata", {}).get("category") is not None:
        return
    kind = get_named_type(given.type)
    if isinstance(kind, GraphQLInputObjectType) and kind.name not in above:
        for inner, field in kind.fields.items():
            yield from _unread_in(f"{kind.name}.{inner}", inner, field, [*above, kind.name])
        return
    yield f"{place} names no category of what it reads: filtering(Category...) or argument(reads=...)"


def _unexplained(core: GraphQLSchema) -> Iterator[str]:
    """What lacks a description, of all that may be asked or answered."""
    for place, description in _described(core):
        if not (description or "").strip():
            yield f"{place} has no description: say what a case worker would call it"


def _described(core: GraphQLSchema) -> Iterator[tuple[str, str | None]]:
    for kind in _types(core):
        yield kind.name, kind.description
        if isinstance(kind, GraphQLEnumType):
            for name, value in kind.values.items():
                yield f"{kind.name}.{name}", value.description
        elif isinstance(kind, GraphQLInputObjectType):
            for name, taken in kind.fields.items():
                yield f"{kind.name}.{name}", taken.description
        elif isinstance(kind, _Composite):
            for name, field in kind.fields.items():
                yield f"{kind.name}.{name}", field.description
                for argument, given in field.args.items():
                    yield f"{kind.name}.{name}({argument}:)", given.description
