"""The demo's own provider: nobody proves anything there, and all else is as at a real one."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.demo_issuer import DemoIssuer
from auth.demo_provider import CONFIRMED, DemoProvider
from auth.id_tokens import Demanded, signed_in
from auth.provider import Endpoints
from auth.sessions import CLIENT_ID
from auth.viewer import Role
from gateway.pages.personas import PERSONAS
from gateway.settings import DEMO_ISSUER, Settings
from tests.gateway.pages.conftest import Desk, desk_of
from tests.gateway.pages.visiting import Visitor, asked, visitor

VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


def wish(desk: Desk, **changes: str | None) -> str:
    """What an application asks of the provider, good but for the changes."""
    usual: dict[str, str | None] = {
        "client_id": CLIENT_ID,
        "redirect_uri": f"{desk.address}/sign-in/callback",
        "response_type": "code",
        "scope": "openid",
        "state": "st",
        "nonce": "no",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        **changes,
    }
    return f"/demo/authorize?{urlencode({name: value for name, value in usual.items() if value is not None})}"


@pytest.fixture
async def somebody(desk: Desk) -> AsyncIterator[Visitor]:
    await desk.world.organization("6")
    await desk.member("6", subject="mia")
    async with visitor(desk) as found:
        yield found


async def code(desk: Desk, who: Visitor, **changes: str) -> str:
    return asked(await who.post(wish(desk, **changes), {"subject": "mia", "confirmed": "yes"}))["code"]


async def redeemed(desk: Desk, who: Visitor, code: str, **changes: str) -> httpx.Response:
    usual = {
        "grant_type": "authorization_code",
        "client_id": CLIENT_ID,
        "redirect_uri": f"{desk.address}/sign-in/callback",
        "code_verifier": VERIFIER,
    }
    return await who.post("/demo/token", {**usual, "code": code, **changes})


async def test_others_find_it_by_discovery_and_believe_what_it_says(desk: Desk, somebody: Visitor) -> None:
    known = (await somebody.get("/.well-known/openid-configuration")).json()
    assert known["issuer"] == DEMO_ISSUER != desk.address  # of a key, not of an address
    where = Endpoints.of(known, known["issuer"])
    assert where.authorization == f"{desk.address}/demo/authorize"
    assert where.says_iss
    answer = (await redeemed(desk, somebody, await code(desk, somebody))).json()
    assert desk.hub.demo_issuer is not None
    issuer = desk.hub.demo_issuer.trusted_for(CLIENT_ID)
    who = await signed_in(issuer, answer["id_token"], Demanded("no"), desk.clock(), answer["access_token"])
    assert (who.subject, who.auth_time) == ("mia", desk.clock())
    assert who.sid == somebody.cookies["__Host-demo"]


async def test_a_code_is_good_once_for_a_minute_and_with_its_proof(desk: Desk, somebody: Visitor) -> None:
    spent = await code(desk, somebody)
    assert (await redeemed(desk, somebody, spent)).status_code == 200
    late = await code(desk, somebody)
    desk.clock.now += timedelta(seconds=61)
    refusals = [
        await redeemed(desk, somebody, spent),
        await redeemed(desk, somebody, late),
        await redeemed(desk, somebody, "made-up"),
        await redeemed(desk, somebody, await code(desk, somebody), code_verifier="w" * 43),
        await redeemed(desk, somebody, await code(desk, somebody), redirect_uri=f"{desk.address}/"),
        await redeemed(desk, somebody, await code(desk, somebody), client_id="another"),
        await redeemed(desk, somebody, await code(desk, somebody), grant_type="password"),
    ]
    assert {answer.status_code for answer in refusals} == {400}
    assert {answer.json()["error"] for answer in refusals[:5]} == {"invalid_grant"}
    assert refusals[5].json()["error"] == "invalid_client"
    assert refusals[6].json()["error"] == "unsupported_grant_type"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"prompt": "none"}, "interaction_required"),
    ],
    ids=str,
)
async def test_what_it_cannot_do_it_says_to_whoever_asked(
    desk: Desk, somebody: Visitor, change: dict[str, str | None], error: str
) -> None:
    answer = await somebody.get(wish(desk, **change))
    assert asked(answer) == {"error": error, "state": "st", "iss": DEMO_ISSUER}
    assert answer.headers["location"].startswith(f"{desk.address}/sign-in/callback?")


@pytest.mark.parametrize(
    "change",
    [
        {"client_id": "another"},
        {"redirect_uri": "https://elsewhere.test/sign-in/callback"},
        {"redirect_uri": "http://127.0.0.1:1/sign-in/callback"},
        {"redirect_uri": None},
    ],
    ids=str,
)
async def test_it_sends_nobody_elsewhere(
    desk: Desk, somebody: Visitor, change: dict[str, str | None]
) -> None:
    answer = await somebody.post(wish(desk, **change), {"subject": "mia"})
    assert answer.status_code == 400
    assert "it leads nowhere" in answer.text
    out = await somebody.get("/demo/end-session?post_logout_redirect_uri=https://elsewhere.test/")
    assert out.status_code == 400


async def test_nobody_is_picked_who_is_not_there(desk: Desk, somebody: Visitor) -> None:
    answer = await somebody.post(wish(desk), {"subject": "nobody"})
    assert answer.status_code == 200
    assert "Who would you like to be?" in answer.text


async def test_who_is_asked_once_more_confirms_it_or_is_somebody_else(desk: Desk, somebody: Visitor) -> None:
    await code(desk, somebody)
    for again in ({"prompt": "login"}, {"acr_values": CONFIRMED}):
        assert "Is it still you?" in (await somebody.get(wish(desk, **again))).text
        other = await somebody.post(wish(desk, **again), {"somebody": "else"})
        assert "Who would you like to be?" in other.text
    assert "Who would you like to be?" in (await somebody.get(wish(desk))).text


async def test_personas_come_first_and_say_what_they_may(desk: Desk) -> None:
    await desk.world.organization("6")
    await desk.member("6", subject="mia")
    await desk.member("6", Role.INTEGRATOR, subject=PERSONAS[-1].subject)
    await desk.member("6", subject=PERSONAS[0].subject)
    async with visitor(desk) as somebody:
        page = (await somebody.get(wish(desk))).text
        spanish = (await somebody.get(wish(desk), **{"accept-language": "es"})).text
    places = [page.index(f'value="{subject}"') for subject in ("case-manager@demo", "integrator@demo", "mia")]
    assert places == sorted(places)
    assert PERSONAS[0].who in page
    assert '<html lang="es">' in spanish


async def test_where_there_is_nobody_it_says_how_to_make_somebody(desk: Desk) -> None:
    async with visitor(desk) as somebody:
        assert "There is nobody yet" in (await somebody.get(wish(desk))).text


def test_it_forgets_the_oldest_and_not_the_newest(tmp_path: Path) -> None:
    provider = DemoProvider(DemoIssuer.open(tmp_path, DEMO_ISSUER), CLIENT_ID)
    seats = [provider.take_seat(str(number)) for number in range(1001)]
    assert provider.seat(seats[0].sid) is None
    assert provider.seat(seats[-1].sid) == seats[-1]


async def test_without_a_way_in_there_are_no_pages_and_with_another_no_demo(
    database: AsyncEngine, database_url: str, tmp_path: Path
) -> None:
    none = Settings(home=tmp_path, database_url=database_url, port=0)
    real = Settings(
        home=tmp_path,
        database_url=database_url,
        port=0,
        sign_in_issuer="https://login.example.org",
        sign_in_client_id="hub",
        public_url="https://hub.example.org",
    )
    for settings, status in ((none, 404), (real, 200)):
        async with desk_of(database, settings) as desk, visitor(desk) as somebody:
            page = await somebody.get("/sign-in")
            assert page.status_code == status
            for path in ("/demo/authorize", "/demo/end-session", "/.well-known/openid-configuration"):
                assert (await somebody.get(path)).status_code == 404
            assert (await somebody.post("/sign-in/back-channel-logout", {})).status_code in (400, 404)
            told = page.headers.get("strict-transport-security", "")
            assert told.startswith("max-age=") == (status == 200)
