"""ID tokens and log-out tokens: nothing but the very token of the issuer holds.

Each check is met over the whole way in tests/gateway/pages: test_hostile_provider.py, test_signing_out.py.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth.id_tokens import Demanded, signed_in, signed_out
from auth.issuers import LocalIssuer
from auth.sessions import SignedIn
from hmis.errors import Unauthenticated
from tests.auth.conftest import Workshop
from tests.auth.refusals import SECRET

NONCE = "n-0S6_WzA2Mj"
EVENTS = {"http://schemas.openid.net/event/backchannel-logout": {}}


def issuer(workshop: Workshop) -> LocalIssuer:
    return LocalIssuer(workshop.issuer, workshop.audience, workshop.jwks())


def id_token(workshop: Workshop, **changes: object) -> str:
    claims = workshop.claims(client_id=None, nonce=NONCE, sid="s-1", acr="aal2", **changes)
    return workshop.token(workshop.header(typ="JWT"), claims)


async def believed(workshop: Workshop, token: str, demanded: Demanded | None = None) -> SignedIn:
    return await signed_in(issuer(workshop), token, demanded or Demanded(NONCE), workshop.now)


async def test_an_id_token_says_who_signed_in_how_and_when(workshop: Workshop) -> None:
    token = id_token(workshop, auth_time=int(workshop.now.timestamp()) - 5)
    who = await believed(workshop, token)
    assert who == SignedIn(
        workshop.issuer, "user-7", "s-1", "aal2", workshop.now - timedelta(seconds=5), token
    )
    assert token not in repr(who)


async def test_a_proof_is_as_old_and_as_strong_as_was_demanded(workshop: Workshop) -> None:
    token = id_token(workshop, auth_time=int(workshop.now.timestamp()) - 90)
    recent = Demanded(NONCE, since=workshop.now - timedelta(seconds=30), acr=("aal3", "aal2"))
    assert (await believed(workshop, token, recent)).acr == "aal2"  # the clocks may differ by a minute
    for demanded in (Demanded(NONCE, since=workshop.now), Demanded(NONCE, acr=("aal3",))):
        with pytest.raises(Unauthenticated):
            await believed(workshop, token, demanded)


async def test_a_clock_that_is_ahead_makes_no_proof_of_tomorrow(workshop: Workshop) -> None:
    token = id_token(workshop, auth_time=int(workshop.now.timestamp()) + 30)
    assert (await believed(workshop, token)).auth_time == workshop.now


@given(data=st.data())
async def test_whoever_changes_one_character_is_believed_nothing(
    workshop: Workshop, data: st.DataObject
) -> None:
    token = id_token(workshop, note=SECRET)
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.characters().filter(lambda one: one != token[place]))
    changed = token[:place] + other + token[place + 1 :]
    with pytest.raises(Unauthenticated) as refused:
        await believed(workshop, changed)
    assert SECRET not in str(refused.value)


@given(st.text())
async def test_nothing_made_up_is_a_token(workshop: Workshop, text: str) -> None:
    for read in (believed(workshop, text), signed_out(issuer(workshop), text, workshop.now)):
        with pytest.raises(Unauthenticated):
            await read


async def test_the_one_kind_is_never_the_other(workshop: Workshop) -> None:
    at = int(workshop.now.timestamp())
    claims = {"sub": "user-7", "iss": workshop.issuer, "aud": workshop.audience, "iat": at, "exp": at + 60}
    out = workshop.token({"alg": "ES256", "kid": "ec-1"}, {**claims, "jti": "1", "events": EVENTS})
    assert (await signed_out(issuer(workshop), out, workshop.now)).subject == "user-7"
    with pytest.raises(Unauthenticated, match="nonce"):
        await believed(workshop, out)
    with pytest.raises(Unauthenticated, match="events"):
        await signed_out(issuer(workshop), id_token(workshop), workshop.now)
    with pytest.raises(Unauthenticated, match="typ"):
        await believed(workshop, workshop.token())  # an access token
