"""How the hub proves itself, held against servers that check."""

from __future__ import annotations

import base64
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp

from connectors.config import Config, ConfigKey, Secret
from connectors.kit.recording import running
from connectors.signing import Auth, Hmac, read_auth, signer
from connectors.standin_auth import SignedOnly
from connectors.toml import Problem, Section
from connectors.wire import Wire, answer
from hmis.errors import InputRefused
from tests.connectors.partners import ECHO, Clock, asking, echo, post

CANARY = "Zyxwvutsrq"
HMAC_KEYS = {
    "key": "{config.key}",
    "secret": "{config.secret}",
    "key_header": "X-API-Key",
    "timestamp_header": "X-Timestamp",
    "nonce_header": "X-Nonce",
}


# --- basic and header


async def test_a_password_goes_as_rfc_7617_says() -> None:
    auth = Auth("basic", {"user": "hub", "password": "{config.password}"})
    wire = Wire(answer("{}"))

    config = Config({"password": Secret("pässword:1")})
    async with wire.serving() as address, asking(address, signer(auth, config)) as http:
        await post(http)

    pair = base64.b64encode("hub:pässword:1".encode())
    assert b"Authorization: Basic " + pair in wire.requests[0]


async def test_a_header_whose_optional_secret_is_not_set_is_not_sent() -> None:
    auth = Auth("header", {"header": "X-API-Key", "value": "{config.api_key}"})
    wire = Wire(answer("{}"))

    async with wire.serving() as address, asking(address, signer(auth, Config({}))) as http:
        await post(http)

    assert b"x-api-key" not in wire.requests[0].lower()


@pytest.mark.parametrize(
    ("auth", "values", "named"),
    [
        (Auth("header", {"header": "X", "value": "{config.k}"}), {"k": Secret(f"{CANARY}\n")}, "config.k"),
        (Auth("header", {"header": "X", "value": "{config.k}"}), {"k": Secret(f"{CANARY}ü")}, "config.k"),
        (
            Auth("basic", {"user": "{config.u}", "password": "{config.p}"}),
            {"u": f"{CANARY}:", "p": Secret("p")},
            "config.u",
        ),
        (
            Auth("basic", {"user": "hub", "password": "{config.p}"}),
            {"p": Secret(f"{CANARY}\r\n")},
            "config.p",
        ),
        (Auth("hmac", HMAC_KEYS), {"key": f"{CANARY} ", "secret": Secret("s")}, "config.key"),
    ],
)
def test_a_value_that_cannot_be_sent_is_refused_without_being_shown(
    auth: Auth, values: dict[str, Any], named: str
) -> None:
    with pytest.raises(InputRefused) as refused:
        signer(auth, Config(values))

    assert str(refused.value).startswith(named)
    assert CANARY not in str(refused.value)


# --- signatures


def _signed(clock: Clock, **headers: str) -> ASGIApp:
    app = Starlette(routes=[Route("/x", echo, methods=["POST", "GET"])])
    return SignedOnly(app, {"k1": "secret of the tests"}, now=clock, **headers)


async def test_a_signed_request_is_let_in_each_with_its_own_nonce() -> None:
    auth = Auth("hmac", {**HMAC_KEYS, "nonce_header": "X-Once"})
    sign = signer(auth, Config({"key": "k1", "secret": Secret("secret of the tests")}))
    assert isinstance(sign, Hmac)
    clock = Clock(sign._now())

    async with running(_signed(clock, nonce_header="X-Once")) as address, asking(address, sign) as http:
        for _ in range(2):
            assert await post(http) == ECHO


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({}, 200),
        ({"method": "GET"}, 401),
        ({"url": "/x?all=1"}, 401),
        ({"content": b'{"a":2}'}, 401),
        ({"x-timestamp": "1001"}, 401),
        ({"x-nonce": "another"}, 401),
        ({"signed-headers": "host,signed-headers"}, 401),
        ({"x-api-key": "k2"}, 401),
        ({"authorization": ""}, 401),
    ],
)
async def test_a_signature_holds_for_the_request_it_was_made_for(
    changed: dict[str, Any], status: int
) -> None:
    sign = Hmac("k1", b"secret of the tests", now=Clock())
    transport = httpx.ASGITransport(_signed(Clock()))

    async with httpx.AsyncClient(transport=transport, base_url="http://partner.example") as client:
        request = client.build_request("POST", "/x", content=b'{"a":1}')
        headers = httpx.Headers({**request.headers, **await sign.proof(request, "pantry")})
        sent = {"method": "POST", "url": "/x", "content": b'{"a":1}'}
        for name, value in changed.items():
            where: Any = sent if name in sent else headers
            where[name] = value
        if sent["content"] != request.content:
            headers["content-length"] = str(len(sent["content"]))
        response = await client.request(**sent, headers=headers)

    assert response.status_code == status


async def test_a_request_that_was_overheard_is_of_no_use() -> None:
    clock = Clock()
    sign = Hmac("k1", b"secret of the tests", now=clock)
    transport = httpx.ASGITransport(_signed(clock))

    async with httpx.AsyncClient(transport=transport, base_url="http://partner.example") as client:
        request = client.build_request("POST", "/x", content=b"{}")
        request.headers.update(await sign.proof(request, "pantry"))
        later = client.build_request("POST", "/x", content=b"{}")
        later.headers.update(await sign.proof(later, "pantry"))
        assert (await client.send(request)).status_code == 200
        assert (await client.send(request)).status_code == 401
        clock.now += 301
        assert (await client.send(later)).status_code == 401
        clock.now -= 602
        assert (await client.send(later)).status_code == 401


# --- the manifest

CONFIG = {
    "api_key": ConfigKey("api_key", "secret"),
    "spare": ConfigKey("spare", "secret", optional=True),
    "name": ConfigKey("name", "text"),
    "token_url": ConfigKey("token_url", "url"),
    "key_file": ConfigKey("key_file", "path"),
}
OAUTH = {
    "scheme": "oauth2-client-credentials",
    "token_url": "{config.token_url}",
    "client_id": "{config.name}",
    "client_secret": "{config.api_key}",
}
BY_KEY = {**OAUTH, "private_key": "{config.key_file}", "algorithm": "ES384"}
del BY_KEY["client_secret"]
HMAC = {"scheme": "hmac", "key": "{config.name}", "secret": "{config.api_key}"}
BASIC = {"scheme": "basic", "user": "hub", "password": "{config.api_key}"}


def _read(table: dict[str, Any]) -> tuple[Auth, dict[str, str]]:
    problems: list[Problem] = []
    auth = read_auth(Section(table, "auth", problems), CONFIG)
    return auth, {problem.pointer: problem.message for problem in problems}


@pytest.mark.parametrize(
    "table", [{}, OAUTH, BY_KEY, HMAC, BASIC, {**BY_KEY, "key_id": "one", "scope": "a b"}]
)
def test_each_scheme_is_read(table: dict[str, Any]) -> None:
    auth, problems = _read(table)

    assert problems == {}
    assert auth.scheme == table.get("scheme", "none")
    assert auth.keys.items() >= {name: text for name, text in table.items() if name != "scheme"}.items()


@pytest.mark.parametrize(
    ("table", "pointer", "says"),
    [
        ({**OAUTH, "scheme": "oauth2-client"}, "auth.scheme", "did you mean oauth2-client-credentials?"),
        ({**OAUTH, "token_url": "https://a.example/token"}, "auth.token_url", "must name one url"),
        ({**OAUTH, "token_url": "{config.name}"}, "auth.token_url", "is not a url of [config]"),
        ({**OAUTH, "client_secret": CANARY}, "auth.client_secret", "must name one secret"),
        ({**OAUTH, "client_secret": "{config.apikey}"}, "auth.client_secret", "did you mean config.api_key?"),
        ({**OAUTH, "client_secret": "{config.name}"}, "auth.client_secret", "is not a secret of [config]"),
        ({**OAUTH, "client_secret": "{config.spare}"}, "auth.client_secret", "must not be optional"),
        ({**OAUTH, "client_id": ""}, "auth.client_id", "must be a text"),
        ({**OAUTH, "private_key": "{config.key_file}"}, "auth.client_secret", "or private_key instead"),
        ({**OAUTH, "algorithm": "ES384"}, "auth.algorithm", "goes with private_key only"),
        ({**OAUTH, "scop": "a"}, "auth.scop", "did you mean scope?"),
        ({**BY_KEY, "algorithm": "HS256"}, "auth.algorithm", "did you mean"),
        ({**BY_KEY, "algorithm": "none"}, "auth.algorithm", "known: ES256"),
        ({key: BY_KEY[key] for key in BY_KEY if key != "algorithm"}, "auth.algorithm", "is missing"),
        ({**HMAC, "secret": CANARY}, "auth.secret", "must name one secret"),
        ({**HMAC, "nonce_header": "X Nonce"}, "auth.nonce_header", "is not the name of a header"),
        ({**BASIC, "password": f"{CANARY}{{config.api_key}}"}, "auth.password", "and nothing else"),
        ({"scheme": "header", "header": "X", "value": CANARY}, "auth.value", "must name a secret"),
        ({"scheme": "header", "header": "X"}, "auth.value", "is missing"),
        ({"scheme": "none", "header": "X"}, "auth.header", "is not a key of auth"),
    ],
)
def test_a_fault_of_auth_is_named_by_its_key_and_shows_no_secret(
    table: dict[str, Any], pointer: str, says: str
) -> None:
    _, problems = _read(table)

    assert says in problems[pointer]
    assert CANARY not in str(problems)


def test_all_faults_of_auth_are_told_at_once() -> None:
    _, problems = _read({"scheme": "hmac", "secrt": "{config.api_key}", "nonce_header": "a b"})

    assert problems.keys() == {"auth.key", "auth.secret", "auth.secrt", "auth.nonce_header"}
