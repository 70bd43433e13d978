"""Leaves: how a value is said, as graphql-core would say it, without asking what is known beforehand."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from enum import Enum
from typing import Any

from graphql import GraphQLEnumType, GraphQLLeafType, GraphQLScalarType

from schema.fields import HubField

Say = Callable[[Any], Any]

_LEAST, _MOST = -(2**31), 2**31 - 1
"""GraphQL's Int. Section 3.5.1 of the specification (October 2021)."""


class Unsaid(Exception):
    """A value that its type cannot say: an error of the field, which graphql-core words."""


def of_type(kind: GraphQLLeafType) -> Say:
    """How a resolver's value is said."""
    if isinstance(kind, GraphQLEnumType):
        return _enum(kind)
    return _SCALARS.get(kind.name, _other)(kind)


def of_column(kind: GraphQLLeafType, field: HubField) -> Say:
    """How a stored value is said: a code as its word, null where HUD's list lacks it (`HubField.say`)."""
    if field.words is None or not isinstance(kind, GraphQLEnumType):
        return of_type(kind)
    say, words = _enum(kind), field.words._value2member_map_
    known = {code: say(member) for code, member in words.items()} | {
        member: say(member) for member in words.values()
    }

    def code(value: Any) -> Any:
        try:
            return known[value]
        except KeyError:
            return say(value) if isinstance(value, Enum) else None

    return code


def _enum(kind: GraphQLEnumType) -> Say:
    whole: Say = _other(kind)
    known: dict[Any, Any] = {}

    def member(value: Any) -> Any:
        said = known.get(value)
        if said is None:
            said = known[value] = whole(value)
        return said

    return member


def _other(kind: GraphQLLeafType) -> Say:
    coerce = kind.coerce_output_value

    def value(given: Any) -> Any:
        said = coerce(given)
        if said is None:
            raise Unsaid
        return said

    return value


def _text(kind: GraphQLScalarType) -> Say:
    other = _other(kind)
    return lambda value: value if type(value) is str else other(value)


def _int(kind: GraphQLScalarType) -> Say:
    other = _other(kind)
    return lambda value: value if type(value) is int and _LEAST <= value <= _MOST else other(value)


def _boolean(kind: GraphQLScalarType) -> Say:
    other = _other(kind)
    return lambda value: value if type(value) is bool else other(value)


def _date(kind: GraphQLScalarType) -> Say:
    other = _other(kind)
    return lambda value: value.isoformat() if type(value) is datetime.date else other(value)


_SCALARS: dict[str, Callable[[Any], Say]] = {
    "String": _text,
    "ID": _text,
    "Int": _int,
    "Boolean": _boolean,
    "Date": _date,
}
