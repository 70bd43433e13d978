"""What is around every page: who is there, forms that are their own, headers, and errors in their words."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from auth.sessions import Session
from gateway.errors import fault_of
from gateway.hub import Hub
from gateway.pages import forms
from gateway.pages.proof import Needed
from gateway.pages.rendering import language_of, rendered
from gateway.pages.visit import Visit, here

log = logging.getLogger(__name__)

COOKIE = "__Host-hub"
"""Sent to this very host over TLS alone, whoever else may set cookies beside it (RFC 6265bis, 4.1.3.2)."""
SIGN_IN = "/sign-in"
UNATTENDED = "hub-unattended"
"""Header of what `live.js` reads without anybody asking for it."""

_A_YEAR = 31_536_000
"""Seconds for which a browser speaks with us over TLS alone, once it did (RFC 6797)."""
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

Page = Callable[[Visit], Awaitable[Response]]
OpenPage = Callable[[Request], Awaitable[Response]]


def page(
    path: str, show: Page, methods: Sequence[str] = ("GET",), *, fresh: timedelta | None = None
) -> Route:
    """The route of a page that somebody signed in may ask for.

    fresh: how long ago they may have proved who they are, one of `gateway/pages/proof.py`; None = whenever.
        Give it to the route that has both the form (GET) and what the form sends (POST):

            page("/people/{id}/emergency", emergency.open, methods=["GET", "POST"], fresh=EMERGENCY)

        Whoever opens the form with more than half of it spent is asked again first, so there is time to fill
        it in. A form that comes too late is not taken: its visitor is told, and sends the very same once they
        have proved themselves in another tab. `show` need not care about any of it, and runs only for a
        fresh proof. HUB_STEP_UP_ACR says how strong the proof has to be.
    """

    needed = None if fresh is None else Needed(fresh, has_form="POST" in methods)

    async def endpoint(http: Request) -> Response:
        return with_policy(http, await _visited(http, show, needed))

    return Route(path, endpoint, methods=list(methods), name=f"{show.__module__}.{show.__name__}")


def open_page(path: str, show: OpenPage, methods: Sequence[str] = ("GET",)) -> Route:
    """The route of a page for whoever is there, such as those of signing in."""

    async def endpoint(http: Request) -> Response:
        try:
            response = await show(http)
        except Exception as error:
            response = _failed(http, error)
        return with_policy(http, response)

    return Route(path, endpoint, methods=list(methods), name=f"{show.__module__}.{show.__name__}")


async def _visited(http: Request, show: Page, needed: Needed | None) -> Response:
    hub: Hub = http.app.state.hub
    try:
        session = await session_of(http)
        claims = session.claims if session is not None else None
        if session is None or claims is None:
            return _to_sign_in(http)
        fields = await forms.sent(http, hub.settings.max_request_bytes)
        form = dict(fields)
        if http.method == "POST" and not forms.is_own(http, session, form.get(forms.CSRF_FIELD, "")):
            return refused(http, 403, "form")
        visit = Visit(http, hub, session, claims, form, fields)
        if needed is not None and not needed.is_met(visit):
            return needed.ask(visit)
        return await show(visit)
    except Exception as error:
        return _failed(http, error)


def _failed(http: Request, error: Exception) -> Response:
    fault = fault_of(error)
    why = "busy" if fault.status == 429 else "form" if fault.status < 500 else "fault"
    return refused(http, fault.status, why, fault.extensions.get("reference"))


async def session_of(http: Request, *, attended: bool = True) -> Session | None:
    """The session of the request's cookie; None = there is none that lasts.

    attended: False = the browser asks by itself; as it also says of a page that it only reads again.
    """
    hub: Hub = http.app.state.hub
    word = http.cookies.get(COOKIE)
    attended = attended and UNATTENDED not in http.headers
    return await hub.sessions.find(word, hub.now(), attended=attended) if word else None


def forget(response: Response) -> Response:
    """Have the browser forget the session that ended."""
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="lax")
    return response


def keep(response: Response, session: Session) -> Response:
    """Give the browser its session: until it is closed, and never to a script."""
    response.set_cookie(COOKIE, session.word, path="/", secure=True, httponly=True, samesite="lax")
    return response


def _to_sign_in(http: Request) -> Response:
    """Where to sign in; back to this page then, unless it was sent something, which is gone."""
    to = here(http) if http.method == "GET" else "/"
    return RedirectResponse(f"{SIGN_IN}?{urlencode({'to': to})}", 303)


def refused(http: Request, status: int, why: str, reference: str | None = None) -> HTMLResponse:
    """An error in the visitor's words, with what to do. It tells nothing of what went wrong inside."""
    language = language_of(None, http.headers.get("accept-language"))
    return HTMLResponse(rendered("refused.html", language, visit=None, why=why, reference=reference), status)


def wants_page(http: Request) -> bool:
    """Whether a browser asks, which shows HTML and nothing else well."""
    return "text/html" in http.headers.get("accept", "")


def with_policy(http: Request, response: Response) -> Response:
    """The headers of a page: nothing from elsewhere, no script but ours, in no frame, kept by nobody."""
    hub: Hub = http.app.state.hub
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["Content-Security-Policy"] = _POLICY
    # Without any referrer a browser sends no Origin with a form either.
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    if (hub.settings.public_url or "").startswith("https:"):
        response.headers["Strict-Transport-Security"] = f"max-age={_A_YEAR}"
    return response
