"""Answering: a well-formed question of somebody whose claims hold, by whichever way it came in.

/graphql and the pages both come through here, so that neither can show what the other may not: the same
decisions, limits, budget and audit.
"""

from __future__ import annotations

import logging
from datetime import date, datetime
from functools import partial
from typing import Any

from graphql import ExecutionResult

from auth import audit
from auth.audit import Operation
from auth.membership import NoAccess
from auth.tokens import Claims
from auth.viewer import Viewer
from auth.viewers import Guess, NotAsKnown
from gateway.answers import executed
from gateway.body import Asked
from gateway.charging import REFUSED, bill, check_introspection
from gateway.documents import DocumentRefused
from gateway.errors import NotFound, Refused, request_errors
from gateway.hub import Hub
from gateway.partners import lapsed
from gateway.plan.by_get import by_post_only
from gateway.turns import Turn
from resolvers.request import Request

log = logging.getLogger(__name__)


async def answer(
    hub: Hub,
    claims: Claims,
    asked: Asked,
    request_id: str,
    turn: Turn,
    *,
    report: bool = False,
    is_ours: bool = False,
) -> tuple[int, dict[str, Any]]:
    """Status and content of a well-formed request. Audited when this returns.

    Args:
        report: whether the answer says what it cost.
        is_ours: the document is the hub's own, a page's: nobody needs to have registered it.
    """
    now = hub.now()
    as_of = hub.settings.day_of(now)
    await hub.replay.ensure(as_of)
    try:
        text = asked.document if is_ours else await hub.trusted.text_of(asked, claims)
        assert text is not None
        prepared = hub.documents.prepare(text)
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
        deadline_s=hub.settings.deadline_s,
        away=turn.away,
        rules=hub.rules,
        forms=hub.settings.forms,
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
