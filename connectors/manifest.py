"""A partner's `connector.toml`: what it supplies, what it needs, what it can bear.

Everything is checked when the hub starts, all faults at once, each named by its key. Nothing in it is a
program: JMESPath (jmespath.org) says where a value stands in an answer, `[map.*]` renames codes.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import cast

from connectors.base import Limits, Offer
from connectors.binding import Catalog, unbound
from connectors.config import CONFIG_TYPES, ConfigKey, ConfigType
from connectors.operation import Matching, Operation, check_operations, read_matching, read_operations
from connectors.signing import Auth, read_auth
from connectors.supply import UNITS, Supply, read_duration, read_supplies
from connectors.toml import Problem, Section
from hmis.errors import InputRefused

CONTRACT = 1
"""The version of the contract that this hub speaks; the one before it is loaded too."""
PROTOCOLS = ("rest", "fhir", "csv-drop", "hsds", "graphql", "hmis-csv", "code")
DECLARATIVE = ("rest", "graphql")
"""Spoken by the hub itself: a manifest is enough. The others take a `source.py`."""


class ManifestRefused(InputRefused):
    """The manifest has faults; `problems` lists them all."""

    def __init__(self, place: str, problems: list[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.pointer))
        lines = "\n".join(f"  {problem}" for problem in self.problems)
        super().__init__(f"{place} cannot be used:\n{lines}")


@dataclass(frozen=True, slots=True)
class Manifest:
    """A checked manifest. version: contract number and a hash of the file, so it changes with every edit."""

    contract: int
    id: str
    name: str
    owner: str
    protocol: str
    version: str
    config: Mapping[str, ConfigKey]
    auth: Auth
    limits: Limits
    supplies: Mapping[str, Supply]
    """By noun."""
    matching: Matching | None
    operations: Mapping[str, Operation]

    @property
    def offers(self) -> dict[str, Offer]:
        return {noun: supply.offer for noun, supply in self.supplies.items()}


def contracts() -> tuple[int, ...]:
    """The versions of the contract that are loaded: this one and the one before."""
    return tuple(number for number in (CONTRACT - 1, CONTRACT) if number > 0)


def read_manifest(path: Path, catalog: Catalog | None = None) -> Manifest:
    """Read and check one `connector.toml`.

    catalog: what of the schema partners can fill; None = what it supplies is not held against the schema.

    Raises:
        ManifestRefused: with every fault of the file, each with its key.
    """
    place = f"{path.parent.name}/{path.name}"
    try:
        content = path.read_bytes()
    except OSError as fault:
        raise ManifestRefused(place, [Problem("file", f"cannot be read ({fault.strerror})")]) from None
    try:
        data = tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise ManifestRefused(place, [Problem("file", f"is not TOML: {fault}")]) from None
    problems: list[Problem] = []
    manifest = _manifest(Section(data, "", problems), hashlib.sha256(content).hexdigest())
    if catalog is not None:
        problems += unbound(manifest.supplies.values(), catalog)
    if problems:
        raise ManifestRefused(place, problems)
    return manifest


def _manifest(top: Section, digest: str) -> Manifest:
    contract = top.whole("contract", 0, low=0, high=10_000)
    if contract not in contracts():
        spoken = " or ".join(str(number) for number in contracts())
        top.refuse("contract", f"must be {spoken}, the contract this hub speaks")
    identifier = top.text("id", required=True)
    if identifier and not re.fullmatch(r"[a-z][a-z0-9-]*", identifier):
        top.refuse("id", "must be lower-case letters, digits and dashes")
    protocol = top.choice("protocol", PROTOCOLS, required=True)
    config = {name: _config_key(name, at) for name, at in top.sections("config").items()}
    if "agreement" in config:
        top.refuse("config.agreement", "is taken: under this name operators give the agreement")
    supplies = read_supplies(top, declarative=protocol in DECLARATIVE)
    manifest = Manifest(
        contract=contract,
        id=identifier,
        name=top.text("name", required=True),
        owner=top.text("owner", required=True),
        protocol=protocol,
        version=f"{contract}-{digest[:12]}",
        config=config,
        auth=read_auth(top.section("auth"), config),
        limits=_limits(top.section("limits")),
        supplies={supply.noun: supply for supply in supplies},
        operations=read_operations(top),
        matching=read_matching(top.section("identity")),
    )
    if protocol in DECLARATIVE:
        if "base_url" not in config:
            top.refuse("config.base_url", 'is missing: { type = "url" }')
        check_operations(top, manifest.operations, manifest.matching, graphql=protocol == "graphql")
    top.done()
    return manifest


def _config_key(name: str, at: Section) -> ConfigKey:
    type_ = at.choice("type", CONFIG_TYPES, required=True)
    default = at.raw("default")
    if default is not None and (type_ == "secret" or isinstance(default, bool | list | dict | float)):
        at.refuse("default", "must be a text or a whole number, and a secret has none")
        default = None
    optional = at.flag("optional")
    at.done()
    return ConfigKey(name, cast(ConfigType, type_), cast(str | int | None, default), optional)


def _limits(at: Section) -> Limits:
    rate = re.fullmatch(r"(\d+(?:\.\d+)?)/(s|m)", at.text("rate", default="5/s"))
    if rate is None or float(rate[1]) < 1:
        at.refuse("rate", "must read like 5/s or 60/m, at least 1")
    limits = Limits(
        rate=float(rate[1]) if rate else 5.0,
        period_s=float(UNITS[rate[2]]) if rate else 1.0,
        concurrency=at.whole("concurrency", 4, low=1, high=64),
        timeout_s=float(at.number("timeout_s", 4.0, low=0.1, high=60)),
        batch_max=at.whole("batch_max", 100, low=1, high=10_000),
        cache=read_duration(at, "cache") or timedelta(0),
        stale_if_error=read_duration(at, "stale_if_error") or timedelta(0),
    )
    if limits.stale_if_error and not limits.cache:
        at.refuse("stale_if_error", "needs cache: what is not kept cannot be shown later")
    at.done()
    return limits
