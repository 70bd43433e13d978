"""Documents: parsed and validated within limits, remembered by their text, answered by their plans.

What no plan covers, and whatever would be an error, is executed by graphql-core.

It is called directly and not through Strawberry's `execute`, which has no place for a limit on
validation errors, validates every document anew and logs it, variables included, when a resolver fails.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections import Counter, OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any

import strawberry
from graphql import DocumentNode, ExecutionResult, GraphQLError, execute, parse, specified_rules, validate
from graphql.utilities import get_operation_ast
from graphql.validation import OverlappingFieldsCanBeMergedRule
from graphql.validation.validate import ValidationAbortedError
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from auth.viewers import NotAsKnown
from gateway.errors import Limit
from gateway.plan import limits
from gateway.plan.cost import Weights
from gateway.plan.plan import Uncovered
from gateway.plan.plans import COMPILED, ERROR, Plans
from gateway.plan.running import run
from gateway.plan.scanning import MOST_TOKENS, Excess, scan
from resolvers.request import Request

MAX_ERRORS = 5
REMEMBERED = 256
_WORTH_REMEMBERING = 20_000  # characters: one caller's monsters must not push out everybody's documents
_RULES = (
    *(limits.Overlapping if one is OverlappingFieldsCanBeMergedRule else one for one in specified_rules),
    MaybeNullValidationRule,
    OneOfInputValidationRule,
)


class DocumentRefused(Exception):
    """The document is not GraphQL, or not of this schema."""

    def __init__(self, code: str, errors: list[GraphQLError], visited: int = 0) -> None:
        """visited: tokens or nodes that were looked at before it was known to be too much."""
        super().__init__(code)
        self.visited = visited
        self.code = code
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Prepared:
    """A valid document."""

    node: DocumentNode
    sha256: str
    """Of its text, for the audit."""
    plans: Plans
    verdict: limits.Verdict
    """What its operations ask and may cost."""

    def operation_named(self, name: str | None) -> str | None:
        """The name of the operation that is meant; None = it has none, or it cannot be told."""
        operation = get_operation_ast(self.node, name)
        return operation.name.value if operation is not None and operation.name is not None else None


class Documents:
    """The documents of one schema."""

    def __init__(
        self,
        schema: strawberry.Schema,
        *,
        compiled: bool = True,
        suggestions: bool = False,
        max_cost: int = limits.MOST_COST,
    ) -> None:
        """suggestions: whether refusals suggest names that may have been meant."""
        self._hide_suggestions = not suggestions
        self._max_cost = max_cost
        self.schema = schema
        self._compiled = compiled
        self.answered: Counter[str] = Counter()
        """How often by a plan (`compiled`), and how often not, by the reason."""
        self._core = schema._schema  # the schema as graphql-core knows it; Strawberry names it nowhere else
        self.weights = Weights(self._core)
        self._remembered: OrderedDict[str, Prepared] = OrderedDict()

    def prepare(self, text: str) -> Prepared:
        """The document, parsed and validated once.

        Raises:
            DocumentRefused: GRAPHQL_PARSE_FAILED or GRAPHQL_VALIDATION_FAILED, with the first few errors.
        """
        if (known := self._remembered.get(text)) is not None:
            self._remembered.move_to_end(text)
            return known
        node, verdict = self._valid(text)
        prepared = Prepared(node, hashlib.sha256(text.encode()).hexdigest(), Plans(node), verdict)
        if len(text) <= _WORTH_REMEMBERING:
            self._remembered[text] = prepared
            if len(self._remembered) > REMEMBERED:
                self._remembered.popitem(last=False)
        return prepared

    def _valid(self, text: str) -> tuple[DocumentNode, limits.Verdict]:
        """What is too much is refused before the slower step: parsing, then validation."""
        try:
            scan(text)
            node = parse(text, max_tokens=MOST_TOKENS)
            verdict = limits.count(node, self.weights, self._max_cost)
            errors = validate(
                self._core, node, _RULES, max_errors=MAX_ERRORS, hide_suggestions=self._hide_suggestions
            )
        except Excess as excess:
            raise DocumentRefused(excess.limit, [GraphQLError(str(excess))], excess.visited) from None
        except GraphQLError as error:
            raise DocumentRefused("GRAPHQL_PARSE_FAILED", [error]) from None
        if errors and isinstance(errors[-1], ValidationAbortedError) and len(errors) <= MAX_ERRORS:
            raise DocumentRefused(Limit.REPEATS, [GraphQLError(limits.OVERLAPPING)], verdict.visited)
        if errors:
            raise DocumentRefused("GRAPHQL_VALIDATION_FAILED", errors)
        return node, verdict

    async def run(
        self, prepared: Prepared, variables: Mapping[str, Any], operation_name: str | None, request: Request
    ) -> ExecutionResult:
        """Answer. Never raises for what a resolver does: its field is null and has an error.

        Raises:
            NotAsKnown: the viewer is a guess that did not hold, or that this operation does not check.
                Nothing of it is to be answered.
        """
        if self._compiled:
            found = prepared.plans.plan_for(self.schema, operation_name, variables, MAX_ERRORS)
            if not isinstance(found, Uncovered):
                with contextlib.suppress(Exception):
                    data = await run(found[0], request, found[1])
                    if request.is_certain:
                        self.answered[COMPILED] += 1
                        return ExecutionResult(data, None)
                await request.anew()
            if not request.is_certain:
                raise NotAsKnown
            self.answered[found.reason if isinstance(found, Uncovered) else ERROR] += 1
        return await self._executed(prepared, variables, operation_name, request)

    async def _executed(
        self, prepared: Prepared, variables: Mapping[str, Any], operation_name: str | None, request: Request
    ) -> ExecutionResult:
        result = execute(
            self._core,
            prepared.node,
            context_value=request,
            variable_values=dict(variables),
            operation_name=operation_name,
            max_coercion_errors=MAX_ERRORS,
            hide_suggestions=self._hide_suggestions,
            executor_class=self.schema.execution_context_class,
            operation_extensions={},
        )
        answered = await result if isawaitable(result) else result
        await request.settled()  # the audit notes what was looked at, whether or not it is shown
        return answered
