"""A new connector that works: a manifest to edit line by line, samples to replace, a page."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from connectors.binding import Catalog, Noun, NounField
from connectors.discovery import MANIFEST, at
from connectors.kit.pages import page, page_of
from connectors.manifest import CONTRACT
from connectors.toml import did_you_mean
from hmis.errors import InputRefused

_COLUMN = 42
LONGEST = 50
"""Lines of a new manifest: as much as somebody reads before they begin."""

_HEAD = """\
contract = {contract}
id = "{id}"  # as the folder; it never changes
name = "{title}"  # what a case worker calls the partner
owner = "interop@example.org"  # EDIT: whom to write to about this connector
protocol = "{protocol}"
[config]  # what an operator sets, as HUB_{variable}_BASE_URL ...
base_url = {{ type = "url" }}
api_key = {{ type = "secret" }}
[auth]  # EDIT: how the partner knows the hub
scheme = "header"
header = "X-API-Key"
value = "{{config.api_key}}"
[limits]  # EDIT: what the partner can bear
rate = "5/s"
batch_max = 50
[supplies.{noun}]
category = "{category}"  # the schema's own; do not change it
freshness = "24h"  # EDIT: how old its facts may be
grain = "person"  # EDIT: or household, what one record is about
"""
_OPERATIONS = """\
[identity]  # EDIT: what a look-up tells the partner, and only that
match = { op = "find", discloses = ["first_name", "last_name", "dob"], min_score = 90 }
[op.find]
request = "POST /people/find"  # EDIT: the partner's own words, in samples/find.json too
body = { first = "{person.first_name}", last = "{person.last_name}", born = "{person.dob}" }
items = "matches"  # where in the answer the list is (JMESPath)
score = "score"  # how well it fits, 0 to 100
[op.fetch]
request = "POST /records"  # EDIT: the partner's own words, in samples/fetch.json too
body = { ids = "{subject_ids}" }
items = "records"
as_of = "updatedAt"
"""


def new(folder: Path, catalog: Catalog, *, id: str, noun: str, protocol: str = "rest") -> list[Path]:
    """Write a connector into a folder that has none, and say what was written.

    What it writes passes `check` as it is; the lines to edit are marked.

    Raises:
        InputRefused: there is something already, or the words given do not fit.
    """
    if not re.fullmatch(r"[a-z][a-z0-9-]*", id):
        raise InputRefused("--id must be lower-case letters, digits and dashes.")
    if folder.name.replace("_", "-") != id:
        raise InputRefused(f"The folder must be called {id.replace('-', '_')}, after the id.")
    if noun not in catalog:
        raise InputRefused(f"{noun} is no noun that partners fill{did_you_mean(noun, catalog)}.")
    if protocol != "rest":
        raise InputRefused(f"What is begun here speaks rest; for {protocol} copy one like yours.")
    if (folder / MANIFEST).exists():
        raise InputRefused(f"There is a connector in {folder} already.")
    wanted = catalog[noun]
    manifest = _manifest(id, noun, wanted, protocol)
    told = {name: field for name, field in wanted.fields.items() if f"\nfields.{name} =" in manifest}
    files = {
        MANIFEST: manifest,
        "samples/fetch.json": _json(_fetch(told)),
        "samples/find.json": _json(_find()),
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    partner = at(folder, catalog)
    written = page_of(partner)
    written.parent.mkdir(parents=True, exist_ok=True)
    written.write_text(page(partner), encoding="utf-8")
    return [*(folder / name for name in files), written]


def _manifest(id: str, noun: str, wanted: Noun, protocol: str) -> str:
    head = _HEAD.format(
        contract=CONTRACT,
        id=id,
        title=id.replace("-", " ").title(),
        protocol=protocol,
        variable=id.replace("-", "_").upper(),
        noun=noun,
        category=wanted.category,
    )
    maps = {field.type: _map(field) for field in wanted.fields.values() if field.values}
    fields = dict(wanted.fields)
    while True:
        lines = [_field(name, field) for name, field in fields.items()]
        used = [maps[kind] for kind in dict.fromkeys(f.type for f in fields.values() if f.values)]
        text = head + "\n".join(lines) + "\n" + _OPERATIONS + "".join(used)
        if len(text.splitlines()) <= LONGEST or len(fields) == 1:
            return re.sub(r"(?m)^(.*?) +(# .*)$", lambda line: f"{line[1]:<{_COLUMN}}{line[2]}", text)
        fields.popitem()  # the rest of a large noun is for whoever has it


def _field(name: str, field: NounField) -> str:
    mapped = f', map = "{_called(field)}"' if field.values else ""
    return f'fields.{name} = {{ type = "{field}", from = "{name}"{mapped} }}'


def _called(field: NounField) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", field.type).lower()


def _map(field: NounField) -> str:
    """Two codes to show the form, and what everything else becomes."""
    first = sorted(field.values - {"OTHER"})[:1] or sorted(field.values)[:1]
    other = "OTHER" if "OTHER" in field.values else first[0]
    codes = "".join(f'{word} = "{word}"\n' for word in first)
    head = f"[map.{_called(field)}]  # EDIT: left the partner's codes"
    return f'{head}\n{codes}"*" = "{other}"\n'


_MADE_UP: Mapping[str, tuple[Any, Any]] = {
    "Boolean": (True, False),
    "Date": ("2026-02-13", "2026-01-02"),
    "DateTime": ("2026-02-13T16:20:00+00:00", "2026-01-02T09:00:00+00:00"),
    "Decimal": ("120.50", "80.00"),
    "Float": (1.5, 2.5),
    "ID": ("A-1", "A-2"),
    "Int": (3, 1),
    "String": ("Example", "Sample"),
}


def _value(field: NounField, number: int) -> Any:
    first = sorted(field.values - {"OTHER"}) or sorted(field.values)
    value = first[0] if field.values else _MADE_UP.get(field.type, ("Example", "Sample"))[number]
    return [value] if field.many else value


def _fetch(fields: Mapping[str, NounField]) -> dict[str, Any]:
    records, expected = [], {}
    for number, id in enumerate(("R-1001", "R-1002")):
        values = {name: _value(field, number) for name, field in fields.items()}
        records.append({"id": id, **values, "updatedAt": "2026-02-13T16:20:00Z"})
        expected[id] = values
    return {
        "normal": {"status": 200, "body": {"records": records}, "expect": expected},
        "empty": {"status": 200, "body": {"records": []}, "expect": {}},
        "error": {"status": 503, "body": {"message": "closed for the night"}, "expect": "UNAVAILABLE"},
    }


def _find() -> dict[str, Any]:
    return {
        "normal": {
            "status": 200,
            "body": {"matches": [{"id": "R-1001", "score": 97}]},
            "expect": [["R-1001", 97]],
        },
        "empty": {"status": 200, "body": {"matches": []}, "expect": []},
        "error": {"status": 401, "body": {"message": "who are you"}, "expect": "AUTH"},
    }


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
