"""Operations made up at random, with all that GraphQL lets one write: beside what questions.py asks,
variables in every place, defaults, null, directives, fragments of every kind, fields asked twice, mistakes.

The same seed makes the same. Mistakes are such as leave the document valid: how invalid ones are refused does
not depend on how valid ones are answered.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any
from uuid import UUID

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLNonNull,
    GraphQLObjectType,
    ObjectFieldNode,
    ObjectValueNode,
    Undefined,
    ValueNode,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    parse_value,
    print_ast,
)
from graphql.utilities import value_from_ast_untyped

from auth.viewer import Role
from resolvers import pages
from tests.journeys.cursors import Cursors
from tests.journeys.questions import Asker, Known
from tests.schema.declared import CORE

_TOPS = (
    *["client"] * 8,
    *["clients"] * 5,
    *["project", "projects", "services"] * 2,
    *["explainAccess", "matches", "sources", "viewer", "legalOrders", "breakGlassOpenings"],
)
_TOPS_OF: Mapping[Role, tuple[str, ...]] = {
    Role.CASE_MANAGER: ("matches", "matches"),
    Role.PRIVACY_OFFICER: (*["explainAccess"] * 4, *["legalOrders", "breakGlassOpenings"] * 2),
    Role.INTEGRATOR: (*["projects", "documents"] * 2, "sources"),
    Role.SYSTEM: ("sources", "sources"),
}
"""What a role may ask beside, more often."""
_LISTS = {"projects": "id", "enrollments": "day", "matches": "day", "services": "place"}
"""Lists with pages, and what their cursors say; `clients` has two orders."""
_DEEP, _WIDE = 10, 6
"""Levels of an operation; fewer where it asks for much on each."""
_LIKELY = {
    *("enrollments", "nodes", "edges", "pageInfo", "household", "members", "project", "exit", "client"),
    *(
        "assessments",
        "disabilities",
        "guardians",
        "services",
        "incomeAndBenefits",
        "grants",
        "eligibility",
        "reasons",
        "referrals",
        "history",
    ),
    *(
        "foodAssistance",
        "utilityAssistance",
        "rentalAssistance",
        "provenance",
        "source",
        "disclosures",
        "access",
    ),
}
_INTROSPECTION = (
    "__schema { queryType { name } types { name kind } directives { name args { name } } }",
    '__type(name: "Client") { name fields(includeDeprecated: true) { name type { kind ofType { name } } } }',
    '__type(name: "Nobody") { name }',
)
_WRONG: Mapping[str, tuple[str, ...]] = {
    "first": ("0", "-1", "101", "2147483647"),
    "after": ('"broken"', '""', '"////"', '"bm9ib2R5"', '"\\u2028"'),
    "id": ('"nobody"', '""', "7", '"00000000-0000-0000-0000-000000000000"', '" "', '"\\ud83d\\ude00"'),
    "client": ('"nobody"', '"00000000-0000-0000-0000-000000000000"', "7"),
    "source": ('"nowhere"', '""'),
    "connector": ('"nowhere"',),
    "coc": ('"XX-999"', '""', '"\' or 1=1 --"'),
    "near": ("{latitude: 91, longitude: 0}", "{latitude: -90, longitude: 180.0}"),
    "withinKm": ("0", "-1", "1e9", "1"),
    "place": ('" "', '"Springfield, IL"', '"62701"'),
    "text": ('" "', '"food"', '"\\u0000"', '"\\"\\\\"'),
    "openAt": ('"0001-01-01T00:00:00"', '"9999-12-31T23:59:59Z"'),
    "at": ('"0001-01-01T00:00:00"', '"9999-12-31T23:59:59+14:00"'),
    "where": ("{}", "{firstName: {}}", '{firstName: {eq: "a", startsWith: "b"}}', '{ssnLastFour: "12"}'),
}
_BY_TYPE: Mapping[str, tuple[str, ...]] = {
    "DateTime": ('"2026-06-30T10:00:00"', '"2026-06-29T14:00:00-05:00"', '"2026-06-30T14:00:00Z"'),
    "Float": ("5", "25.0", "499.5"),
    "PointInput": ("{latitude: 40.0, longitude: -75.0}", "{latitude: 40.5, longitude: -75}"),
    "String": ('"pantry"', '"62701"', '"springfield"', '"Service food"', '"source1"'),
}
_NOTHING = '"\\u00e9"'
_MISFITS = ("", "nonsense", 2**31, -1, 1.5, True, None, [], {}, [7])


@dataclass(frozen=True)
class Operation:
    """A document, the variables it is sent with, and which operation of it is meant."""

    document: str
    variables: dict[str, Any]
    name: str | None = None

    def again(self, choose: Random, about: Known) -> Operation:
        """The same document with other variables, where it takes any: what is kept of the first must fit."""
        people = list(map(str, about.people))
        given: dict[str, Any] = {}
        for name, value in self.variables.items():
            match value:
                case bool():
                    given[name] = not value
                case str() if value in people:
                    given[name] = choose.choice(people)
                case int():
                    given[name] = choose.choice([1, 2, 50, value])
                case _ if choose.random() < 0.2:
                    continue
                case _:
                    given[name] = value
        return replace(self, variables=given)


class Writer(Asker):
    """Writes operations. Where `Asker` names values, `Writer` puts some of them into variables."""

    def __init__(self, choose: Random, about: Known, role: Role, cursors: Cursors) -> None:
        super().__init__(choose, about, role)
        self.cursors = cursors
        self.declared: dict[str, str] = {}
        self.variables: dict[str, Any] = {}
        self.known: dict[str, list[str]] = {}
        self.switches: list[str] = []
        self.by_name = False
        """Whether the list under way is in the order of names, which has cursors of its own."""

    def operation(self) -> Operation:
        """One operation, now and then beside another one in its document."""
        self.fragments, self.named, self.share = [], 0, None
        self.declared, self.variables, self.known, self.switches = {}, {}, defaultdict(list), []
        self.room = self.choose.choice([10, 40, 40, 80, 160])
        query = CORE.query_type
        assert query is not None
        may_ask = [*_TOPS, *_TOPS_OF.get(self.role, ())]
        tops = self.choose.choices(may_ask, k=self.choose.choice([1, 1, 1, 2, 3]))
        if self._by_chance(0.25):
            # One person or everybody who is there, and much of what there is about them.
            self.room, self.share = 300, self.choose.choice([0.3, 0.8])
            tops = [self.choose.choice(["client", "client", "clients"])]
        parts = [self._top(place, name, query.fields[name]) for place, name in enumerate(tops)]
        if self._by_chance(0.2):
            parts.append(self.choose.choice(["__typename", "kind: __typename"]))
        if self._by_chance(0.02):
            parts.append(self.choose.choice(_INTROSPECTION))
        body = self._arranged(query, parts)
        told = ", ".join(self.declared.values())
        name = self.choose.choice([None, "Ours"]) if not self._by_chance(0.08) else "Ours"
        head = (
            f"query {name or ''}{f'({told})' if told else ''}" if name or told or self._by_chance(0.5) else ""
        )
        document = "\n".join([f"{head} {body}", *self.fragments])
        if name and self._by_chance(0.15):
            other = (
                "query Other { __typename viewer { role } }",
                "mutation Other { matchReject(id: 1) { problems { code } } }",
            )
            document += "\n" + self.choose.choice(other)
            name = self.choose.choice([name] * 6 + ["Nobody", None])
        elif self._by_chance(0.5):
            name = None
        return Operation(document, self.variables, name)

    def _by_chance(self, of: float) -> bool:
        return self.choose.random() < of

    def _top(self, place: int, name: str, field: GraphQLField) -> str:
        alias = f"a{place}: " if place or self._by_chance(0.6) else ""
        return f"{alias}{self._field(name, field, 1)}"

    def _field(self, name: str, field: GraphQLField, depth: int) -> str:
        head = f"{name}{self._arguments(name, field)}{self._directives()}"
        kind = get_named_type(field.type)
        if is_leaf_type(kind):
            return head
        assert isinstance(kind, GraphQLObjectType)
        return f"{head} {self._selection(kind, depth)}"

    def _selection(self, kind: GraphQLObjectType, depth: int) -> str:
        leaves = [name for name, one in kind.fields.items() if is_leaf_type(get_named_type(one.type))]
        edges = [name for name in kind.fields if name not in leaves]
        share = (
            self.choose.choice([0.2, 0.5, 1.0]) if len(leaves) < 20 else self.choose.choice([0.1, 0.3, 0.9])
        )
        share = self.share or share
        self.choose.shuffle(edges)
        parts = ["__typename"] if self._by_chance(0.2) else []
        for name in leaves:
            if self._by_chance(share) and self.room > -60:
                self.room -= 1
                parts.append(self._leaf(kind, name, leaves))
        for name in edges:
            likely = 0.7 if self.share or name in _LIKELY else 0.25
            if depth < (_WIDE if self.share else _DEEP) and self.room > 0 and self._by_chance(likely):
                self.room -= 2
                parts += self._edge(name, kind.fields[name], depth)
        return self._arranged(kind, parts)

    def _leaf(self, kind: GraphQLObjectType, name: str, others: list[str]) -> str:
        chance = self.choose.random()
        alias = ""
        if chance < 0.06:
            alias = f"{self._alias()}: "
        elif chance < 0.07 and not self.share:
            alias = f"{self.choose.choice(others)}: "  # under another's name: refused where both are asked
        told = f"{alias}{self._field(name, kind.fields[name], 0)}"
        return f"{told} {told}" if self._by_chance(0.01 if self.share else 0.04) else told

    def _edge(self, name: str, field: GraphQLField, depth: int) -> list[str]:
        """An edge. Now and then it is asked twice: for more, which belongs into one object, or with other
        arguments under another name."""
        alias = "" if not field.args and self._by_chance(0.5) else f"{self._alias()}: "
        kind = get_named_type(field.type)
        assert isinstance(kind, GraphQLObjectType)
        heads = [f"{alias}{name}{self._arguments(name, field)}"] * (2 if self._by_chance(0.12) else 1)
        if field.args and self._by_chance(0.2):
            heads.append(f"{self._alias()}: {name}{self._arguments(name, field)}")
        return [f"{head}{self._directives()} {self._selection(kind, depth + 1)}" for head in heads]

    def _arranged(self, kind: GraphQLObjectType, parts: list[str]) -> str:
        """The parts of one object's selection, some of them moved into fragments."""
        arranged: list[str] = []
        self.choose.shuffle(parts)
        while parts:
            size = self.choose.randint(1, len(parts)) if self._by_chance(0.25) else len(parts)
            some, parts = parts[:size], parts[size:]
            arranged.append(self._piece(kind, " ".join(some)) if self._by_chance(0.25) else " ".join(some))
        if self.known[kind.name] and self._by_chance(0.05 if self.share else 0.15):
            arranged.append(f"...{self.choose.choice(self.known[kind.name])}{self._directives()}")
        return f"{{ {' '.join(arranged) or '__typename'} }}"

    def _piece(self, kind: GraphQLObjectType, body: str) -> str:
        match self.choose.randint(0, 2):
            case 0:
                return f"... on {kind.name}{self._directives()} {{ {body} }}"
            case 1:
                return f"...{self._directives()} {{ {body} }}"
        name = f"F{len(self.fragments)}"
        self.fragments.append(f"fragment {name} on {kind.name} {{ {body} }}")
        self.known[kind.name].append(name)
        return f"...{name}{self._directives()}"

    def _directives(self) -> str:
        if not self._by_chance(0.05):
            return ""
        names = self.choose.choice([["skip"], ["include"], ["include"], ["skip", "include"]])
        return "".join(f" @{name}(if: {self._switch()})" for name in names)

    def _switch(self) -> str:
        if self._by_chance(0.4):
            return self.choose.choice(["true", "true", "false"])
        if len(self.switches) >= 3 or (self.switches and self._by_chance(0.3)):
            return self.choose.choice(self.switches)
        name = f"$if{len(self.switches)}"
        self.switches.append(name)
        way = self.choose.random()
        if way < 0.5:
            self.declared[name] = f"{name}: Boolean!"
            self.variables[name[1:]] = self._by_chance(0.5)
        else:
            self.declared[name] = (
                f"{name}: Boolean{'!' if way < 0.75 else ''} = {self.choose.choice(['true', 'false'])}"
            )
            if way > 0.99:
                self.variables[name[1:]] = None
            elif self._by_chance(0.4):
                self.variables[name[1:]] = self._by_chance(0.5)
        return name

    def _arguments(self, name: str, field: GraphQLField) -> str:
        told = []
        # The cursor last: which ones fit is said by the order.
        for argument, one in sorted(field.args.items(), key=lambda each: each[0] == "after"):
            value = self._given(name, argument)
            if argument == "first" and self.share and self._by_chance(0.5):
                value = "1"  # most people have few stays, and pages that end are to be seen
            if argument == "orderBy":
                self.by_name = value == "NAME"
            if self._by_chance(0.02) and argument in _WRONG:
                value = self.choose.choice(_WRONG[argument])
            elif value is None and argument != "after" and self._by_chance(0.15):
                value = self._of_type(one.type)
            if value is not None:
                node = self._lifted(parse_value(value), one.type, one.default_value is not Undefined)
                told.append(f"{argument}: {print_ast(node)}")
        self.choose.shuffle(told)
        return f"({', '.join(told)})" if told else ""

    def _of_type(self, kind: GraphQLInputType) -> str:
        named = get_named_type(kind)
        if isinstance(named, GraphQLEnumType):
            return self.choose.choice(list(named.values))
        if not isinstance(kind, GraphQLNonNull) and self._by_chance(0.2):
            return "null"
        return self.choose.choice(_BY_TYPE.get(named.name, (_NOTHING,)))

    def _cursor(self, name: str) -> str:
        told = self.cursors.known[_LISTS.get(name, "part" if self.by_name else "id")]
        if told and self._by_chance(0.7):
            return self.choose.choice(told)
        if name == "clients":
            part = [self.choose.choice(["BY_NAME", "WITHOUT_NAME"])] if self.by_name else []
            return pages.encode(*part, self.choose.choice(self.about.people))
        if name == "services":
            return pages.encode(
                self.choose.choice([0, 0, 1]), self.choose.choice([0, 9_999]), UUID(int=1 << 127)
            )
        return super()._cursor(name)

    def _lifted(self, node: ValueNode, kind: GraphQLInputType, has_default: bool) -> ValueNode:
        """A value, or a variable in its place, or in the place of something in it."""
        if self._by_chance(0.4):
            return parse_value(self._variable(node, kind, has_default))
        named = get_nullable_type(kind)
        if isinstance(node, ObjectValueNode) and isinstance(named, GraphQLInputObjectType):
            inner = named.fields
            fields = [
                ObjectFieldNode(
                    name=one.name,
                    value=self._lifted(
                        one.value,
                        inner[one.name.value].type,
                        inner[one.name.value].default_value is not Undefined,
                    ),
                )
                for one in node.fields
            ]
            return ObjectValueNode(fields=tuple(fields))
        return node

    def _variable(self, node: ValueNode, kind: GraphQLInputType, has_default: bool) -> str:
        """A variable that may stand in a place of this type: with a default or without, sent or not."""
        name = f"$v{len(self.declared)}"
        required, exact = isinstance(kind, GraphQLNonNull), str(kind)
        value, way = value_from_ast_untyped(node), self.choose.random()
        if way < 0.5 or (required and not has_default and way < 0.6):
            self.declared[name] = f"{name}: {exact}{'!' if not required and way < 0.1 else ''}"
        elif way < 0.75:
            self.declared[name] = f"{name}: {exact} = {print_ast(node)}"
            if self._by_chance(0.5):
                return name
        else:
            default = f" = {print_ast(node)}" if not has_default or self._by_chance(0.4) else ""
            self.declared[name] = f"{name}: {exact.rstrip('!')}{default}"
            if self._by_chance(0.3):
                return name
            if self._by_chance(0.2 if required else 0.5):
                value = None
        self.variables[name[1:]] = self.choose.choice(_MISFITS) if self._by_chance(0.01) else value
        return name


def written(choose: Random, about: Known, role: Role, cursors: Cursors, many: int) -> Iterable[Operation]:
    """So many operations, each when it is asked for: by then the answers before it gave cursors."""
    writer = Writer(choose, about, role, cursors)
    return (writer.operation() for _ in range(many))
