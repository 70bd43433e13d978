"""Signing out: here at once, at the provider next, and whenever the provider says so."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.sessions import CLIENT_ID, SignedIn
from gateway.settings import DEMO_ISSUER
from tests.gateway.hostile import hostile
from tests.gateway.pages.conftest import Desk
from tests.gateway.pages.test_hostile_provider import scene
from tests.gateway.pages.visiting import Visitor, asked, visitor

EVENT = "http://schemas.openid.net/event/backchannel-logout"
BACK_CHANNEL = "/sign-in/back-channel-logout"


@pytest.fixture
async def somebody(desk: Desk) -> AsyncIterator[Visitor]:
    """Somebody who is signed in at the demo's provider."""
    await desk.world.organization("6")
    await desk.member("6", subject="mia")
    async with visitor(desk) as found:
        await found.signed_in("mia")
        yield found


async def csrf(desk: Desk, who: Visitor) -> str:
    session = await desk.hub.sessions.find(who.word or "", desk.clock())
    assert session is not None
    return session.csrf


async def out(desk: Desk, who: Visitor) -> httpx.Response:
    return await who.post("/sign-out", {"csrf": await csrf(desk, who)})


async def test_signing_out_ends_the_session_on_the_server_and_at_the_provider(
    desk: Desk, somebody: Visitor
) -> None:
    word, seat = somebody.word, somebody.cookies["__Host-demo"]
    answer = await out(desk, somebody)
    assert word is not None
    assert await desk.hub.sessions.find(word, desk.clock()) is None
    to = answer.headers["refresh"].removeprefix("0;url=")
    said = asked(httpx.Response(303, headers={"location": to}))
    assert to.startswith("/demo/end-session?")
    assert said["post_logout_redirect_uri"] == f"{desk.address}/sign-in/logged-out"
    assert said["client_id"] == CLIENT_ID
    assert said["id_token_hint"].count(".") == 2
    back = await somebody.get(to)
    assert asked(back) == {"state": said["state"]}
    assert "with the account of your agency. You" in (await somebody.follow(back)).text
    assert somebody.cookies == {}
    assert desk.hub.demo_provider is not None
    assert desk.hub.demo_provider.seat(seat) is None


async def test_who_turns_round_on_the_way_out_signs_in_as_ever(desk: Desk, somebody: Visitor) -> None:
    to = (await out(desk, somebody)).headers["refresh"].removeprefix("0;url=")
    state = asked(httpx.Response(303, headers={"location": to}))["state"]
    away = [await somebody.begin("/people") for _ in range(6)]
    assert (await somebody.get(f"/sign-in/callback?code=1&state={state}")).status_code == 400
    home = await somebody.follow(await somebody.picked(away[-1], "mia"))
    assert home.headers["location"] == "/people"


async def test_coming_to_the_last_page_signs_nobody_out(desk: Desk, somebody: Visitor) -> None:
    assert (await somebody.get("/sign-in/logged-out?state=x")).headers["location"] == "/"
    assert (await somebody.get("/people")).status_code == 200
    async with visitor(desk) as other:
        assert "Here in hmis-hub" in (await other.get("/sign-in/logged-out")).text
        await other.begin()
        assert "Here in hmis-hub" in (await other.get("/sign-in/logged-out?state=made-up")).text


@pytest.mark.parametrize(
    "said",
    [
        {"csrf": ""},
        {"csrf": "0" * 64},
        {"origin": "https://elsewhere.test"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
    ],
)
async def test_nobody_signs_somebody_else_out(desk: Desk, somebody: Visitor, said: dict[str, str]) -> None:
    fields = {"csrf": said.pop("csrf", await csrf(desk, somebody))}
    assert (await somebody.post("/sign-out", fields, **said)).status_code == 403
    assert (await somebody.get("/sign-out")).status_code == 405
    assert (await somebody.get("/people")).status_code == 200


async def test_without_a_way_out_at_the_provider_one_is_signed_out_here(
    database: AsyncEngine, database_url: str, tmp_path: Path
) -> None:
    async with scene(database, database_url, tmp_path) as here, visitor(here.desk) as somebody:
        here.provider.metadata = lambda known: {**known, "end_session_endpoint": None}
        await here.arrived(somebody)
        answer = await out(here.desk, somebody)
        assert answer.headers["location"] == "/sign-in/logged-out"
        assert somebody.cookies == {}
        assert "Here in hmis-hub" in (await somebody.follow(answer)).text


async def test_an_address_of_the_provider_cannot_break_out_of_the_page(
    database: AsyncEngine, database_url: str, tmp_path: Path
) -> None:
    async with scene(database, database_url, tmp_path) as here, visitor(here.desk) as somebody:
        end = f'{here.provider.url}/end?a="><script>alert(1)</script>'
        here.provider.metadata = lambda known: {**known, "end_session_endpoint": end}
        await here.arrived(somebody)
        answer = await out(here.desk, somebody)
        assert "<script>alert" not in answer.text
        assert "\n" not in answer.headers["refresh"]


# Log-outs by the provider


def logout_token(desk: Desk, typ: str = "logout+jwt", **changes: object) -> str:
    at = int(desk.clock().timestamp())
    usual: dict[str, object] = {
        "iss": DEMO_ISSUER,
        "aud": CLIENT_ID,
        "iat": at,
        "exp": at + 120,
        "jti": "once",
        "sub": "mia",
        "events": {EVENT: {}},
    }
    assert desk.hub.demo_issuer is not None
    return desk.hub.demo_issuer.signed(typ, {**usual, **changes})


async def told(desk: Desk, token: str, **headers: str) -> httpx.Response:
    async with Visitor(desk.address) as provider:
        answer = await provider.post(BACK_CHANNEL, {"logout_token": token}, **headers)
    assert answer.headers["cache-control"] == "no-store"
    assert "set-cookie" not in answer.headers
    return answer


async def sid(desk: Desk, who: Visitor) -> str | None:
    session = await desk.hub.sessions.find(who.word or "", desk.clock())
    assert session is not None
    assert session.who is not None
    return session.who.sid


async def test_a_provider_ends_one_session_or_all_of_somebody(desk: Desk, somebody: Visitor) -> None:
    async with visitor(desk) as elsewhere:
        await elsewhere.signed_in("mia")
        one = logout_token(desk, sid=await sid(desk, somebody), sub=None)
        assert (await told(desk, one)).status_code == 200
        assert (await somebody.get("/people")).status_code == 303
        assert (await elsewhere.get("/people")).status_code == 200
        assert (await told(desk, logout_token(desk, jti="twice"))).status_code == 200
        assert (await elsewhere.get("/people")).status_code == 303


async def test_a_session_that_the_provider_never_named_ends_with_any_of_that_person(desk: Desk) -> None:
    await desk.world.organization("6")
    session = await desk.session("6", subject="mia")
    other = await desk.hub.sessions.begin(desk.clock(), SignedIn(DEMO_ISSUER, "mia", sid="another"))
    assert (await told(desk, logout_token(desk, sid="one"))).status_code == 200
    assert await desk.hub.sessions.find(session.word, desk.clock()) is None
    assert await desk.hub.sessions.find(other.word, desk.clock())


async def test_a_log_out_is_heard_once(desk: Desk, somebody: Visitor) -> None:
    token = logout_token(desk)
    assert (await told(desk, token)).status_code == 200
    await somebody.signed_in("mia")
    assert (await told(desk, token)).status_code == 400
    assert (await somebody.get("/people")).status_code == 200
    desk.clock.now += timedelta(minutes=5)
    assert (await told(desk, token)).status_code == 400


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "https://elsewhere.test"},
        {"aud": "another"},
        {"aud": None},
        {"iat": None},
        {"iat": 4_000_000_000},
        {"exp": None},
        {"exp": 1_000_000_000},
        {"jti": None},
        {"jti": ["once"]},
        {"events": None},
        {"events": [EVENT]},
        {"events": {}},
        {"events": {EVENT: None}},
        {"nonce": "x"},
        {"sub": None},
        {"sub": 7},
        {"sid": {"a": 1}},
        {"typ": "at+jwt"},
        {"typ": "id+jwt"},
    ],
    ids=str,
)
async def test_what_is_no_log_out_ends_nothing(desk: Desk, somebody: Visitor, change: dict[str, Any]) -> None:
    answer = await told(desk, logout_token(desk, **change))
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_request"})
    assert (await somebody.get("/people")).status_code == 200


async def test_an_id_token_is_no_log_out_token(desk: Desk, somebody: Visitor) -> None:
    session = await desk.hub.sessions.find(somebody.word or "", desk.clock())
    assert session is not None
    assert session.who is not None
    assert session.who.id_token is not None
    assert (await told(desk, session.who.id_token)).status_code == 400


async def test_only_the_provider_itself_ends_sessions(
    database: AsyncEngine, database_url: str, tmp_path: Path, desk: Desk, somebody: Visitor
) -> None:
    async with hostile(desk.clock) as stranger:
        at = int(desk.clock().timestamp())
        claims = {"iss": DEMO_ISSUER, "aud": CLIENT_ID, "iat": at, "exp": at + 60, "jti": "1", "sub": "mia"}
        for signs in ("ES256", "none", "HS256"):
            stranger.signs = signs
            forged = stranger.signed({**claims, "events": {EVENT: {}}}, "logout+jwt")
            assert (await told(desk, forged)).status_code == 400
    assert (await somebody.get("/people")).status_code == 200


async def test_the_log_out_of_a_provider_comes_as_one_short_form(desk: Desk, somebody: Visitor) -> None:
    token = logout_token(desk)
    async with Visitor(desk.address) as provider:
        assert (await provider.get(BACK_CHANNEL)).status_code == 405
        for fields, headers in (
            ({"token": token}, {}),
            ({"logout_token": token, "pad": "x" * 20_000}, {}),
            ({"logout_token": token}, {"content-type": "application/json"}),
        ):
            assert (await provider.post(BACK_CHANNEL, fields, **headers)).status_code == 400
        twice = f"logout_token={token}&logout_token={token}"
        kind = {"content-type": "application/x-www-form-urlencoded"}
        async with httpx.AsyncClient(base_url=desk.address) as client:
            assert (await client.post(BACK_CHANNEL, content=twice, headers=kind)).status_code == 400
    assert (await somebody.get("/people")).status_code == 200


_ANYTHING = st.one_of(st.text(max_size=60), st.from_regex(r"[A-Za-z0-9_-]{0,20}(\.[A-Za-z0-9_-]{0,20}){0,4}"))
_PATIENT = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


async def test_nothing_made_up_signs_anybody_in_or_out(desk: Desk, somebody: Visitor) -> None:
    words: list[tuple[str, dict[str, str]]] = []

    @_PATIENT
    @given(
        token=_ANYTHING,
        fields=st.dictionaries(st.sampled_from(["code", "state", "iss", "error", "to"]), _ANYTHING),
    )
    def imagine(token: str, fields: dict[str, str]) -> None:
        words.append((token, fields))

    imagine()
    async with Visitor(desk.address) as stranger:
        for token, fields in words:
            answer = await stranger.post(BACK_CHANNEL, {"logout_token": token})
            assert answer.status_code == 400
            query = str(
                httpx.QueryParams({name: value.encode("utf-8", "replace") for name, value in fields.items()})
            )
            for who in (stranger, somebody):
                answer = await who.get(f"/sign-in/callback?{query}")
                assert answer.status_code == 400
                assert "set-cookie" not in answer.headers
    assert (await somebody.get("/people")).status_code == 200
