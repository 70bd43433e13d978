"""`samples/<op>.json`: made-up answers of the partner, and what is to be read in them.

    {"normal": {"status": 200, "body": {…}, "expect": {"H-1001": {"lastVisit": "2026-02-13"}}},
     "empty":  {"status": 200, "body": {…}, "expect": {}},
     "error":  {"status": 503, "body": {…}, "expect": "UNAVAILABLE"}}

For `find` it expects [[id, score], …], or [[id, score, birth date], …]. Of a noun with several rows in a
record it expects a list for each id. A sample may say the `ids` that were asked for, where those are not the
ones expected, and what the partner said `before` it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from connectors.base import Labelled, Row
from connectors.wire import answer

CASES = ("normal", "empty", "error")
"""Those that are looked for; a connector's own tests may have others beside them."""


@dataclass(frozen=True, slots=True)
class Sample:
    op: str
    case: str
    status: int
    body: Any = field(repr=False)
    expect: Any = field(repr=False)
    ids: tuple[str, ...] = ()
    before: tuple[Any, ...] = field(default=(), repr=False)

    def said(self, body: Any = None) -> tuple[bytes, ...]:
        """The HTTP answers; body: another one in the place of the last."""
        content = self.body if body is None else body
        return (*(_http(one, 200) for one in self.before), _http(content, self.status))


def _http(body: Any, status: int) -> bytes:
    return answer(json.dumps(body), f"{status} Sample", "Content-Type: application/json")


@dataclass(frozen=True, slots=True)
class Samples:
    """by_op: operation -> case -> sample. problems: what cannot be read, by file and key."""

    by_op: Mapping[str, Mapping[str, Sample]]
    problems: tuple[str, ...] = ()

    def get(self, op: str, case: str) -> Sample | None:
        return self.by_op.get(op, {}).get(case)

    def __iter__(self) -> Iterator[Sample]:
        return (sample for cases in self.by_op.values() for sample in cases.values())


def read_samples(folder: Path) -> Samples:
    by_op: dict[str, dict[str, Sample]] = {}
    problems: list[str] = []
    for path in sorted((folder / "samples").glob("*.json")):
        cases = by_op[path.stem] = {}
        for name, told in _cases(path, problems).items():
            try:
                cases[name] = _sample(path.stem, name, told)
            except (KeyError, TypeError, ValueError) as fault:
                what = f"has no {fault}" if isinstance(fault, KeyError) else "is not shaped like a sample"
                problems.append(f"samples/{path.name}: {name} {what}")
    return Samples(by_op, tuple(problems))


def _cases(path: Path, problems: list[str]) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        data = None
    if not isinstance(data, dict):
        problems.append(f"samples/{path.name} is no table of cases in JSON")
    return data if isinstance(data, dict) else {}


def _sample(op: str, case: str, written: Any) -> Sample:
    if isinstance(written["status"], bool) or not 100 <= written["status"] <= 599:
        raise ValueError
    ids, before = tuple(written.get("ids", ())), tuple(written.get("before", ()))
    return Sample(op, case, written["status"], written["body"], written["expect"], ids, before)


def plain(value: Any) -> Any:
    """A value of a row as a sample writes it."""
    if isinstance(value, Labelled):
        return plain(value.value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def written(rows: tuple[Row, ...], expected: object) -> object:
    """The rows as a sample writes them, with no more of the wrapping than it expects."""
    shown = [_row(row, expected) for row in rows]
    return shown if isinstance(expected, list) or len(shown) != 1 else shown[0]


def _row(row: Row, expected: object) -> dict[str, Any]:
    values = {name: plain(value) for name, value in row.values.items()}
    named = json.dumps(expected)
    extra = {"as_of": plain(row.as_of), "reference": row.reference, "labels": sorted(row.labels)}
    return values | {name: value for name, value in extra.items() if f'"{name}"' in named}


def leaves(tree: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every value of a JSON document that is no list and no table, with where it stands."""
    inside = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else None
    if inside is None:
        yield path, tree
        return
    for key, value in inside:
        yield from leaves(value, (*path, key))


def records(tree: Any, ids: set[str]) -> Iterator[dict[str, Any]]:
    """The tables of a document that hold one of these ids themselves: the partner's records."""
    if isinstance(tree, dict):
        held = [value for value in tree.values() if isinstance(value, str | int)]
        if any(str(value) in ids for value in held if not isinstance(value, bool)):
            yield tree
            return
        tree = list(tree.values())
    if isinstance(tree, list):
        for value in tree:
            yield from records(value, ids)
