"""Tokens by client credentials, held against a server that checks."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp

from connectors.config import Config, Secret
from connectors.http import Http
from connectors.kit.recording import running
from connectors.oauth import ClientSecret, PrivateKey, Tokens
from connectors.signing import Auth, signer
from connectors.standin_auth import BearerOnly, TokenServer
from connectors.wire import Act, Wire, answer
from hmis.errors import FailureCode, InputRefused, SourceFailed
from tests.connectors.partners import ECHO, Clock, asking, echo, post

CANARY = "Zyxwvutsrq"


def _partner(server: TokenServer) -> ASGIApp:
    return BearerOnly(Starlette(routes=[server.route, Route("/x", echo, methods=["POST", "PUT"])]), server)


def _with_secret(address: str, given: str = "s+e cret") -> Tokens:
    auth = Auth(
        "oauth2-client-credentials",
        {
            "token_url": "{config.token_url}",
            "client_id": "hub id",
            "client_secret": "{config.secret}",
            "scope": "system/*.read",
        },
    )
    config = Config({"token_url": f"{address}/token", "secret": Secret(given)})
    sign = signer(auth, config)
    assert isinstance(sign, Tokens)
    return sign


async def test_a_token_by_client_secret_opens_the_partner_and_is_kept() -> None:
    server = TokenServer("hub id", secret="s+e cret")

    async with running(_partner(server)) as address, asking(address, _with_secret(address)) as http:
        for _ in range(3):
            assert await post(http) == ECHO

    assert server.issued == 1
    assert server.scopes == ["system/*.read"]


async def test_requests_side_by_side_share_one_token() -> None:
    server = TokenServer("hub id", secret="s+e cret")

    async with running(_partner(server)) as address, asking(address, _with_secret(address)) as http:
        await asyncio.gather(*(post(http) for _ in range(8)))

    assert server.issued == 1


async def test_a_token_is_renewed_a_minute_before_it_ends() -> None:
    clock = Clock()
    server = TokenServer("hub", secret="s", lives_s=300)

    async with running(_partner(server)) as address:
        tokens = Tokens(f"{address}/token", ClientSecret("hub", "s"), clock=clock)
        async with asking(address, tokens) as http:
            await post(http)
            clock.now += 239
            await post(http)
            assert server.issued == 1
            clock.now += 2
            await post(http)
            assert server.issued == 2


async def test_a_token_that_was_revoked_is_renewed_once_even_for_what_may_not_be_repeated() -> None:
    server = TokenServer("hub id", secret="s+e cret")

    async with running(_partner(server)) as address, asking(address, _with_secret(address)) as http:
        await post(http)
        server.revoke_all()
        assert await post(http, idempotent=False) == ECHO

    assert server.issued == 2


async def test_a_partner_that_takes_no_token_is_told_so_without_asking_for_another() -> None:
    server = TokenServer("hub id", secret="s+e cret")
    elsewhere = Wire(answer("{}", "401 Unauthorized"))

    async with (
        running(_partner(server)) as address,
        elsewhere.serving() as partner,
        asking(partner, _with_secret(address)) as http,
    ):
        for asked in (1, 2):
            with pytest.raises(SourceFailed) as failed:
                await post(http)
            assert failed.value.code is FailureCode.AUTH
            assert server.issued == asked

    assert len(elsewhere.requests) == 2


async def test_a_client_that_the_server_does_not_know_is_auth() -> None:
    server = TokenServer("hub id", secret="another")

    async with running(_partner(server)) as address, asking(address, _with_secret(address)) as http:
        with pytest.raises(SourceFailed) as failed:
            await post(http)

    assert (failed.value.code, failed.value.retryable) == (FailureCode.AUTH, False)


@asynccontextmanager
async def _between(server: Wire, partner: Wire) -> AsyncIterator[Http]:
    """Asks a partner with tokens of a server, both saying what they are told to."""
    async with server.serving() as address, partner.serving() as other:
        tokens = Tokens(f"{address}/token", ClientSecret("hub", "s"))
        async with asking(other, tokens) as http:
            yield http


TOKEN = '{"access_token": "t", "token_type": "bearer", "expires_in": 300}'


@pytest.mark.parametrize(
    ("says", "code", "retryable"),
    [
        pytest.param(answer('{"error": "invalid_client"}', "400 Bad Request"), "AUTH", False, id="400"),
        pytest.param(answer("{}", "403 Forbidden"), "AUTH", False, id="403"),
        pytest.param(answer("", "302 Found", "Location: /elsewhere"), "CONFIG", False, id="redirect"),
        pytest.param(answer("", "404 Not Found"), "CONFIG", False, id="404"),
        pytest.param(answer("", "503 Later"), "UNAVAILABLE", True, id="503"),
        pytest.param(Act.RESET, "UNAVAILABLE", True, id="reset"),
        pytest.param(answer("<html>", "200 OK", "Content-Type: text/html"), "BAD_DATA", False, id="html"),
        pytest.param(answer("[]"), "BAD_DATA", False, id="a list"),
        pytest.param(answer("{}"), "BAD_DATA", False, id="nothing"),
        pytest.param(answer(TOKEN.replace('"t"', '"t\\r\\nX: y"')), "BAD_DATA", False, id="two lines"),
        pytest.param(answer(TOKEN.replace("bearer", "mac")), "BAD_DATA", False, id="another type"),
        pytest.param(answer(TOKEN.replace("300", "-1")), "BAD_DATA", False, id="ended before"),
        pytest.param(answer(TOKEN.replace("300", '"soon"')), "BAD_DATA", False, id="no number"),
        pytest.param(Act.HANG, "TIMEOUT", True, id="silence"),
    ],
)
async def test_what_goes_wrong_with_a_token_has_its_code_and_the_partner_hears_nothing(
    says: bytes | Act, code: str, retryable: bool
) -> None:
    server, partner = Wire(says), Wire(answer("{}"))

    async with _between(server, partner) as http:
        with pytest.raises(SourceFailed) as failed:
            await post(http, 0.3 if says is Act.HANG else 30)

    assert (failed.value.code, failed.value.retryable) == (FailureCode(code), retryable)
    assert partner.requests == []


async def test_who_gives_up_waiting_for_a_token_does_not_take_it_from_the_others() -> None:
    server, partner = Wire(Act.HANG), Wire(answer("{}"))

    async with _between(server, partner) as http:
        first = asyncio.create_task(post(http, 60))
        await server.asked.wait()
        second = asyncio.create_task(post(http, 60))
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.wait({first})
        assert server.open == 1

        second.cancel()
        await asyncio.wait({second})
        async with asyncio.timeout(5):
            await server.quiet.wait()

    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("algorithm", "make"),
    [
        ("RS256", lambda: RSAKey.generate_key(2048)),
        ("RS384", lambda: RSAKey.generate_key(2048)),
        ("ES256", lambda: ECKey.generate_key("P-256")),
        ("ES384", lambda: ECKey.generate_key("P-384")),
    ],
)
async def test_a_token_by_a_signed_assertion(
    tmp_path: Path, algorithm: str, make: Callable[[], RSAKey | ECKey]
) -> None:
    key = make()
    (tmp_path / "key.pem").write_bytes(key.as_pem(private=True))
    auth = Auth(
        "oauth2-client-credentials",
        {
            "token_url": "{config.token_url}",
            "client_id": "hub",
            "private_key": "{config.private_key}",
            "algorithm": algorithm,
            "key_id": "one",
        },
    )
    public = type(key).import_key(key.as_dict(private=False))
    server = TokenServer("hub", key=public)

    async with running(_partner(server)) as address:
        config = Config({"token_url": f"{address}/token", "private_key": tmp_path / "key.pem"})
        async with asking(address, signer(auth, config)) as http:
            assert await post(http) == ECHO
            server.revoke_all()
            await post(http)

    assert server.issued == 2  # the second assertion was another one, or the server had refused it


def test_an_assertion_is_for_one_server_once_and_for_five_minutes_at_most() -> None:
    key = ECKey.generate_key("P-384")
    credential = PrivateKey("hub", key, "ES384", "one", now=lambda: 1_000.0)

    tokens = [
        jwt.decode(credential.form("https://a.example/token")["client_assertion"], key, algorithms=["ES384"])
        for _ in range(2)
    ]

    claims = tokens[0].claims
    assert tokens[0].header == {"alg": "ES384", "typ": "JWT", "kid": "one"}
    assert (claims["iss"], claims["sub"], claims["aud"]) == ("hub", "hub", "https://a.example/token")
    assert 1_000 < claims["exp"] <= 1_300
    assert claims["jti"] != tokens[1].claims["jti"]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(None, id="no file"),
        pytest.param(CANARY, id="no key"),
        pytest.param(ECKey.generate_key("P-384").as_pem(private=False).decode(), id="public"),
        pytest.param(ECKey.generate_key("P-256").as_pem(private=True).decode(), id="another curve"),
        pytest.param(RSAKey.generate_key(2048).as_pem(private=True).decode(), id="another kind"),
    ],
)
def test_a_key_that_cannot_sign_is_refused_when_the_hub_starts(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "key.pem").write_text(content)
    keys = {
        "token_url": "{config.token_url}",
        "client_id": "hub",
        "private_key": "{config.private_key}",
        "algorithm": "ES384",
    }
    config = Config({"token_url": "https://a.example/token", "private_key": tmp_path / "key.pem"})

    with pytest.raises(InputRefused) as refused:
        signer(Auth("oauth2-client-credentials", keys), config)

    assert str(refused.value).startswith("config.private_key: ")
    assert CANARY not in str(refused.value)


async def test_neither_token_nor_secret_is_in_a_log_or_shown(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    token = TOKEN.replace('"t"', f'"{CANARY}"')
    server, partner = Wire(answer(token)), Wire(answer("{}"))

    async with server.serving() as address, partner.serving() as other:
        tokens = _with_secret(address, f"secret-{CANARY}")
        async with asking(other, tokens) as http:
            await post(http)
            shown = f"{tokens!r} {vars(tokens)['_credential']!r} {http!r}"

    assert f"Bearer {CANARY}".encode() in partner.requests[0]
    assert CANARY not in caplog.text + shown


def _assertion(key: ECKey, url: str, **changes: object) -> dict[str, str]:
    moment = int(time.time())
    claims = {"iss": "hub", "sub": "hub", "aud": url, "jti": str(uuid4()), "exp": moment + 180, **changes}
    token = jwt.encode({"alg": "ES384"}, claims, key, algorithms=["ES384"])
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    return {
        "grant_type": "client_credentials",
        "client_assertion_type": kind,
        "client_assertion": token,
    }


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        pytest.param({}, 200, id="good"),
        pytest.param({"iss": "another"}, 401, id="of another client"),
        pytest.param({"aud": "https://elsewhere.example/token"}, 401, id="for another server"),
        pytest.param({"exp": int(time.time()) - 1}, 401, id="ended"),
        pytest.param({"exp": int(time.time()) + 3_600}, 401, id="too long"),
        pytest.param({"jti": ""}, 401, id="without a name"),
    ],
)
async def test_the_stand_in_takes_an_assertion_as_strictly_as_smart_says_and_once(
    changes: dict[str, object], status: int
) -> None:
    key = ECKey.generate_key("P-384")
    server = TokenServer("hub", key=key)

    async with running(_partner(server)) as address, httpx.AsyncClient(trust_env=False) as client:
        form = _assertion(key, f"{address}/token", **changes)
        assert (await client.post(f"{address}/token", data=form)).status_code == status
        assert (await client.post(f"{address}/token", data=form)).status_code == 401
        forged = _assertion(ECKey.generate_key("P-384"), f"{address}/token")
        assert (await client.post(f"{address}/token", data=forged)).status_code == 401
