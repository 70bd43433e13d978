"""What is around every page: who is there, forms that are their own, headers, and errors in their words."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import urlencode, urlsplit

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from auth.sessions import Session
from gateway.errors import fault_of
from gateway.hub import Hub
from gateway.pages.rendering import language_of, rendered
from gateway.pages.visit import Visit

log = logging.getLogger(__name__)

COOKIE = "__Host-hub"
"""Sent to this very host over TLS alone, whoever else may set cookies beside it (RFC 6265bis, 4.1.3.2)."""
SIGN_IN = "/sign-in"
CSRF_FIELD = "csrf"
UNATTENDED = "hub-unattended"
"""Header of what `live.js` reads without anybody asking for it."""
_MOST_FIELDS = 200

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action {forms}",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

Page = Callable[[Visit], Awaitable[Response]]


def page(path: str, show: Page, methods: Sequence[str] = ("GET",)) -> Route:
    """The route of a page that somebody signed in may ask for."""

    async def endpoint(http: Request) -> Response:
        return with_policy(http, await _visited(http, show))

    return Route(path, endpoint, methods=list(methods), name=f"{show.__module__}.{show.__name__}")


async def _visited(http: Request, show: Page) -> Response:
    hub: Hub = http.app.state.hub
    try:
        session = await session_of(http)
        claims = session.claims if session is not None else None
        if session is None or claims is None:
            return _to_sign_in(http)
        fields = await _fields(http)
        form = dict(fields)
        if http.method == "POST" and not is_own_form(http, session, form.get(CSRF_FIELD, "")):
            return refused(http, 403, "form")
        visit = Visit(http, hub, session, claims, form, fields)
        return await show(visit)
    except Exception as error:
        fault = fault_of(error)
        return refused(http, fault.status, "fault", fault.extensions.get("reference"))


async def session_of(http: Request, *, attended: bool = True) -> Session | None:
    """The session of the request's cookie; None = there is none that lasts.

    attended: False = the browser asks by itself; as it also says of a page that it only reads again.
    """
    hub: Hub = http.app.state.hub
    word = http.cookies.get(COOKIE)
    attended = attended and UNATTENDED not in http.headers
    return await hub.sessions.find(word, hub.now(), attended=attended) if word else None


def keep(response: Response, session: Session) -> Response:
    """Give the browser its session: until it is closed, and never to a script."""
    response.set_cookie(COOKIE, session.word, path="/", secure=True, httponly=True, samesite="lax")
    return response


def _to_sign_in(http: Request) -> Response:
    """Where to sign in; back to this page then, unless it was sent something, which is gone."""
    to = http.url.path if http.method == "GET" else "/"
    return RedirectResponse(f"{SIGN_IN}?{urlencode({'to': to})}", 303)


async def _fields(http: Request) -> tuple[tuple[str, str], ...]:
    if http.method != "POST":
        return ()
    async with http.form(max_files=0, max_fields=_MOST_FIELDS) as sent:
        return tuple((key, value) for key, value in sent.multi_items() if not isinstance(value, UploadFile))


def is_own_form(http: Request, session: Session, given: str) -> bool:
    """Whether a form was one of this session's pages: by what only they say, and by what browsers say of it
    (Sec-Fetch-Site; Origin where there is none)."""
    site = http.headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        return False
    origin = http.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != http.url.netloc:
        return False
    return session.is_csrf(given)


def refused(http: Request, status: int, why: str, reference: str | None = None) -> HTMLResponse:
    """An error in the visitor's words, with what to do. It tells nothing of what went wrong inside."""
    language = language_of(None, http.headers.get("accept-language"))
    return HTMLResponse(rendered("refused.html", language, visit=None, why=why, reference=reference), status)


def with_policy(http: Request, response: Response) -> Response:
    """The headers of a page: nothing from elsewhere, no script but ours, in no frame, kept by nobody."""
    hub: Hub = http.app.state.hub
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["Content-Security-Policy"] = _POLICY.format(
        forms=" ".join(("'self'", *hub.sign_in_origins))
    )
    # Without any referrer a browser sends no Origin with a form either.
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    return response
