"""The partner of a declarative connector, made from its manifest and samples: it answers as they say.

Strict where real partners are lax: another path or another body than the manifest declares is refused, so
that what passes here keeps to the manifest. Who may ask at all is for `connectors.kit.door`.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from connectors.base import Person
from connectors.kit.samples import Samples
from connectors.manifest import Manifest
from connectors.mapping import Unreadable, items_of, text_key
from connectors.operation import Operation
from connectors.query import PLACEHOLDER, Query, path_of


class NotDerivable(Exception):
    """The manifest's paths or the samples do not tell how the partner answers."""


@dataclass
class Known:
    """One record that the partner holds. person: whom `find` finds it for."""

    id: str
    record: Any = field(repr=False)
    person: Person


class ManifestPartner:
    """An ASGI application. people: who is known there; the samples' own records go to the first of them.

    Raises:
        NotDerivable: there is no normal sample of fetch, or its records cannot be told apart.
    """

    def __init__(self, manifest: Manifest, samples: Samples, people: Iterable[Person]) -> None:
        self._manifest, self._samples = manifest, samples
        self._referrals: dict[str, dict[str, object]] = {}
        if manifest.protocol != "rest":
            raise NotDerivable(f"{manifest.protocol} has no answers by path; offer the partner in kit.py")
        if "fetch" not in manifest.operations:
            raise NotDerivable("the manifest has no op.fetch; offer the partner in kit.py")
        self._fetch = manifest.operations["fetch"]
        found = _records(self._fetch, samples)
        self.known: dict[str, Known] = {}
        for number, person in enumerate(people):
            value, record = found[number] if number < len(found) else _clone(self._fetch, found[0], number)
            self.known[value] = Known(value, record, person)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        status, content = self.answer(request.method, request.url.path, request.headers, await request.body())
        await JSONResponse(content, status)(scope, receive, send)

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, object]:
        named = [
            (name, operation)
            for name, operation in self._manifest.operations.items()
            if (operation.method, operation.path) == (method, path)
        ]
        if not named:
            return 404, {"error": {"code": "NO_SUCH_OPERATION"}}
        name, operation = named[0]
        if name == "check":
            sample = self._samples.get("check", "normal")
            return (sample.status, sample.body) if sample else (200, {"status": "ok"})
        told: dict[str, object] = {}
        try:
            if not unfill(operation.body, orjson.loads(body), told):
                return 400, {"error": {"code": "BAD_REQUEST"}}
        except orjson.JSONDecodeError:
            return 400, {"error": {"code": "BAD_REQUEST"}}
        if name == "fetch":
            return 200, self._fetched(told["subject_ids"])
        if name == "changes":
            return 200, self._changed(operation, told["cursor"])
        if name == "submit":
            return 200, self._taken(operation, told, headers.get(operation.idempotency, ""))
        if name == "track":
            return 200, self._tracked(operation, told["references"])
        return 200, self._found(name, operation, told)

    def _changed(self, operation: Operation, cursor: object) -> object:
        """Everything it holds, on one page; nothing has changed since."""
        items = [_placed(operation.key, one.id) for one in self.known.values()] if cursor is None else []
        answer = _placed(operation.items, items)
        further = operation.further
        if further["removed"] is not None:
            _put(answer, path_of(further["removed"]), [])
        if further["next"] is not None:
            _put(answer, path_of(further["next"]), "END")
        return answer

    def _taken(self, operation: Operation, told: Mapping[str, object], key: str) -> object:
        """A referral, taken once for each key; or a word about one that it has."""
        by_key = key or str(told.get("submission.key") or "")
        reference = str(told.get("submission.reference") or "") or (
            f"REF-{by_key}" if by_key else f"REF-{len(self._referrals) + 1}"
        )
        known = self._referrals.setdefault(reference, {"version": 1})
        known["status"] = told.get("submission.status") or known.get("status") or "SENT"
        return _receipt(operation, reference, known)

    def _tracked(self, operation: Operation, references: object) -> object:
        asked = references if isinstance(references, list) else [references]
        known = [str(one) for one in asked if str(one) in self._referrals]
        return _placed(operation.items, [_receipt(operation, one, self._referrals[one]) for one in known])

    def _fetched(self, ids: object) -> object:
        asked = {str(value) for value in ids} if isinstance(ids, list) else {str(ids)}
        return _holding(
            self._fetch,
            self._samples,
            "fetch",
            [one.record for one in self.known.values() if one.id in asked],
        )

    def _found(self, name: str, operation: Operation, told: Mapping[str, object]) -> object:
        mine = [one.id for one in self.known.values() if told.items() <= _facts(one.person).items()]
        sample = self._samples.get(name, "normal")
        if sample is None:
            raise NotDerivable(f"samples/{name}.json has no normal answer")
        items = items_of(operation.items, sample.body)
        made = []
        for value in mine:
            item = copy.deepcopy(items[0])
            _put(item, path_of(operation.key), _as_in(items[0], path_of(operation.key), value))
            _put(item, path_of(operation.score), 100)
            made.append(item)
        return _holding(operation, self._samples, name, made)


def _facts(person: Person) -> dict[str, object]:
    dob = person.dob.isoformat() if person.dob else None
    return {"person.first_name": person.first_name, "person.last_name": person.last_name, "person.dob": dob}


def unfill(template: object, given: object, told: dict[str, object]) -> bool:
    """Whether `given` is the template with its placeholders filled; what they hold goes into `told`."""
    if isinstance(template, str):
        whole = PLACEHOLDER.fullmatch(template)
        if whole:
            told[whole[1]] = given
            return True
        names = PLACEHOLDER.findall(template)
        form = "(.*)".join(re.escape(part) for part in re.split(PLACEHOLDER.pattern, template)[::2])
        read = re.fullmatch(form, given, re.DOTALL) if isinstance(given, str) else None
        told |= dict(zip(names, read.groups() if read else (), strict=False))
        return read is not None
    if isinstance(template, Mapping):
        return (
            isinstance(given, Mapping)
            and given.keys() == template.keys()
            and all(unfill(template[key], given[key], told) for key in template)
        )
    if isinstance(template, list):
        return (
            isinstance(given, list)
            and len(given) == len(template)
            and all(unfill(one, other, told) for one, other in zip(template, given, strict=True))
        )
    return template == given


def _records(operation: Operation, samples: Samples) -> list[tuple[str, Any]]:
    sample = samples.get("fetch", "normal")
    if sample is None:
        raise NotDerivable("samples/fetch.json has no normal answer")
    if operation.transform:
        raise NotDerivable("a transformed answer cannot be made up backwards; offer the partner in kit.py")
    if path_of(operation.items) is None or not path_of(operation.key):
        raise NotDerivable("items and key of op.fetch are no plain paths; offer the partner in kit.py")
    try:
        items = items_of(operation.items, sample.body)
        found = [(text_key(operation.key, item), item) for item in items]
    except Unreadable as fault:
        raise NotDerivable(f"samples/fetch.json, normal: {fault}") from None
    if not found:
        raise NotDerivable("the normal answer in samples/fetch.json has no record")
    return found


def _clone(operation: Operation, like: tuple[str, Any], number: int) -> tuple[str, Any]:
    """Another record of the same shape, under an id of its own."""
    record = copy.deepcopy(like[1])
    value = str(int(like[0]) + number) if like[0].isdigit() else f"{like[0]}-{number}"
    _put(record, path_of(operation.key), _as_in(record, path_of(operation.key), value))
    return value, record


def _holding(operation: Operation, samples: Samples, name: str, items: list[Any]) -> object:
    """The sample's answer with these items in it."""
    sample = samples.get(name, "normal")
    path = path_of(operation.items)
    if sample is None or path is None:
        raise NotDerivable(f"items of op.{name} is no plain path; offer the partner in kit.py")
    body = copy.deepcopy(sample.body)
    return items if not path else _put(body, path, items)


def _receipt(operation: Operation, reference: str, known: Mapping[str, object]) -> object:
    receipt = _placed(operation.key, reference)
    for name in ("status", "version"):
        if operation.further[name] is not None:
            _put(receipt, path_of(operation.further[name]), known[name])
    return receipt


def _placed(query: Query | None, value: object) -> Any:
    """A document that has nothing but this, where the query looks for it."""
    path = path_of(query)
    return value if path == () else _put({}, path, value)


def _put(tree: Any, path: tuple[str, ...] | None, value: object) -> Any:
    if not path:
        raise NotDerivable("where an answer has things must be plain paths; offer the partner in kit.py")
    inside = tree
    for key in path[:-1]:
        inside = inside.setdefault(key, {})
    inside[path[-1]] = value
    return tree


def _as_in(record: Any, path: tuple[str, ...] | None, value: str) -> str | int:
    """The id as this partner writes it: some use numbers."""
    for key in path or ():
        record = record[key]
    return int(value) if isinstance(record, int) and value.isdigit() else value
