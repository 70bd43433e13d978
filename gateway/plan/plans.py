"""Plans: those of all documents of one form, for each operation and each choice of what is left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import strawberry
from graphql import DocumentNode, OperationDefinitionNode, get_variable_values
from graphql.execution.values import VariableValues
from graphql.utilities import get_operation_ast

from gateway.plan.compiling import compiled, conditions
from gateway.plan.lifting import Literals, with_literals
from gateway.plan.plan import Plan, Uncovered

MOST_VARIANTS = 16
"""Plans kept of one document: each answer to its `@skip` and `@include` makes another operation of it."""

COMPILED = "compiled"
ERROR = "error"
"""Something failed on the way: graphql-core answers, and says what."""
PLANNED = "compiled"
"""Counted for each plan that is made."""


@dataclass(slots=True)
class Plans:
    """The plans of one document, made when first asked for."""

    document: DocumentNode
    """Valid, with variables in the place of its literals."""
    work: Counter[str]
    """What it took to answer."""
    _conditions: tuple[str, ...] | None = None
    _known: dict[tuple[Any, ...], Plan | Uncovered] = field(default_factory=dict)

    def plan_for(
        self,
        schema: strawberry.Schema,
        operation_name: str | None,
        given: Mapping[str, Any],
        literals: Literals,
        most_errors: int,
    ) -> tuple[Plan, VariableValues] | Uncovered:
        """The plan of the operation that is meant and the values of its variables, or why there is none.

        literals: of the text that is answered.
        """
        operation = get_operation_ast(self.document, operation_name)
        if operation is None:
            return Uncovered("operation")
        variables = get_variable_values(
            schema._schema,
            operation.variable_definitions or (),
            dict(given),
            most_errors,
            hide_suggestions=True,
        )
        if isinstance(variables, list):
            return Uncovered("variables")
        known = self._of(schema, operation, variables)
        return known if isinstance(known, Uncovered) else (known, with_literals(variables, literals))

    def _of(
        self, schema: strawberry.Schema, operation: OperationDefinitionNode, variables: VariableValues
    ) -> Plan | Uncovered:
        if self._conditions is None:
            self._conditions = conditions(self.document)
        key = (
            operation.name.value if operation.name is not None else None,
            *(variables.coerced.get(name) for name in self._conditions),
        )
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= MOST_VARIANTS:
                return Uncovered("variants")
            self.work[PLANNED] += 1
            known = self._known[key] = compiled(schema, self.document, operation, variables)
        return known
