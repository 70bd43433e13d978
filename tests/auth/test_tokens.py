"""What a bearer token must be before the hub believes a word of it."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth.issuers import Issuers
from auth.signed import MAX_TOKEN
from auth.tokens import Verifier, bearer
from hmis.errors import Unauthenticated
from tests.auth.refusals import SECRET, refused


async def test_a_good_token_tells_who_asks(verifier, workshop):
    token = workshop.token(
        claims=workshop.claims(
            scope="clients.read  projects.read",
            purpose="ELIGIBILITY",
            acr="aal2",
            auth_time=1772460000,
            agency="a",
        )
    )
    claims = await verifier.verify(token, workshop.now)
    assert (claims.issuer, claims.subject) == (workshop.issuer, "user-7")
    assert (claims.client_id, claims.jti) == ("shelter-app", "token-1")
    assert claims.scopes == {"clients.read", "projects.read"}
    assert (claims.purpose, claims.acr, claims.agency) == ("ELIGIBILITY", "aal2", "a")
    assert claims.auth_time == datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
    assert claims.expires_at == workshop.now + timedelta(minutes=5)


async def test_what_a_token_leaves_out_is_none(verifier, workshop):
    claims = await verifier.verify(workshop.token(), workshop.now)
    assert (claims.purpose, claims.acr, claims.agency, claims.auth_time) == (None, None, None, None)
    assert claims.scopes == frozenset()


async def test_rsa_and_the_long_type_and_a_list_of_audiences_are_good_too(verifier, workshop):
    header = workshop.header(alg="RS256", kid="rsa-1", typ="application/at+jwt")
    token = workshop.token(header, workshop.claims(aud=["https://elsewhere.example", workshop.audience]))
    assert (await verifier.verify(token, workshop.now)).subject == "user-7"


@pytest.mark.parametrize(
    "algorithm", ["none", "None", "NONE", "HS256", "HS512", "ES384", "PS256", "RS512", "", 7, None]
)
async def test_other_algorithms_are_refused_before_any_key_is_touched(workshop, algorithm):
    # An issuer without any keys: were one looked for, the reason would be the key's.
    class Untouched:
        url, audience = workshop.issuer, workshop.audience

        async def keys_named(self, kid):
            raise AssertionError("a key was looked for")

    for typ in ("at+jwt", "JWT"):
        parts = [workshop.header(alg=algorithm, typ=typ), workshop.claims()]
        token = ".".join(
            base64.urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=").decode() for p in parts
        )
        reason = await refused(Verifier(Issuers([Untouched()])), workshop, f"{token}.AAAA")
        assert reason == "alg: neither ES256 nor RS256"


async def test_an_unsigned_token_is_refused(verifier, workshop):
    token = workshop.token(workshop.header(alg="none"))
    unsigned = token.rsplit(".", 1)[0] + "."
    assert "base64url" in await refused(verifier, workshop, unsigned)
    assert "alg" in await refused(verifier, workshop, token)


@pytest.mark.parametrize("kid", ["ec-1", "rsa-1"])
async def test_the_public_key_is_no_hmac_secret(verifier, workshop, kid):
    key = workshop.ec if kid == "ec-1" else workshop.rsa
    for encoding in (key.as_pem(private=False), key.as_der(private=False)):
        token = workshop.token(workshop.header(alg="HS256", kid=kid), key=encoding)
        assert "alg" in await refused(verifier, workshop, token)
        claimed = workshop.token(workshop.header(alg="RS256", kid=kid), key=encoding)
        await refused(verifier, workshop, claimed)


@pytest.mark.parametrize(
    "typ", [None, "JWT", "jwt", "AT+JWT", "at+jwt ", "application/jwt", "id+jwt", "", ["at+jwt"], 1]
)
async def test_another_type_is_refused_even_if_all_else_is_right(verifier, workshop, typ):
    assert await refused(verifier, workshop, workshop.token(workshop.header(typ=typ))) == "typ: not at+jwt"


@pytest.mark.parametrize("name", ["crit", "cty", "enc", "zip", "b64"])
async def test_what_is_not_a_plain_signed_token_is_refused(verifier, workshop, name):
    values = {"crit": ["exp"], "cty": "JWT", "enc": "A128GCM", "zip": "DEF", "b64": True}
    token = workshop.token(workshop.header(**{name: values[name]}))
    assert await refused(verifier, workshop, token) == f"{name}: not understood here"


async def test_an_empty_crit_is_refused_as_well(verifier, workshop):
    assert "crit" in await refused(verifier, workshop, workshop.token(workshop.header(crit=[])))


@pytest.mark.parametrize("name", ["jwk", "jku", "x5u", "x5c"])
async def test_a_token_cannot_bring_its_own_key(verifier, workshop, name):
    public = workshop.stranger.as_dict(private=False)
    values = {
        "jwk": public,
        "jku": "https://evil.example/keys",
        "x5u": "https://evil.example/c",
        "x5c": ["MIIB"],
    }
    for key in (workshop.stranger, workshop.ec):
        token = workshop.token(workshop.header(**{name: values[name]}), key=key)
        assert await refused(verifier, workshop, token) == f"{name}: a token may not bring its own key"


async def test_unknown_header_parameters_are_ignored(verifier, workshop):
    # RFC 7515, 4: what is not understood and not critical is ignored.
    assert await verifier.verify(workshop.token(workshop.header(nonce="n", x5t="t")), workshop.now)


@pytest.mark.parametrize(
    "issuer",
    [
        "https://id.example.org/",
        "https://ID.example.org",
        "https://canary-5150",
        "",
        5,
        None,
        ["https://id.example.org"],
    ],
)
async def test_an_issuer_that_is_not_trusted_to_the_letter_is_refused(verifier, workshop, issuer):
    token = workshop.token(claims=workshop.claims(iss=issuer))
    assert await refused(verifier, workshop, token) == "iss: not a trusted issuer"


@pytest.mark.parametrize(
    "audience",
    [
        None,
        "",
        "https://hub.example.org",
        "https://hub.example.org/graphql/",
        [],
        ["https://elsewhere.example"],
        7,
        {},
        [["https://hub.example.org/graphql"]],
        ["https://hub.example.org/graphql", 7],
        "https://hub.example.org/graphql x",
    ],
)
async def test_a_token_for_somebody_else_is_refused(verifier, workshop, audience):
    assert "aud" in await refused(verifier, workshop, workshop.token(claims=workshop.claims(aud=audience)))


async def test_sixty_seconds_of_leeway_and_not_one_more(verifier, workshop):
    at = int(workshop.now.timestamp())
    for good in ({"exp": at - 59}, {"nbf": at + 60}, {"iat": at + 60}, {"nbf": at - 9999}, {"exp": at + 0.5}):
        assert await verifier.verify(workshop.token(claims=workshop.claims(**good)), workshop.now)
    for name, moment in (("exp", at - 60), ("exp", 0), ("exp", -1), ("nbf", at + 61), ("iat", at + 61)):
        token = workshop.token(claims=workshop.claims(**{name: moment}))
        assert name in await refused(verifier, workshop, token)


@pytest.mark.parametrize("name", ["exp", "iat", "nbf", "auth_time"])
@pytest.mark.parametrize("value", ["1900000000", True, [], {}, 10**400, 1e300])
async def test_a_date_that_is_no_date_is_refused(verifier, workshop, name, value):
    reason = await refused(verifier, workshop, workshop.token(claims=workshop.claims(**{name: value})))
    assert reason.startswith(f"{name}:") or reason == "the payload is not JSON with each name once"


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "9" * 5000])
async def test_a_token_cannot_live_for_ever_by_a_trick_of_numbers(verifier, workshop, number):
    payload = json.dumps(workshop.claims(exp="@")).replace('"@"', number).encode()
    await refused(verifier, workshop, workshop.token(claims=payload))


@pytest.mark.parametrize("name", ["sub", "client_id", "jti", "iat", "exp", "iss", "aud"])
async def test_what_rfc_9068_requires_is_required(verifier, workshop, name):
    for value in (None, "", {}):
        token = workshop.token(claims=workshop.claims(**{name: value}))
        assert name in await refused(verifier, workshop, token)


@pytest.mark.parametrize("name", ["sub", "client_id", "jti", "scope", "purpose", "acr", "agency"])
@pytest.mark.parametrize("value", [7, True, ["a"], {"a": 1}, "canary-5150\n", "nul\x00", "\ud800"])
async def test_a_text_that_is_no_text_is_refused(verifier, workshop, name, value):
    reason = await refused(verifier, workshop, workshop.token(claims=workshop.claims(**{name: value})))
    assert reason.startswith(f"{name}: ")


@pytest.mark.parametrize("kid", [None, "", 7, ["ec-1"], "ec-2", "../ec-1", "other-1"])
async def test_a_key_that_the_issuer_did_not_publish_is_refused(verifier, workshop, kid):
    assert "kid" in await refused(verifier, workshop, workshop.token(workshop.header(kid=kid)))


async def test_another_trusted_issuers_key_does_not_speak_for_this_one(verifier, workshop):
    token = workshop.token(workshop.header(kid="other-1"), key=workshop.stranger)
    assert await refused(verifier, workshop, token) == "kid: the issuer has no such key"
    posing = workshop.token(claims=workshop.claims(iss="https://other.example.org"))
    assert await refused(verifier, workshop, posing) == "kid: the issuer has no such key"


async def test_a_strangers_signature_under_a_known_kid_does_not_hold(verifier, workshop):
    token = workshop.token(key=workshop.stranger)
    assert await refused(verifier, workshop, token) == "the signature does not hold"


async def test_the_key_says_the_algorithm_and_not_the_token(verifier, workshop):
    for header in (workshop.header(alg="RS256"), workshop.header(kid="rsa-1")):
        reason = await refused(verifier, workshop, workshop.token(header))
        assert reason == "alg: the key is for another algorithm"


async def test_other_claims_under_the_same_signature_do_not_hold(verifier, workshop):
    token, other = workshop.token(), workshop.token(claims=workshop.claims(sub=SECRET))
    header, _, signature = token.split(".")
    swapped = f"{header}.{other.split('.')[1]}.{signature}"
    assert await refused(verifier, workshop, swapped) == "the signature does not hold"


async def test_a_token_cut_short_or_with_something_behind_it_is_refused(verifier, workshop):
    token = workshop.token()
    for length in range(0, len(token), 7):
        await refused(verifier, workshop, token[:length])
    for tail in (".", "=", "==", "A", "AAAA", " ", "\n", "\x00", ".e30", ".e30.e30", "é"):
        await refused(verifier, workshop, token + tail)
        await refused(verifier, workshop, tail + token)
    assert await refused(verifier, workshop, "a.b.c.d.e") == "the token is encrypted"
    assert await refused(verifier, workshop, token + ".e30") == "the token has not three parts"


async def test_every_part_has_one_spelling(verifier, workshop):
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    token = workshop.token()
    assert len(token.split(".")[2]) == 86  # 64 bytes leave four bits over in the last character
    last = alphabet.index(token[-1])
    for bits in range(1, 16):
        twin = token[:-1] + alphabet[last ^ bits]
        assert "base64url" in await refused(verifier, workshop, twin)
    header, payload, signature = token.split(".")
    for spelled in (f"{header}=.{payload}.{signature}", f"{header}.{payload}=.{signature}", f"{token}=="):
        assert "base64url" in await refused(verifier, workshop, spelled)


async def test_a_name_that_stands_twice_is_refused(verifier, workshop):
    header = b'{"alg":"none","alg":"ES256","typ":"at+jwt","kid":"ec-1"}'
    assert "header" in await refused(verifier, workshop, workshop.token(header))
    claims = json.dumps(workshop.claims())[:-1].encode() + b',"sub":"canary-5150"}'
    assert "payload" in await refused(verifier, workshop, workshop.token(claims=claims))
    nested = json.dumps(workshop.claims())[:-1].encode() + b',"x":{"a":1,"a":2}}'
    assert "payload" in await refused(verifier, workshop, workshop.token(claims=nested))


@pytest.mark.parametrize(
    "part", [b"", b"null", b"[]", b'"x"', b"7", b"{", b"\xff\xfe{}", b"\xef\xbb\xbf{}", b"[" * 3000]
)
async def test_parts_that_are_no_objects_are_refused(verifier, workshop, part):
    await refused(verifier, workshop, workshop.token(part))
    await refused(verifier, workshop, workshop.token(claims=part))
    utf16 = json.dumps(workshop.claims()).encode("utf-16")
    assert "payload" in await refused(verifier, workshop, workshop.token(claims=utf16))


async def test_a_token_of_a_megabyte_is_refused_unread(verifier, workshop):
    token = workshop.token(claims=workshop.claims(padding="x" * 1_000_000))
    assert await refused(verifier, workshop, token) == "the token is too long"
    with pytest.raises(Unauthenticated, match="too long"):
        bearer(f"Bearer {token}")


async def test_a_token_of_exactly_eight_kilobytes_is_read(verifier, workshop):
    room = (MAX_TOKEN - len(workshop.token(claims=workshop.claims(padding="")))) * 3 // 4
    token = workshop.token(claims=workshop.claims(padding="x" * room))
    assert MAX_TOKEN - 4 < len(token) <= MAX_TOKEN
    assert await verifier.verify(bearer(f"Bearer {token}"), workshop.now)


@given(data=st.data())
async def test_no_changed_character_ever_verifies(verifier, workshop, data):
    token = workshop.token()
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.characters().filter(lambda c: c != token[place]))
    await refused(verifier, workshop, token[:place] + other + token[place + 1 :])


@given(data=st.data())
async def test_no_flipped_bit_ever_verifies(verifier, workshop, data):
    header = workshop.header(alg="RS256", kid="rsa-1") if data.draw(st.booleans()) else workshop.header()
    parts = [base64.urlsafe_b64decode(part + "==") for part in workshop.token(header).split(".")]
    which = data.draw(st.integers(0, 2))
    raw = bytearray(parts[which])
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    parts[which] = bytes(raw)
    flipped = ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
    await refused(verifier, workshop, flipped)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
NAMES = st.sampled_from(
    ["iss", "sub", "aud", "exp", "iat", "nbf", "jti", "client_id", "scope", "purpose", "acr"]
)


@given(changes=st.dictionaries(NAMES, JSON, min_size=1, max_size=3))
async def test_whatever_an_issuer_signs_the_answer_is_yes_or_a_refusal(verifier, workshop, changes):
    token = workshop.token(claims={**workshop.claims(), **changes})
    try:
        claims = await verifier.verify(token, workshop.now)
    except Unauthenticated:
        return
    assert claims.issuer == workshop.issuer
    assert claims.expires_at > workshop.now - timedelta(seconds=61)


@given(text=st.text() | st.lists(st.text(), min_size=3, max_size=3).map(".".join))
async def test_any_text_is_refused_in_words(verifier, workshop, text):
    with pytest.raises(Unauthenticated):
        await verifier.verify(text, workshop.now)


@pytest.mark.parametrize(
    "header", ["Bearer abc.def-_~+/==", "bearer abc.def-_~+/==", "BEARER   abc.def-_~+/=="]
)
def test_the_scheme_is_read_in_any_case(header):
    assert bearer(header) == "abc.def-_~+/=="


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Basic abc",
        "abc",
        "Bearer abc def",
        "Bearer abc, Bearer def",
        "Bearer abc,Bearer def",
        " Bearer abc",
        "Bearer abc ",
        "Bearer\tabc",
        "Bearer abc\n",
        "Bearerabc",
        "Bearer =",
        "Bearer a=b",
        "Token Bearer abc",
        "Bearer äbc",
        "Bearer abc\r\nX: y",
        'Bearer "abc"',
    ],
)
def test_any_other_header_is_refused(header):
    with pytest.raises(Unauthenticated) as caught:
        bearer(header)
    assert "abc" not in str(caught.value)
