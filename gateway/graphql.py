"""/graphql: who asks, what they ask, the answer, and its audit before the first byte.

After the GraphQL over HTTP specification (draft). The status depends on the form of the answer: in
application/json every well-formed request is answered 200, in application/graphql-response+json only one that
was executed. Without a valid token nothing else is looked at.

By GET goes what tells of nobody (`gateway/plan/by_get.py`), as URLs end in logs; it may be kept for a minute.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from datetime import date, datetime
from functools import partial
from typing import Any

from graphql import ExecutionResult
from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from auth import audit
from auth.audit import Operation
from auth.membership import NoAccess
from auth.tokens import Claims, bearer
from auth.viewer import Viewer
from auth.viewers import Guess, NotAsKnown
from gateway import media
from gateway.answers import encoded, executed
from gateway.body import Asked, read
from gateway.charging import HEADER, REFUSED, bill, check_introspection, wants_report
from gateway.documents import DocumentRefused
from gateway.errors import Fault, NotFound, Refused, fault_of, request_errors
from gateway.hub import Hub
from gateway.partners import lapsed
from gateway.plan.by_get import by_post_only
from gateway.turns import Turn
from hmis.errors import Unauthenticated
from resolvers.request import Request

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
            status, content = await _answer(hub, claims, asked, http.state.request_id, turn, report)
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


async def _answer(
    hub: Hub, claims: Claims, asked: Asked, request_id: str, turn: Turn, report: bool
) -> tuple[int, dict[str, Any]]:
    """Status and content of a well-formed request. Audited when this returns."""
    now = hub.now()
    as_of = hub.settings.day_of(now)
    await hub.replay.ensure(as_of)
    try:
        prepared = hub.documents.prepare(await hub.trusted.text_of(asked, claims))
        charged = bill(prepared, asked.operation_name, asked.variables, hub.settings.max_cost)
    except NotFound as fault:
        return 400, {"errors": [fault.entry()]}
    except DocumentRefused as refused:
        if hub.budget is not None:
            await hub.budget.take(claims, REFUSED.total, now)
        return _refused(refused)
    if hub.budget is not None:
        await hub.budget.take(claims, charged.estimated.total, now)
    if asked.by_get and (why := by_post_only(hub.documents.schema, prepared.node, asked.operation_name)):
        raise _by_post(why)
    name = prepared.operation_named(asked.operation_name)
    operation = Operation(request_id, name, prepared.sha256, as_of, hub.search_key)
    cost = charged.estimated.total
    begin_again = partial(hub.budget.take, claims, cost, now, owed=True) if hub.budget is not None else None

    async def run(viewer: Viewer | None, guess: Guess | None = None) -> tuple[Request, ExecutionResult]:
        request = _request(hub, claims, viewer, guess, turn, now, as_of)
        try:
            return request, await hub.documents.run(
                prepared, asked.variables, asked.operation_name, request, begin_again
            )
        finally:
            request.end()

    guess = None if charged.introspects else hub.viewers.guess(claims, as_of)
    try:
        if guess is None:
            raise NotAsKnown
        request, result = await run(guess.viewer, guess)
    except NotAsKnown:
        viewer = await _viewer(hub, claims, as_of, request_id)
        try:
            check_introspection(charged, viewer, hub.settings.introspecting)
        except DocumentRefused as refused:
            return _refused(refused)
        request, result = await run(viewer)
    status, content = executed(result, request)
    if report:
        told = charged.report(hub.documents, prepared, asked.operation_name, content.get("data"))
        content["extensions"] = {**content.get("extensions", {}), "cost": told}
    if request.trail.about_people:
        await audit.write(
            hub.audit,
            operation,
            request.trail,
            subject=claims.subject,
            application=claims.client_id,
            viewer=request.viewer,
            outcome=_outcome(request, content),
        )
        if asked.by_get:  # a net below `by_post_only`: it was looked at, so it is in the audit
            raise _by_post("This tells of people.")
    return status, content


def _request(
    hub: Hub,
    claims: Claims,
    viewer: Viewer | None,
    guess: Guess | None,
    turn: Turn,
    now: datetime,
    as_of: date,
) -> Request:
    return Request(
        now=now,
        as_of=as_of,
        viewer=viewer,
        guess=guess,
        subject=claims.subject,
        reader=hub.reader,
        writer=hub.writer,
        journal=hub.journal,
        partners=hub.sources,
        lapsed=lapsed(hub.agreements, as_of),
        levels=hub.levels,
        runtime=hub.runtime,
        issuer=claims.issuer,
        deadline=asyncio.get_running_loop().time() + hub.settings.deadline_s,
        away=turn.away,
        rules=hub.rules,
        zone=hub.settings.zone,
        documents=hub.trusted,
    )


def _refused(refused: DocumentRefused) -> tuple[int, dict[str, Any]]:
    return 400, {"errors": request_errors(refused.errors, refused.code)}


def _by_post(why: str) -> Refused:
    told = f"{why} Ask it by POST: what stands in a URL ends in logs."
    return Refused(405, "METHOD_NOT_ALLOWED", told, {"Allow": "POST"})


def _outcome(request: Request, content: dict[str, Any]) -> str:
    if request.viewer is None:
        return "NO_ACCESS"
    return "WITH_ERRORS" if "errors" in content else "ANSWERED"


async def _viewer(hub: Hub, claims: Claims, as_of: date, request_id: str) -> Viewer | None:
    """None = somebody known who may act for nobody: to them the hub is empty."""
    found = await hub.viewers.of(claims, as_of)
    if isinstance(found, NoAccess):
        log.info("request=%s speaks for nobody: %s", request_id, found.reason)
        return None
    return found


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
