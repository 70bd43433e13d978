"""Answers: what an operation gave, as the JSON that leaves."""

from __future__ import annotations

from typing import Any

import orjson
from graphql import ExecutionResult

from gateway.errors import field_errors, request_errors
from resolvers.request import Request, SourceNote

WITHHELD = "WITHHELD"


def executed(result: ExecutionResult, request: Request) -> tuple[int, dict[str, Any]]:
    """Status (of application/graphql-response+json) and content of an executed operation."""
    errors = result.errors or []
    if result.data is None and errors and all(error.path is None for error in errors):
        # Nothing ran: which operation was meant, or a variable, could not be told. Then `data` is absent.
        return 400, {"errors": request_errors(errors, "BAD_USER_INPUT")}
    content: dict[str, Any] = {"data": result.data}
    if errors:
        content["errors"] = field_errors(errors)
    if extensions := _extensions(request):
        content["extensions"] = extensions
    return 200, content


def _extensions(request: Request) -> dict[str, Any]:
    extensions: dict[str, Any] = {}
    if consent := _consent(request):
        extensions["consent"] = consent
    if request.source_notes:
        notes = sorted(request.source_notes, key=lambda note: (note.source, note.code, note.as_of or ""))
        extensions["sources"] = [_source(note) for note in notes]
    return extensions


def _source(note: SourceNote) -> dict[str, Any]:
    told = {"source": note.source, "code": note.code, "retryable": note.retryable, "stale": note.stale}
    return told | ({"asOf": note.as_of} if note.as_of else {})


def _consent(request: Request) -> dict[str, Any]:
    """What was asked for and not shown, and what is owed for what was."""
    consent: dict[str, Any] = {}
    if request.withheld:
        withheld = sorted(
            (field, category.name or "", len(people))
            for (field, category), people in request.withheld.items()
        )
        consent["withheld"] = [
            {"field": field, "category": category, "code": WITHHELD, "count": count}
            for field, category, count in withheld
        ]
    if request.obligations:
        consent["obligations"] = [
            {"code": owed.code, "text": owed.text, "grant": str(owed.grant)}
            for owed in sorted(request.obligations)
        ]
    return consent


def encoded(content: dict[str, Any]) -> bytes:
    return orjson.dumps(content)
