"""Cost: how much an operation may fetch at most, and how much it did fetch.

After IBM's cost specification (https://ibm.github.io/graphql-specs/cost-spec.html): the schema says with
`@cost` what a field weighs and with `@listSize` how long a list may be. A field that returns objects weighs
1 unless told otherwise, an object 1, a leaf nothing. Both costs are kept apart: `field` counts what is
resolved, `type` the objects that come of it.

The estimate is made once for a document. Where the length of a page is a variable it stays open, so that a
document asked again costs an addition for each such page. An estimate is what could come: fields under @skip
and @include count as asked for.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_composite_type,
)

from resolvers.pages import MOST_ROWS
from schema.costing import UNSAID, cost_of, size_of

INTROSPECTION = 200
"""What `__schema` weighs; flat, for its answer is always the same."""
TYPE_INTROSPECTION = 10
"""What `__type` weighs."""


@dataclass(frozen=True, slots=True)
class Cost:
    field: int = 0
    type: int = 0

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.field + other.field, self.type + other.type)

    def times(self, count: int) -> Cost:
        return Cost(self.field * count, self.type * count)

    @property
    def total(self) -> int:
        """What limits and budgets count."""
        return self.field + self.type


NOTHING = Cost()
ROOT = Cost(0, 1)
"""The root of an operation is an object, too."""


@dataclass(frozen=True, slots=True)
class Size:
    """The length of a page that a variable says."""

    variable: str
    otherwise: int
    """Where the variable is not given."""

    def of(self, variables: Mapping[str, Any]) -> int:
        given = variables.get(self.variable)
        return self.otherwise if given is None else rows(given)


def rows(given: object) -> int:
    """How many rows a page may have of which so many are asked for; more are refused where it is read."""
    if isinstance(given, bool) or not isinstance(given, int | float):
        return MOST_ROWS  # no number: coercion refuses it
    return int(min(max(given, 0), MOST_ROWS))


@dataclass(slots=True, eq=False)
class Estimate:
    """A sum: what is known, and parts whose number a variable says, or that stand in several places."""

    field: int = 0
    type: int = 0
    parts: list[tuple[int | Size, Estimate]] = dataclasses.field(default_factory=list)

    def add(self, other: Estimate, times: int | Size = 1) -> None:
        """Add something that comes so many times. It may still be part of others."""
        if not other.parts and isinstance(times, int):
            self.field += other.field * times
            self.type += other.type * times
        elif other.parts or other.field or other.type:
            self.parts.append((times, other))

    def of(self, variables: Mapping[str, Any]) -> Cost:
        """Each part is added up once, however often it is part of something."""
        return self._of(variables, {})

    def _of(self, variables: Mapping[str, Any], known: dict[int, Cost]) -> Cost:
        if (found := known.get(id(self))) is None:
            found = Cost(self.field, self.type)
            for times, part in self.parts:
                count = times if isinstance(times, int) else times.of(variables)
                found += part._of(variables, known).times(count)
            known[id(self)] = found
        return found


@dataclass(frozen=True, slots=True)
class Weight:
    """What the schema says of one field."""

    definition: GraphQLField
    below: GraphQLNamedType
    own: int
    """What resolving it weighs."""
    objects: int
    """What each object that comes of it weighs; 0 = it is a leaf."""
    is_list: bool
    assumed: int | None
    """How long it is, or what it pages. None = it does not say."""
    slicing: Sequence[str]
    """Arguments that say how much of a list is asked for."""
    is_introspection: bool = False

    @property
    def is_sized_outside(self) -> bool:
        """A list as long as the page that it is part of."""
        return self.is_list and self.assumed is None and not self.slicing

    @property
    def is_page(self) -> bool:
        """Not a list itself, but it holds some as long as the page."""
        return not self.is_list and bool(self.slicing)

    def resolving(self, node: FieldNode) -> int:
        """The field and its arguments: an input object weighs 1 (the default of the specification)."""
        given = (self.definition.args.get(one.name.value) for one in node.arguments or ())
        inputs = sum(
            1 for one in given if one and isinstance(get_named_type(one.type), GraphQLInputObjectType)
        )
        return self.own + inputs

    def size(self, node: FieldNode) -> int | Size:
        """How long the list is, or the lists that the page holds."""
        found: int | Size | None = None
        for one in node.arguments or ():
            if one.name.value in self.slicing:
                match one.value:
                    case IntValueNode(value=digits):
                        found = rows(int(digits))
                    case VariableNode(name=name):
                        found = Size(name.value, self._unsliced())
                    case _:
                        found = MOST_ROWS
        return self._unsliced() if found is None else found

    def _unsliced(self) -> int:
        defaults = (self.definition.args[name].default_value for name in self.slicing)
        known = [rows(one) for one in defaults if isinstance(one, int)]
        return max(known) if known else (UNSAID if self.assumed is None else self.assumed)


class Weights:
    """What every field of a schema weighs, looked up once."""

    def __init__(self, core: GraphQLSchema) -> None:
        self.core = core
        self._known: dict[tuple[str, str], Weight] = {}

    def of(self, kind: GraphQLNamedType | None, name: str) -> Weight | None:
        """None = there is no such field, or it is `__typename`."""
        if kind is None:
            return None
        if (known := self._known.get((kind.name, name))) is None:
            known = self._looked_up(kind, name)
            if known is not None:  # names that callers make up are not kept
                self._known[kind.name, name] = known
        return known

    def _looked_up(self, kind: GraphQLNamedType, name: str) -> Weight | None:
        if kind is self.core.query_type and name in ("__schema", "__type"):
            definition = self.core.get_field(kind, name)
            assert definition is not None
            own = INTROSPECTION if name == "__schema" else TYPE_INTROSPECTION
            return Weight(definition, get_named_type(definition.type), own, 0, False, None, (), True)
        if not isinstance(kind, GraphQLObjectType | GraphQLInterfaceType) or name not in kind.fields:
            return None
        definition = kind.fields[name]
        below = get_named_type(definition.type)
        objects = int(is_composite_type(below))
        if kind.name.startswith("__"):
            return Weight(definition, below, 0, 0, _is_list(definition), None, ())
        told, size = cost_of(definition), size_of(definition)
        return Weight(
            definition,
            below,
            objects if told is None else told,
            objects,
            _is_list(definition),
            (size.assumed_size or None) if size else None,
            (size.slicing_arguments or ()) if size else (),
        )


def _is_list(definition: GraphQLField) -> bool:
    kind = definition.type
    return isinstance(kind.of_type if isinstance(kind, GraphQLNonNull) else kind, GraphQLList)


class Answered:
    """The actual cost: what an answer holds, by the same weights.

    It counts what the answer shows and nothing else, so it tells nothing that the answer does not tell.
    """

    def __init__(self, weights: Weights, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self._weights = weights
        self._fragments = fragments

    def of(self, operation: OperationDefinitionNode, data: Mapping[str, Any]) -> Cost:
        """data: the answer's."""
        root = self._weights.core.get_root_type(operation.operation)
        return ROOT + self._object(root, [operation.selection_set], data)

    def _object(
        self, kind: GraphQLNamedType | None, sets: Sequence[SelectionSetNode], value: Mapping[str, Any]
    ) -> Cost:
        found = NOTHING
        asked: dict[str, list[tuple[Weight, FieldNode]]] = {}
        for weight, node in self._fields(kind, sets, set()):
            key = node.alias.value if node.alias else node.name.value
            if key in value:
                asked.setdefault(key, []).append((weight, node))
        for key, nodes in asked.items():
            weight, node = nodes[0]
            found += Cost(weight.resolving(node))
            if weight.objects:
                below = [one.selection_set for _, one in nodes if one.selection_set]
                found += self._value(weight, below, value[key])
        return found

    def _value(self, weight: Weight, below: Sequence[SelectionSetNode], value: Any) -> Cost:
        if isinstance(value, Sequence) and not isinstance(value, str):
            return sum((self._value(weight, below, one) for one in value), NOTHING)
        if isinstance(value, Mapping):
            return Cost(0, weight.objects) + self._object(weight.below, below, value)
        return NOTHING

    def _fields(
        self, kind: GraphQLNamedType | None, sets: Sequence[SelectionSetNode], spread: set[str]
    ) -> Iterator[tuple[Weight, FieldNode]]:
        for one in (node for selections in sets for node in selections.selections):
            if isinstance(one, FieldNode):
                if (weight := self._weights.of(kind, one.name.value)) is not None:
                    yield weight, one
            elif isinstance(one, InlineFragmentNode):
                on = one.type_condition
                inner = self._weights.core.get_type(on.name.value) if on else kind
                yield from self._fields(inner, [one.selection_set], spread)
            elif isinstance(one, FragmentSpreadNode) and one.name.value not in spread:
                spread.add(one.name.value)
                fragment = self._fragments[one.name.value]
                inner = self._weights.core.get_type(fragment.type_condition.name.value)
                yield from self._fields(inner, [fragment.selection_set], spread)
