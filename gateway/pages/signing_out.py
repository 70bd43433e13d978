"""Signing out: here, at the provider, and by the provider."""

from __future__ import annotations

import logging
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from auth.id_tokens import signed_out
from auth.signed import MAX_TOKEN
from gateway.errors import Refused
from gateway.hub import Hub
from gateway.pages import forms
from gateway.pages.page import forget, keep, session_of
from gateway.pages.rendering import language_of, rendered
from gateway.pages.visit import Visit
from gateway.sign_in import LEAVING, LOGGED_OUT
from hmis.errors import Unauthenticated

_IN_URLS = ":/%#?=@[]!$&'()*+,"

log = logging.getLogger(__name__)


async def sign_out(visit: Visit) -> Response:
    """End the session here, then send its browser to end the one at the provider (RP-Initiated Logout 1.0).

    The page moves on by itself: as an answer to a form, a redirect would have to be allowed by the policy of
    every page, and so would whatever hosts the provider goes through.
    """
    hub, who = visit.hub, visit.session.who
    assert hub.sign_in is not None
    await hub.sessions.end(visit.session)
    left = await hub.sign_in.leave_for_good(visit.http, who.id_token if who else None)
    if left is None:
        return forget(RedirectResponse(LOGGED_OUT, 303))
    address, waiting = left
    response = HTMLResponse(rendered("signing_out.html", visit.language, visit=None, address=address))
    response.headers["Refresh"] = f"0;url={quote(address, safe=_IN_URLS)}"
    return keep(response, await hub.sessions.begin(hub.now(), data=waiting))


async def logged_out(http: Request) -> Response:
    """Where one ends up. Nobody is signed out by coming here: whoever is signed in goes to the start."""
    hub: Hub = http.app.state.hub
    session = await session_of(http)
    if session is not None and session.who is not None:
        return RedirectResponse("/", 303)
    is_whole = False
    if session is not None:
        is_whole = f"{LEAVING}{http.query_params.get('state')}" in session.data
        await hub.sessions.end(session)
    language = language_of(None, http.headers.get("accept-language"))
    return forget(HTMLResponse(rendered("logged_out.html", language, visit=None, is_whole=is_whole)))


async def back_channel(http: Request) -> Response:
    """The provider says that somebody has signed out (OpenID Connect Back-Channel Logout 1.0, 2.5 to 2.8).

    No browser is involved, so there is neither cookie nor form; the token is the proof.
    """
    hub: Hub = http.app.state.hub
    assert hub.sign_in is not None
    now = hub.now()
    try:
        said = await signed_out(hub.sign_in.provider.issuer, await _token(http), now)
        ended = await hub.sessions.end_said(said, now)
    except Unauthenticated as refused:
        log.info("request=%s log-out token refused: %s", http.state.request_id, refused)
        return JSONResponse({"error": "invalid_request"}, 400)
    log.info("request=%s the provider ended %d sessions", http.state.request_id, ended)
    return Response()


async def _token(http: Request) -> str:
    try:
        fields = await forms.sent(http, 2 * MAX_TOKEN)
    except Refused as refused:
        raise Unauthenticated(f"not a form of the usual size: {refused.code}") from None
    tokens = [value for name, value in fields if name == "logout_token"]
    if len(tokens) != 1:
        raise Unauthenticated("not one logout_token")
    return tokens[0]
