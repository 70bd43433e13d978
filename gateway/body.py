"""Reading a request: its size, counted while it arrives, its JSON, and its parameters (GraphQL over HTTP)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

import orjson
from starlette.requests import ClientDisconnect, Request

from gateway.errors import Refused
from gateway.media import is_json

ARRIVES_WITHIN_S = 15.0
"""Seconds for a body to arrive: who sends a byte a minute holds a connection and a stop of the hub."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A well-formed request. Not yet parsed, let alone valid."""

    document: str
    operation_name: str | None
    variables: Mapping[str, Any]


async def read(http: Request, limit: int) -> Asked:
    """What is asked.

    Raises:
        Refused: 400, 408, 413 or 415; the message says which part cannot be taken.
    """
    if (
        not is_json(http.headers.get("content-type"))
        or http.headers.get("content-encoding", "identity") != "identity"
    ):
        raise Refused(415, "UNSUPPORTED_MEDIA_TYPE", "Send application/json in UTF-8, uncompressed.")
    try:
        async with asyncio.timeout(ARRIVES_WITHIN_S):
            body = await _body(http, limit)
    except TimeoutError:
        raise Refused(408, "REQUEST_TIMEOUT", "The body took too long to arrive.", _CLOSE) from None
    except ClientDisconnect:
        _bad("The body ended early.")
    try:
        return _asked(orjson.loads(body))
    except orjson.JSONDecodeError:  # also raised for nesting beyond reason and for text that is not UTF-8
        _bad("The body is not JSON in UTF-8.")


_CLOSE = {"Connection": "close"}
"""The rest of the body is not waited for."""
_LINGER = 10
"""Up to so many times the limit is read and thrown away: who sends a little too much gets to read why."""


async def _body(http: Request, limit: int) -> bytes:
    body, size = bytearray(), 0
    declared = http.headers.get("content-length", "")
    far_too_large = declared.isdigit() and int(declared) > limit * _LINGER
    if not far_too_large:
        async for chunk in http.stream():
            size += len(chunk)
            if size <= limit:
                body += chunk
            elif far_too_large := size > limit * _LINGER:
                break
    if far_too_large or size > limit:
        told = f"A request may have {limit} bytes."
        raise Refused(413, "REQUEST_TOO_LARGE", told, _CLOSE if far_too_large else None)
    return bytes(body)


def _asked(given: object) -> Asked:
    if isinstance(given, list):
        _bad("Send one request at a time: lists of requests are not taken.")
    if not isinstance(given, dict):
        _bad("The body must be a JSON object.")
    document = given.get("query")
    if not isinstance(document, str) or not document.strip():
        _bad("query must be a text: the GraphQL document.")
    name = given.get("operationName")
    if name is not None and not isinstance(name, str):
        _bad("operationName must be a text.")
    variables = given.get("variables")
    if variables is not None and not isinstance(variables, dict):
        _bad("variables must be an object.")
    extensions = given.get("extensions")
    if extensions is not None and not isinstance(extensions, dict):
        _bad("extensions must be an object.")
    return Asked(document, name or None, variables or {})


def _bad(message: str) -> NoReturn:
    raise Refused(400, "BAD_REQUEST", message) from None
