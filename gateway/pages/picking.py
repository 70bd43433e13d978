"""The pages of the demo's own OpenID provider: pick who to be, without a password.

They are there only with the demo issuer (HUB_DEMO_ISSUER), which anybody who reaches it can be anybody with.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from auth.demo_provider import DemoProvider, NotForUs, Refusal, Seat, Wish
from auth.enrolling import enrolled
from gateway.hub import Hub
from gateway.pages import forms
from gateway.pages.personas import PERSONAS
from gateway.pages.rendering import in_words, language_of, rendered, says
from gateway.settings import DEMO_ISSUER
from gateway.sign_in import CALLBACK, LOGGED_OUT, SignInRefused

COOKIE = "__Host-demo"
"""The provider's own session: who was picked in this browser."""
_MOST_BYTES = 10_000


@dataclass(frozen=True, slots=True)
class Card:
    """Somebody one may be."""

    subject: str
    who: str
    where: str
    may: str


async def authorize(http: Request) -> Response:
    """Pick who to be; and who is asked once more confirms it."""
    hub, provider = _demo(http)
    try:
        wish = provider.wished(http.query_params, _ours(http, CALLBACK))
    except (NotForUs, SignInRefused):
        return _shown(http, "demo_refused.html", 400)
    if isinstance(wish, Refusal):
        return _back(provider, wish.redirect_uri, {"error": wish.error, "state": wish.state})
    cards = await _cards(hub, http)
    seat = provider.seat(http.cookies.get(COOKIE))
    form = dict(await forms.sent(http, _MOST_BYTES))
    picked = form.get("subject")
    if picked in [one.subject for one in cards] and picked is not None:
        if wish.asks_again and "confirmed" not in form:
            return _asked_again(http, provider.take_seat(picked, seat), cards)
        return _granted(provider, wish, provider.take_seat(picked, seat), hub)
    is_there = seat is not None and seat.subject in [one.subject for one in cards]
    if wish.asks_again and seat is not None and is_there and "somebody" not in form:
        return _asked_again(http, seat, cards)
    return _shown(http, "demo_pick.html", cards=cards)


async def token(http: Request) -> Response:
    """The token endpoint, for applications elsewhere; the hub's own pages ask within the process."""
    hub, provider = _demo(http)
    answer = provider.redeem(dict(await forms.sent(http, _MOST_BYTES)), hub.now())
    return JSONResponse(answer, 400 if "error" in answer else 200)


async def end_session(http: Request) -> Response:
    """Nobody is there any more; back to where one signed out (RP-Initiated Logout 1.0, 2)."""
    _, provider = _demo(http)
    provider.leave(http.cookies.get(COOKIE))
    to = http.query_params.get("post_logout_redirect_uri")
    state = http.query_params.get("state")
    if to is None or to != _ours(http, LOGGED_OUT):
        response: Response = _shown(http, "demo_refused.html", 400)
    else:
        response = RedirectResponse(to + (f"?{urlencode({'state': state})}" if state else ""), 303)
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="lax")
    return response


def _demo(http: Request) -> tuple[Hub, DemoProvider]:
    hub: Hub = http.app.state.hub
    assert hub.demo_provider is not None
    return hub, hub.demo_provider


def _ours(http: Request, path: str) -> str:
    hub: Hub = http.app.state.hub
    assert hub.sign_in is not None
    return hub.sign_in.address(http) + path


async def _cards(hub: Hub, http: Request) -> list[Card]:
    """The personas of `make demo` that are members here, and whoever else was made one."""
    async with hub.writer.connect() as connection:
        members = await enrolled(connection, DEMO_ISSUER, hub.settings.day_of(hub.now()))
    say = says(_language(http))
    known = {one.subject: one for one in PERSONAS}
    order = list(known)
    found: dict[str, Card] = {}
    for one in sorted(members, key=lambda one: order.index(one.subject) if one.subject in known else 99):
        if one.subject in found:
            continue
        persona = known.get(one.subject)
        who = say(persona.who) if persona else say(in_words(one.role))
        found[one.subject] = Card(one.subject, who, one.agency, say(persona.may) if persona else one.subject)
    return list(found.values())


def _asked_again(http: Request, seat: Seat, cards: list[Card]) -> Response:
    [card] = [one for one in cards if one.subject == seat.subject]
    return _seated(_shown(http, "demo_confirm.html", card=card), seat)


def _granted(provider: DemoProvider, wish: Wish, seat: Seat, hub: Hub) -> Response:
    code = provider.grant(wish, seat, hub.now())
    return _seated(_back(provider, wish.redirect_uri, {"code": code, "state": wish.state}), seat)


def _back(provider: DemoProvider, redirect_uri: str, said: dict[str, str | None]) -> Response:
    """To the application. RFC 9207: every answer says whose it is."""
    told = {name: value for name, value in said.items() if value is not None}
    return RedirectResponse(f"{redirect_uri}?{urlencode({**told, 'iss': provider.issuer.url})}", 303)


def _seated(response: Response, seat: Seat) -> Response:
    response.set_cookie(COOKIE, seat.sid, path="/", secure=True, httponly=True, samesite="lax")
    return response


def _language(http: Request) -> str:
    return language_of(None, http.headers.get("accept-language"))


def _shown(http: Request, template: str, status: int = 200, **given: object) -> HTMLResponse:
    return HTMLResponse(rendered(template, _language(http), visit=None, **given), status)
