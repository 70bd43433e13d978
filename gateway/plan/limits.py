"""Limits: what a document may ask at most, counted before it is validated and before anything is read.

One pass over the parsed document. Each fragment is counted once, however often it is spread: fragments that
spread each other could otherwise ask for millions of fields in a few lines. Validation comes after, for it
compares fields with each other and takes longer the more often they are repeated. So nothing here relies on
a valid document: what is not there counts as nothing, and validation will say so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    value_from_ast_untyped,
)
from graphql.validation import OverlappingFieldsCanBeMergedRule, ValidationContext

from gateway.errors import Limit
from gateway.plan.cost import ROOT, Cost, Estimate, Weight, Weights
from gateway.plan.scanning import Excess
from schema.costing import UNSAID

MOST_FIELDS = 5_000
"""With every fragment where it is spread. A document that asks for every HUD element has about 1,000."""
MOST_ROOT_FIELDS = 50
"""Fields of one operation, under whatever names: who needs more asks for a list."""
MOST_ALIASES = 100
"""With every fragment where it is spread."""
MOST_DIRECTIVES = 200
"""With every fragment where it is spread."""
MOST_REPEATS = 200
"""Fields that stand in their place already, with all below them: each will be compared with each."""
MOST_DEPTH = 20
"""Fields within fields. Asking for the whole schema takes 15, the deepest way from a client to a fact 10."""
MOST_LEVELS = 60
"""Selections within selections and fragments within fragments: as far as the pass goes down."""
MOST_OPERATIONS = 10
MOST_COST = 3_000_000
"""Of one operation, unless the operator says otherwise: two pages of a hundred may stand in each other."""
MOST_MEMBERS = 1
"""Members of types (`fields` and the like) within each other: types lead to types without end."""
MOST_INTROSPECTIONS = 2
"""Times that one operation asks for the schema or a type of it."""

MOST_COMPARED = 5_000
"""Steps of comparing fields that answer in one place; one that asks for every HUD element takes 500."""
OVERLAPPING = "A document asks too often for what is asked in the same place already."

_MEMBERS = frozenset({"fields", "inputFields", "interfaces", "possibleTypes"})


class Overlapping(OverlappingFieldsCanBeMergedRule):
    """The specification's rule, which gives up after so many steps: few lines can make many."""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self.rule_context.remaining_complexity_budget = MOST_COMPARED


@dataclass(frozen=True, slots=True)
class Counted:
    """What one operation asks, fragments included, and what it may cost."""

    fields: int
    root_fields: int
    aliases: int
    directives: int
    depth: int
    introspects: bool
    estimate: Estimate
    declared: Sequence[str]
    """Names of its variables."""
    defaults: Mapping[str, Any]
    """Of its variables."""
    literals: Mapping[str, Any] = field(default_factory=dict)
    """Of the text, where variables stand in their place."""

    def cost(self, variables: Mapping[str, Any]) -> Cost:
        """What it may cost at most with these variables."""
        return self.estimate.of({**self.defaults, **variables, **self.literals})

    def least(self, literals: Mapping[str, Any]) -> Cost:
        """What it may cost where every variable asks for nothing."""
        return self.estimate.of({**dict.fromkeys(self.declared, 0), **literals})


@dataclass(frozen=True, slots=True)
class Verdict:
    """A document that is within the limits; kept with it, so that asking again costs nothing."""

    operations: Mapping[str | None, Counted]
    """By name; None = it has none."""
    visited: int
    """Nodes that the pass looked at."""

    def of(self, name: str | None) -> Counted | None:
        """The operation that is meant; None = it cannot be told, and nothing will be executed."""
        if name is None and len(self.operations) == 1:
            return next(iter(self.operations.values()))
        return self.operations.get(name)

    def with_literals(self, literals: Mapping[str, Any], maximum: int) -> Verdict:
        """The same of another text of its form.

        Raises:
            Excess: COST_TOO_HIGH.
        """
        for one in self.operations.values():
            check_cost(one.least(literals), maximum, self.visited)
        operations = {name: replace(one, literals=literals) for name, one in self.operations.items()}
        return Verdict(operations, self.visited)


@dataclass(slots=True)
class _Part:
    """What one selection asks."""

    top: int = 0
    """Fields that stand at its top."""
    fields: int = 0
    aliases: int = 0
    directives: int = 0
    depth: int = 0
    members: int = 0
    """Members of types within each other."""
    introspections: int = 0
    keys: dict[str, int] = field(default_factory=dict)
    """The answers at its top, and how many fields it takes to ask for each."""
    plain: Estimate = field(default_factory=Estimate)
    sized: Estimate = field(default_factory=Estimate)
    """The part of the estimate that comes once for each row of the page it stands in."""

    def add(self, other: _Part) -> None:
        """Add a fragment that stands here."""
        self.top += other.top
        self.fields += other.fields
        self.aliases += other.aliases
        self.directives += other.directives
        self.depth = max(self.depth, other.depth)
        self.members = max(self.members, other.members)
        self.introspections += other.introspections
        self.plain.add(other.plain)
        self.sized.add(other.sized)


_NOTHING = _Part()


class _Pass:
    def __init__(self, weights: Weights, document: DocumentNode) -> None:
        self._weights = weights
        self._fragments = {
            one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)
        }
        self._known: dict[str, _Part | None] = {}
        """None = it is being counted."""
        self._repeats = 0
        self.visited = 0

    def of(
        self,
        selections: SelectionSetNode,
        kind: GraphQLNamedType | None,
        level: int = 0,
        keys: dict[str, int] | None = None,
    ) -> _Part:
        """keys: the answers that are asked for in this place already."""
        if level > MOST_LEVELS:
            told = f"A document may nest {MOST_LEVELS} levels, fragments included."
            raise Excess(Limit.DEPTH, told, self.visited)
        part = _Part() if keys is None else _Part(keys=keys)
        for one in selections.selections:
            self.visited += 1
            if one.directives:
                self.visited += len(one.directives)
                part.directives += len(one.directives)
            if isinstance(one, FieldNode):
                self._field(part, one, kind, level)
            elif isinstance(one, InlineFragmentNode):
                on = one.type_condition
                inner = self._type(on.name.value) if on else kind
                part.add(self.of(one.selection_set, inner, level + 1, part.keys))
            elif isinstance(one, FragmentSpreadNode):
                self._spread(part, self._fragment(one.name.value, level))
        return part

    def _spread(self, part: _Part, fragment: _Part) -> None:
        part.add(fragment)
        for key in part.keys.keys() & fragment.keys.keys():
            self._repeated(fragment.keys[key])
        part.keys.update(fragment.keys)

    def _field(self, part: _Part, node: FieldNode, kind: GraphQLNamedType | None, level: int) -> None:
        if node.arguments:
            self.visited += len(node.arguments)
        weight = self._weights.of(kind, node.name.value)
        below = _NOTHING
        if node.selection_set is not None:
            below = self.of(node.selection_set, weight.below if weight else None, level + 1)
            part.aliases += below.aliases
            part.directives += below.directives
        self._answer(part, (node.alias or node.name).value, 1 + below.fields)
        part.aliases += node.alias is not None
        part.depth = max(part.depth, 1 + below.depth)
        members = kind is not None and kind.name == "__Type" and node.name.value in _MEMBERS
        part.members = max(part.members, below.members + members)
        if weight is not None:
            part.introspections += weight.is_introspection
            _price(part, node, weight, below)

    def _answer(self, part: _Part, key: str, fields: int) -> None:
        """Note an answer that takes so many fields to ask for."""
        part.top += 1
        part.fields += fields
        if key in part.keys:
            self._repeated(fields)
        part.keys[key] = fields

    def _repeated(self, fields: int) -> None:
        self._repeats += fields
        if self._repeats > MOST_REPEATS:
            told = f"A document may ask for {MOST_REPEATS} fields in whose place the same is asked already."
            raise Excess(Limit.REPEATS, told, self.visited)

    def _fragment(self, name: str, level: int) -> _Part:
        if (fragment := self._fragments.get(name)) is None:
            return _NOTHING
        if name not in self._known:
            self._known[name] = None
            inner = self._type(fragment.type_condition.name.value)
            self._known[name] = self.of(fragment.selection_set, inner, level + 1)
        # None = it leads back to itself, which validation refuses.
        return self._known[name] or _NOTHING

    def _type(self, name: str) -> GraphQLNamedType | None:
        return self._weights.core.get_type(name)


def _price(part: _Part, node: FieldNode, weight: Weight, below: _Part) -> None:
    """Add what a field may cost, and what stands below it as often as it has rows."""
    part.plain.field += weight.resolving(node) if node.arguments else weight.own
    if not weight.objects:
        return
    size = weight.size(node)
    row = Estimate(type=weight.objects)
    row.add(below.plain)
    row.add(below.sized, size if weight.is_page else UNSAID)
    if weight.is_sized_outside:
        part.sized.add(row)
    else:
        part.plain.add(row, size if weight.is_list else 1)


def check_cost(cost: Cost, maximum: int, visited: int) -> None:
    """Refuse what may cost too much.

    Raises:
        Excess: COST_TOO_HIGH.
    """
    if cost.total > maximum:
        told = f"This operation may cost {cost.total}, and {maximum} is the most; ask for shorter pages."
        raise Excess(Limit.COST, told, visited)


def count(
    document: DocumentNode, weights: Weights, maximum: int, literals: Mapping[str, Any] | None = None
) -> Verdict:
    """What each operation of a parsed document asks.

    Args:
        maximum: what an operation may cost. Where that depends on variables, the fewest are meant here.
        literals: their values, where variables stand in their place.

    Raises:
        Excess: an operation asks too much.
    """
    operations: dict[str | None, Counted] = {}
    found = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    if len(found) > MOST_OPERATIONS:
        told = f"A document may have {MOST_OPERATIONS} operations."
        raise Excess(Limit.DEFINITIONS, told, len(document.definitions))
    passing = _Pass(weights, document)
    for operation in found:
        part = passing.of(operation.selection_set, weights.core.get_root_type(operation.operation))
        _check(part, passing.visited)
        estimate = Estimate(ROOT.field, ROOT.type)
        estimate.add(part.plain)
        estimate.add(part.sized, UNSAID)
        declared = operation.variable_definitions or ()
        counted = Counted(
            part.fields,
            part.top,
            part.aliases,
            part.directives,
            part.depth,
            part.introspections > 0,
            estimate,
            [one.variable.name.value for one in declared],
            {
                one.variable.name.value: value_from_ast_untyped(one.default_value)
                for one in declared
                if one.default_value
            },
            literals or {},
        )
        check_cost(counted.least(counted.literals), maximum, passing.visited)
        operations[operation.name.value if operation.name else None] = counted
    return Verdict(operations, passing.visited)


def _check(part: _Part, visited: int) -> None:
    for found, most, limit, told in (
        (part.depth, MOST_DEPTH, Limit.DEPTH, "An operation may nest {} fields."),
        (
            part.top,
            MOST_ROOT_FIELDS,
            Limit.ROOT_FIELDS,
            "An operation may begin with {} fields.",
        ),
        (part.aliases, MOST_ALIASES, Limit.ALIASES, "An operation may give {} fields other names."),
        (part.directives, MOST_DIRECTIVES, Limit.DIRECTIVES, "An operation may have {} directives."),
        (part.fields, MOST_FIELDS, Limit.FIELDS, "An operation may ask for {} fields, fragments included."),
        (part.members, MOST_MEMBERS, Limit.INTROSPECTION, "Ask for the members of types {} level deep."),
        (
            part.introspections,
            MOST_INTROSPECTIONS,
            Limit.INTROSPECTION,
            "An operation may ask {} times for the schema.",
        ),
    ):
        if found > most:
            raise Excess(limit, told.format(most), visited)
