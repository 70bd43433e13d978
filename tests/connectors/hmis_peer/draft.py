"""HUD's draft HMIS API, read as a judge of answers: what it declares, and what an answer has beyond that.

The draft requires no property of any answer, so an answer is held to the names, types, lengths and forms that
are declared. Two of its habits are read kindly: a `oneOf` of code lists beside a type says the codes, and
`csvexport` calls each file an array and then describes one of its rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml

_TYPES = {"string": str, "integer": int, "object": dict, "array": list}
_FORMS = {"date": date.fromisoformat, "date-time": datetime.fromisoformat}


class Draft:
    def __init__(self, path: Path) -> None:
        self._document = yaml.safe_load(path.read_bytes())

    @property
    def operations(self) -> set[tuple[str, str]]:
        """Method and path of each."""
        return {(method.upper(), path) for path, item in self._document["paths"].items() for method in item}

    def parameters(self, method: str, path: str) -> set[str]:
        declared = self._document["paths"][path][method.lower()].get("parameters", [])
        return {one["name"] for one in declared}

    def faults(self, method: str, path: str, status: int, answer: object) -> list[str]:
        """Where an answer is not what the draft declares. [] = it is."""
        response = self._document["paths"][path][method.lower()]["responses"].get(str(status))
        if response is None:
            return [f"{status} is not declared"]
        return list(self._unfit(response["content"]["application/json"]["schema"], answer, "answer"))

    def body_faults(self, method: str, path: str, body: object) -> list[str]:
        """Where a request's body is not what the draft declares."""
        content = self._document["paths"][path][method.lower()]["requestBody"]["content"]
        return list(self._unfit(content["application/json"]["schema"], body, "body"))

    def _merged(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """A schema with what it refers to and what it is all of, as one."""
        while "$ref" in schema:
            schema = self._document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        whole = dict(schema)
        for part in whole.pop("allOf", ()):
            merged = self._merged(part)
            properties = {**whole.get("properties", {}), **merged.get("properties", {})}
            whole = {**merged, **whole, "properties": properties}
        if whole.get("type") == "array" and "items" not in whole:
            rows = {"type": "object", "properties": whole.pop("properties")}
            whole["items"] = rows
        return whole

    def _unfit(self, schema: Mapping[str, Any], value: Any, at: str) -> Iterator[str]:
        schema = self._merged(schema)
        if "oneOf" in schema:
            yield from self._unlisted(schema, value, at)
        kind = schema.get("type")
        if kind is None:
            return
        if not isinstance(value, _TYPES[kind]) or isinstance(value, bool):
            yield f"{at} is no {kind}"
        elif kind == "object":
            declared = schema.get("properties", {})
            for name, inner in value.items():
                if name not in declared:
                    yield f"{at}.{name} is not declared"
                else:
                    yield from self._unfit(declared[name], inner, f"{at}.{name}")
        elif kind == "array":
            for inner in value:
                yield from self._unfit(schema["items"], inner, f"{at}[]")
        elif kind == "string":
            yield from _malformed(schema, value, at)

    def _unlisted(self, schema: Mapping[str, Any], value: object, at: str) -> Iterator[str]:
        """A value that is one of none of the choices."""
        choices = [self._merged(one) for one in schema["oneOf"]]
        for choice in choices:
            if choice.get("const", value) == value and not list(self._unfit(choice, value, at)):
                return
        yield f"{at} is none of what may stand there"


def _malformed(schema: Mapping[str, Any], value: str, at: str) -> Iterator[str]:
    if len(value) > schema.get("maxLength", len(value)):
        yield f"{at} is too long"
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{at} is not of its pattern"
    if schema.get("format") in _FORMS:
        try:
            _FORMS[schema["format"]](value)
        except ValueError:
            yield f"{at} is no {schema['format']}"
