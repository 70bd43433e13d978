"""Reading a request: from a body, its size counted while it arrives, or from a URL; and its parameters.

After the GraphQL over HTTP specification (draft) with its appendix on persisted documents, and the shape that
Apollo's clients give to persisted queries (`extensions.persistedQuery`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import parse_qsl

import orjson
from starlette.requests import ClientDisconnect, Request

from gateway.errors import Refused
from gateway.media import is_json
from hmis.documents import PREFIX, SHA256, sha256_of

ARRIVES_WITHIN_S = 15.0
"""Seconds for a body to arrive: who sends a byte a minute holds a connection and a stop of the hub."""

_PARAMETERS = ("query", "documentId", "operationName", "variables", "extensions")


@dataclass(frozen=True, slots=True)
class Asked:
    """A well-formed request. Not yet parsed, let alone valid."""

    document: str | None
    """Its text; None = it is only named, by `sha256`."""
    operation_name: str | None
    variables: Mapping[str, Any]
    sha256: str | None = None
    """The document's hash, in hexadecimal, where the request names it. It is that of the text, where both
    were sent."""
    persisted_query: bool = False
    """It was named in Apollo's way."""
    by_get: bool = False


async def read(http: Request, limit: int) -> Asked:
    """What is asked, by POST or by GET.

    Raises:
        Refused: 400, 408, 413, 414 or 415; the message says which part cannot be taken.
    """
    if http.method != "POST":
        return _asked(_of_url(http, limit), by_get=True)
    if (
        not is_json(http.headers.get("content-type"))
        or http.headers.get("content-encoding", "identity") != "identity"
    ):
        raise Refused(415, "UNSUPPORTED_MEDIA_TYPE", "Send application/json in UTF-8, uncompressed.")
    body = await arrived(http, limit)
    try:
        return _asked(orjson.loads(body), by_get=False)
    except orjson.JSONDecodeError:  # also raised for nesting beyond reason and for text that is not UTF-8
        _bad("The body is not JSON in UTF-8.")


_CLOSE = {"Connection": "close"}
"""The rest of the body is not waited for."""
_LINGER = 10
"""Up to so many times the limit is read and thrown away: who sends a little too much gets to read why."""


async def arrived(http: Request, limit: int) -> bytes:
    """The body, its size counted while it arrives.

    Raises:
        Refused: 400, 408 or 413.
    """
    try:
        async with asyncio.timeout(ARRIVES_WITHIN_S):
            return await _body(http, limit)
    except TimeoutError:
        raise Refused(408, "REQUEST_TIMEOUT", "The body took too long to arrive.", _CLOSE) from None
    except ClientDisconnect:
        _bad("The body ended early.")


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


def _of_url(http: Request, limit: int) -> dict[str, object]:
    """The parameters in a URL as they would stand in a body: two of them are JSON there."""
    written: bytes = http.scope["query_string"]
    if len(written) > limit:
        raise Refused(414, "URI_TOO_LONG", f"A request may have {limit} bytes.")
    try:
        pairs = parse_qsl(written.decode("ascii"), keep_blank_values=True, errors="strict")
    except ValueError:  # a UnicodeDecodeError is one
        _bad("The URL is not form-encoded UTF-8.")
    given: dict[str, object] = {}
    for name, value in pairs:
        if name in _PARAMETERS:
            if name in given:
                _bad(f"{name} stands twice in the URL.")
            given[name] = value
    for name in ("variables", "extensions"):
        if name in given:
            try:
                given[name] = orjson.loads(str(given[name]) or "null")
            except orjson.JSONDecodeError:
                _bad(f"{name} must be JSON in the URL.")
    return given


def _asked(given: object, *, by_get: bool) -> Asked:
    if isinstance(given, list):
        _bad("Send one request at a time: lists of requests are not taken.")
    if not isinstance(given, dict):
        _bad("The body must be a JSON object.")
    name = given.get("operationName")
    if name is not None and not isinstance(name, str):
        _bad("operationName must be a text.")
    variables = given.get("variables")
    if variables is not None and not isinstance(variables, dict):
        _bad("variables must be an object.")
    extensions = given.get("extensions")
    if extensions is not None and not isinstance(extensions, dict):
        _bad("extensions must be an object.")
    persisted = (extensions or {}).get("persistedQuery")
    document, sha256 = _document(given, persisted)
    return Asked(document, name or None, variables or {}, sha256, persisted is not None, by_get)


def _document(given: Mapping[str, Any], persisted: object) -> tuple[str | None, str | None]:
    """The document's text and the hash that names it, or one of them."""
    document, identifier = given.get("query"), given.get("documentId")
    if document is None and (identifier is not None or persisted is not None):
        pass
    elif not isinstance(document, str) or not document.strip():
        _bad("query must be a text: the GraphQL document. Or documentId names it.")
    if identifier is not None:
        if document is not None or persisted is not None:
            _bad("Send documentId alone, without query and without extensions.persistedQuery.")
        return None, _of_id(identifier)
    return document, None if persisted is None else _of_persisted(persisted, document)


def _of_id(identifier: object) -> str:
    sha256 = identifier.removeprefix(PREFIX) if isinstance(identifier, str) else ""
    if sha256 == identifier or not SHA256.fullmatch(sha256):
        _bad("documentId must be sha256: and the document's SHA-256 in 64 lower-case hexadecimal digits.")
    return sha256


def _of_persisted(persisted: object, document: str | None) -> str:
    if not isinstance(persisted, dict) or persisted.get("version") != 1:
        _bad("extensions.persistedQuery must be an object of version 1.")
    sha256 = persisted.get("sha256Hash")
    if not isinstance(sha256, str) or not SHA256.fullmatch(sha256):
        _bad("extensions.persistedQuery.sha256Hash must be 64 lower-case hexadecimal digits.")
    if document is not None and sha256_of(document) != sha256:
        raise Refused(400, "DOCUMENT_MISMATCH", "sha256Hash is not the SHA-256 of query.")
    return sha256


def _bad(message: str) -> NoReturn:
    raise Refused(400, "BAD_REQUEST", message) from None
