"""How a partner knows the hub: the manifest's [auth], and the headers that prove it, request by request.

Secrets are named in a manifest and never written there: `{config.api_key}` is filled in when the hub starts.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, cast, get_args
from uuid import uuid4

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from connectors.config import Config, ConfigKey, Secret
from connectors.oauth import ALGORITHMS, ClientSecret, PrivateKey, Tokens, WallClock
from connectors.toml import Section, did_you_mean
from hmis.errors import InputRefused

Scheme = Literal["none", "header", "basic", "oauth2-client-credentials", "hmac"]
SCHEMES: tuple[str, ...] = get_args(Scheme)

_IN_BRACES = re.compile(r"\{([^{}]*)\}")
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")  # RFC 9110 5.1
_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")


class Sign(Protocol):
    """What proves to a partner who we are."""

    async def proof(self, request: httpx.Request, source: str) -> Mapping[str, str]:
        """The headers for this one request, which is not changed any more.

        Raises:
            SourceFailed: in the name of `source`, when there is nothing to prove it with.
        """
        ...

    def renew(self) -> bool:
        """The partner answered 401. Whether another proof may be taken."""
        ...

    async def aclose(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Auth:
    """[auth] of a manifest, checked. keys: as written, with `{config.…}` where the operator's values go."""

    scheme: Scheme = "none"
    keys: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Key:
    """What one key of [auth] may hold.

    types: the types of [config] it may name. whole: it is one reference and nothing else.
    may_be_unset: what it names may be optional. form: of a text without references. optional: it may be left
    out, as may a key with a default.
    """

    types: tuple[str, ...] = ()
    whole: bool = False
    may_be_unset: bool = False
    form: re.Pattern[str] | None = None
    choices: tuple[str, ...] = ()
    default: str = ""
    optional: bool = False


_SECRET = _Key(types=("secret",), whole=True)
_NAME = _Key(types=("text", "secret"))

_KEYS: dict[str, dict[str, _Key]] = {
    "none": {},
    "header": {"header": _Key(form=_HEADER), "value": _Key(types=("secret",), may_be_unset=True)},
    "basic": {"user": _NAME, "password": _SECRET},
    "oauth2-client-credentials": {
        "token_url": _Key(types=("url",), whole=True),
        "client_id": _NAME,
        "client_secret": _Key(types=("secret",), whole=True, optional=True),
        "private_key": _Key(types=("path", "secret"), whole=True, optional=True),
        "algorithm": _Key(choices=ALGORITHMS, optional=True),
        "key_id": _Key(types=("text",), optional=True),
        "scope": _Key(types=("text",), optional=True),
    },
    "hmac": {
        "key": _NAME,
        "secret": _SECRET,
        "key_header": _Key(form=_HEADER, default="X-API-Key"),
        "timestamp_header": _Key(form=_HEADER, default="X-Timestamp"),
        "nonce_header": _Key(form=_HEADER, default="X-Nonce"),
    },
}


def read_auth(at: Section, config: Mapping[str, ConfigKey]) -> Auth:
    """[auth], with every fault noted in the section. config: the keys that it may name."""
    scheme = at.choice("scheme", SCHEMES, default="none")
    if at.raw("scheme") not in (None, scheme):
        return Auth()  # of a scheme nobody knows every key would be at fault
    keys = {name: _read(at, name, key, config) for name, key in _KEYS[scheme].items()}
    if scheme == "oauth2-client-credentials":
        _check_credential(at, keys)
    at.done()
    return Auth(cast(Scheme, scheme), {name: value for name, value in keys.items() if value})


def _read(at: Section, name: str, key: _Key, config: Mapping[str, ConfigKey]) -> str:
    if key.choices:
        return at.choice(name, key.choices) if name in at else ""
    value = at.text(name, required=not (key.optional or key.default), default=key.default)
    if not value:
        return ""
    if key.form and not key.form.fullmatch(value):
        at.refuse(name, "is not the name of a header")
    kind = " or ".join(key.types)
    named = _IN_BRACES.findall(value)
    # What is written instead of a reference may be the secret itself, so it is not repeated.
    if key.whole and (len(named) != 1 or _IN_BRACES.sub("", value)):
        at.refuse(name, f"must name one {kind} of [config] and nothing else, as in {{config.{name}}}")
    elif key.types == ("secret",) and not named:
        at.refuse(name, f"must name a secret of [config], as in {{config.{name}}}")
    known = {f"config.{one.name}": one for one in config.values() if one.type in key.types}
    for reference in named:
        if reference not in known:
            at.refuse(name, f"{{{reference}}} is not a {kind} of [config]{did_you_mean(reference, known)}")
        elif known[reference].optional and not key.may_be_unset:
            at.refuse(name, f"{{{reference}}} must not be optional")
    return value


def _check_credential(at: Section, keys: Mapping[str, str]) -> None:
    if bool(keys["client_secret"]) == bool(keys["private_key"]):
        at.refuse("client_secret", "must be there, or private_key instead of it")
    for name in ("algorithm", "key_id"):
        if keys[name] and not keys["private_key"]:
            at.refuse(name, "goes with private_key only")
    if keys["private_key"] and not keys["algorithm"]:
        at.refuse("algorithm", f"is missing; known: {', '.join(ALGORITHMS)}")


def signer(auth: Auth, config: Config) -> Sign:
    """How requests to this partner are signed.

    Raises:
        InputRefused: a value of the operator does not do for it; named by its key, without the value.
    """
    values = {name: filled(text, config) for name, text in auth.keys.items()}
    if auth.scheme == "none" or (auth.scheme == "header" and values["value"] is None):
        return Fixed({})
    given = {name: value for name, value in values.items() if value is not None}
    if auth.scheme == "header":
        return Fixed({given["header"]: _sendable(given["value"], auth, "value")})
    if auth.scheme == "basic":
        return Fixed({"Authorization": _basic(given["user"], given["password"], auth)})
    if auth.scheme == "hmac":
        return _hmac(given, auth)
    return Tokens(given["token_url"], _credential(given, auth, config), given.get("scope", ""))


def filled(text: str, config: Config) -> str | None:
    """A text with the operator's values in it; None = one of them is not set."""
    values = {name: _plain(config, name) for name in _IN_BRACES.findall(text)}
    if None in values.values():
        return None
    return _IN_BRACES.sub(lambda found: values[found[1]] or "", text)


def _plain(config: Config, reference: str) -> str | None:
    value = config.values.get(reference.removeprefix("config."))
    if isinstance(value, Secret):
        return value.reveal()
    return None if value is None else str(value)


def _sendable(value: str, auth: Auth, key: str) -> str:
    """A value that can stand in a header (RFC 9110 5.5); a line break in a secret is a slip in pasting it."""
    if not _VALUE.fullmatch(value):
        raise _refused(auth, key, "cannot stand in a header: only printable ASCII, no space at its ends")
    return value


def _refused(auth: Auth, key: str, why: str) -> InputRefused:
    named = _IN_BRACES.findall(auth.keys[key])
    return InputRefused(f"{named[0] if named else f'auth.{key}'}: {why}")


def _basic(user: str, password: str, auth: Auth) -> str:
    if ":" in user:
        raise _refused(auth, "user", "must not have a colon in it (RFC 7617)")
    for key, value in (("user", user), ("password", password)):
        if not value.isprintable():
            raise _refused(auth, key, "must not have control characters in it (RFC 7617)")
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


class Fixed:
    """The same headers on every request."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = dict(headers)

    async def proof(self, _request: httpx.Request, _source: str) -> Mapping[str, str]:
        return self._headers

    def renew(self) -> bool:
        return False

    async def aclose(self) -> None:
        return


def _hmac(given: Mapping[str, str], auth: Auth) -> Hmac:
    return Hmac(
        _sendable(given["key"], auth, "key"),
        given["secret"].encode(),
        key_header=given["key_header"],
        timestamp_header=given["timestamp_header"],
        nonce_header=given["nonce_header"],
    )


def signed_text(
    method: str, target: str, headers: Mapping[str, str], signed: list[str], body: bytes
) -> bytes:
    """What a signature is made of: request line, the signed headers in their order, body.

    The form is the one that Link2Feed documents for its RESTful Client and Appointment API
    (link2feed.atlassian.net, space LDM, page 2223669293), of which the hub is no certified client.
    """
    head = "".join(f"{name}: {headers[name]}\r\n" for name in signed)
    return f"{method} {target} HTTP/1.1\r\n{head}".encode() + body


class Hmac:
    """Signs each request with a shared secret (HMAC-SHA256, RFC 2104).

    Beside host and signed-headers a timestamp (seconds since 1970) and a nonce are signed, so that who
    overhears a request cannot send it again. `signed-headers` tells the partner which and in which order.
    """

    def __init__(
        self,
        key: str,
        secret: bytes,
        *,
        key_header: str = "X-API-Key",
        timestamp_header: str = "X-Timestamp",
        nonce_header: str = "X-Nonce",
        now: WallClock = time.time,
    ) -> None:
        self._key, self._secret, self._now = key, secret, now
        self._key_header = key_header
        self._fresh = (timestamp_header.lower(), nonce_header.lower())

    async def proof(self, request: httpx.Request, _source: str) -> Mapping[str, str]:
        signed = ["host", "signed-headers", *self._fresh]
        headers = {
            "host": request.headers["host"],
            "signed-headers": ",".join(signed),
            self._fresh[0]: str(int(self._now())),
            self._fresh[1]: uuid4().hex,
        }
        text = signed_text(request.method, request.url.raw_path.decode(), headers, signed, request.content)
        signature = hmac.new(self._secret, text, hashlib.sha256).hexdigest()
        return {**headers, self._key_header: self._key, "Authorization": f"HMAC-SHA256 {signature}"}

    def renew(self) -> bool:
        return False

    async def aclose(self) -> None:
        return


def _credential(given: Mapping[str, str], auth: Auth, config: Config) -> ClientSecret | PrivateKey:
    if "client_secret" in given:
        return ClientSecret(given["client_id"], given["client_secret"])
    reference = auth.keys["private_key"].strip("{}").removeprefix("config.")
    path = config.path(reference)
    try:
        pem = given["private_key"] if path is None else path.read_text(encoding="ascii")
        kind = RSAKey if given["algorithm"].startswith("RS") else ECKey
        key = kind.import_key(pem)
        credential = PrivateKey(given["client_id"], key, given["algorithm"], given.get("key_id"))
        credential.form(given["token_url"])  # a public key, or a curve of another algorithm, shows only here
    except OSError as fault:
        raise _refused(auth, "private_key", f"cannot be read ({fault.strerror})") from None
    except (JoseError, ValueError, TypeError):
        # What went wrong inside may quote the key.
        raise _refused(
            auth, "private_key", f"must be a private key in PEM that signs {given['algorithm']}"
        ) from None
    return credential
