"""What a fault looks like from outside: one table from our errors to `extensions.code` and HTTP status.

Only errors that the hub raises on purpose speak for themselves. Everything else is a fault of ours and reads
"Something went wrong on our side", with a reference under which the log has the stack: types and places,
never the words of the exception, which may quote a record.
"""

from __future__ import annotations

import logging
import re
import traceback
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from graphql import GraphQLError, VariableNode
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from hmis.errors import (
    AuditBroken,
    AuditUnavailable,
    HubError,
    InputRefused,
    NotReady,
    SourceFailed,
    Unauthenticated,
)

log = logging.getLogger(__name__)

OURS = "Something went wrong on our side"
_UNAUTHENTICATED = "A valid access token is needed."
_AUDIT_BROKEN = "The audit cannot be relied on at present."
_NO_DATABASE = "The database does not answer at present."


class Limit(StrEnum):
    """What a document, its variables or its viewer have too much of. The value is the code of the refusal."""

    DOCUMENT = "DOCUMENT_TOO_LARGE"
    """Characters or tokens."""
    DEFINITIONS = "TOO_MANY_DEFINITIONS"
    """Operations and fragments."""
    NAME = "NAME_TOO_LONG"
    LITERAL = "LITERAL_TOO_LARGE"
    DEPTH = "TOO_DEEP"
    FIELDS = "TOO_MANY_FIELDS"
    ROOT_FIELDS = "TOO_MANY_ROOT_FIELDS"
    ALIASES = "TOO_MANY_ALIASES"
    REPEATS = "TOO_MANY_REPEATED_FIELDS"
    """The same answer asked for over and over, in one place or through fragments."""
    DIRECTIVES = "TOO_MANY_DIRECTIVES"
    FRAGMENTS = "TOO_MANY_FRAGMENTS"
    VARIABLES = "TOO_MANY_VARIABLES"
    VALUES = "VARIABLES_TOO_LARGE"
    COST = "COST_TOO_HIGH"
    INTROSPECTION = "INTROSPECTION_TOO_LARGE"
    INTROSPECTING = "INTROSPECTION_REFUSED"
    """Not for this viewer, whatever its size."""
    RATE = "RATE_LIMITED"


class Refused(HubError):
    """The HTTP request itself cannot be taken; nothing was executed."""

    def __init__(
        self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = dict(headers or {})


class NotFound(HubError):
    """A well-formed request names a document that is not here: answered as one that could not run."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code

    def entry(self) -> dict[str, Any]:
        """The entry in `errors`."""
        return Fault(400, self.code, str(self)).entry()


@dataclass(frozen=True, slots=True)
class Row:
    """status: where the whole request fails by it. A fault of one field costs that field: the answer is 200.

    message: None = the error's own words are for the caller.
    """

    kind: type[HubError]
    code: str
    status: int
    message: str | None = None


TABLE = (
    Row(Unauthenticated, "UNAUTHENTICATED", 401, _UNAUTHENTICATED),
    Row(AuditUnavailable, "AUDIT_UNAVAILABLE", 503),
    Row(AuditBroken, "AUDIT_UNAVAILABLE", 503, _AUDIT_BROKEN),
    Row(NotReady, "NOT_READY", 503),
    Row(SourceFailed, "SOURCE_FAILED", 502),
    Row(InputRefused, "BAD_USER_INPUT", 400),
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault as the caller gets it."""

    status: int
    code: str
    message: str
    extensions: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def entry(self) -> dict[str, Any]:
        """The entry in `errors`."""
        return {"message": self.message, "extensions": {"code": self.code, **self.extensions}}


def fault_of(error: BaseException) -> Fault:
    """The fault behind an exception. What is not in the table is logged here, under a fresh reference."""
    if isinstance(error, Refused):
        return Fault(error.status, error.code, str(error), headers=error.headers)
    for row in TABLE:
        if isinstance(error, row.kind):
            return Fault(row.status, row.code, row.message or str(error), _details(error))
    if is_database_absent(error):
        return Fault(503, "NOT_READY", _NO_DATABASE, {"reference": logged(error)})
    return Fault(500, "INTERNAL", OURS, {"reference": logged(error)})


def is_database_absent(error: BaseException) -> bool:
    """Whether PostgreSQL could not be reached, as opposed to having said no."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or isinstance(error, InterfaceError | OperationalError)
    return isinstance(error, ConnectionError | FileNotFoundError)


def logged(error: BaseException) -> str:
    """Write the stack to the log and return the reference it stands under."""
    reference = str(uuid.uuid4())
    log.error("%s reference=%s\n%s", OURS, reference, stack(error))
    return reference


def stack(error: BaseException) -> str:
    """Where it happened: types and places of the whole chain, without any exception's words."""
    lines: list[str] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        frames = traceback.extract_tb(current.__traceback__)
        lines.append(f"{type(current).__module__}.{type(current).__qualname__}")
        lines += [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return "\n".join(lines)


def request_errors(errors: Iterable[GraphQLError], code: str) -> list[dict[str, Any]]:
    """What is wrong with the document or its variables, in the library's words without the values."""
    return [
        _placed(error, (_empty(error) or Fault(400, code, _without_values(error.message))).entry())
        for error in errors
    ]


def field_errors(errors: Iterable[GraphQLError]) -> list[dict[str, Any]]:
    """Faults of single fields, in the order of their paths and not of their happening."""
    ordered = sorted(errors, key=lambda error: [str(step) for step in error.path or ()])
    return [_placed(error, (_empty(error) or fault_of(_cause(error))).entry()) for error in ordered]


def _empty(error: GraphQLError) -> Fault | None:
    """The fault of a variable that is null where a value must be; None = it is another fault.

    A variable that may be null may stand there, if it or the place has a default value: validation allows
    it, and what was sent decides (section 5.8.5 of the specification, All Variable Usages Are Allowed).
    """
    cause = _cause(error)
    node = cause.nodes[0] if isinstance(cause, GraphQLError) and cause.nodes else None
    if not isinstance(node, VariableNode):
        return None
    told = f"Variable '${node.name.value}' must not be null where it stands here."
    return Fault(400, "BAD_USER_INPUT", told)


def _cause(error: GraphQLError) -> BaseException:
    """What a resolver raised; the error itself where the executor found a fault in what it returned."""
    cause: BaseException = error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    return cause


def _placed(error: GraphQLError, entry: dict[str, Any]) -> dict[str, Any]:
    placed: dict[str, Any] = {"message": entry["message"]}
    if error.locations:
        placed["locations"] = [{"line": at.line, "column": at.column} for at in error.locations]
    if error.path:
        placed["path"] = error.path
    return {**placed, "extensions": entry["extensions"]}


def _details(error: HubError) -> dict[str, Any]:
    if isinstance(error, SourceFailed):
        return {"source": error.source, "reason": error.code.value, "retryable": error.retryable}
    return {}


# graphql-core ends its sentences with what it found: the caller's variables, which may hold names.
_FOUND = re.compile(
    r"(?:,? (?:but encountered|found\b)|(?<=\bvalue): |: (?=Value ')).*", re.DOTALL | re.IGNORECASE
)


def _without_values(message: str) -> str:
    return _FOUND.sub("", message).rstrip(" :.,;") + "."
