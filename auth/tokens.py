"""Bearer access tokens: RFC 6750 in the header, RFC 9068 inside, RFC 8725 for what can go wrong.

A refusal says which check failed, for the log. It never repeats anything from the token.
"""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, NoReturn

from joserfc import jws
from joserfc.errors import ClaimError, JoseError
from joserfc.jwt import JWTClaimsRegistry

from auth.issuers import Issuer, Issuers
from auth.keys import ALGORITHMS, PublicKey, base64url
from hmis.errors import Unauthenticated

MAX_TOKEN = 8 * 1024
LEEWAY = 60
"""Seconds that the issuer's clock and ours may differ."""
REMEMBERED = 4096
"""Tokens; somebody's token lasts minutes, so these are all who ask within them. About 1 KB each."""
TYPES = frozenset({"at+jwt", "application/at+jwt"})

# RFC 6750, 2.1. Two headers joined with a comma (RFC 9110, 5.3) do not match, as they should not.
_BEARER = re.compile(r"[Bb][Ee][Aa][Rr][Ee][Rr] +([A-Za-z0-9._~+/-]+=*)")
# Keys come from the issuer's own list and nowhere else (RFC 8725, 3.10); nothing is nested or compressed.
_FOREIGN_KEYS = ("jwk", "jku", "x5u", "x5c")
_NOT_PLAIN = ("crit", "cty", "enc", "zip", "b64")


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


class _Registry(jws.JWSRegistry):
    max_header_length = MAX_TOKEN  # the whole token is capped already


_SIGNATURES = _Registry(algorithms=sorted(ALGORITHMS), strict_check_header=False)


def bearer(header: str | None) -> str:
    """The token of the one Authorization header; None = no such header. Other places are never looked at.

    A request with several Authorization headers must be handed over joined by a comma, which is refused.
    """
    if header is None:
        _refuse("no Authorization header")
    if len(header) > MAX_TOKEN + len("Bearer "):
        _refuse("the token is too long")
    if not (match := _BEARER.fullmatch(header)):
        _refuse("the Authorization header is not one bearer token")
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
        if len(token) > MAX_TOKEN:
            _refuse("the token is too long")
        digest = sha256(token.encode(errors="surrogatepass")).digest()
        if (known := self._remembered.pop(digest, None)) is None or not await _still_holds(known, now):
            known = await self._verified(token, now)
        self._remembered[digest] = known
        if len(self._remembered) > REMEMBERED:
            self._remembered.popitem(last=False)
        return known.claims

    async def _verified(self, token: str, now: datetime) -> _Verified:
        header, payload = _opened(token)
        algorithm, kid = _checked_header(header)
        issuer = self._issuer_of(payload)
        key = _fitting(await issuer.keys_named(kid), algorithm)
        _check_signature(token, key)
        _check_claims(payload, issuer, now)
        begins = max(payload["iat"], payload.get("nbf", payload["iat"]))
        return _Verified(_claims(payload), issuer, kid, key, begins, payload["exp"])

    def _issuer_of(self, payload: Mapping[str, object]) -> Issuer:
        name = payload.get("iss")
        issuer = self._issuers.named(name) if isinstance(name, str) else None
        if issuer is None:
            _refuse("iss: not a trusted issuer")
        return issuer


async def _still_holds(known: _Verified, now: datetime) -> bool:
    """Whether what can change about a verified token has not. If it has, the token is looked at as if for the
    first time, and the refusal is the same."""
    if not (known.begins <= int(now.timestamp()) + LEEWAY and known.ends > int(now.timestamp()) - LEEWAY):
        return False
    return any(key is known.key for key in await known.issuer.keys_named(known.kid))


def _opened(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    segments = token.split(".")
    if len(segments) == 5:
        _refuse("the token is encrypted")
    if len(segments) != 3:
        _refuse("the token has not three parts")
    try:
        header, payload, _ = (base64url(segment) for segment in segments)
    except ValueError:
        _refuse("a part of the token is not canonical base64url")
    return _object(header, "header"), _object(payload, "payload")


def _object(part: bytes, name: str) -> dict[str, Any]:
    try:
        value = json.loads(part.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        _refuse(f"the {name} is not JSON with each name once")
    if not isinstance(value, dict):
        _refuse(f"the {name} is not an object")
    return value


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    # Two readers may each believe another one of two equal names (RFC 8725, 2.4).
    if len(found := dict(pairs)) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _no_constant(_: str) -> NoReturn:
    raise ValueError("NaN and Infinity are no JSON")


def _checked_header(header: Mapping[str, object]) -> tuple[str, str]:
    """The algorithm and the kid, before any key is touched."""
    algorithm, kid = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        _refuse("alg: neither ES256 nor RS256")
    if not isinstance(typ := header.get("typ"), str) or typ not in TYPES:
        _refuse("typ: not at+jwt")
    for name in _NOT_PLAIN:
        if name in header:
            _refuse(f"{name}: not understood here")
    for name in _FOREIGN_KEYS:
        if name in header:
            _refuse(f"{name}: a token may not bring its own key")
    if not isinstance(kid, str) or not kid:
        _refuse("kid: missing")
    return algorithm, kid


def _fitting(candidates: tuple[PublicKey, ...], algorithm: str) -> PublicKey:
    if not candidates:
        _refuse("kid: the issuer has no such key")
    fitting = [key for key in candidates if key.algorithm == algorithm]
    if not fitting:
        _refuse("alg: the key is for another algorithm")
    usable = [key for key in fitting if key.flaw is None]
    if not usable:
        _refuse(f"kid: {fitting[0].flaw}")
    return usable[0]


def _check_signature(token: str, key: PublicKey) -> None:
    try:
        jws.deserialize_compact(token, key.key, registry=_SIGNATURES)
    except (JoseError, ValueError):
        raise Unauthenticated("the signature does not hold") from None


def _check_claims(payload: dict[str, Any], issuer: Issuer, now: datetime) -> None:
    rules = JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=LEEWAY,
        iss={"essential": True, "value": issuer.url},
        aud={"essential": True, "value": issuer.audience},
        exp={"essential": True},
        iat={"essential": True},
    )
    try:
        rules.validate(payload)
    except ClaimError as error:
        # The library's own message: claim names and fixed words, no values.
        raise Unauthenticated(f"{error.claim}: {error.description}") from None


def _claims(payload: Mapping[str, object]) -> Claims:
    scope = _text(payload, "scope", required=False)
    auth_time = payload.get("auth_time")
    return Claims(
        issuer=_required(payload, "iss"),
        subject=_required(payload, "sub"),
        client_id=_required(payload, "client_id"),
        jti=_required(payload, "jti"),
        expires_at=_moment(payload["exp"], "exp"),
        scopes=frozenset(scope.split(" ")) - {""} if scope else frozenset(),
        purpose=_text(payload, "purpose", required=False),
        agency=_text(payload, "agency", required=False),
        acr=_text(payload, "acr", required=False),
        auth_time=None if auth_time is None else _moment(auth_time, "auth_time"),
    )


def _required(payload: Mapping[str, object], name: str) -> str:
    value = _text(payload, name, required=True)
    assert value is not None
    return value


def _text(payload: Mapping[str, object], name: str, *, required: bool) -> str | None:
    value = payload.get(name)
    if value is None and not required:
        return None
    # Control characters and half surrogates would break the log line or the database later on.
    if not isinstance(value, str) or not value.isprintable() or (required and not value.strip()):
        _refuse(f"{name}: missing or not a text")
    return value


def _moment(value: object, name: str) -> datetime:
    if isinstance(value, bool) or not isinstance(value, int | float):
        _refuse(f"{name}: not a date")
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        _refuse(f"{name}: not a date")


def _refuse(reason: str) -> NoReturn:
    raise Unauthenticated(reason)
