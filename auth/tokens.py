"""Bearer access tokens: RFC 6750 in the header, RFC 9068 inside, RFC 8725 for what can go wrong.

A refusal says which check failed, for the log. It never repeats anything from the token.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from auth.issuers import Issuer, Issuers
from auth.keys import PublicKey
from auth.signed import (
    LEEWAY,
    MAX_TOKEN,
    check_registered,
    check_signature,
    checked_header,
    fitting,
    moment,
    opened,
    refuse,
    required,
    text,
)

REMEMBERED = 4096
"""Tokens; somebody's token lasts minutes, so these are all who ask within them. About 1 KB each."""
TYPES = ("at+jwt", "application/at+jwt")

# RFC 6750, 2.1. Two headers joined with a comma (RFC 9110, 5.3) do not match, as they should not.
_BEARER = re.compile(r"[Bb][Ee][Aa][Rr][Ee][Rr] +([A-Za-z0-9._~+/-]+=*)")


@dataclass(frozen=True)
class Claims:
    """What a verified token says. Who may do what is not among it: that is `auth.membership`."""

    issuer: str
    subject: str
    client_id: str
    jti: str
    expires_at: datetime
    scopes: frozenset[str] = frozenset()
    purpose: str | None = None
    """None = the token names none; the role's default holds."""
    agency: str | None = None
    """A wish of the caller among its own memberships, never a proof of one."""
    acr: str | None = None
    auth_time: datetime | None = None


def bearer(header: str | None) -> str:
    """The token of the one Authorization header; None = no such header. Other places are never looked at.

    A request with several Authorization headers must be handed over joined by a comma, which is refused.
    """
    if header is None:
        refuse("no Authorization header")
    if len(header) > MAX_TOKEN + len("Bearer "):
        refuse("the token is too long")
    if not (match := _BEARER.fullmatch(header)):
        refuse("the Authorization header is not one bearer token")
    return match[1]


@dataclass(frozen=True, slots=True)
class _Verified:
    """A token that held, without the token."""

    claims: Claims
    issuer: Issuer
    kid: str
    key: PublicKey
    """That verified the signature: this object, as the issuer's list was read."""
    begins: float
    ends: float
    """The latest of `iat` and `nbf`, and `exp`, in seconds since 1970."""


class Verifier:
    """Believes tokens of the trusted issuers, and remembers those that held by their SHA-256 alone.

    A signature takes long to verify, and a dashboard sends one token for all its questions. What was found
    once holds as long as the token does, and as the very key that verified it stands in the issuer's list.
    When that list is read anew its keys are new objects, so every token is verified again: a withdrawn key is
    forgotten as soon as without the memory, and while the keys cannot be had nobody is let in either way.
    """

    def __init__(self, issuers: Issuers) -> None:
        self._issuers = issuers
        self._remembered: OrderedDict[bytes, _Verified] = OrderedDict()

    async def verify(self, token: str, now: datetime) -> Claims:
        """What the token says, once everything about it holds; else Unauthenticated, naming the check."""
        digest = sha256(token.encode(errors="surrogatepass")).digest()
        if (known := self._remembered.pop(digest, None)) is None or not await _still_holds(known, now):
            known = await self._verified(token, now)
        self._remembered[digest] = known
        if len(self._remembered) > REMEMBERED:
            self._remembered.popitem(last=False)
        return known.claims

    async def _verified(self, token: str, now: datetime) -> _Verified:
        header, payload = opened(token)
        algorithm, kid = checked_header(header, TYPES)
        issuer = self._issuer_of(payload)
        key = fitting(await issuer.keys_named(kid), algorithm)
        check_signature(token, key)
        check_registered(payload, issuer, now)
        begins = max(payload["iat"], payload.get("nbf", payload["iat"]))
        return _Verified(_claims(payload), issuer, kid, key, begins, payload["exp"])

    def _issuer_of(self, payload: Mapping[str, object]) -> Issuer:
        name = payload.get("iss")
        issuer = self._issuers.named(name) if isinstance(name, str) else None
        if issuer is None:
            refuse("iss: not a trusted issuer")
        return issuer


async def _still_holds(known: _Verified, now: datetime) -> bool:
    """Whether what can change about a verified token has not. If it has, the token is looked at as if for the
    first time, and the refusal is the same."""
    if not (known.begins <= int(now.timestamp()) + LEEWAY and known.ends > int(now.timestamp()) - LEEWAY):
        return False
    return any(key is known.key for key in await known.issuer.keys_named(known.kid))


def _claims(payload: Mapping[str, object]) -> Claims:
    scope = text(payload, "scope", required=False)
    auth_time = payload.get("auth_time")
    return Claims(
        issuer=required(payload, "iss"),
        subject=required(payload, "sub"),
        client_id=required(payload, "client_id"),
        jti=required(payload, "jti"),
        expires_at=moment(payload["exp"], "exp"),
        scopes=frozenset(scope.split(" ")) - {""} if scope else frozenset(),
        purpose=text(payload, "purpose", required=False),
        agency=text(payload, "agency", required=False),
        acr=text(payload, "acr", required=False),
        auth_time=None if auth_time is None else moment(auth_time, "auth_time"),
    )
