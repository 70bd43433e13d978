"""Between a partner's JSON and our facts: filling a request's body, reading a field out of a record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from jmespath.exceptions import JMESPathError

from connectors.base import Row
from connectors.query import PLACEHOLDER, Query, speaks_of
from connectors.supply import Field, Supply


class Unreadable(ValueError):
    """A record is not shaped as the manifest says. Says where, never what stood there."""


def fill(body: object, values: Mapping[str, object]) -> Any:
    """The body with its placeholders replaced; a text that is one placeholder and no more keeps its type."""
    if isinstance(body, str):
        whole = PLACEHOLDER.fullmatch(body)
        return values[whole[1]] if whole else PLACEHOLDER.sub(lambda name: str(values[name[1]]), body)
    if isinstance(body, Mapping):
        return {key: fill(value, values) for key, value in body.items()}
    if isinstance(body, list):
        return [fill(value, values) for value in body]
    return body


def pick(query: Query | None, record: object) -> Any:
    """What the query finds in the record; None when it finds nothing."""
    if query is None:
        return None
    try:
        return query.search(record)
    except JMESPathError:
        raise Unreadable(f"{query.expression} does not fit the record") from None


def items_of(query: Query | None, answer: object) -> list[object]:
    items = pick(query, answer)
    if not isinstance(items, list):
        raise Unreadable("the answer has no list of items")
    return items


def text_key(query: Query | None, record: object) -> str:
    """The partner's id of a record, as text; partners also use numbers."""
    return key_text(pick(query, record))


def key_text(key: object) -> str:
    """An id as text."""
    if isinstance(key, bool) or not isinstance(key, str | int) or key == "":
        raise Unreadable("an item has no id")
    return str(key)


def read_rows(
    supply: Supply, names: frozenset[str], key: str, item: object, as_of: Query | None
) -> list[Row]:
    """The rows of a noun in one record of the partner. key: the partner's id of the record."""
    records = items_of(supply.rows, item) if supply.rows is not None else [item]
    spoken = moment(pick(as_of, item))
    return [
        Row(
            values={
                name: read_field(field, record)
                for name, field in supply.fields.items()
                if name in names and (field.query is None or speaks_of(field.query, record))
            },
            reference=text_key(supply.reference, record) if supply.reference is not None else key,
            as_of=spoken,
            labels=_labels(supply.labels, record),
        )
        for record in records
    ]


def _labels(field: Field | None, record: object) -> frozenset[str]:
    """A code that the map does not know makes the record unreadable: what it hides cannot be guessed."""
    if field is None:
        return frozenset()
    raw = pick(field.query, record)
    found = convert(field, raw if isinstance(raw, list) else [raw])
    return frozenset(str(label) for label in cast(list[object], found)) - {"NONE"}


def read_field(field: Field, record: object) -> object:
    """The field's value in our type; None where the partner has none."""
    return convert(field, pick(field.query, record))


def convert(field: Field, raw: object) -> object:
    if not field.many:
        return None if raw is None else _one(field, raw)
    if raw is None:
        return []
    if not isinstance(raw, list):
        raise Unreadable(f"{field.name} is not a list")
    return [_one(field, value) for value in raw if value is not None]


def _one(field: Field, raw: object) -> object:
    if field.map is not None:
        return _mapped(field, raw)
    try:
        return _CONVERSIONS[field.type](raw)
    except (ValueError, TypeError, InvalidOperation):
        raise Unreadable(f"{field.name} is not a {field.type}") from None


def _mapped(field: Field, raw: object) -> str:
    codes = field.map or {}
    code = str(raw) if isinstance(raw, str | int) else ""
    # Partners add codes without telling; "*" says what a new one is taken for.
    known = codes.get(code, codes.get("*"))
    if known is None:
        raise Unreadable(f"{field.name} has a code that the map does not know")
    return known


def _date(raw: Any) -> date:
    return datetime.fromisoformat(raw).date()


def moment(raw: Any) -> datetime | date | None:
    """An ISO 8601 day or moment; a moment without a zone is taken for UTC."""
    if raw is None:
        return None
    try:
        if len(raw) == len("2026-03-01"):
            return date.fromisoformat(raw)
        return _datetime(raw)
    except (ValueError, TypeError):
        raise Unreadable("as_of is not a date") from None


def _datetime(raw: Any) -> datetime:
    parsed = datetime.fromisoformat(raw)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def _whole(raw: Any) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int):
        raise TypeError
    return raw


def _decimal(raw: Any) -> Decimal:
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        raise TypeError
    value = Decimal(str(raw))
    if not value.is_finite():
        raise ValueError
    return value


def _instance(type_: Any) -> Any:
    def check(raw: Any) -> Any:
        if not isinstance(raw, type_) or (isinstance(raw, bool) and type_ is not bool):
            raise TypeError
        return raw

    return check


_CONVERSIONS = {
    "Boolean": _instance(bool),
    "Date": _date,
    "DateTime": _datetime,
    "Decimal": _decimal,
    "Float": lambda raw: float(_decimal(raw)),
    "ID": lambda raw: str(_instance(str | int)(raw)),
    "Int": _whole,
    "String": _instance(str),
}
