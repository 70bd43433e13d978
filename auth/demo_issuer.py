"""The demo's own issuer of tokens, so that a first visit needs no identity provider.

Whoever can read its key can be anyone in the hub, so it is on only in the demo or when asked for
(HUB_DEMO_ISSUER=1, read in `gateway/settings.py`), and its key file is readable by its owner alone.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from auth import private_file
from auth.issuers import LocalIssuer
from hmis.errors import InputRefused

FILE = "demo-issuer.json"
JWKS_PATH = "/.well-known/jwks.json"
AUTHORIZE_PATH = "/demo/authorize"
TOKEN_PATH = "/demo/token"  # noqa: S105  # a path
END_SESSION_PATH = "/demo/end-session"


class DemoIssuer:
    """Signs access tokens with one ES256 key. `url` is the exact `iss` of its tokens."""

    def __init__(self, url: str, key: ECKey) -> None:
        self.url = url
        self._key = key

    @classmethod
    def open(cls, home: Path, url: str) -> DemoIssuer:
        """The issuer of this home. The first call makes its key; later ones, in any process, find it."""
        path = home / FILE
        text = private_file.read_or_make(path, _new_key)
        return cls(url, _key_of(text, path))

    def mint(
        self,
        *,
        subject: str,
        audience: str,
        lifetime: timedelta,
        now: datetime,
        client_id: str,
        scopes: Iterable[str] = (),
        purpose: str | None = None,
        agency: str | None = None,
        acr: str | None = None,
        auth_time: datetime | None = None,
    ) -> str:
        """An access token after RFC 9068, 2. It proves who asks, not what they may do."""
        issued = int(now.timestamp())
        claims: dict[str, object] = {
            "iss": self.url,
            "sub": subject,
            "aud": audience,
            "client_id": client_id,
            "iat": issued,
            "exp": issued + int(lifetime.total_seconds()),
            "jti": str(uuid.uuid4()),
            "scope": " ".join(sorted(scopes)) or None,
            "purpose": purpose,
            "agency": agency,
            "acr": acr,
            "auth_time": None if auth_time is None else int(auth_time.timestamp()),
        }
        return self.signed("at+jwt", claims)

    def signed(self, typ: str, claims: Mapping[str, object]) -> str:
        """A token of these claims; those that are None are left out."""
        said = {name: value for name, value in claims.items() if value is not None}
        header = {"alg": "ES256", "typ": typ, "kid": self._key.thumbprint()}
        return jwt.encode(header, said, self._key, algorithms=["ES256"])

    def jwks(self) -> dict[str, object]:
        """The public half, as served under JWKS_PATH."""
        public = self._key.as_dict(private=False, kid=self._key.thumbprint(), use="sig", alg="ES256")
        return {"keys": [public]}

    def metadata(self, base_url: str) -> dict[str, object]:
        """OpenID Connect Discovery 1.0, 3, and RFC 8414, 2: where it is found at this address."""
        base = base_url.rstrip("/")
        return {
            "issuer": self.url,
            "jwks_uri": base + JWKS_PATH,
            "authorization_endpoint": base + AUTHORIZE_PATH,
            "token_endpoint": base + TOKEN_PATH,
            "end_session_endpoint": base + END_SESSION_PATH,
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code"],
            "scopes_supported": ["openid"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "token_endpoint_auth_methods_supported": ["none"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        }

    def trusted_for(self, audience: str) -> LocalIssuer:
        return LocalIssuer(self.url, audience, self.jwks())


def _new_key() -> str:
    return json.dumps(ECKey.generate_key("P-256").as_dict(private=True))


def _key_of(text: str, path: Path) -> ECKey:
    try:
        key = ECKey.import_key(json.loads(text))
        if key.is_private and key.curve_name == "P-256":
            return key
    except (JoseError, ValueError, TypeError, KeyError):
        pass  # the same words for everything that can be wrong with it
    raise InputRefused(f"{path} holds no ES256 key. Remove the file; the next start makes a new one.")
