"""Examples: documents to begin with. Some are written, and one is made for each beginning."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from gateway.pages.places import _
from gateway.pages.reference import CHANGE, ENUM, INPUT, Entry, Member, Reference

_MOST_FIELDS = 8
_NOBODY = "00000000-0000-4000-8000-000000000000"
"""A hub id that is nobody's."""
_SAMPLES: Mapping[str, Any] = {
    "ID": _NOBODY,
    "String": "text",
    "Int": 1,
    "Float": 1.0,
    "Boolean": True,
    "Date": "2026-01-31",
    "DateTime": "2026-01-31T12:00:00Z",
    "Decimal": "1.00",
    "UUID": _NOBODY,
}


@dataclass(frozen=True, slots=True)
class Example:
    """variables: JSON, indented; empty = it has none."""

    title: str
    document: str
    variables: str = ""


@dataclass(frozen=True, slots=True)
class _Written:
    title: str
    name: str
    """Of its file, without its ending."""
    folder: str = "pages/examples"
    """Below `gateway`."""
    variables: Mapping[str, Any] = field(default_factory=dict)


_DEMO = "demo"
_YEAR = {"start": "2025-10-01", "end": "2026-09-30"}
_WRITTEN: Mapping[str, _Written] = {
    "projects": _Written(_("Projects with their beds and funders"), "integrator", _DEMO),
    "services": _Written(
        _("Services near a place"),
        "services",
        variables={"near": {"latitude": 39.8, "longitude": -89.65}, "text": None},
    ),
    "measures": _Written(_("Measures that are published"), "measures"),
    "measure": _Written(
        _("One measure in a period"), "measure", variables={"name": "unduplicated-people", "period": _YEAR}
    ),
    "sources": _Written(_("How the partners are doing"), "sources"),
    "dashboard": _Written(_("People to count, without names"), "dashboard", _DEMO),
    "find": _Written(_("Find a person"), "find", variables={"where": {"lastName": {"startsWith": "A"}}}),
    "profile": _Written(
        _("One person's way, and what partners hold"), "case-manager", _DEMO, {"id": _NOBODY}
    ),
}
TITLES: Mapping[str, str] = {name: one.title for name, one in _WRITTEN.items()}
"""What there is, by name."""


@cache
def written(name: str) -> Example:
    """One of `TITLES`."""
    one = _WRITTEN[name]
    text = (files("gateway") / one.folder / f"{one.name}.graphql").read_text(encoding="utf-8")
    return Example(one.title, text, json.dumps(one.variables, indent=2) if one.variables else "")


def beginning_at(entry: Entry, known: Reference) -> Example:
    """A document that begins at a question or a change. What must be given is a variable with a sample."""
    root = entry.root
    assert root is not None
    needed = [one for one in root.arguments if one.is_required]
    name = root.name[0].upper() + root.name[1:]
    declared = f"({', '.join(f'${one.name}: {one.type}' for one in needed)})" if needed else ""
    given = [f"{one.name}: ${one.name}" for one in needed]
    if root.page is not None and root.page not in [one.name for one in needed]:
        given.insert(0, f"{root.page}: 5")
    arguments = f"({', '.join(given)})" if given else ""
    body = "" if root.is_leaf else f" {_selection(known, root.of, 1, 3)}"
    kind = "mutation" if entry.kind == CHANGE else "query"
    variables = {one.name: _sample(known, one, frozenset()) for one in needed}
    return Example(
        entry.name,
        f"{kind} {name}{declared} {{\n  {root.name}{arguments}{body}\n}}\n",
        json.dumps(variables, indent=2) if variables else "",
    )


def _selection(known: Reference, kind: str, depth: int, levels: int) -> str:
    """Some fields of a type: leaves first, then objects while there are levels left."""
    members = known.entries[kind].members
    free = [one for one in members if not any(given.is_required for given in one.arguments)]
    free = [one for one in free if one.deprecated is None]
    leaves = [one.name for one in free if one.is_leaf][:_MOST_FIELDS]
    pad = "  " * (depth + 1)
    lines = [f"{pad}{name}" for name in leaves]
    # Of a page the rows themselves will do.
    objects = [one for one in free if not one.is_leaf and one.name != "edges"]
    for one in objects[: 2 if leaves else 3] if levels else ():
        lines.append(f"{pad}{one.name} {_selection(known, one.of, depth + 1, levels - 1)}")
    if not lines:
        lines.append(f"{pad}__typename")
    return "{\n" + "\n".join(lines) + "\n" + "  " * depth + "}"


def _sample(known: Reference, member: Member, above: frozenset[str]) -> Any:
    """A value that its type takes: what must be there, or the first thing that may be."""
    if "[" in member.type:
        inner = Member(member.name, "", type=member.of, of=member.of)
        return [_sample(known, inner, above)]
    entry = known.entries[member.of]
    if entry.kind == ENUM:
        return entry.members[0].name
    if entry.kind == INPUT:
        if member.of in above:
            return {}
        needed = [one for one in entry.members if one.is_required] or list(entry.members[:1])
        return {one.name: _sample(known, one, above | {member.of}) for one in needed}
    return _SAMPLES.get(member.of, "text")
