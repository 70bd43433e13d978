"""Whether what a manifest supplies is what the schema can show: noun, fields, types, consent category."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from connectors.supply import Field, Supply
from connectors.toml import Problem, did_you_mean


@dataclass(frozen=True, slots=True)
class NounField:
    """A field of the schema that partners fill. values: the words of an enum; empty = a scalar."""

    type: str
    many: bool = False
    values: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return f"[{self.type}!]" if self.many else self.type


@dataclass(frozen=True, slots=True)
class Noun:
    """A type of the schema that partners fill. category: of all its facts, in lower case."""

    category: str
    fields: Mapping[str, NounField]


Catalog = Mapping[str, Noun]
"""Noun -> what of it partners can fill. The schema gives it (`schema/supplied.py`)."""


def unbound(supplies: Iterable[Supply], catalog: Catalog) -> list[Problem]:
    """Everything that a connector promises and the schema has no place for."""
    problems = []
    for supply in supplies:
        at = f"supplies.{supply.noun}"
        noun = catalog.get(supply.noun)
        if noun is None:
            problems.append(Problem(at, f"is no noun that partners fill{did_you_mean(supply.noun, catalog)}"))
            continue
        if supply.category != noun.category:
            problems.append(Problem(f"{at}.category", f"must be {noun.category}, as the schema has it"))
        for name, field in supply.fields.items():
            if name not in noun.fields:
                message = f"is no field of {supply.noun}{did_you_mean(name, noun.fields)}"
                problems.append(Problem(f"{at}.fields.{name}", message))
            else:
                problems += _unfit(f"{at}.fields.{name}", field, noun.fields[name])
    return problems


def _unfit(at: str, field: Field, wanted: NounField) -> Iterable[Problem]:
    if (field.type, field.many) != (wanted.type, wanted.many):
        yield Problem(f"{at}.type", f"must be {wanted}, as the schema has it")
    elif wanted.values and field.map is not None:
        for code, word in field.map.items():
            if word not in wanted.values:
                yield Problem(f"{at}.map", f"{code!r} becomes {word!r}{did_you_mean(word, wanted.values)}")
