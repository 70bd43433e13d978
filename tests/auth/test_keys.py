"""Which published keys may verify a token, and why the others may not."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, OctKey, OKPKey

from auth.keys import Keys, base64url


def only(jwk: object, kid: str = "k"):
    found = Keys.of({"keys": [jwk]}).named(kid)
    assert len(found) == 1
    return found[0]


def test_a_key_says_the_one_algorithm_it_is_for(workshop):
    keys = Keys.of(workshop.jwks())
    assert [(key.algorithm, key.flaw) for key in keys.named("ec-1")] == [("ES256", None)]
    assert [(key.algorithm, key.flaw) for key in keys.named("rsa-1")] == [("RS256", None)]
    assert keys.named("nobody") == ()


def test_a_private_part_published_by_mistake_is_not_read(workshop):
    key = only({**workshop.ec.as_dict(private=True), "kid": "k"})
    assert key.key is not None
    assert not key.key.is_private


@pytest.mark.parametrize(
    ("changes", "flaw"),
    [
        ({"use": "enc"}, "the key is not for signatures"),
        ({"key_ops": ["encrypt"]}, "the key is not for verifying"),
        ({"key_ops": "verify"}, "the key is not for verifying"),
        ({"alg": "ES384"}, "the key is not for ES256"),
        ({"alg": ["ES256"]}, "the key is not for ES256"),
        ({"crv": "P-384"}, "the EC key is not on P-256"),
        ({"kty": ["EC"]}, "the key is neither EC nor RSA"),
        ({"x": 7}, "the key cannot be read"),
        ({"x": "AAAA"}, "the key cannot be read"),
        ({"y": None}, "the key cannot be read"),
    ],
)
def test_an_unfit_key_keeps_its_reason(workshop, changes, flaw):
    key = only({**workshop.ec.as_dict(private=False), "kid": "k", **changes})
    assert (key.key, key.flaw) == (None, flaw)


@pytest.mark.parametrize("bits", [512, 1024, 2047])
def test_a_short_rsa_key_is_refused(bits):
    modulus = base64.urlsafe_b64encode(((1 << bits) - 1).to_bytes(256, "big").lstrip(b"\0")).rstrip(b"=")
    key = only({"kty": "RSA", "kid": "k", "n": modulus.decode(), "e": "AQAB"})
    assert (key.key, key.flaw) == (None, "the RSA key is shorter than 2048 bits")


@pytest.mark.parametrize("modulus", [None, 7, "", "====", "not base64", "AB"])
def test_an_rsa_key_without_a_readable_modulus_is_refused(modulus):
    assert only({"kty": "RSA", "kid": "k", "n": modulus, "e": "AQAB"}).key is None


def test_secrets_and_other_curves_verify_nothing():
    for key in (OctKey.generate_key(256), OKPKey.generate_key("Ed25519"), ECKey.generate_key("P-384")):
        assert only({**key.as_dict(private=False), "kid": "k"}).key is None


def test_one_kid_may_name_keys_of_two_types(workshop):
    keys = [{**key.as_dict(private=False), "kid": "same"} for key in (workshop.ec, workshop.rsa)]
    assert [key.algorithm for key in Keys.of({"keys": keys}).named("same")] == ["ES256", "RS256"]


def test_what_cannot_be_read_does_not_spoil_the_rest(workshop):
    good = {**workshop.ec.as_dict(private=False), "kid": "good"}
    strange = [
        None,
        7,
        [],
        {},
        {"kid": "k"},
        {"kid": 7, "kty": "EC"},
        {"kty": "EC", "kid": ""},
        {"kty": "ML-DSA", "kid": "q"},
    ]
    assert Keys.of({"keys": [*strange, good, *strange]}).named("good")[0].key is not None


@pytest.mark.parametrize("document", [None, [], "keys", {}, {"keys": None}, {"keys": {}}])
def test_what_is_no_key_set_is_an_error(document):
    with pytest.raises(ValueError, match="no list of keys"):
        Keys.of(document)


@given(st.binary(min_size=1))
def test_base64url_reads_what_it_should(raw):
    assert base64url(base64.urlsafe_b64encode(raw).rstrip(b"=").decode()) == raw


@given(st.text())
def test_base64url_has_one_spelling_for_each_value(text):
    try:
        raw = base64url(text)
    except ValueError:
        return
    assert base64.urlsafe_b64encode(raw).rstrip(b"=").decode() == text
