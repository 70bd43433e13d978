"""Signing in, and proving once more that it is still them."""

from __future__ import annotations

import logging
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from auth.sessions import CSRF, Session, SignedIn
from auth.viewer import Viewer
from gateway.hub import Hub
from gateway.pages.page import COOKIE, SIGN_IN, keep, session_of
from gateway.pages.rendering import language_of, rendered
from gateway.pages.visit import Visit, is_ours
from gateway.sign_in import TABS, WAITING, Back, ProviderAway, SignInRefused, person

log = logging.getLogger(__name__)

BEGIN = "/sign-in/begin"
AGENCY = "/sign-in/agency"
_MOST_PATH = 1000
"""Characters of a path to come back to."""


async def welcome(http: Request) -> Response:
    """Where one signs in, and what the browser sees when a session has ended."""
    to = wanted(http)
    session = await session_of(http)
    if session is not None and session.who is not None:
        return RedirectResponse(to, 303)
    has_ended = session is None and COOKIE in http.cookies
    return _shown(http, "sign_in.html", begin=f"{BEGIN}?{urlencode({'to': to})}", has_ended=has_ended)


async def begin(http: Request) -> Response:
    """Off to the provider."""
    return await _leave(http, await session_of(http))


async def step_up(http: Request) -> Response:
    """Off to the provider, to prove that it is still them."""
    session = await session_of(http)
    if session is None or session.who is None:
        return RedirectResponse(f"{SIGN_IN}?{urlencode({'to': wanted(http)})}", 303)
    return await _leave(http, session, session.who)


async def _leave(http: Request, session: Session | None, again: SignedIn | None = None) -> Response:
    hub: Hub = http.app.state.hub
    assert hub.sign_in is not None
    now = hub.now()
    try:
        address, waiting = await hub.sign_in.leave(http, now, to=wanted(http), again=again)
    except (SignInRefused, ProviderAway) as refused:
        return _refused(http, refused)
    response = RedirectResponse(address, 303)
    if session is None:
        return keep(response, await hub.sessions.begin(now, data=waiting))
    others = sorted(_waiting(session), key=lambda name: session.data[name]["data"]["at"])
    await hub.sessions.put(session, without=others[: -(TABS - 1)], **waiting)
    return response


async def callback(http: Request) -> Response:
    """Back from the provider."""
    hub: Hub = http.app.state.hub
    assert hub.sign_in is not None
    session = await session_of(http)
    try:
        if session is None:
            raise SignInRefused("state: no sign-in was begun in this browser, or it was too long ago")
        held = session

        async def take(name: str) -> object:
            return await hub.sessions.take(held, name)

        back = await hub.sign_in.arrive(http, hub.now(), take)
    except (SignInRefused, ProviderAway) as refused:
        return _refused(http, refused)
    return await _signed_in(http, hub, session, back)


async def _signed_in(http: Request, hub: Hub, session: Session, back: Back) -> Response:
    """A session under a new word, whichever there was before."""
    now = hub.now()
    is_same = session.who is not None and person(session.who) == person(back.who)
    kept = {name: session.data[name] for name in _waiting(session) if name != _of(http)}
    if "language" in session.data:
        kept["language"] = session.data["language"]
    if is_same:
        kept[CSRF] = session.csrf
    began = await hub.sessions.begin(
        now, back.who, instead_of=session, agency=session.agency if is_same else None, data=kept
    )
    log.info("request=%s signed in%s", http.state.request_id, "" if back.was is None else " once more")
    to = back.to
    if began.agency is None and len(await _choices(hub, began)) > 1:
        to = f"{AGENCY}?{urlencode({'to': to})}"
    return keep(RedirectResponse(to, 303), began)


async def agency(visit: Visit) -> Response:
    """For which of their agencies somebody acts."""
    hub = visit.hub
    choices = await _choices(hub, visit.session)
    to = wanted(visit.http)
    chosen = [one.agency.id for one in choices if str(one.agency.id) == visit.form.get("agency")]
    if chosen:
        await hub.sessions.choose(visit.session, chosen[0])
    if chosen or len(choices) < 2:
        return visit.go(to)
    return visit.show(
        "sign_in_agency.html",
        choices=choices,
        chosen=visit.session.agency,
        problem=visit.http.method == "POST",
    )


async def has_choice(visit: Visit) -> bool:
    """Whether they still have to choose one of several agencies."""
    return visit.session.agency is None and len(await _choices(visit.hub, visit.session)) > 1


async def _choices(hub: Hub, session: Session) -> list[Viewer]:
    claims = session.claims
    return [] if claims is None else await hub.viewers.choices(claims, hub.settings.day_of(hub.now()))


async def proven(visit: Visit) -> Response:
    """In the tab that was opened to prove it: back to the other one."""
    return visit.show("sign_in_proven.html")


def wanted(http: Request) -> str:
    """The page to come back to; anything that is not one of ours is the start."""
    to = http.query_params.get("to", "/")
    return to if is_ours(to) and len(to) <= _MOST_PATH else "/"


def _waiting(session: Session) -> list[str]:
    return [name for name in session.data if name.startswith(WAITING)]


def _of(http: Request) -> str:
    return f"{WAITING}{http.query_params.get('state')}"


def _refused(http: Request, refused: SignInRefused | ProviderAway) -> Response:
    log.info("request=%s not signed in: %s", http.state.request_id, refused)
    is_away = isinstance(refused, ProviderAway)
    return _shown(http, "sign_in_refused.html", 503 if is_away else 400, is_away=is_away)


def _shown(http: Request, template: str, status: int = 200, **given: object) -> HTMLResponse:
    language = language_of(None, http.headers.get("accept-language"))
    return HTMLResponse(rendered(template, language, visit=None, **given), status)
