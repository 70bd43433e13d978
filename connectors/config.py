"""What an operator sets for a connector: typed values, and secrets that are only ever named."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args
from urllib.parse import urlsplit

from hmis.errors import InputRefused

ConfigType = Literal["url", "secret", "path", "int", "text"]
CONFIG_TYPES: tuple[str, ...] = get_args(ConfigType)


class Secret:
    """A value that nobody prints by accident: neither repr, nor str, nor a format string shows it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return "Secret(***)"

    def __str__(self) -> str:
        return "***"


@dataclass(frozen=True, slots=True)
class ConfigKey:
    """One key of a manifest's [config]. default None = the operator must set it, unless it is optional."""

    name: str
    type: ConfigType
    default: str | int | None = None
    optional: bool = False


Value = str | int | Path | Secret


@dataclass(frozen=True, slots=True)
class Config:
    """The values of one connector, each of its declared type."""

    values: Mapping[str, Value]

    def text(self, name: str) -> str:
        return str(self.values[name])

    def number(self, name: str) -> int:
        value = self.values[name]
        if not isinstance(value, int):
            raise TypeError(f"config.{name} is not declared as int")
        return value

    def path(self, name: str) -> Path | None:
        value = self.values.get(name)
        return value if isinstance(value, Path) else None

    def secret(self, name: str) -> str | None:
        """The secret itself: for the one line that hands it to the partner."""
        value = self.values.get(name)
        return value.reveal() if isinstance(value, Secret) else None


def read_config(
    connector: str, keys: Mapping[str, ConfigKey], given: Mapping[str, str | int], environ: Mapping[str, str]
) -> Config:
    """Bring what the operator gave to the declared types. All faults at once.

    A secret is given as `env:NAME`; its value is looked up in `environ` and appears nowhere else.

    Raises:
        InputRefused: with one line for each key that is missing, unknown or of the wrong form.
    """
    values: dict[str, Value] = {}
    faults = [f"config.{name}: {connector} has no such key" for name in sorted(given.keys() - keys.keys())]
    for key in keys.values():
        raw = given.get(key.name, key.default)
        if raw is None:
            if not key.optional:
                faults.append(f"config.{key.name}: must be set ({key.type})")
            continue
        try:
            values[key.name] = _typed(key.type, raw, environ)
        except ValueError as fault:
            faults.append(f"config.{key.name}: {fault}")
    if faults:
        raise InputRefused(f"Connector {connector} cannot be set up:\n" + "\n".join(f"  {f}" for f in faults))
    return Config(values)


def _typed(type_: ConfigType, raw: str | int, environ: Mapping[str, str]) -> Value:
    if type_ == "int":
        try:
            return int(raw)
        except ValueError:
            raise ValueError("must be a whole number") from None
    text = str(raw)
    if type_ == "path":
        return Path(text)
    if type_ == "secret":
        return _secret(text, environ)
    if type_ == "url":
        return _url(text)
    return text


def _secret(text: str, environ: Mapping[str, str]) -> Secret:
    scheme, _, name = text.partition(":")
    if scheme != "env" or not name:
        # The text itself may be the secret, so it is not repeated.
        raise ValueError("secrets are named, not written: give env:NAME and set NAME in the environment")
    if not environ.get(name):
        raise ValueError(f"the environment variable {name} is not set")
    return Secret(environ[name])


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an address that begins with https://")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("must be a plain address: no user, password, ? or # in it")
    # Names and birth dates travel to this address, so only this machine itself may be spoken to in the clear.
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        raise ValueError("must begin with https:// (http:// is for this machine itself only)")
    return text.rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
