"""Finding an issuer's keys over real HTTP on loopback: rotation, outages, floods and tricks."""

from __future__ import annotations

import asyncio
import gzip
import json

import httpx
import pytest
from joserfc.jwk import ECKey

from auth.discovery import MAX_BODY, DiscoveryFailed, http_client, published_keys
from auth.issuers import Issuers, LocalIssuer, RemoteIssuer
from auth.refreshed import FRESH_FOR, PAUSE, SERVED_FOR
from auth.tokens import Verifier
from hmis.errors import InputRefused, Unauthenticated

OPENID = "/.well-known/openid-configuration"
RFC_8414 = "/.well-known/oauth-authorization-server"


def jwks(*kids: str) -> dict[str, object]:
    return {"keys": [{**ECKey.generate_key("P-256").as_dict(private=False), "kid": kid} for kid in kids]}


@pytest.fixture
def issuer(provider, clock) -> RemoteIssuer:
    provider.publish(jwks("one"))
    return RemoteIssuer(provider.url, "hub", clock=clock)


async def has(issuer: RemoteIssuer, kid: str) -> bool:
    return bool(await issuer.keys_named(kid))


async def failure(provider, **limits: float) -> str:
    async with http_client() as client:
        with pytest.raises(DiscoveryFailed) as caught:
            await published_keys(client, provider.url, **limits)
    return str(caught.value)


async def test_a_token_is_verified_with_keys_found_by_discovery(provider, workshop):
    provider.publish(workshop.jwks())
    verifier = Verifier(Issuers([RemoteIssuer(provider.url, workshop.audience)]))
    for header in (workshop.header(), workshop.header(alg="RS256", kid="rsa-1")):
        token = workshop.token(header, workshop.claims(iss=provider.url))
        assert (await verifier.verify(token, workshop.now)).issuer == provider.url
    assert provider.asked == [OPENID, "/keys"]


async def test_an_unknown_issuer_costs_no_call(provider, workshop):
    provider.publish(workshop.jwks())
    verifier = Verifier(Issuers([RemoteIssuer(provider.url, workshop.audience)]))
    for name in (provider.url + "/", provider.url.upper(), "https://id.example.org"):
        with pytest.raises(Unauthenticated, match="not a trusted issuer"):
            await verifier.verify(workshop.token(claims=workshop.claims(iss=name)), workshop.now)
    assert provider.asked == []


async def test_a_malformed_token_costs_no_call(provider, workshop):
    provider.publish(workshop.jwks())
    verifier = Verifier(Issuers([RemoteIssuer(provider.url, workshop.audience)]))
    for header in (workshop.header(alg="HS256"), workshop.header(typ="JWT"), workshop.header(crit=["x"])):
        token = workshop.token(header, workshop.claims(iss=provider.url), key=b"secret")
        with pytest.raises(Unauthenticated):
            await verifier.verify(token, workshop.now)
    assert provider.asked == []


async def test_keys_are_fetched_once_and_again_when_they_have_aged(provider, issuer, clock):
    for _ in range(3):
        assert await has(issuer, "one")
    assert provider.asked == [OPENID, "/keys"]
    clock.seconds += FRESH_FOR
    assert await has(issuer, "one")
    assert len(provider.asked) == 2
    clock.seconds += 1
    assert await has(issuer, "one")
    assert len(provider.asked) == 4


async def test_a_rotated_key_is_found_and_a_withdrawn_one_forgotten(provider, issuer, clock):
    assert await has(issuer, "one")
    provider.publish(jwks("two"))
    clock.seconds += PAUSE
    assert await has(issuer, "two")
    assert not await has(issuer, "one")


async def test_a_withdrawn_key_is_forgotten_without_anybody_asking_for_the_new_one(provider, issuer, clock):
    assert await has(issuer, "one")
    provider.publish({"keys": []})
    clock.seconds += FRESH_FOR + 1
    assert not await has(issuer, "one")


async def test_a_flood_of_unknown_kids_is_not_passed_on(provider, issuer, clock):
    for second in range(90):
        clock.seconds += 1
        for number in range(20):
            assert not await has(issuer, f"made-up-{second}-{number}")
    assert provider.asked.count("/keys") == 3  # 1,800 kids in 90 seconds
    assert await has(issuer, "one")


async def test_those_who_miss_at_once_share_one_fetch(provider, issuer):
    provider.held = asyncio.Event()
    waiting = [asyncio.create_task(has(issuer, "one")) for _ in range(50)]
    await provider.reached.wait()
    provider.held.set()
    assert all(await asyncio.gather(*waiting))
    assert provider.asked == [OPENID, "/keys"]


async def test_one_caller_who_hangs_up_does_not_end_the_fetch_for_the_others(provider, issuer):
    provider.held = asyncio.Event()
    first, second = (asyncio.create_task(has(issuer, "one")) for _ in range(2))
    await provider.reached.wait()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    provider.held.set()
    assert await second
    assert provider.asked == [OPENID, "/keys"]


async def test_keys_are_believed_for_an_hour_while_the_issuer_is_down(provider, issuer, clock, caplog):
    assert await has(issuer, "one")
    provider.answers.clear()
    for _ in range(int(SERVED_FOR)):
        clock.seconds += 1
        assert await has(issuer, "one")
    assert len(provider.asked) <= 2 + 2 * SERVED_FOR / PAUSE
    assert provider.url in caplog.text
    clock.seconds += 1
    with pytest.raises(Unauthenticated, match="cannot be had"):
        await issuer.keys_named("one")
    provider.publish(jwks("one"))
    clock.seconds += PAUSE
    assert await has(issuer, "one")


async def test_an_issuer_that_was_never_reached_proves_nobody(clock):
    # Port 1 on loopback: nothing listens there.
    issuer = RemoteIssuer("http://127.0.0.1:1", "hub", clock=clock)
    for _ in range(3):
        with pytest.raises(Unauthenticated, match="cannot be had"):
            await issuer.keys_named("one")


async def test_an_oauth_server_without_openid_is_found_too(provider):
    provider.publish(jwks("one"))
    provider.answers[RFC_8414] = provider.answers.pop(OPENID)
    async with http_client() as client:
        assert (await published_keys(client, provider.url)).named("one")
    assert provider.asked == [OPENID, RFC_8414, "/keys"]


async def test_an_issuer_with_a_path_is_found_in_both_ways(provider):
    issuer = f"{provider.url}/realms/coc"
    provider.publish(jwks("one"), issuer=issuer)
    document = provider.answers.pop(OPENID)
    async with http_client() as client:
        for path in (f"/realms/coc{OPENID}", f"{RFC_8414}/realms/coc"):
            provider.answers[path] = document
            assert (await published_keys(client, issuer)).named("one")
            del provider.answers[path]


@pytest.mark.parametrize("named", ["https://evil.example", "", None, ["x"], "slash"])
async def test_a_document_that_names_another_issuer_is_refused(provider, named):
    provider.publish(jwks("one"), issuer=f"{provider.url}/" if named == "slash" else named)
    assert await failure(provider) == "the metadata document names another issuer"
    assert provider.asked == [OPENID]


@pytest.mark.parametrize(
    "uri",
    [
        None,
        7,
        "",
        "/keys",
        "//127.0.0.1/keys",
        "http://id.example.org/keys",
        "http://169.254.169.254/latest",
        "http://127.0.0.1.evil.example/keys",
        "http://localhost@evil.example/keys",
        "https://user:pass@id.example.org/keys",
        "file:///etc/passwd",
        "ftp://127.0.0.1/keys",
        "http://[::1",
        "https://id.example.org:port/keys",
    ],
)
async def test_keys_are_never_fetched_from_an_unsafe_place(provider, uri):
    provider.publish(jwks("one"), jwks_uri=uri)
    assert "jwks_uri" in await failure(provider)
    assert provider.asked == [OPENID]


async def test_an_issuer_elsewhere_cannot_send_the_hub_to_its_own_machine(provider):
    def elsewhere(request: httpx.Request) -> httpx.Response:
        assert request.url.host == "id.example.org"
        known = {"issuer": "https://id.example.org", "jwks_uri": f"{provider.url}/keys"}
        return httpx.Response(200, json=known)

    async with httpx.AsyncClient(transport=httpx.MockTransport(elsewhere)) as client:
        with pytest.raises(DiscoveryFailed, match="jwks_uri"):
            await published_keys(client, "https://id.example.org")
    assert provider.asked == []


@pytest.mark.parametrize("path", [OPENID, "/keys"])
@pytest.mark.parametrize("status", ["301 Moved Permanently", "302 Found", "307 Temporary Redirect"])
async def test_redirects_are_not_followed(provider, path, status):
    provider.publish(jwks("one"))
    provider.answers["/elsewhere"] = provider.answers[path]
    provider.answers[path] = type(provider.answers[path])(
        status=status, headers=(f"Location: {provider.url}/elsewhere",)
    )
    assert f"answered {status[:3]}" in await failure(provider)
    assert "/elsewhere" not in provider.asked


@pytest.mark.parametrize("path", [OPENID, "/keys"])
async def test_a_huge_body_is_refused(provider, path):
    provider.publish(jwks("one"))
    answer = provider.answers[path]
    padding = b" " * (MAX_BODY - len(answer.body))
    answer.body += padding
    async with http_client() as client:
        assert (await published_keys(client, provider.url)).named("one")
    answer.body += b" "
    assert "larger than" in await failure(provider)


async def test_a_small_body_that_swells_is_not_unpacked(provider):
    provider.publish(jwks("one"))
    answer = provider.answers["/keys"]
    answer.body, answer.headers = gzip.compress(b" " * 50_000_000), ("Content-Encoding: gzip",)
    assert await failure(provider) == "the JWK set came compressed, which was not asked for"


@pytest.mark.parametrize("path", [OPENID, "/keys"])
async def test_an_answer_that_never_ends_is_not_waited_for(provider, path):
    provider.publish(jwks("one"))
    provider.answers[path].hangs = True
    assert "did not arrive" in await failure(provider, seconds=0.05)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"7", b'{"keys": 7}', b"\xff", b"[" * 10_000])
@pytest.mark.parametrize("path", [OPENID, "/keys"])
async def test_nonsense_instead_of_a_document_is_refused(provider, path, body):
    provider.publish(jwks("one"))
    provider.answers[path].body = body
    assert await failure(provider)


async def test_a_server_error_is_no_reason_to_look_elsewhere(provider):
    provider.publish(jwks("one"))
    provider.answers[RFC_8414] = provider.answers[OPENID]
    provider.answers[OPENID] = type(provider.answers[OPENID])(status="503 Service Unavailable")
    assert "answered 503" in await failure(provider)
    assert provider.asked == [OPENID]


async def test_missing_documents_are_named(provider):
    assert await failure(provider) == "no metadata document is there"
    provider.publish(jwks("one"))
    del provider.answers["/keys"]
    assert await failure(provider) == "the JWK set is not there"


async def test_proxies_from_the_environment_are_not_used(provider, issuer, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert await has(issuer, "one")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "id.example.org",
        "http://id.example.org",
        "ftp://id.example.org",
        "https://",
        "https://id.example.org?x=1",
        "https://id.example.org?",
        "https://id.example.org#x",
        "https://user@id.example.org",
        "https://id.example.org:port",
    ],
)
def test_an_issuer_that_cannot_be_trusted_by_its_url_is_refused_at_the_start(url):
    with pytest.raises(InputRefused, match="https"):
        RemoteIssuer(url, "hub")


def test_an_issuer_is_trusted_once():
    twice = [LocalIssuer("https://id.example.org", audience, {"keys": []}) for audience in ("a", "b")]
    with pytest.raises(InputRefused, match="twice"):
        Issuers(twice)


async def test_a_malformed_answer_keeps_the_keys_known_before(provider, issuer, clock):
    assert await has(issuer, "one")
    provider.answers["/keys"].body = json.dumps({"keys": "none"}).encode()
    clock.seconds += FRESH_FOR + 1
    assert await has(issuer, "one")
