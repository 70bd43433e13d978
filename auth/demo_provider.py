"""The demo's own OpenID provider, on the demo issuer's key: everything but its pages.

One picks who to be and proves nothing, so it is there only where the demo issuer is trusted. All else is as
at a real one: PKCE is demanded, a code is good once and for a minute, and tokens say what OpenID Connect Core
1.0 wants of them. What it knows lies in the memory of this process.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from auth.demo_issuer import DemoIssuer

PICKED = "urn:hmis-hub:demo:picked"
CONFIRMED = "urn:hmis-hub:demo:confirmed"
"""How strongly: `acr` of who was picked, and of who was asked once more."""
_CODE_FOR = timedelta(minutes=1)
_TOKEN_FOR = timedelta(minutes=5)
_MOST = 1000
"""Sessions and codes kept; older ones are forgotten."""


_Kept = TypeVar("_Kept")


class NotForUs(Exception):
    """A request that names no application or address of ours: shown, and nobody is sent anywhere."""


@dataclass(frozen=True, slots=True)
class Seat:
    """A session at the provider: who was picked in a browser."""

    sid: str = field(repr=False)
    subject: str


@dataclass(frozen=True, slots=True)
class Wish:
    """An authorization request that can be answered (OpenID Connect Core, 3.1.2.1)."""

    client_id: str
    redirect_uri: str
    state: str | None
    nonce: str | None
    challenge: str
    """Of PKCE (RFC 7636), by S256."""
    asks_again: bool
    """Whether who is there already has to say so once more."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer to the application that something is wrong with its request."""

    redirect_uri: str
    state: str | None
    error: str


@dataclass(frozen=True, slots=True)
class _Granted:
    wish: Wish
    seat: Seat
    acr: str
    at: datetime


class DemoProvider:
    """One application signs people in here: the hub itself."""

    def __init__(self, issuer: DemoIssuer, client_id: str) -> None:
        self.issuer = issuer
        self.client_id = client_id
        self._seats: OrderedDict[str, Seat] = OrderedDict()
        self._granted: OrderedDict[str, _Granted] = OrderedDict()

    def wished(self, said: Mapping[str, str], redirect_uri: str) -> Wish | Refusal:
        """What an application asks for.

        redirect_uri: the only one it may name.

        Raises:
            NotForUs: it is no application of ours, or wants the answer elsewhere.
        """
        if said.get("client_id") != self.client_id or said.get("redirect_uri") != redirect_uri:
            raise NotForUs
        state, prompts = said.get("state"), said.get("prompt", "").split()
        error = None
        if said.get("response_type") != "code":
            error = "unsupported_response_type"
        elif "openid" not in said.get("scope", "").split():
            error = "invalid_scope"
        elif said.get("code_challenge_method") != "S256" or not said.get("code_challenge"):
            error = "invalid_request"
        elif "none" in prompts:
            error = "interaction_required"
        if error is not None:
            return Refusal(redirect_uri, state, error)
        return Wish(
            client_id=self.client_id,
            redirect_uri=redirect_uri,
            state=state,
            nonce=said.get("nonce"),
            challenge=said["code_challenge"],
            asks_again="login" in prompts or CONFIRMED in said.get("acr_values", "").split(),
        )

    def seat(self, sid: str | None) -> Seat | None:
        """Who was picked in the browser that has this cookie."""
        return self._seats.get(sid or "")

    def take_seat(self, subject: str, before: Seat | None = None) -> Seat:
        """Somebody was picked."""
        if before is not None and before.subject == subject:
            return before
        self.leave(before.sid if before else None)
        seat = Seat(secrets.token_urlsafe(24), subject)
        _keep(self._seats, seat.sid, seat)
        return seat

    def leave(self, sid: str | None) -> None:
        """Nobody is there any more."""
        self._seats.pop(sid or "", None)

    def grant(self, wish: Wish, seat: Seat, now: datetime) -> str:
        """The code for somebody who just said who they are."""
        code = secrets.token_urlsafe(24)
        _keep(self._granted, code, _Granted(wish, seat, CONFIRMED if wish.asks_again else PICKED, now))
        return code

    def redeem(self, said: Mapping[str, str], now: datetime) -> dict[str, object]:
        """The answer to a token request (OpenID Connect Core, 3.1.3), with `error` where it is refused."""
        granted = self._granted.pop(said.get("code", ""), None)
        if said.get("grant_type") != "authorization_code":
            return {"error": "unsupported_grant_type"}
        if said.get("client_id") != self.client_id:
            return {"error": "invalid_client"}
        if granted is None or now - granted.at > _CODE_FOR:
            return {"error": "invalid_grant"}
        proof = hashlib.sha256(said.get("code_verifier", "").encode()).digest()
        is_theirs = hmac.compare_digest(_text(proof).encode(), granted.wish.challenge.encode())
        if not is_theirs or said.get("redirect_uri") != granted.wish.redirect_uri:
            return {"error": "invalid_grant"}
        access_token = secrets.token_urlsafe(24)
        return {
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": int(_TOKEN_FOR.total_seconds()),
            "scope": "openid",
            "id_token": self._id_token(granted, access_token, now),
        }

    def _id_token(self, granted: _Granted, access_token: str, now: datetime) -> str:
        issued = int(now.timestamp())
        claims: dict[str, object] = {
            "iss": self.issuer.url,
            "sub": granted.seat.subject,
            "aud": self.client_id,
            "azp": self.client_id,
            "iat": issued,
            "exp": issued + int(_TOKEN_FOR.total_seconds()),
            "auth_time": int(granted.at.timestamp()),
            "acr": granted.acr,
            "sid": granted.seat.sid,
            "nonce": granted.wish.nonce,
            "at_hash": _text(hashlib.sha256(access_token.encode()).digest()[:16]),
        }
        return self.issuer.signed("JWT", claims)


def _text(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def _keep(where: OrderedDict[str, _Kept], key: str, value: _Kept) -> None:
    where[key] = value
    if len(where) > _MOST:
        where.popitem(last=False)
