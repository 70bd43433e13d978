"""What an issuer says of somebody who signed in, and that they signed out: ID tokens and log-out tokens.

OpenID Connect Core 1.0, 2 and 3.1.3.7; OpenID Connect Back-Channel Logout 1.0, 2.4 and 2.6. A refusal says
which check failed, for the log. It never repeats anything from the token.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from auth.issuers import Issuer
from auth.sessions import SignedIn, SignedOut
from auth.signed import (
    LEEWAY,
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

# An access token or a log-out token says so (RFC 8725, 3.11), and then it is no ID token.
_ID_TYPES = ("JWT", None)
_LOGOUT_TYPES = ("logout+jwt", "application/logout+jwt", "JWT", None)
_LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_SLACK = timedelta(seconds=LEEWAY)


@dataclass(frozen=True, slots=True)
class Demanded:
    """What somebody was sent to their issuer with."""

    nonce: str = field(repr=False)
    since: datetime | None = None
    """They have to have proved who they are since then; None = whenever."""
    acr: Sequence[str] = ()
    """One of these ways to do it; () = any."""


async def signed_in(
    issuer: Issuer, token: str, demanded: Demanded, now: datetime, access_token: str | None = None
) -> SignedIn:
    """Who signed in, by an ID token of which everything holds.

    issuer: whoever they were sent to; its `audience` is our client id there.
    access_token: what came with it, to compare with `at_hash`.

    Raises:
        Unauthenticated: names the check.
    """
    payload, algorithm = await _verified(issuer, token, _ID_TYPES, now)
    _check_party(payload, issuer.audience)
    if not hmac.compare_digest(required(payload, "nonce").encode(), demanded.nonce.encode()):
        refuse("nonce: of another sign-in")
    _check_access(payload, access_token, algorithm)
    who = SignedIn(
        issuer=issuer.url,
        subject=required(payload, "sub"),
        sid=text(payload, "sid", required=False),
        acr=text(payload, "acr", required=False),
        auth_time=_auth_time(payload, now),
        id_token=token,
    )
    if demanded.since is not None:
        if who.auth_time is None:
            refuse("auth_time: missing, and it was asked for")
        if who.auth_time < demanded.since - _SLACK:
            refuse("auth_time: too long ago")
    if demanded.acr and who.acr not in demanded.acr:
        refuse("acr: not as strong as was asked for")
    return who


async def signed_out(issuer: Issuer, token: str, now: datetime) -> SignedOut:
    """What ended, by a log-out token of which everything holds; whether it was heard before is not looked at.

    Raises:
        Unauthenticated: names the check.
    """
    payload, _ = await _verified(issuer, token, _LOGOUT_TYPES, now)
    events = payload.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(_LOGOUT_EVENT), dict):
        refuse("events: not a log-out")
    if "nonce" in payload:
        refuse("nonce: stands in ID tokens, never here")
    subject, sid = text(payload, "sub", required=False), text(payload, "sid", required=False)
    if not subject and not sid:
        refuse("sub, sid: one of them has to be there")
    return SignedOut(
        issuer=issuer.url,
        subject=subject or None,
        sid=sid or None,
        jti=required(payload, "jti"),
        expires_at=moment(payload["exp"], "exp"),
    )


async def _verified(
    issuer: Issuer, token: str, types: Sequence[str | None], now: datetime
) -> tuple[dict[str, Any], str]:
    """The claims and the algorithm of a token that this issuer signed, for us, and that holds now."""
    header, payload = opened(token)
    algorithm, kid = checked_header(header, types)
    if payload.get("iss") != issuer.url:  # before its keys are looked for
        refuse("iss: another issuer")
    check_signature(token, fitting(await issuer.keys_named(kid), algorithm))
    check_registered(payload, issuer, now)
    return payload, algorithm


def _check_party(payload: Mapping[str, object], client_id: str) -> None:
    """Core, 3.1.3.7, 3 to 5: a token for several names the one it was made for."""
    audience, party = payload.get("aud"), payload.get("azp")
    if isinstance(audience, list) and len(audience) > 1 and party is None:
        refuse("azp: missing, with several audiences")
    if party is not None and party != client_id:
        refuse("azp: made for another application")


def _check_access(payload: Mapping[str, object], access_token: str | None, algorithm: str) -> None:
    """Core, 3.1.3.8. Both algorithms of ours hash by SHA-256."""
    assert algorithm.endswith("256")
    said = text(payload, "at_hash", required=False)
    if said is None:
        return
    half = hashlib.sha256((access_token or "").encode()).digest()[:16]
    if not hmac.compare_digest(base64.urlsafe_b64encode(half).rstrip(b"="), said.encode()):
        refuse("at_hash: of another access token")


def _auth_time(payload: Mapping[str, object], now: datetime) -> datetime | None:
    said = payload.get("auth_time")
    if said is None:
        return None
    at = moment(said, "auth_time").astimezone(UTC)
    if at > now + _SLACK:
        refuse("auth_time: in the future")
    return min(at, now)
