"""A partner's `connector.toml`: what it supplies, what it needs, what it can bear.

Everything is checked when the hub starts, all faults at once, each named by its key. Nothing in it is a
program: JMESPath (jmespath.org) says where a value stands in an answer, `[map.*]` renames codes.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Literal, cast

import jmespath
from jmespath.exceptions import JMESPathError

from connectors.base import Acceptance, Limits
from connectors.config import CONFIG_TYPES, ConfigKey, ConfigType
from connectors.toml import Problem, Section, did_you_mean
from hmis.errors import InputRefused

CONTRACT = 1
PROTOCOLS = ("rest", "csv-drop", "code")
SCHEMES = ("none", "header")
SCALARS = ("Boolean", "Date", "DateTime", "Decimal", "Int", "String")
PERSON_FACTS = ("first_name", "last_name", "dob")
OPERATIONS = ("find", "fetch", "check", "changes", "submit", "track")
FURTHER = {"changes": ("removed", "next"), "submit": ("status", "version"), "track": ("status", "version")}
Query = jmespath.parser.ParsedResult

_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_REQUEST = re.compile(r"(GET|POST) (/[A-Za-z0-9._~/-]*)")
PLACEHOLDER = re.compile(r"\{([a-z_.]+)\}")


class ManifestRefused(InputRefused):
    """The manifest has faults; `problems` lists them all."""

    def __init__(self, place: str, problems: list[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.pointer))
        lines = "\n".join(f"  {problem}" for problem in self.problems)
        super().__init__(f"{place} cannot be used:\n{lines}")


@dataclass(frozen=True, slots=True)
class Auth:
    """How the partner knows us. value may name secrets: `{config.api_key}`."""

    scheme: Literal["none", "header"] = "none"
    header: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One fact supplied. query None = a connector with code fills it itself."""

    name: str
    type: str
    many: bool
    query: Query | None
    map: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class Supply:
    """The facts supplied for one noun of the schema, all of one consent category."""

    noun: str
    category: str
    freshness: timedelta | None
    grain: Literal["person", "household"]
    fields: Mapping[str, Field]


@dataclass(frozen=True, slots=True)
class Operation:
    """One request of a declarative partner, and where in the answer things stand."""

    method: Literal["GET", "POST"]
    path: str
    body: Mapping[str, object]
    items: Query | None
    key: Query | None
    score: Query | None
    as_of: Query | None
    further: Mapping[str, Query | None] = field(default_factory=dict)
    """What the answers of `changes`, `submit` and `track` have beside (FURTHER)."""
    idempotency: str = ""
    """The header that carries the key of a submission; "" = the partner does not honour keys."""


@dataclass(frozen=True, slots=True)
class Matching:
    """How people are looked up: the operation, what it tells the partner, when to believe the answer."""

    op: str
    discloses: frozenset[str]
    acceptance: Acceptance


@dataclass(frozen=True, slots=True)
class Manifest:
    """A checked manifest. version: contract number and a hash of the file, so it changes with every edit."""

    id: str
    name: str
    owner: str
    protocol: str
    version: str
    config: Mapping[str, ConfigKey]
    auth: Auth
    limits: Limits
    supplies: tuple[Supply, ...]
    matching: Matching | None
    operations: Mapping[str, Operation]

    @property
    def category(self) -> str:
        return self.supplies[0].category

    @property
    def fields(self) -> Mapping[str, Field]:
        return {name: field for supply in self.supplies for name, field in supply.fields.items()}


def read_manifest(path: Path) -> Manifest:
    """Read and check one `connector.toml`.

    Raises:
        ManifestRefused: with every fault of the file, each with its key.
    """
    place = f"{path.parent.name}/{path.name}"
    content = path.read_bytes()
    try:
        data = tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise ManifestRefused(place, [Problem("file", f"is not TOML: {fault}")]) from None
    problems: list[Problem] = []
    manifest = _manifest(Section(data, "", problems), hashlib.sha256(content).hexdigest())
    if problems:
        raise ManifestRefused(place, problems)
    return manifest


def _manifest(top: Section, digest: str) -> Manifest:
    contract = top.whole("contract", 0, low=0, high=10_000)
    if contract != CONTRACT:
        top.refuse("contract", f"must be {CONTRACT}, the contract this hub speaks")
    identifier = top.text("id", required=True)
    if identifier and not re.fullmatch(r"[a-z][a-z0-9-]*", identifier):
        top.refuse("id", "must be lower-case letters, digits and dashes")
    protocol = top.choice("protocol", PROTOCOLS, required=True)
    config = {name: _config_key(name, at) for name, at in top.sections("config").items()}
    maps = {name: _map(at) for name, at in top.sections("map").items()}
    manifest = Manifest(
        id=identifier,
        name=top.text("name", required=True),
        owner=top.text("owner", required=True),
        protocol=protocol,
        version=f"{CONTRACT}-{digest[:12]}",
        config=config,
        auth=_auth(top.section("auth"), config),
        limits=_limits(top.section("limits")),
        supplies=_supplies(top, maps, declarative=protocol == "rest"),
        operations={name: _operation(name, at) for name, at in top.sections("op").items()},
        matching=_matching(top.section("identity")),
    )
    if protocol == "rest":
        _check_operations(top, manifest)
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


def _map(at: Section) -> Mapping[str, str]:
    return {code: at.text(code) for code in at.names()}


def _auth(at: Section, config: Mapping[str, ConfigKey]) -> Auth:
    scheme = at.choice("scheme", SCHEMES, default="none")
    header, value = "", ""
    if scheme == "header":
        header = at.text("header", required=True)
        value = at.text("value", required=True)
        for name in PLACEHOLDER.findall(value):
            known = [f"config.{key.name}" for key in config.values() if key.type == "secret"]
            if name not in known:
                at.refuse("value", f"{{{name}}} is not a secret of [config]{did_you_mean(name, known)}")
    at.done()
    return Auth(cast(Literal["none", "header"], scheme), header, value)


def _limits(at: Section) -> Limits:
    rate = re.fullmatch(r"(\d+(?:\.\d+)?)/(s|m)", at.text("rate", default="5/s"))
    if rate is None or float(rate[1]) < 1:
        at.refuse("rate", "must read like 5/s or 60/m, at least 1")
    limits = Limits(
        rate=float(rate[1]) if rate else 5.0,
        period_s=float(_UNITS[rate[2]]) if rate else 1.0,
        concurrency=at.whole("concurrency", 4, low=1, high=64),
        timeout_s=float(at.number("timeout_s", 4.0, low=0.1, high=60)),
        batch_max=at.whole("batch_max", 100, low=1, high=10_000),
    )
    at.done()
    return limits


def _supplies(
    top: Section, maps: Mapping[str, Mapping[str, str]], *, declarative: bool
) -> tuple[Supply, ...]:
    supplies = []
    used: set[str] = set()
    for noun, at in top.sections("supplies").items():
        fields = {}
        for name, field_at in at.sections("fields").items():
            fields[name] = _field(name, field_at, maps, used, declarative=declarative)
        if not fields:
            at.refuse("fields", "supplies nothing")
        grain = cast(
            Literal["person", "household"], at.choice("grain", ("person", "household"), required=True)
        )
        supplies.append(Supply(noun, at.text("category", required=True), _freshness(at), grain, fields))
        at.done()
    if not supplies:
        top.refuse("supplies", "is missing: a connector supplies at least one noun")
    # The runtime asks for all fields of a connector under one decision, so they must fall under one category.
    if len({supply.category for supply in supplies}) > 1:
        top.refuse("supplies", "names several categories; make it one connector for each")
    for name in maps.keys() - used:
        top.refuse(f"map.{name}", "is used by no field")
    return tuple(supplies)


def _freshness(at: Section) -> timedelta | None:
    text = at.text("freshness")
    if not text:
        return None
    parts = re.fullmatch(r"(\d+)([smhd])", text)
    if parts is None:
        at.refuse("freshness", "must read like 30m, 24h or 35d")
        return None
    return timedelta(seconds=int(parts[1]) * _UNITS[parts[2]])


def _field(
    name: str, at: Section, maps: Mapping[str, Mapping[str, str]], used: set[str], *, declarative: bool
) -> Field:
    type_ = at.text("type", required=True)
    parts = re.fullmatch(r"(\[)?([A-Z]\w*)(!)?(\])?", type_)
    if type_ and (parts is None or bool(parts[1]) != bool(parts[4])):
        at.refuse("type", "must read like Date, Int or [FoodProgram!]")
    base = parts[2] if parts else "String"
    mapped = at.text("map")
    if mapped:
        used.add(mapped)
        if mapped not in maps:
            at.refuse("map", f"there is no [map.{mapped}]{did_you_mean(mapped, maps)}")
    elif base not in SCALARS:
        hint = did_you_mean(base, SCALARS)
        at.refuse("type", f"{base} is an enum and needs a map from the partner's codes{hint}")
    query = _query(at, "from", required=declarative)
    at.done()
    return Field(name, base, bool(parts and parts[1]), query, maps.get(mapped) if mapped else None)


def _query(at: Section, key: str, *, required: bool = False, default: str = "") -> Query | None:
    text = at.text(key, required=required, default=default)
    if not text:
        return None
    try:
        return jmespath.compile(text)
    except JMESPathError:
        at.refuse(key, "is not JMESPath (see jmespath.org)")
        return None


def _operation(name: str, at: Section) -> Operation:
    request = at.text("request", required=True)
    # No braces: a person in an address would stand in every access log on the way.
    parts = _REQUEST.fullmatch(request)
    if request and parts is None:
        at.refuse("request", "must read like POST /clients/find, with nothing about persons in it")
    if parts and parts[1] == "GET" and name != "check":
        at.refuse("request", "must be a POST: what is asked about persons travels in the body")
    body = at.raw("body")
    if body is not None and not isinstance(body, dict):
        at.refuse("body", "must be a table")
    operation = Operation(
        method=cast(Literal["GET", "POST"], parts[1]) if parts else "POST",
        path=parts[2] if parts else "/",
        body=body if isinstance(body, dict) else {},
        items=_query(at, "items", required=name not in ("check", "submit")),
        key=_query(at, "key", default="id"),
        score=_query(at, "score"),
        as_of=_query(at, "as_of"),
        further={key: _query(at, key) for key in FURTHER.get(name, ())},
        idempotency=at.text("idempotency") if name == "submit" else "",
    )
    at.done()
    return operation


def _matching(at: Section) -> Matching | None:
    if "match" not in at:
        at.done()
        return None
    match = at.section("match")
    matching = Matching(
        op=match.text("op", required=True),
        discloses=frozenset(match.texts("discloses")),
        acceptance=Acceptance(
            min_score=match.whole("min_score", 90, low=1, high=100),
            margin=match.whole("margin", 10, low=0, high=100),
        ),
    )
    for fact in matching.discloses - set(PERSON_FACTS):
        match.refuse("discloses", f"{fact} cannot be disclosed{did_you_mean(fact, PERSON_FACTS)}")
    match.done()
    at.done()
    return matching


_SAID = {"changes": {"cursor"}, "track": {"references"}}
_SUBMISSION = ("key", "status", "reference", "version", "partner_id", "values.service")
_TOLD = {*(f"submission.{name}" for name in _SUBMISSION), *(f"person.{fact}" for fact in PERSON_FACTS)}


def exchange_faults(name: str, operation: Operation) -> list[tuple[str, str]]:
    """What is wrong with `changes`, `submit` or `track`: (key, why)."""
    said = placeholders(operation.body)
    if name in _SAID:
        wanted = _SAID[name]
        return [] if said == wanted else [("body", f"must hold {{{min(wanted)}}}, and nothing about persons")]
    faults = [("body", f"{{{one}}} is not told{did_you_mean(one, _TOLD)}") for one in sorted(said - _TOLD)]
    if operation.further["status"] is None:
        faults.append(("status", "is missing: where the answer says how the referral stands"))
    return faults


def placeholders(body: object) -> set[str]:
    """Every `{name}` in a body, however deep."""
    if isinstance(body, str):
        return set(PLACEHOLDER.findall(body))
    if isinstance(body, Mapping):
        return {name for value in body.values() for name in placeholders(value)}
    if isinstance(body, list):
        return {name for value in body for name in placeholders(value)}
    return set()


def _check_operations(top: Section, manifest: Manifest) -> None:
    """What a declarative partner needs: a fetch by ids, and a look-up that says exactly what it discloses."""
    operations = manifest.operations
    for name in operations.keys() - set(OPERATIONS):
        top.refuse(f"op.{name}", f"is not an operation{did_you_mean(name, OPERATIONS)}")
    for name in operations.keys() & set(FURTHER):
        for key, why in exchange_faults(name, operations[name]):
            top.refuse(f"op.{name}.{key}", why)
    if "base_url" not in manifest.config:
        top.refuse("config.base_url", 'is missing: { type = "url" }')
    if "fetch" not in operations:
        top.refuse("op.fetch", "is missing")
    elif placeholders(operations["fetch"].body) != {"subject_ids"}:
        top.refuse("op.fetch.body", "must hold {subject_ids}, and nothing else about persons")
    if manifest.matching is None:
        if "find" in operations:
            top.refuse("op.find", "is not named by identity.match, which says what it discloses")
        return
    op = manifest.matching.op
    if op not in operations:
        top.refuse("identity.match.op", f"there is no [op.{op}]{did_you_mean(op, operations)}")
        return
    if operations[op].score is None:
        top.refuse(f"op.{op}.score", "is missing: a look-up without a score cannot be judged")
    told = {name.removeprefix("person.") for name in placeholders(operations[op].body)}
    if told != manifest.matching.discloses:
        top.refuse(
            "identity.match.discloses", f"op.{op} tells the partner {', '.join(sorted(told)) or 'nothing'}"
        )
