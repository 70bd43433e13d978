"""Signed tokens (JWS) of a trusted issuer: what holds for each of them, whatever it says.

Access tokens (`auth/tokens.py`), ID tokens and log-out tokens (`auth/id_tokens.py`) differ in their claims.
How they are opened, whose key verifies them and what they must not bring along is the same (RFC 8725).
A refusal says which check failed, for the log. It never repeats anything from the token.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any, NoReturn

from joserfc import jws
from joserfc.errors import ClaimError, JoseError
from joserfc.jwt import JWTClaimsRegistry

from auth.issuers import Issuer
from auth.keys import ALGORITHMS, PublicKey, base64url
from hmis.errors import Unauthenticated

MAX_TOKEN = 8 * 1024
LEEWAY = 60
"""Seconds that the issuer's clock and ours may differ."""

# Keys come from the issuer's own list and nowhere else (RFC 8725, 3.10); nothing is nested or compressed.
_FOREIGN_KEYS = ("jwk", "jku", "x5u", "x5c")
_NOT_PLAIN = ("crit", "cty", "enc", "zip", "b64")


class _Registry(jws.JWSRegistry):
    max_header_length = MAX_TOKEN  # the whole token is capped already


_SIGNATURES = _Registry(algorithms=sorted(ALGORITHMS), strict_check_header=False)


def opened(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and payload as they stand there, nothing of them verified."""
    if len(token) > MAX_TOKEN:
        refuse("the token is too long")
    segments = token.split(".")
    if len(segments) == 5:
        refuse("the token is encrypted")
    if len(segments) != 3:
        refuse("the token has not three parts")
    try:
        header, payload, _ = (base64url(segment) for segment in segments)
    except ValueError:
        refuse("a part of the token is not canonical base64url")
    return _object(header, "header"), _object(payload, "payload")


def _object(part: bytes, name: str) -> dict[str, Any]:
    try:
        value = json.loads(part.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        refuse(f"the {name} is not JSON with each name once")
    if not isinstance(value, dict):
        refuse(f"the {name} is not an object")
    return value


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    # Two readers may each believe another one of two equal names (RFC 8725, 2.4).
    if len(found := dict(pairs)) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _no_constant(_: str) -> NoReturn:
    raise ValueError("NaN and Infinity are no JSON")


def checked_header(header: Mapping[str, object], types: Collection[str | None]) -> tuple[str, str]:
    """The algorithm and the kid, before any key is touched.

    types: what `typ` may be, the usual one first; None among them = it may be missing.
    """
    algorithm, kid = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        refuse("alg: neither ES256 nor RS256")
    typ = header.get("typ")
    if not (typ is None or isinstance(typ, str)) or typ not in types:
        refuse(f"typ: not {next(iter(types))}")
    for name in _NOT_PLAIN:
        if name in header:
            refuse(f"{name}: not understood here")
    for name in _FOREIGN_KEYS:
        if name in header:
            refuse(f"{name}: a token may not bring its own key")
    if not isinstance(kid, str) or not kid:
        refuse("kid: missing")
    return algorithm, kid


def fitting(candidates: tuple[PublicKey, ...], algorithm: str) -> PublicKey:
    """The one of the issuer's keys of that kid that verifies by that algorithm."""
    if not candidates:
        refuse("kid: the issuer has no such key")
    meant = [key for key in candidates if key.algorithm == algorithm]
    if not meant:
        refuse("alg: the key is for another algorithm")
    usable = [key for key in meant if key.flaw is None]
    if not usable:
        refuse(f"kid: {meant[0].flaw}")
    return usable[0]


def check_signature(token: str, key: PublicKey) -> None:
    try:
        jws.deserialize_compact(token, key.key, registry=_SIGNATURES)
    except (JoseError, ValueError):
        raise Unauthenticated("the signature does not hold") from None


def required(payload: Mapping[str, object], name: str) -> str:
    value = text(payload, name, required=True)
    assert value is not None
    return value


def text(payload: Mapping[str, object], name: str, *, required: bool) -> str | None:
    value = payload.get(name)
    if value is None and not required:
        return None
    # Control characters and half surrogates would break the log line or the database later on.
    if not isinstance(value, str) or not value.isprintable() or (required and not value.strip()):
        refuse(f"{name}: missing or not a text")
    return value


def moment(value: object, name: str) -> datetime:
    if isinstance(value, bool) or not isinstance(value, int | float):
        refuse(f"{name}: not a date")
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        refuse(f"{name}: not a date")


def refuse(reason: str) -> NoReturn:
    raise Unauthenticated(reason)


def check_registered(payload: dict[str, Any], issuer: Issuer, now: datetime) -> None:
    """RFC 7519, 4.1: who made it, for whom, from when and until when.

    Raises:
        Unauthenticated: naming the claim.
    """
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
