"""Every way of asking that the schema offers: each field, each argument, each field of each input.

What chance makes up is in questions.py; here nothing is left to chance, and a test holds that nothing is
left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLObjectType,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_required_argument,
    is_required_input_field,
    parse,
    visit,
)

from tests.schema.declared import CORE, object_types


@dataclass(frozen=True)
class About:
    """Whom and what the questions name. None of it comes back in an answer by itself."""

    client: str
    grant: str
    guardian: str
    form: str
    opening: str
    project: str
    cursor: str
    subject: str
    source: str
    identifier: str
    first: str
    last: str
    born: str
    last_four: str
    organization: str
    group: str = "Living"
    partner: str = "pantry"

    def text(self, path: tuple[str, ...]) -> str:
        """What stands at a place: the field that is asked, then the names on the way down."""
        match path:
            case ("project", "id"):
                return self.project
            case ("consentRevoke", "id") | (*_, "grant") | (*_, "revoke") | (*_, "replaces"):
                return self.grant
            case ("consentSign", "input", "form") | (*_, "sign", "form"):
                return "mn-hmis"
            case ("guardianBar", "id") | (*_, "guardian"):
                return self.guardian
            case ("breakGlassReview", "id"):
                return self.opening
            case (*_, "firstName", _):
                return self.first
            case (*_, "lastName", _):
                return self.last
            case (*_, "dateOfBirth", _):
                return self.born
        named = {
            "id": self.client,
            "client": self.client,
            "consentOf": self.client,
            "form": self.form,
            "after": self.cursor,
            "subject": self.subject,
            "source": self.source,
            "sources": self.source,
            "value": self.identifier,
            "ssnLastFour": self.last_four,
            "organization": self.organization,
            "organizations": self.organization,
            "group": self.group,
            "partner": self.partner,
            "coc": "XX-500",
            "method": "VERBAL",
            "evidence": "sha256:00",
            "reason": "because it was asked for",
            "adult": "an adult of the family",
            "template": "mn-hmis",
            "section": "share",
            "sections": "share",
            "end": "2027-01-01",
            "dataTo": "2026-12-01",
            "provisionalUntil": "2026-12-01",
        }
        return named.get(path[-1], "2026-01-01")


_ONE_OF = {"ConsentRecipientsInput": ("organizations", "source")}
"""Inputs that take exactly one of their fields, and what the first way to fill them is."""
_TOGETHER: dict[str, tuple[tuple[str, ...], ...]] = {
    "ConsentRecipientsInput": (("group", "frozen"),),
    "ConsentGrantInput": (("template", "section", "form"),),
    "DateFilterInput": (("gte", "lte"),),
    "ClientWhere": (("firstName", "lastName", "dateOfBirth"), ("lastName", "ssnLastFour")),
}
"""What makes sense only together."""


@dataclass(frozen=True)
class Question:
    """A document, and where in it each of its variables stands."""

    document: str
    places: Mapping[str, tuple[str, ...]]

    def about(self, somebody: About) -> dict[str, str]:
        """The variables, about somebody."""
        return {name: somebody.text(path) for name, path in self.places.items()}


ABOUT_NOBODY = frozenset(
    {
        *(
            "documentRegister",
            "documentRemove",
            "documents",
            "project",
            "projects",
            "referralPartners",
            "services",
            "sources",
        ),
        *("measure", "measures", "cells", "records", "imports", "importRun", "findings"),
        *("consentForms", "consentPolicy", "consentRecipients"),
    }
)
"""Fields that tell of no person: what is asked of them is not audited. `records` are of a cube, and where
nothing is published there is none; test_measures.py publishes one and asks whose they are."""


def every_question() -> list[Question]:
    """All there are: for every field first, then for every argument."""
    return [*fields(), *arguments()]


def fields() -> list[Question]:
    """For every type one document that asks for all it has, and one level further down."""
    return [
        _Writing().walk(operation, path, _shallow(CORE.type_map[name], 1))
        for name, (operation, path) in _paths().items()
    ]


def arguments() -> list[Question]:
    """For every field that takes arguments, a document for each way to give them."""
    questions = []
    for operation, path, field in _taking_arguments():
        told = get_named_type(field.type)
        inside = "" if is_leaf_type(told) else _shallow(told, 0)
        for given in _Writing().given(path[-1], field):
            questions.append(_Writing().walk(operation, path, inside, given))
    return questions


# What is no text about anybody stands in the document as it is.
_WRITTEN = {"Int": "25", "Boolean": "true", "Float": "42.5", "DateTime": '"2026-06-30T16:00:00Z"'}


class _Writing:
    """One document on its way. Texts are variables, so that one document asks about many."""

    def walk(self, operation: str, path: tuple[str, ...], inside: str, given: str | None = None) -> Question:
        """Down a path to a selection; `given`: the arguments at its end, if not the fewest there may be."""
        for place in range(len(path) - 1, -1, -1):
            field = _field_at(operation, path[: place + 1])
            fewest = next(self.given(path[place], field))
            at_end = place == len(path) - 1 and given is not None
            inside = f"{{ {path[place]}{given if at_end else fewest} {inside} }}"
        used = {name: one for name, one in _variables().items() if re.search(rf"\${name}\b", inside)}
        told = ", ".join(f"${name}: {kind}" for name, (kind, _) in used.items())
        document = f"{operation}{f'({told})' if told else ''} {inside}"
        return Question(document, {name: path for name, (_, path) in used.items()})

    def given(self, name: str, field: GraphQLField) -> Iterator[str]:
        """Ways to give the arguments of a field; the first has the fewest."""
        for ways in self._filled(field.args, (name,), None):
            yield f"({ways})" if ways else ""

    def _filled(
        self,
        parts: Mapping[str, GraphQLArgument | GraphQLInputField],
        path: tuple[str, ...],
        kind: str | None,
    ) -> Iterator[str]:
        """Ways to fill arguments, or the fields of an input."""
        values = {name: self._values(part.type, (*path, name)) for name, part in parts.items()}
        needed = [name for name, part in parts.items() if _is_required(part)]

        def of(names: list[str], **chosen: str) -> str:
            return ", ".join(f"{name}: {chosen.get(name, values[name][0])}" for name in names)

        yield of([*needed, *_ONE_OF.get(kind or "", ())])
        for name in parts:
            names = needed if name in needed else [*needed, name]
            for value in values[name][1:] if name in needed else values[name]:
                yield of(names, **{name: value})
        for together in _TOGETHER.get(kind or "", ()):
            yield of([*needed, *together])

    def _values(self, kind: GraphQLInputType, path: tuple[str, ...]) -> list[str]:
        exact, kind = str(kind), get_nullable_type(kind)
        if isinstance(kind, GraphQLList):
            return [f"[{one}]" for one in self._values(kind.of_type, path)]
        if isinstance(kind, GraphQLInputObjectType):
            return [f"{{{one}}}" for one in self._filled(kind.fields, path, kind.name)]
        if isinstance(kind, GraphQLEnumType):
            return [next(iter(kind.values))]
        if written := _WRITTEN.get(get_named_type(kind).name):
            return [written]
        name = "_".join(path)
        _variables()[name] = (exact, path)
        return [f"${name}"]


@cache
def _variables() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Every variable that was written: its type and its place."""
    return {}


def _is_required(part: GraphQLArgument | GraphQLInputField) -> bool:
    if isinstance(part, GraphQLArgument):
        return is_required_argument(part)
    return is_required_input_field(part)


def _object(kind: object) -> GraphQLObjectType:
    assert isinstance(kind, GraphQLObjectType)
    return kind


def _roots() -> Iterator[tuple[str, GraphQLObjectType]]:
    for operation, root in (("query", CORE.query_type), ("mutation", CORE.mutation_type)):
        yield operation, _object(root)


@cache
def _paths() -> dict[str, tuple[str, tuple[str, ...]]]:
    """The shortest way to every object type: the operation, and the fields on the way."""
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    waiting: list[tuple[str, tuple[str, ...], GraphQLObjectType]] = [
        (operation, (), root) for operation, root in _roots()
    ]
    for operation, path, kind in waiting:
        for name, field in kind.fields.items():
            below = get_named_type(field.type)
            if isinstance(below, GraphQLObjectType) and below.name not in found:
                found[below.name] = (operation, (*path, name))
                waiting.append((operation, (*path, name), below))
    return found


def _field_at(operation: str, path: tuple[str, ...]) -> GraphQLField:
    kind = dict(_roots())[operation]
    for name in path[:-1]:
        kind = _object(get_named_type(kind.fields[name].type))
    return kind.fields[path[-1]]


def _taking_arguments() -> Iterator[tuple[str, tuple[str, ...], GraphQLField]]:
    for operation, root in _roots():
        for name, field in root.fields.items():
            if field.args:
                yield operation, (name,), field
    for kind, (operation, path) in _paths().items():
        for name, field in _object(CORE.type_map[kind]).fields.items():
            if field.args:
                yield operation, (*path, name), field


def _shallow(kind: object, levels: int) -> str:
    """All that a type says itself, and so many levels of what it leads to; pages lead further for nothing."""
    said = ["__typename"]
    for name, field in _object(kind).fields.items():
        below = get_named_type(field.type)
        if is_leaf_type(below):
            said.append(name)
        elif not any(is_required_argument(argument) for argument in field.args.values()):
            paging = _object(below).name.endswith(("Connection", "Edge"))
            inside = _shallow(below, levels - (not paging)) if levels else "{ __typename }"
            said.append(f"{name} {inside}")
    return f"{{ {' '.join(said)} }}"


def every_place() -> set[str]:
    """What there is to ask with: `Type.field`, `Type.field(argument)` and `Input.field`."""
    places = set()
    for kind in object_types():
        for name, field in kind.fields.items():
            places |= {f"{kind.name}.{name}", *(f"{kind.name}.{name}({one})" for one in field.args)}
    for name, given in CORE.type_map.items():
        if isinstance(given, GraphQLInputObjectType):
            places |= {f"{name}.{field}" for field in given.fields}
    return places


def below_query() -> set[str]:
    """Those of them that a query reaches."""
    kinds: list[object] = [CORE.query_type]
    for kind in kinds:
        assert isinstance(kind, GraphQLObjectType | GraphQLInputObjectType)
        for field in kind.fields.values():
            named = [get_named_type(one.type) for one in (field, *getattr(field, "args", {}).values())]
            kinds += [
                one
                for one in named
                if isinstance(one, GraphQLObjectType | GraphQLInputObjectType) and one not in kinds
            ]
    names = {str(kind) for kind in kinds}
    return {place for place in every_place() if place.partition(".")[0] in names}


class _Places(Visitor):
    def __init__(self, info: TypeInfo) -> None:
        super().__init__()
        self.info = info
        self.found: set[str] = set()

    def enter_field(self, node: object, *_: object) -> None:
        parent, field = self.info.get_parent_type(), getattr(node, "name").value  # noqa: B009  # a node of any kind
        self.found.add(f"{parent.name if parent else ''}.{field}")

    def enter_argument(self, node: object, *_: object) -> None:
        parent, field = self.info.get_parent_type(), self.info.get_field_def()
        names = [name for name, one in parent.fields.items() if one is field]  # type: ignore[union-attr]
        if names and self.info.get_directive() is None:  # what introspection is given is no place of ours
            self.found.add(f"{parent.name}.{names[0]}({getattr(node, 'name').value})")  # type: ignore[union-attr]  # noqa: B009

    def enter_object_field(self, node: object, *_: object) -> None:
        parent = get_named_type(self.info.get_parent_input_type())
        self.found.add(f"{parent.name if parent else ''}.{getattr(node, 'name').value}")  # noqa: B009


def places_of(document: str) -> set[str]:
    """The places that a document asks at or with."""
    info = TypeInfo(CORE)
    places = _Places(info)
    visit(parse(document), TypeInfoVisitor(info, places))
    return {place for place in places.found if "__typename" not in place}
