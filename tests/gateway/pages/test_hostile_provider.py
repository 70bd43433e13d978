"""A provider that lies, and others who pose as it: each is refused, by the same calm page."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse

from auth import discovery
from gateway.settings import Settings
from hmis.tables import member
from tests.gateway.hostile import CANARY, CLIENT, SECRET, Claims, Hostile, free_port, hostile
from tests.gateway.pages.conftest import Desk, desk_of
from tests.gateway.pages.visiting import Visitor, asked, visitor
from tests.worlds import NOW


@dataclass
class Scene:
    """A desk whose people sign in at a provider that may do anything."""

    desk: Desk
    provider: Hostile

    async def arrived(self, somebody: Visitor, path: str = "/sign-in/begin") -> httpx.Response:
        """What the callback said to whoever went to the provider and came back."""
        return await somebody.follow(await somebody.follow(await somebody.get(path)))

    async def is_in(self, somebody: Visitor) -> bool:
        return (await somebody.get("/people")).status_code == 200


@asynccontextmanager
async def scene(database: AsyncEngine, database_url: str, home: Path, **more: Any) -> AsyncIterator[Scene]:
    async with hostile(lambda: NOW) as provider:
        port = free_port()
        known = {
            "sign_in_issuer": provider.url,
            "sign_in_client_id": CLIENT,
            "sign_in_client_secret": SecretStr(SECRET),
            "public_url": f"http://127.0.0.1:{port}",
        }
        settings = Settings(home=home, database_url=database_url, port=port, **{**known, **more})
        async with desk_of(database, settings) as desk:
            provider.now = desk.clock
            await desk.world.organization("6")
            async with database.begin() as connection:
                await connection.execute(
                    insert(member).values(
                        issuer=provider.url,
                        subject="mia",
                        agency_id=desk.world.agencies["6"].id,
                        role="CASE_MANAGER",
                        valid_from=NOW.date(),
                    )
                )
            yield Scene(desk, provider)


def claims(**changes: object) -> dict[str, Any]:
    return {"claims": lambda said: {**said, **changes}}


def at(seconds: int) -> int:
    return int(NOW.timestamp()) + seconds


def answers(**changes: object) -> dict[str, Any]:
    return {"answers": lambda said: {**said, **changes}}


def tokens(change: Callable[[Claims], object], **more: object) -> dict[str, Any]:
    return {"tokens": change, **more}


TOKENS: dict[str, tuple[str, dict[str, Any]]] = {
    "another nonce": ("nonce", claims(nonce="0" * 20)),
    "no nonce": ("nonce", claims(nonce=None)),
    "a nonce that is no text": ("nonce", claims(nonce=["0"])),
    "another issuer in the token": ("iss", claims(iss="https://elsewhere.test")),
    "no issuer in the token": ("iss", claims(iss=None)),
    "the issuer with a slash": ("iss", {"claims": lambda said: {**said, "iss": said["iss"] + "/"}}),
    "for somebody else": ("aud", claims(aud="another")),
    "for nobody": ("aud", claims(aud=None)),
    "for us and others, and it does not say for whom": ("azp", claims(aud=[CLIENT, "another"])),
    "made for another": ("azp", claims(azp="another")),
    "made for another, for us, too": ("azp", claims(aud=[CLIENT, "another"], azp="another")),
    "signed by nobody": ("alg", {"signs": "none"}),
    "signed with the public key as a secret": ("alg", {"signs": "HS256"}),
    "signed by a stranger": ("the signature", {"signs": "stranger"}),
    "signed with a key that it does not publish": ("kid", {"signs": "unknown"}),
    "an access token": ("typ", {"typ": "at+jwt"}),
    "a log-out token": ("typ", {"typ": "logout+jwt"}),
    "expired": ("exp", claims(iat=at(-900), exp=at(-61))),
    "no end": ("exp", claims(exp=None)),
    "made in the future": ("iat", claims(iat=at(61))),
    "made at no time": ("iat", claims(iat=None)),
    "begins in the future": ("nbf", claims(nbf=at(61))),
    "about nobody": ("sub", claims(sub=None)),
    "about a list": ("sub", claims(sub=["mia"])),
    "proved too long ago": ("auth_time", {"ages": 961}),
    "proved at no time": ("auth_time", claims(auth_time=None)),
    "proved in the future": ("auth_time", claims(auth_time=at(61))),
    "a time that is no time": ("auth_time", claims(auth_time="now")),
    "the hash of another access token": ("at_hash", claims(at_hash="AAAAAAAAAAAAAAAAAAAAAA")),
    "a hash that is not even a text": ("at_hash", claims(at_hash="é")),
}
"""ID tokens that are none, and the claim or part by which each is known."""

ANSWERS: dict[str, tuple[str, dict[str, Any]]] = {
    "another provider says it was them": ("iss", answers(iss="https://elsewhere.test")),
    "nobody says who it was": ("iss", answers(iss=None)),
    "a state of somebody else": ("state", answers(state="A" * 30)),
    "no state": ("state", answers(state=None)),
    "a state of another kind": ("state", answers(state="\x00'; drop table web_session")),
    "no code": ("code", answers(code=None)),
    "a code that it never gave": ("the code was not taken", answers(code="made-up")),
    "it says no": ("the provider says no: access_denied", answers(code=None, error="access_denied")),
    "it says something else": ("the provider says no: another error", answers(code=None, error=CANARY)),
    "no ID token": ("ID token: not a text", tokens(lambda said: {**said, "id_token": None})),
    "an ID token that is none": ("ID token: not a text", tokens(lambda said: {**said, "id_token": [1]})),
    "nonsense": ("the answer to the code cannot be read", tokens(lambda said: b"<html>")),
    "a list": ("the answer to the code cannot be read", tokens(lambda said: [])),
    "an error": (
        "the code was not taken",
        tokens(lambda said: {"error": CANARY, "error_description": CANARY}, token_status=400),
    ),
    "something huge": (
        "the code could not be redeemed",
        tokens(lambda said: b" " * (discovery.MAX_BODY + 1)),
    ),
    "it breaks": ("the code could not be redeemed", tokens(lambda said: {}, token_status=500)),
    "it sends us elsewhere": ("ID token: missing", tokens(lambda said: {}, token_status=307)),
    "a token too long to be one": ("ID token: the token is too long", claims(note="x" * 9000)),
}
"""Answers to the browser and to the hub, and how each refusal begins."""
LIES = {**{lie: (f"ID token: {why}", twist) for lie, (why, twist) in TOKENS.items()}, **ANSWERS}


async def test_no_lie_of_a_provider_signs_anybody_in(
    database: AsyncEngine, database_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with scene(database, database_url, tmp_path) as here, visitor(here.desk) as somebody:
        provider = here.provider
        upright = vars(Hostile(provider.now))
        for lie, (_, twist) in LIES.items():
            vars(provider).update(twist)
            somebody.cookies.clear()
            answer = await here.arrived(somebody)
            before = somebody.word
            assert answer.status_code in (400, 503), lie
            assert "Signing in did not work" in answer.text, lie
            assert not answer.headers.get("set-cookie"), lie
            assert not await here.is_in(somebody), lie
            assert somebody.word == before, lie
            assert CANARY not in answer.text, lie
            vars(provider).update({name: upright[name] for name in twist})
        # What an upright provider says then is good.
        assert (await here.arrived(somebody)).status_code == 303
        assert await here.is_in(somebody)
        assert provider.basic() == (CLIENT, SECRET)
        refusals = [line.partition("not signed in: ")[2] for line in caplog.messages]
        expected = [(lie, why) for lie, (why, _) in LIES.items()]
        known = zip(expected, filter(None, refusals), strict=True)
        assert [(lie, why, said) for (lie, why), said in known if not said.startswith(why)] == []
        for secret in (CANARY, SECRET, *(token.split(".")[1] for token in provider.tokens_given)):
            assert secret not in caplog.text


async def test_a_proof_that_is_none_changes_nothing(
    database: AsyncEngine, database_url: str, tmp_path: Path
) -> None:
    more = {"sign_in_acr": ("aal2",), "step_up_acr": ("aal3",)}
    lies = {
        "proved before we asked": {"ages": 61},
        "proved at no time": {"claims": lambda said: {**said, "auth_time": None, "acr": "aal3"}},
        "weaker": claims(acr="aal2"),
        "in no way": claims(acr=None),
        "in every way": claims(acr=["aal3"]),
        "somebody else": claims(sub="noa", acr="aal3"),
    }
    async with scene(database, database_url, tmp_path, **more) as here, visitor(here.desk) as somebody:
        assert (await here.arrived(somebody)).status_code == 400
        here.provider.claims = lambda said: {**said, "acr": "aal2"}
        assert (await here.arrived(somebody)).status_code == 303
        assert here.provider.asked[-1]["acr_values"] == "aal2"
        word = somebody.word
        for lie, twist in lies.items():
            here.provider.claims, here.provider.ages = lambda said: {**said, "acr": "aal3"}, 0
            vars(here.provider).update(twist)
            answer = await here.arrived(somebody, "/sign-in/step-up?to=/people")
            assert answer.status_code == 400, lie
            assert somebody.word == word, lie
        asks = here.provider.asked[-1]
        assert (asks["prompt"], asks["max_age"], asks["acr_values"]) == ("login", "0", "aal3")
        here.provider.claims, here.provider.ages = lambda said: {**said, "acr": "aal3"}, 60
        done = await here.arrived(somebody, "/sign-in/step-up?to=/people")
        assert done.headers["location"] == "/people"
        assert somebody.word != word


async def test_a_provider_may_name_no_way_of_proving_if_none_was_asked_for(
    database: AsyncEngine, database_url: str, tmp_path: Path
) -> None:
    more = {"sign_in_max_age_s": 0, "sign_in_client_secret": None}
    async with scene(database, database_url, tmp_path, **more) as here, visitor(here.desk) as somebody:
        for twist in (
            claims(auth_time=None),
            claims(aud=[CLIENT, "another"], azp=CLIENT),
            {"signs": "RS256"},
            {"typ": None},
            {"metadata": lambda known: known, "answers": lambda said: said},
        ):
            vars(here.provider).update(twist)
            assert (await here.arrived(somebody)).status_code == 303, twist
        assert "max_age" not in here.provider.asked[-1]
        assert here.provider.authorizations[-1] == ""  # a public client has PKCE alone


def _slow(_: Request) -> Response:
    async def drip() -> AsyncIterator[bytes]:
        yield b"{"
        while True:
            yield b" "
            await asyncio.sleep(0.01)

    return StreamingResponse(drip(), media_type="application/json")


UNFIT: dict[str, dict[str, Any]] = {
    "it names another issuer": {"metadata": lambda known: {**known, "issuer": "https://elsewhere.test"}},
    "it sends people to another scheme": {
        "metadata": lambda known: {**known, "authorization_endpoint": "javascript:alert(1)"}
    },
    "it has codes redeemed in the clear": {
        "metadata": lambda known: {**known, "token_endpoint": "http://elsewhere.test/token"}
    },
    "it says good-bye in the clear": {
        "metadata": lambda known: {**known, "end_session_endpoint": "http://elsewhere.test/end"}
    },
    "it has a file for its endpoint": {
        "metadata": lambda known: {**known, "token_endpoint": "file:///etc/passwd"}
    },
    "it knows only the weak PKCE": {
        "metadata": lambda known: {**known, "code_challenge_methods_supported": ["plain"]}
    },
    "it has no token endpoint": {"metadata": lambda known: {**known, "token_endpoint": None}},
    "it leads elsewhere": {"discovery": lambda http: RedirectResponse("https://elsewhere.test/")},
    "it is huge": {"discovery": lambda http: Response(b" " * (discovery.MAX_BODY + 1))},
    "it is slow": {"discovery": _slow},
    "it is a list": {"discovery": lambda http: JSONResponse([])},
    "it is not there": {"discovery": lambda http: Response(status_code=404)},
}


@pytest.mark.parametrize("why", UNFIT)
async def test_nobody_is_sent_to_a_provider_that_cannot_be_trusted(
    database: AsyncEngine, database_url: str, tmp_path: Path, why: str
) -> None:
    async with scene(database, database_url, tmp_path) as here, visitor(here.desk) as somebody:
        vars(here.provider).update(UNFIT[why])
        answer = await somebody.get("/sign-in/begin?to=/")
        assert answer.status_code == 503
        assert "does not answer at present" in answer.text
        assert somebody.word is None


async def test_an_answer_needs_no_name_where_none_was_promised(
    database: AsyncEngine, database_url: str, tmp_path: Path
) -> None:
    promised = "authorization_response_iss_parameter_supported"
    async with scene(database, database_url, tmp_path) as here, visitor(here.desk) as somebody:
        here.provider.metadata = lambda known: {**known, promised: None}
        here.provider.answers = lambda said: {**said, "iss": None}
        assert (await here.arrived(somebody)).status_code == 303
        here.provider.answers = lambda said: {**said, "iss": "https://elsewhere.test"}
        assert (await here.arrived(somebody)).status_code == 400


async def test_what_is_said_twice_is_said_by_nobody(
    database: AsyncEngine, database_url: str, tmp_path: Path
) -> None:
    async with scene(database, database_url, tmp_path) as here, visitor(here.desk) as somebody:
        for name in ("state", "code", "iss", "error"):
            back = await somebody.follow(await somebody.get("/sign-in/begin"))
            twice = f"{back.headers['location']}&{name}={asked(back).get(name, 'x')}&{name}=x"
            assert (await somebody.get(twice)).status_code == 400


async def test_the_way_back_is_where_the_operator_said_whatever_the_request_says(
    database: AsyncEngine, database_url: str, tmp_path: Path
) -> None:
    async with scene(database, database_url, tmp_path) as here, visitor(here.desk) as somebody:
        away = await somebody.get("/sign-in/begin", host="elsewhere.test")
        assert asked(away)["redirect_uri"] == f"{here.desk.address}/sign-in/callback"


async def test_the_demo_is_only_for_this_machine(desk: Desk) -> None:
    async with visitor(desk) as somebody:
        assert (await somebody.get("/sign-in/begin", host="elsewhere.test")).status_code == 400
        assert (await somebody.get("/sign-in/begin", host="localhost:1")).status_code == 303


async def test_a_sign_in_elsewhere_is_good_here_for_a_while_only(
    database: AsyncEngine, database_url: str, tmp_path: Path
) -> None:
    async with scene(database, database_url, tmp_path) as here, visitor(here.desk) as somebody:
        here.provider.ages = 900
        assert (await here.arrived(somebody)).status_code == 303
        here.desk.clock.now += timedelta(hours=13)
        here.provider.ages = 13 * 3600
        assert (await here.arrived(somebody)).status_code == 400
