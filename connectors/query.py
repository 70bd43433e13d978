"""Where things stand in a partner's JSON (JMESPath, jmespath.org) and in what we send: `{placeholders}`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

from connectors.toml import Section

Query = jmespath.parser.ParsedResult
PLACEHOLDER = re.compile(r"\{([a-z_]+(?:\.[A-Za-z_][A-Za-z0-9_]*)*)\}")


def read_query(at: Section, key: str, *, required: bool = False, default: str = "") -> Query | None:
    """The compiled path under a key of the manifest; None = it is not there, or is at fault."""
    text = at.text(key, required=required, default=default)
    if not text:
        return None
    try:
        return jmespath.compile(text)
    except JMESPathError:
        at.refuse(key, "is not JMESPath (see jmespath.org)")
        return None


def placeholders(body: object) -> set[str]:
    """Every `{name}` in a body, however deep."""
    if isinstance(body, str):
        return set(PLACEHOLDER.findall(body))
    if isinstance(body, Mapping):
        return {name for value in body.values() for name in placeholders(value)}
    if isinstance(body, list):
        return {name for value in body for name in placeholders(value)}
    return set()


def path_of(query: Query | None) -> tuple[str, ...] | None:
    """The keys of a plain path: `data.items` -> ("data", "items"), `@` -> (); None = it is more than that."""
    return None if query is None else _path(query.parsed)


def _path(node: Mapping[str, Any]) -> tuple[str, ...] | None:
    if node["type"] in ("identity", "current"):
        return ()
    if node["type"] == "field":
        return (node["value"],)
    if node["type"] == "subexpression":
        steps = [_path(child) for child in node["children"]]
        return None if None in steps else tuple(key for step in steps if step for key in step)
    return None


def words_of(query: Query | None) -> set[str]:
    """Every key that a query names, wherever it stands."""
    return set() if query is None else _words(query.parsed)


def _words(node: Mapping[str, Any]) -> set[str]:
    found = {node["value"]} if node["type"] in ("field", "key_val_pair") else set()
    for child in node.get("children", ()):
        found |= _words(child)
    return found


def speaks_of(query: Query, record: object) -> bool:
    """Whether a record has anything of what the query begins at. False = the partner did not speak of it,
    which is another thing than null."""
    begins = _beginnings(query.parsed)
    return not begins or not isinstance(record, Mapping) or any(_there(keys, record) for keys in begins)


def _there(keys: tuple[str, ...], record: object) -> bool:
    for key in keys:
        if not isinstance(record, Mapping):
            return True  # what is null on the way was spoken of
        if key not in record:
            return False
        record = record[key]
    return True


def _beginnings(node: Mapping[str, Any]) -> set[tuple[str, ...]]:
    """The plain paths that a query looks at in the record itself."""
    path = _path(node)
    if path is not None:
        return {path} if path else set()
    # The right side of these looks at what the left side gave, not at the record.
    after = ("subexpression", "projection", "value_projection", "filter_projection", "flatten", "pipe")
    children = node.get("children", ())
    if node["type"] in (*after, "index_expression"):
        children = children[:1]
    return set[tuple[str, ...]]().union(*(_beginnings(child) for child in children))
