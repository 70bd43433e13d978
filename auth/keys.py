"""The public keys of an issuer of tokens. Each key is good for exactly one algorithm, and the key says which.

An algorithm is never taken from the token alone: that is how an RSA key gets used as an HMAC secret
(RFC 8725, 2.1 and 3.1).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from joserfc.errors import JoseError
from joserfc.jwk import DictKey, ECKey, RSAKey

ALGORITHMS = frozenset({"ES256", "RS256"})
MIN_RSA_BITS = 2048  # NIST SP 800-131A; RFC 7518, 3.3

_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")
# Only what a public key needs: a private part published by mistake stays unread, and so do x5u and x5c.
_PUBLIC = {"EC": ("kty", "crv", "x", "y"), "RSA": ("kty", "n", "e")}


@dataclass(frozen=True)
class PublicKey:
    kid: str
    algorithm: str | None
    """The one algorithm it verifies; None = none that the hub accepts."""
    key: ECKey | RSAKey | None
    flaw: str | None = None
    """Why it may not be used; None = it may. Exactly one of key and flaw is set."""


class Keys:
    """What an issuer published, by kid. One kid may name several keys of different types (RFC 7517, 4.5)."""

    def __init__(self, keys: Iterable[PublicKey]) -> None:
        self._by_kid: dict[str, list[PublicKey]] = {}
        for key in keys:
            self._by_kid.setdefault(key.kid, []).append(key)

    @classmethod
    def of(cls, document: object) -> Keys:
        """Read a JWK set. One unreadable key does not spoil the others; no set at all is a ValueError."""
        published = document.get("keys") if isinstance(document, dict) else None
        if not isinstance(published, list):
            raise ValueError("no list of keys")
        return cls(key for jwk in published if (key := _read(jwk)))

    def named(self, kid: str) -> tuple[PublicKey, ...]:
        return tuple(self._by_kid.get(kid, ()))


def base64url(segment: str) -> bytes:
    """Decode base64url without padding (RFC 7515, 2). One value has one spelling, others are ValueErrors."""
    if not _BASE64URL.fullmatch(segment):
        raise ValueError("not base64url")
    decoded = base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    if base64.urlsafe_b64encode(decoded).rstrip(b"=").decode() != segment:
        raise ValueError("not canonical base64url")
    return decoded


def _read(jwk: object) -> PublicKey | None:
    """None = nothing a token could name: no kid, or a key that is no key."""
    if not isinstance(jwk, dict) or not isinstance(kid := jwk.get("kid"), str) or not kid:
        return None
    kind = jwk.get("kty")
    algorithm = {"EC": "ES256", "RSA": "RS256"}.get(kind) if isinstance(kind, str) else None
    if flaw := _flaw(jwk, algorithm):
        return PublicKey(kid, algorithm, None, flaw)
    try:
        return PublicKey(kid, algorithm, _import(jwk))
    except (JoseError, ValueError):
        return PublicKey(kid, algorithm, None, "the key cannot be read")


def _flaw(jwk: Mapping[str, object], algorithm: str | None) -> str | None:
    operations = jwk.get("key_ops", ["verify"])
    if algorithm is None:
        return "the key is neither EC nor RSA"
    if jwk.get("use", "sig") != "sig":
        return "the key is not for signatures"
    if not isinstance(operations, list) or "verify" not in operations:
        return "the key is not for verifying"
    if jwk.get("alg", algorithm) != algorithm:
        return f"the key is not for {algorithm}"
    if algorithm == "ES256" and jwk.get("crv") != "P-256":
        return "the EC key is not on P-256"
    return None if algorithm == "ES256" else _rsa_flaw(jwk.get("n"))


def _rsa_flaw(modulus: object) -> str | None:
    try:
        bits = int.from_bytes(base64url(modulus), "big").bit_length() if isinstance(modulus, str) else 0
    except ValueError:
        return "the key cannot be read"
    return f"the RSA key is shorter than {MIN_RSA_BITS} bits" if bits < MIN_RSA_BITS else None


def _import(jwk: Mapping[str, object]) -> ECKey | RSAKey:
    public: DictKey = {}
    for name in _PUBLIC[str(jwk["kty"])]:
        if not isinstance(value := jwk.get(name), str):
            raise ValueError(f"{name} is missing")
        public[name] = value
    return ECKey.import_key(public) if public["kty"] == "EC" else RSAKey.import_key(public)
