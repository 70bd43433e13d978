"""/graphql: who asks, what they ask, the answer, and its audit before the first byte.

After the GraphQL over HTTP specification (draft). The status depends on the form of the answer: in
application/json every well-formed request is answered 200, in application/graphql-response+json only one that
was executed. Without a valid token nothing else is looked at.

By GET goes what tells of nobody (`gateway/plan/by_get.py`), as URLs end in logs; it may be kept for a minute.
"""

from __future__ import annotations

import hashlib
import logging

from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from auth.tokens import Claims, bearer
from gateway import media
from gateway.answering import answer
from gateway.answers import encoded
from gateway.body import read
from gateway.charging import HEADER, wants_report
from gateway.errors import Fault, Refused, fault_of
from gateway.hub import Hub
from hmis.errors import Unauthenticated

log = logging.getLogger(__name__)

_REALM = 'Bearer realm="hmis-hub"'


async def graphql(http: HttpRequest) -> Response:
    """The endpoint."""
    hub: Hub = http.app.state.hub
    form = media.wanted(http.headers.getlist("accept"))
    try:
        claims = await _claims(hub, http)
        if form is None:
            wanted = f"Accept {media.RESPONSE} or {media.JSON}."
            raise Refused(406, "NOT_ACCEPTABLE", wanted)
        asked = await read(http, hub.settings.max_request_bytes)
        report = wants_report(http.headers.get(HEADER))
        async with hub.turns.taken() as turn:
            status, content = await answer(hub, claims, asked, http.state.request_id, turn, report=report)
        body = encoded(content)
    except Unauthenticated as fault:
        log.info("request=%s not let in: %s", http.state.request_id, fault)
        return _refusal(fault_of(fault), form, {"WWW-Authenticate": _challenge(http)})
    except Exception as fault:
        return _refusal(fault_of(fault), form)
    if asked.by_get and content.keys() == {"data"}:
        return _kept(http, body, form)
    return _response(200 if form == media.JSON else status, body, form)


async def _claims(hub: Hub, http: HttpRequest) -> Claims:
    # Several headers are handed over joined, which `bearer` refuses.
    token = bearer(", ".join(http.headers.getlist("authorization")) or None)
    return await hub.verifier.verify(token, hub.now())


def _challenge(http: HttpRequest) -> str:
    """RFC 6750, 3.1: no error code where no token was tried; else the same, whatever was wrong with it."""
    return f'{_REALM}, error="invalid_token"' if "authorization" in http.headers else _REALM


def _refusal(fault: Fault, form: str | None, headers: dict[str, str] | None = None) -> Response:
    """A request that got no answer. The status is the fault's own in either form: it is no GraphQL result."""
    body = encoded({"errors": [fault.entry()]})
    return _response(fault.status, body, form or media.JSON, {**fault.headers, **(headers or {})})


def _response(status: int, body: bytes, form: str | None, headers: dict[str, str] | None = None) -> Response:
    kind = f"{form or media.JSON}; charset=utf-8"
    return Response(body, status, {"Cache-Control": "no-store", **(headers or {}), "Content-Type": kind})


_KEPT_S = 60
"""Seconds for which the caller's own cache may repeat what tells of nobody."""


def _kept(http: HttpRequest, body: bytes, form: str | None) -> Response:
    """An answer that tells of nobody (RFC 9110, 13.1.2 and 15.4.5; RFC 9111, 5.2.2).

    Private, because it was given for a token: a cache that several share could not tell who may have it.
    """
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {
        "Cache-Control": f"private, max-age={_KEPT_S}",
        "ETag": tag,
        "Vary": "Accept, Authorization, GraphQL-Cost",
    }
    given = ",".join(http.headers.getlist("if-none-match"))
    if any(one.strip().removeprefix("W/") in (tag, "*") for one in given.split(",")):
        return Response(status_code=304, headers=headers)
    return _response(200, body, form, headers)
