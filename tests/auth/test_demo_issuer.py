"""The demo's own issuer: its key file, its tokens, and that the rest of the hub believes them."""

from __future__ import annotations

import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from auth.demo_issuer import FILE, JWKS_PATH, DemoIssuer
from auth.issuers import Issuers, RemoteIssuer
from auth.tokens import Verifier
from hmis.errors import InputRefused, Unauthenticated

URL = "http://127.0.0.1:8000"


def minted(issuer: DemoIssuer, workshop, **changes: object) -> str:
    usual = {
        "subject": "demo-case-manager",
        "audience": workshop.audience,
        "lifetime": timedelta(hours=8),
        "client_id": "demo",
        "now": workshop.now,
    }
    return issuer.mint(**{**usual, **changes})


async def test_what_it_mints_is_believed(tmp_path, workshop):
    issuer = DemoIssuer.open(tmp_path, URL)
    verifier = Verifier(Issuers([issuer.trusted_for(workshop.audience)]))
    token = minted(
        issuer,
        workshop,
        scopes={"clients.read"},
        purpose="REPORTING",
        agency="a",
        acr="aal1",
        auth_time=workshop.now,
    )
    claims = await verifier.verify(token, workshop.now)
    assert (claims.issuer, claims.subject, claims.client_id) == (URL, "demo-case-manager", "demo")
    assert claims.expires_at == workshop.now + timedelta(hours=8)
    assert (claims.scopes, claims.purpose, claims.agency) == ({"clients.read"}, "REPORTING", "a")
    assert (claims.acr, claims.auth_time) == ("aal1", workshop.now)
    plain = await verifier.verify(minted(issuer, workshop), workshop.now)
    assert (plain.scopes, plain.purpose) == (frozenset(), None)
    assert plain.jti != claims.jti
    with pytest.raises(Unauthenticated, match="exp"):
        await verifier.verify(token, workshop.now + timedelta(hours=8, seconds=60))


async def test_the_key_survives_a_restart(tmp_path, workshop):
    token = minted(DemoIssuer.open(tmp_path, URL), workshop)
    again = DemoIssuer.open(tmp_path, URL)
    assert await Verifier(Issuers([again.trusted_for(workshop.audience)])).verify(token, workshop.now)


async def test_another_homes_tokens_are_not_believed(tmp_path, workshop):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    token = minted(DemoIssuer.open(tmp_path / "a", URL), workshop)
    other = DemoIssuer.open(tmp_path / "b", URL).trusted_for(workshop.audience)
    with pytest.raises(Unauthenticated, match="kid"):
        await Verifier(Issuers([other])).verify(token, workshop.now)


async def test_others_find_its_keys_by_discovery(tmp_path, provider, workshop):
    issuer = DemoIssuer.open(tmp_path, provider.url)
    provider.publish(issuer.jwks(), **issuer.metadata(provider.url + "/"))
    provider.answers[JWKS_PATH] = provider.answers.pop("/keys")
    verifier = Verifier(Issuers([RemoteIssuer(provider.url, workshop.audience)]))
    assert await verifier.verify(minted(issuer, workshop), workshop.now)


def test_only_its_owner_can_read_the_key(tmp_path):
    before = os.umask(0)
    try:
        DemoIssuer.open(tmp_path, URL)
    finally:
        os.umask(before)
    assert [path.name for path in tmp_path.iterdir()] == [FILE]
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    (tmp_path / FILE).chmod(0o644)
    DemoIssuer.open(tmp_path, URL)
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600


def test_what_it_publishes_holds_no_secret(tmp_path):
    issuer = DemoIssuer.open(tmp_path, URL)
    secret = json.loads((tmp_path / FILE).read_text())["d"]
    assert secret not in json.dumps([issuer.jwks(), issuer.metadata(URL)])
    assert {"d", "k"}.isdisjoint(issuer.jwks()["keys"][0])
    assert issuer.metadata(URL)["issuer"] == URL


def test_those_who_start_at_once_get_the_same_key(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        opened = list(pool.map(lambda _: DemoIssuer.open(tmp_path, URL).jwks(), range(16)))
    assert all(jwks == opened[0] for jwks in opened)
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "7", "not json", '{"kty": "oct", "k": "AAAA"}', '{"kty": "EC"}', "public"]
)
def test_a_spoilt_key_file_is_named_and_not_replaced(tmp_path, workshop, text):
    text = json.dumps(workshop.ec.as_dict(private=False)) if text == "public" else text
    (tmp_path / FILE).write_text(text)
    with pytest.raises(InputRefused, match="holds no ES256 key"):
        DemoIssuer.open(tmp_path, URL)
    assert (tmp_path / FILE).read_text() == text


def test_a_home_that_is_not_there_is_one_clear_line(tmp_path):
    with pytest.raises(InputRefused, match="HUB_HOME"):
        DemoIssuer.open(tmp_path / "absent", URL)
