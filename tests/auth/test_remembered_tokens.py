"""A token that held is remembered, as long as it holds and its key is published, and not a moment longer."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from auth import tokens
from auth.issuers import Issuers, LocalIssuer, RemoteIssuer
from auth.keys import PublicKey
from auth.refreshed import FRESH_FOR, PAUSE, SERVED_FOR
from auth.signed import LEEWAY
from auth.tokens import Verifier
from tests.auth.refusals import refused


def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The length of every token whose signature was verified, in order."""
    seen: list[int] = []
    check = tokens.check_signature

    def note(token: str, key: PublicKey) -> None:
        seen.append(len(token))
        check(token, key)

    monkeypatch.setattr(tokens, "check_signature", note)
    return seen


def fresh(workshop) -> Verifier:
    return Verifier(Issuers([LocalIssuer(workshop.issuer, workshop.audience, workshop.jwks())]))


async def test_a_token_that_held_is_verified_once(workshop, monkeypatch):
    verified, verifier = counted(monkeypatch), fresh(workshop)
    token = workshop.token()
    first = await verifier.verify(token, workshop.now)
    assert await verifier.verify(token, workshop.now + timedelta(minutes=1)) == first
    assert len(verified) == 1


async def test_a_remembered_token_ends_when_it_says(workshop):
    verifier, token = fresh(workshop), workshop.token()
    await verifier.verify(token, workshop.now)
    last = workshop.now + timedelta(seconds=300 + LEEWAY)
    await verifier.verify(token, last - timedelta(seconds=1))
    assert await refused(verifier, at(workshop, last), token) == "exp: The token is expired"
    assert verifier._remembered == {}


async def test_a_remembered_token_does_not_hold_before_it_begins(workshop):
    # The clock of this machine was set back.
    verifier = fresh(workshop)
    token = workshop.token(claims=workshop.claims(nbf=int(workshop.now.timestamp()) + 30))
    await verifier.verify(token, workshop.now)
    early = workshop.now - timedelta(seconds=31)
    assert "nbf" in await refused(verifier, at(workshop, early), token)


def at(workshop, moment: datetime):
    return replace(workshop, now=moment)


async def test_a_refused_token_is_not_remembered_nor_excused_by_a_good_one(workshop):
    verifier, token = fresh(workshop), workshop.token()
    await verifier.verify(token, workshop.now)
    for changed in (token + "A", token[:-4] + "AAAA", workshop.token(key=workshop.stranger)):
        for _ in range(2):
            await refused(verifier, workshop, changed)
    assert len(verifier._remembered) == 1


async def test_a_withdrawn_key_takes_the_remembered_tokens_with_it(provider, workshop, clock):
    provider.publish(workshop.jwks())
    verifier = Verifier(Issuers([RemoteIssuer(provider.url, workshop.audience, clock=clock)]))
    token = workshop.token(claims=workshop.claims(iss=provider.url))
    await verifier.verify(token, workshop.now)
    provider.publish({"keys": []})
    clock.seconds += FRESH_FOR
    await verifier.verify(token, workshop.now)  # the list is as fresh as it must be
    clock.seconds += 1
    assert await refused(verifier, workshop, token) == "kid: the issuer has no such key"


async def test_another_key_of_the_same_name_does_not_hold_for_remembered_tokens(provider, workshop, clock):
    provider.publish(workshop.jwks())
    verifier = Verifier(Issuers([RemoteIssuer(provider.url, workshop.audience, clock=clock)]))
    token = workshop.token(claims=workshop.claims(iss=provider.url))
    await verifier.verify(token, workshop.now)
    provider.publish(replace(workshop, ec=workshop.stranger).jwks())
    clock.seconds += FRESH_FOR + 1
    assert await refused(verifier, workshop, token) == "the signature does not hold"


async def test_a_remembered_token_holds_no_longer_than_the_keys_can_be_had(provider, workshop, clock):
    provider.publish(workshop.jwks())
    verifier = Verifier(Issuers([RemoteIssuer(provider.url, workshop.audience, clock=clock)]))
    token = workshop.token(claims=workshop.claims(iss=provider.url))
    await verifier.verify(token, workshop.now)
    provider.answers.clear()
    clock.seconds += SERVED_FOR
    await verifier.verify(token, workshop.now)
    clock.seconds += PAUSE + 1
    assert "cannot be had" in await refused(verifier, workshop, token)


async def test_when_keys_are_read_anew_every_token_is_verified_anew(provider, workshop, clock, monkeypatch):
    verified = counted(monkeypatch)
    provider.publish(workshop.jwks())
    verifier = Verifier(Issuers([RemoteIssuer(provider.url, workshop.audience, clock=clock)]))
    token = workshop.token(claims=workshop.claims(iss=provider.url))
    for seconds in (0, FRESH_FOR + 1, 0):
        clock.seconds += seconds
        await verifier.verify(token, workshop.now)
    assert len(verified) == 2


async def test_the_memory_is_bounded_and_holds_nothing_of_the_token(workshop, monkeypatch):
    monkeypatch.setattr(tokens, "REMEMBERED", 3)
    verified, verifier = counted(monkeypatch), fresh(workshop)
    made = [workshop.token(claims=workshop.claims(jti=f"t-{number}")) for number in range(5)]
    for token in (*made[:3], made[0], *made[3:]):  # the first is used again, so it stays
        await verifier.verify(token, workshop.now)
    assert len(verifier._remembered) == 3
    await verifier.verify(made[0], workshop.now)
    assert len(verified) == 5
    kept = repr(verifier._remembered)
    assert not any(part in kept for token in made for part in token.split("."))
