"""What a manifest supplies: [supplies.*] nouns with their fields, and the [map.*] that rename codes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, cast

from connectors.base import Offer
from connectors.query import Query, read_query
from connectors.toml import Section, did_you_mean
from hmis.labels import Label

SCALARS = ("Boolean", "Date", "DateTime", "Decimal", "Float", "ID", "Int", "String")
LABELS = tuple(str(label.name) for label in Label)
UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
Grain = Literal["person", "household", "place"]
Maps = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Field:
    """One fact supplied. query None = a connector with code fills it itself."""

    name: str
    type: str
    many: bool
    query: Query | None
    map: Mapping[str, str] | None
    select: str = ""
    """What a partner that speaks GraphQL is asked for it."""


@dataclass(frozen=True, slots=True)
class Supply:
    """The facts supplied for one noun of the schema, all of one consent category.

    rows: where in a record the rows of the noun are; None = the record is the only row. reference: the row's
    own id in it. labels: which labels a row carries (`hmis.labels.Label`); None = none ever.
    """

    noun: str
    category: str
    freshness: timedelta | None
    grain: Grain
    fields: Mapping[str, Field]
    rows: Query | None = None
    reference: Query | None = None
    labels: Field | None = None

    @property
    def offer(self) -> Offer:
        return Offer(self.category, frozenset(self.fields), self.freshness)


def read_supplies(top: Section, *, declarative: bool) -> tuple[Supply, ...]:
    maps = {name: _map(at) for name, at in top.sections("map").items()}
    used: set[str] = set()
    supplies = []
    for noun, at in top.sections("supplies").items():
        supplies.append(_supply(noun, at, maps, used, declarative=declarative))
        at.done()
    if not supplies:
        top.refuse("supplies", "is missing: a connector supplies at least one noun")
    for name in maps.keys() - used:
        top.refuse(f"map.{name}", "is used by no field")
    return tuple(supplies)


def _map(at: Section) -> Mapping[str, str]:
    return {code: at.text(code) for code in at.names()}


def _supply(noun: str, at: Section, maps: Maps, used: set[str], *, declarative: bool) -> Supply:
    fields = {
        name: _field(name, field_at, maps, used, declarative=declarative)
        for name, field_at in at.sections("fields").items()
    }
    if not fields:
        at.refuse("fields", "supplies nothing")
    return Supply(
        noun=noun,
        category=at.text("category", required=True),
        freshness=read_duration(at, "freshness"),
        grain=cast(Grain, at.choice("grain", ("person", "household", "place"), required=True)),
        fields=fields,
        rows=read_query(at, "rows"),
        reference=read_query(at, "reference"),
        labels=_labels(at, maps, used),
    )


def read_duration(at: Section, key: str) -> timedelta | None:
    text = at.text(key)
    if not text:
        return None
    parts = re.fullmatch(r"(\d{1,5})([smhd])", text)
    if parts is None:
        at.refuse(key, "must read like 30m, 24h or 35d")
        return None
    return timedelta(seconds=int(parts[1]) * UNITS[parts[2]])


def _field(name: str, at: Section, maps: Maps, used: set[str], *, declarative: bool) -> Field:
    type_ = at.text("type", required=True)
    parts = re.fullmatch(r"(\[)?([A-Z]\w*)(!)?(\])?", type_)
    if type_ and (parts is None or bool(parts[1]) != bool(parts[4])):
        at.refuse("type", "must read like Date, Int or [FoodProgram!]")
    base = parts[2] if parts else "String"
    mapped = _mapped(at, maps, used)
    if not mapped and base not in SCALARS:
        hint = did_you_mean(base, SCALARS)
        at.refuse("type", f"{base} is an enum and needs a map from the partner's codes{hint}")
    query = read_query(at, "from", required=declarative)
    select = at.text("select", default=query.expression if query else "")
    at.done()
    return Field(name, base, bool(parts and parts[1]), query, maps.get(mapped) if mapped else None, select)


def _mapped(at: Section, maps: Maps, used: set[str]) -> str:
    mapped = at.text("map")
    if mapped:
        used.add(mapped)
        if mapped not in maps:
            at.refuse("map", f"there is no [map.{mapped}]{did_you_mean(mapped, maps)}")
    return mapped


def _labels(at: Section, maps: Maps, used: set[str]) -> Field | None:
    """`labels = { from = "category", map = "label" }`: codes that make a row more sensitive."""
    if "labels" not in at:
        return None
    labels = at.section("labels")
    query = read_query(labels, "from", required=True)
    mapped = _mapped(labels, maps, used)
    if not mapped:
        labels.refuse("map", "is missing: it turns the partner's codes into labels")
    known = maps.get(mapped, {})
    for code, label in known.items():
        if label not in (*LABELS, "NONE"):
            labels.refuse("map", f"map.{mapped}.{code}: {label!r} is no label{did_you_mean(label, LABELS)}")
    labels.done()
    return Field("labels", "Label", True, query, known)
