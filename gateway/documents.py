"""Documents: parsed and validated within limits, remembered by their text, answered by their plans.

Texts that differ in nothing but the numbers and texts written into them are parsed and validated once, and
have one plan (`gateway/plan/lifting.py`). What no plan covers, and whatever would be an error, is executed by
graphql-core.

It is called directly and not through Strawberry's `execute`, which has no place for a limit on
validation errors, validates every document anew and logs it, variables included, when a resolver fails.
"""

from __future__ import annotations

import contextlib
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
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
from gateway.plan.lifting import Lifted, Literals, Written, lifted, written
from gateway.plan.plan import Uncovered
from gateway.plan.plans import COMPILED, ERROR, Plans
from gateway.plan.running import run
from gateway.plan.scanning import MOST_TOKENS, Excess, scan
from hmis.documents import sha256_of
from resolvers.request import Request

MAX_ERRORS = 5
MOST_REMEMBERED = 256
"""Texts, and as many forms of texts."""
REMEMBERED, LIFTED, VALIDATED = "remembered", "lifted", "validated"
"""What a text took: it was there, or one like it was, or neither."""
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
class _Form:
    """What texts share that differ in their literals only."""

    lifted: Lifted
    plans: Plans
    verdict: limits.Verdict


@dataclass(slots=True)
class Prepared:
    """A valid document."""

    text: str
    sha256: str
    """Of the text, for the audit."""
    node: DocumentNode
    """What it asks, with variables in the place of its literals."""
    plans: Plans
    verdict: limits.Verdict
    """What its operations ask and may cost."""
    literals: Literals = field(default_factory=Literals)
    _written: DocumentNode | None = None

    def written(self) -> DocumentNode:
        """The document as it was written, for graphql-core. It was shown to be valid."""
        if self._written is None:
            self._written = parse(self.text, max_tokens=MOST_TOKENS)
        return self._written

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
        self.work: Counter[str] = Counter()
        """What it took: texts that were remembered, lifted or validated, and plans that were compiled."""
        self._remembered: OrderedDict[str, Prepared] = OrderedDict()
        self._forms: OrderedDict[str, _Form] = OrderedDict()

    def remembered(self) -> tuple[int, int]:
        """How many texts, and how many forms of texts."""
        return len(self._remembered), len(self._forms)

    def prepare(self, text: str) -> Prepared:
        """The document, parsed and validated once.

        Raises:
            DocumentRefused: GRAPHQL_PARSE_FAILED or GRAPHQL_VALIDATION_FAILED, with the first few errors.
        """
        if (known := self._remembered.get(text)) is not None:
            self._remembered.move_to_end(text)
            self.work[REMEMBERED] += 1
            return known
        worth_remembering = len(text) <= _WORTH_REMEMBERING
        taken = written(text) if worth_remembering else None
        prepared = None if taken is None else self._of_form(text, taken)
        if prepared is None:
            prepared = self._validated(text, taken)
        if worth_remembering:
            _remember(self._remembered, text, prepared)
        return prepared

    def _of_form(self, text: str, taken: Written) -> Prepared | None:
        """A text like one that was validated; None = there was none, or it is not quite like it."""
        if (form := self._forms.get(taken.form)) is None:
            return None
        self._forms.move_to_end(taken.form)
        if (values := form.lifted.values(taken.literals)) is None:
            return None
        try:
            verdict = form.verdict.with_literals(values, self._max_cost)
        except Excess:
            return None
        self.work[LIFTED] += 1
        return _prepared(text, form, verdict, Literals(values))

    def _validated(self, text: str, taken: Written | None) -> Prepared:
        self.work[VALIDATED] += 1
        node, verdict = self._valid(text)
        found = None if taken is None else lifted(self._core, node, taken)
        if taken is None or found is None:
            return Prepared(text, sha256_of(text), node, Plans(node, self.work), verdict, _written=node)
        if values := found.values(taken.literals) or {}:
            verdict = limits.count(found.document, self.weights, self._max_cost, values)
        form = _Form(found, Plans(found.document, self.work), verdict)
        _remember(self._forms, taken.form, form)
        return _prepared(text, form, verdict, Literals(values), node)

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
        self,
        prepared: Prepared,
        variables: Mapping[str, Any],
        operation_name: str | None,
        request: Request,
        begin_again: Callable[[], Awaitable[object]] | None = None,
    ) -> ExecutionResult:
        """Answer. Never raises for what a resolver does: its field is null and has an error.

        A query whose plan meets an error begins again. Nothing is written by then that must not be written
        twice: what changes something has no plan.

        begin_again: awaited before that, as it is as much work once more.

        Raises:
            NotAsKnown: the viewer is a guess that did not hold, or that this operation does not check.
                Nothing of it is to be answered.
        """
        if self._compiled:
            found = prepared.plans.plan_for(
                self.schema, operation_name, variables, prepared.literals, MAX_ERRORS
            )
            if not isinstance(found, Uncovered):
                with contextlib.suppress(Exception):
                    data = await run(found[0], request, found[1])
                    if request.is_certain:
                        self.answered[COMPILED] += 1
                        return ExecutionResult(data, None)
                await request.anew()
                if begin_again is not None and request.is_certain:
                    await begin_again()
            if not request.is_certain:
                raise NotAsKnown
            self.answered[found.reason if isinstance(found, Uncovered) else ERROR] += 1
        return await self._executed(prepared, variables, operation_name, request)

    async def _executed(
        self, prepared: Prepared, variables: Mapping[str, Any], operation_name: str | None, request: Request
    ) -> ExecutionResult:
        result = execute(
            self._core,
            prepared.written(),
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


def _prepared(
    text: str, form: _Form, verdict: limits.Verdict, literals: Literals, node: DocumentNode | None = None
) -> Prepared:
    """node: the text as it was parsed, if it was."""
    return Prepared(text, sha256_of(text), form.lifted.document, form.plans, verdict, literals, node)


def _remember(kept: OrderedDict[str, Any], key: str, value: Any) -> None:
    kept[key] = value
    if len(kept) > MOST_REMEMBERED:
        kept.popitem(last=False)
