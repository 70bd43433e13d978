"""Where things stand in a partner's JSON (JMESPath, jmespath.org) and in what we send: `{placeholders}`."""

from __future__ import annotations

import re
from collections.abc import Mapping

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
