"""Charging: what an operation may cost, who may ask for the schema, and the cost in the answer.

Decided before anything about a person is read, by the document and its variables alone: what is hidden
costs neither more nor less. `GraphQL-Cost: report` in a request has the answer say it in `extensions.cost`:

    {"estimated": {"field": 24, "type": 33}, "actual": {"field": 9, "type": 7}, "maximum": 3000000}

Field and type cost are those of `gateway/plan/cost.py`; their sum is held against the maximum.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import FragmentDefinitionNode, GraphQLError
from graphql.utilities import get_operation_ast

from auth.viewer import Role, Viewer
from gateway.documents import DocumentRefused, Documents, Prepared
from gateway.errors import Limit
from gateway.plan.cost import NOTHING, Answered, Cost
from gateway.plan.limits import check_cost
from gateway.plan.scanning import Excess, scan_values

HEADER = "graphql-cost"
REPORT = "report"
REFUSED = Cost(50)
"""What a document costs that is refused: reading it was work."""


@dataclass(frozen=True, slots=True)
class Bill:
    """What one request may cost at most."""

    estimated: Cost
    maximum: int
    introspects: bool = False

    def report(self, documents: Documents, prepared: Prepared, name: str | None, data: Any) -> dict[str, Any]:
        """What the answer says of its cost. data: the answer's; None = there is none."""
        operation = get_operation_ast(prepared.node, name)
        actual = NOTHING
        if operation is not None and isinstance(data, Mapping):
            fragments = {
                one.name.value: one
                for one in prepared.node.definitions
                if isinstance(one, FragmentDefinitionNode)
            }
            actual = Answered(documents.weights, fragments).of(operation, data)
        return {"estimated": _told(self.estimated), "actual": _told(actual), "maximum": self.maximum}


def _told(cost: Cost) -> dict[str, int]:
    return {"field": cost.field, "type": cost.type}


def bill(prepared: Prepared, name: str | None, variables: Mapping[str, Any], maximum: int) -> Bill:
    """What the operation may cost with these variables.

    Raises:
        DocumentRefused: VARIABLES_TOO_LARGE, or COST_TOO_HIGH: more than the maximum.
    """
    counted = prepared.verdict.of(name)
    try:
        scan_values(variables)
        if counted is None:
            return Bill(NOTHING, maximum)  # no such operation: nothing is executed
        cost = counted.cost(variables)
        check_cost(cost, maximum, prepared.verdict.visited)
    except Excess as excess:
        raise DocumentRefused(excess.limit, [GraphQLError(str(excess))], excess.visited) from None
    return Bill(cost, maximum, counted.introspects)


def check_introspection(bill: Bill, viewer: Viewer | None, allowed: Sequence[Role] | None) -> None:
    """Refuse to tell the schema to somebody who may not ask for it.

    Args:
        viewer: None = somebody who may act for nobody.
        allowed: the roles that may; None = everybody.

    Raises:
        DocumentRefused: INTROSPECTION_REFUSED.
    """
    if not bill.introspects or allowed is None or (viewer is not None and viewer.role in allowed):
        return
    told = "Here the schema is not told by introspection; it is part of the documentation."
    raise DocumentRefused(Limit.INTROSPECTING, [GraphQLError(told)])


def wants_report(header: str | None) -> bool:
    """Whether a request asks for its cost."""
    return (header or "").strip().lower() == REPORT
