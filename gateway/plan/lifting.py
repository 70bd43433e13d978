"""Lifting: what documents have in common that differ in nothing but the numbers and texts written into them.

    { client(id: "6f1c…") { id } }      and      { client(id: "0b77…") { id } }

are two texts of one form, `{ client(id: "s) { id } }`. The first one is parsed and validated, and keeps a
variable in the place of each literal; of the others no more is looked at than their literals. A form is
found by what stands around these, character by character. So nothing of a document can differ unseen, and
whatever is read here in another way than the parser reads it finds no form at all.

What is lifted are numbers and texts in the arguments of fields. Everything else is part of the form: names,
true, false and null, the values of enums, how long a list is and which fields an object has, and the literals
of directives and of default values.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from graphql import (
    DocumentNode,
    FieldNode,
    FloatValueNode,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLSchema,
    GraphQLSyntaxError,
    IntValueNode,
    ListValueNode,
    NameNode,
    ObjectValueNode,
    StringValueNode,
    TypeInfo,
    TypeInfoVisitor,
    Undefined,
    ValueNode,
    VariableNode,
    Visitor,
    get_nullable_type,
    parse_value,
    visit,
)
from graphql.execution.values import VariableValues
from graphql.utilities import coerce_input_literal

from gateway.plan.scanning import LONGEST_LITERAL, LONGEST_NAME

if TYPE_CHECKING:
    from gateway.plan.plan import Arguments

Literal = IntValueNode | FloatValueNode | StringValueNode

MOST_LITERALS = 200
"""A text with more of them is validated by itself: what is too large must be refused fast."""

_PIECE = re.compile(
    r"""
      (?P<around> (?: [^"\#0-9\-]++ | (?<=[A-Za-z0-9_])[0-9]++ )++ | \#[^\r\n]*+ )
    | (?P<text> "(?!"") (?: [^"\\\x00-\x1f\ud800-\udfff]++ | (?P<escape> \\[ -~] ) )*+ " )
    | (?<![A-Za-z0-9_.+\-])
      (?P<number> -?+ (?: 0 | [1-9][0-9]*+ ) (?P<fraction> (?:\.[0-9]++)?+ (?:[eE][+\-]?+[0-9]++)?+ ) )
      (?![A-Za-z0-9_.])
    """,
    re.VERBOSE,
)
"""What stands around literals, comments included; texts on one line; numbers. No block strings."""


@dataclass(frozen=True, slots=True)
class Written:
    """A text, taken apart."""

    form: str
    """It without its literals: what each is, is said behind a quotation mark, which nothing else has."""
    literals: Sequence[Literal]
    starts: Sequence[int]
    """Where each begins."""


def written(text: str) -> Written | None:
    """Take a text apart; None = it holds something that is left to the parser.

    A text of a known form passes what `scanning.scan` counts: it has the same tokens, and none too long.
    """
    form: list[str] = []
    literals: list[Literal] = []
    starts: list[int] = []
    end = 0
    for piece in _PIECE.finditer(text):
        if piece.start() != end:
            return None
        end = piece.end()
        if piece.lastgroup == "around":
            form.append(piece[0])
            continue
        literal = _literal(piece)
        if literal is None or len(literals) == MOST_LITERALS:
            return None
        form.append(_MARKS[type(literal)])
        literals.append(literal)
        starts.append(piece.start())
    return Written("".join(form), literals, starts) if end == len(text) else None


_MARKS: Mapping[type[Literal], str] = {IntValueNode: '"i', FloatValueNode: '"f', StringValueNode: '"s'}


def _literal(piece: re.Match[str]) -> Literal | None:
    said = piece[0]
    if piece["number"] is not None:
        if len(said) > LONGEST_NAME:
            return None
        return FloatValueNode(value=said) if piece["fraction"] else IntValueNode(value=said)
    if len(said) > LONGEST_LITERAL:
        return None
    if piece["escape"] is None:
        return StringValueNode(value=said[1:-1])
    try:
        value = parse_value(said)
    except GraphQLSyntaxError:
        return None
    return value if isinstance(value, StringValueNode) else None


@dataclass(frozen=True, slots=True)
class Literals:
    """The literals of one text."""

    values: Mapping[str, Any] = field(default_factory=dict)
    """By the names of the variables that stand in their place."""
    arguments: dict[object, Arguments] = field(default_factory=dict)
    """What resolvers are given that depends on nothing else, worked out when first asked for."""


class WithLiterals(VariableValues):
    """The values of an operation's variables, those of its literals among them."""

    literals: Literals


def with_literals(variables: VariableValues, literals: Literals) -> VariableValues:
    """The values of declared variables and of literals together."""
    if not literals.values:
        return variables
    together = WithLiterals(variables.sources, {**variables.coerced, **literals.values})
    together.literals = literals
    return together


def is_literal(name: str) -> bool:
    """Whether a variable stands in the place of a literal: its name is a number, which nobody can write."""
    return name.isdecimal()


@dataclass(frozen=True, slots=True)
class Lifted:
    """A valid document with variables in the place of its literals. They are declared nowhere."""

    document: DocumentNode
    _kinds: Sequence[GraphQLInputType | None]
    """For each literal the type of the place where it stands; None = it is part of the form."""
    _first: Sequence[Literal]
    """The literals of the text that was validated."""
    _compared: Sequence[Sequence[int]]
    """Literals of fields with one name in the answer, which validation compares with each other."""

    def values(self, literals: Sequence[Literal]) -> dict[str, Any] | None:
        """What its variables are in another text of the form; None = that must be validated by itself."""
        found: dict[str, Any] = {}
        for number, (literal, kind, first) in enumerate(zip(literals, self._kinds, self._first, strict=True)):
            if kind is None:
                if literal.value != first.value:
                    return None
                continue
            value = _coerced(literal, kind)
            if value is None:
                return None
            found[str(number)] = value
        for together in self._compared:
            if _same(together, literals) != _same(together, self._first):
                return None
        return found


def _coerced(literal: Literal, kind: GraphQLInputType) -> Any:
    """The value of a literal in its place; None = validation would refuse it there."""
    try:
        value = coerce_input_literal(literal, kind)
    except Exception:  # whatever a scalar raises
        return None
    return None if value is Undefined else value


def _same(numbers: Sequence[int], literals: Sequence[Literal]) -> list[int]:
    """For each of these literals, which of them is the first of the same value."""
    seen: dict[tuple[str, str], int] = {}
    return [
        seen.setdefault((literals[number].kind, literals[number].value), place)
        for place, number in enumerate(numbers)
    ]


def lifted(core: GraphQLSchema, document: DocumentNode, taken: Written) -> Lifted | None:
    """A valid document with its literals lifted; None = the parser read other literals than `written`."""
    if not taken.literals:
        return Lifted(document, (), (), ())
    types = TypeInfo(core)
    lifting = _Lifting(types, taken)
    rewritten: DocumentNode = visit(document, TypeInfoVisitor(types, lifting))
    if lifting.met != {start: one.value for start, one in zip(taken.starts, taken.literals, strict=True)}:
        return None
    kinds = [lifting.kinds.get(number) for number in range(len(taken.literals))]
    compared = [list(chain(*fields)) for fields in lifting.of_name.values() if len(fields) > 1]
    return Lifted(rewritten, kinds, taken.literals, compared)


class _Lifting(Visitor):
    def __init__(self, types: TypeInfo, taken: Written) -> None:
        super().__init__()
        self._types = types
        self._numbers = {start: number for number, start in enumerate(taken.starts)}
        self.met: dict[int, str] = {}
        """Literals that the parser read, by where they begin."""
        self.kinds: dict[int, GraphQLInputType] = {}
        """Of those that are lifted, by number."""
        self.of_name: dict[str, list[list[int]]] = {}
        """The literals that each field is given, by its name in the answer."""
        self._inside: list[int] = []

    def enter_field(self, node: FieldNode, *_: Any) -> FieldNode | None:
        definition = self._types.get_field_def()
        if definition is None or not node.arguments:
            return None
        self._inside = []
        self.of_name.setdefault((node.alias or node.name).value, []).append(self._inside)
        arguments = tuple(
            replace(one, value=self._lifted(one.value, definition.args[one.name.value].type))
            for one in node.arguments
        )
        return replace(node, arguments=arguments)

    def _lifted(self, node: ValueNode, kind: GraphQLInputType) -> ValueNode:
        """A value as it stands in the form."""
        match node, get_nullable_type(kind):
            case ListValueNode(), GraphQLList(of_type=inner):
                return replace(node, values=tuple(self._lifted(one, inner) for one in node.values))
            case ObjectValueNode(), GraphQLInputObjectType(fields=known):
                fields = (
                    replace(one, value=self._lifted(one.value, known[one.name.value].type))
                    for one in node.fields
                )
                return replace(node, fields=tuple(fields))
            case IntValueNode() | FloatValueNode() | StringValueNode(), _:
                number = self._meet(node)
                if number is None:
                    return node
                self._inside.append(number)
                if _coerced(node, kind) is None:
                    return node
                self.kinds[number] = kind
                return VariableNode(name=NameNode(value=str(number)), loc=node.loc)
        return node

    def _meet(self, node: Literal) -> int | None:
        assert node.loc is not None
        self.met[node.loc.start] = node.value
        return self._numbers.get(node.loc.start)

    def enter_int_value(self, node: IntValueNode, *_: Any) -> None:
        self._meet(node)

    def enter_float_value(self, node: FloatValueNode, *_: Any) -> None:
        self._meet(node)

    def enter_string_value(self, node: StringValueNode, *_: Any) -> None:
        self._meet(node)
