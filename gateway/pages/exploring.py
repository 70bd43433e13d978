"""Exploring: a document that somebody wrote at the explorer is run or checked, as their application would.

It goes the way of every other document (`gateway/answering.py`): the same decisions, limits, budget and
audit, and on a hub that takes registered documents alone the same refusal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
from graphql import OperationDefinitionNode, OperationType, get_variable_values
from graphql.utilities import get_operation_ast

from auth.tokens import Claims
from auth.viewer import SCOPES, Role
from gateway.answering import answer
from gateway.answers import encoded
from gateway.body import Asked
from gateway.charging import REFUSED, bill
from gateway.documents import MAX_ERRORS, DocumentRefused, Prepared
from gateway.errors import Refused, fault_of, request_errors
from gateway.pages.visit import Visit
from gateway.plan.plan import Uncovered
from gateway.plan.telling import Told, told
from hmis.documents import sha256_of


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands in the form."""

    document: str = ""
    variables: str = ""
    """JSON, as it was typed."""
    operation: str = ""

    @classmethod
    def of(cls, form: Mapping[str, str]) -> Draft:
        """Of a form. Browsers send lines with CR and LF; a document is hashed as it was typed."""
        document, variables = (form.get(name, "").replace("\r\n", "\n") for name in ("document", "variables"))
        return cls(document, variables, form.get("operation", "").strip())

    @property
    def sha256(self) -> str:
        return sha256_of(self.document)


@dataclass(frozen=True, slots=True)
class Problem:
    """What keeps a draft from being asked. field: of the form."""

    field: str
    code: str
    """`empty`, `json` or `object`."""
    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class Planned:
    """How it will be answered."""

    reason: str | None
    """Why not by a compiled plan; None = by one."""
    told: Told | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a draft."""

    content: Mapping[str, Any] | None = None
    """The answer; None = it was only checked."""
    errors: Sequence[Mapping[str, Any]] = ()
    cost: Mapping[str, Any] | None = None
    """`estimated`, `actual` (None = it was only checked) and `maximum`."""
    planned: Planned | None = None
    problem: Problem | None = None
    """Of the form; then nothing was asked."""
    body: bytes = field(default=b"", repr=False)
    """The answer as it would leave."""


def claims_of(visit: Visit, role: Role | None) -> Claims:
    """As whom it is asked: the visitor, with the scopes of their role and no others.

    Sessions hold every scope, as the pages' own documents may need it; who may send any text is also told by
    scope (`HUB_FREE_TEXT`), and then it has to be one that is theirs.
    """
    return replace(visit.claims, scopes=visit.claims.scopes & SCOPES[role] if role else frozenset())


def asked_of(draft: Draft) -> Asked | Problem:
    """The draft as a well-formed request, or what is wrong with it."""
    if not draft.document.strip():
        return Problem("document", "empty")
    try:
        given = orjson.loads(draft.variables) if draft.variables.strip() else None
    except orjson.JSONDecodeError as fault:
        return Problem("variables", "json", fault.lineno, fault.colno)
    if given is not None and not isinstance(given, dict):
        return Problem("variables", "object")
    return Asked(draft.document, draft.operation or None, given or {})


def changes(visit: Visit, asked: Asked) -> bool:
    """Whether it holds anything that changes something, whichever operation is meant."""
    try:
        prepared = visit.hub.documents.prepare(_text(asked))
    except DocumentRefused:
        return False
    return any(
        isinstance(one, OperationDefinitionNode) and one.operation is OperationType.MUTATION
        for one in prepared.node.definitions
    )


async def run(visit: Visit, claims: Claims, asked: Asked) -> Outcome:
    """Ask it."""
    hub = visit.hub
    try:
        async with hub.turns.taken() as turn:
            _, content = await answer(hub, claims, asked, visit.http.state.request_id, turn, report=True)
    except Exception as error:
        content = {"errors": [fault_of(error).entry()]}
    errors = content.get("errors", ())
    cost = content.get("extensions", {}).get("cost")
    planned = None if cost is None else _planned(visit, hub.documents.prepare(_text(asked)), asked)[0]
    return Outcome(content, errors, cost, planned, body=encoded(content))


async def check(visit: Visit, claims: Claims, asked: Asked) -> Outcome:
    """Say whether it is valid, what it may cost and how it would be answered. Nothing is read."""
    hub = visit.hub
    try:
        if hub.budget is not None:
            await hub.budget.take(claims, REFUSED.total, hub.now())
        prepared = hub.documents.prepare(_text(asked))
        charged = bill(prepared, asked.operation_name, asked.variables, hub.settings.max_cost)
    except DocumentRefused as refused:
        return Outcome(errors=request_errors(refused.errors, refused.code))
    except Refused as refused:
        return Outcome(errors=[fault_of(refused).entry()])
    planned, errors = _planned(visit, prepared, asked)
    estimated = {"field": charged.estimated.field, "type": charged.estimated.type}
    cost = {"estimated": estimated, "actual": None, "maximum": charged.maximum}
    return Outcome(errors=errors, cost=None if errors else cost, planned=None if errors else planned)


def _text(asked: Asked) -> str:
    assert asked.document is not None  # drafts are texts
    return asked.document


def _planned(visit: Visit, prepared: Prepared, asked: Asked) -> tuple[Planned, Sequence[Mapping[str, Any]]]:
    """How it will be answered, or which operation or variable cannot be told."""
    documents = visit.hub.documents
    found = prepared.plans.plan_for(
        documents.schema, asked.operation_name, asked.variables, prepared.literals, MAX_ERRORS
    )
    if not isinstance(found, Uncovered):
        plan = told(found[0], visit.hub.sources)
        return Planned(None if visit.hub.settings.compiled else "setting", plan), ()
    return Planned(found.reason), _faults(visit, prepared, asked)


def _faults(visit: Visit, prepared: Prepared, asked: Asked) -> Sequence[Mapping[str, Any]]:
    operation = get_operation_ast(prepared.node, asked.operation_name)
    if operation is None:
        told = "Which operation is meant cannot be told: give its name."
        return [{"message": told, "extensions": {"code": "BAD_USER_INPUT"}}]
    given = get_variable_values(
        visit.hub.documents.weights.core,
        operation.variable_definitions or (),
        dict(asked.variables),
        MAX_ERRORS,
        hide_suggestions=True,
    )
    return request_errors(given, "BAD_USER_INPUT") if isinstance(given, list) else ()
