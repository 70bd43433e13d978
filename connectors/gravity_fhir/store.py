"""What the stand-in keeps: resources with versions and moments, and R4's searches over them.

No history. The clock only goes forward, a millisecond a write, so that every write has a moment of its own.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

Resource = dict[str, Any]
_OWNERS = ("subject", "patient", "for")
_PAGE = 50


class Refused(Exception):
    """The server's no: an HTTP status and an issue code of OperationOutcome."""

    def __init__(self, status: int, code: str) -> None:
        self.status, self.code = status, code


@dataclass(frozen=True)
class Page:
    """Some of what a search found. following: number of the next page, None = this was the last."""

    resources: list[Resource]
    total: int
    following: int | None


class Store:
    """kind/id -> resource. since: the moment of the first write."""

    def __init__(self, resources: Iterable[Mapping[str, Any]] = (), since: datetime | None = None) -> None:
        self._kept: dict[str, Resource] = {}
        self._moment = since or datetime(2026, 3, 1, 9, tzinfo=UTC)
        self._last_id = 0
        for resource in resources:
            self.put(dict(resource))

    def snapshot(self) -> dict[str, Resource]:
        return dict(self._kept)

    def restore(self, kept: dict[str, Resource]) -> None:
        self._kept = kept

    def get(self, name: str) -> Resource:
        if name not in self._kept:
            raise Refused(404, "not-found")
        return self._kept[name]

    def put(self, resource: Resource, expected: str | None = None) -> Resource:
        """Write a resource under its own id. expected: If-Match; 412 when that is not the version here."""
        name = f"{resource['resourceType']}/{resource['id']}"
        here = self._kept.get(name)
        version = int(here["meta"]["versionId"]) if here else 0
        if expected is not None and expected != etag(here):
            raise Refused(412, "conflict")
        self._moment += timedelta(milliseconds=1)
        stamp = {
            "versionId": str(version + 1),
            "lastUpdated": self._moment.isoformat(timespec="milliseconds"),
        }
        self._kept[name] = copy.deepcopy(resource) | {"meta": {**resource.get("meta", {}), **stamp}}
        return self._kept[name]

    def create(self, resource: Resource, condition: str | None = None) -> tuple[Resource, bool]:
        """Conditional create (R4 3.1.0.8.1): the one that is there, or a new one; 412 when several are."""
        if condition is not None:
            found = self.search(resource["resourceType"], condition).resources
            if len(found) > 1:
                raise Refused(412, "multiple-matches")
            if found:
                return found[0], False
        self._last_id += 1
        return self.put({**resource, "id": f"made-{self._last_id}"}), True

    def search(self, kind: str, query: str | Mapping[str, str]) -> Page:
        """The resources of a kind that fit the parameters of a query, one page of them."""
        asked = dict(parse_qsl(query, keep_blank_values=True)) if isinstance(query, str) else dict(query)
        count, page = int(asked.pop("_count", _PAGE)), int(asked.pop("_page", 1))
        asked.pop("_sort", None)  # the oldest come first anyway
        elements, summary = asked.pop("_elements", ""), asked.pop("_summary", "")
        found = [one for name, one in self._kept.items() if name.startswith(f"{kind}/")]
        for name, value in asked.items():
            if name not in _FITS:
                raise Refused(400, "not-supported")
            found = [one for one in found if any(_FITS[name](one, each) for each in _split(value, ","))]
        found.sort(key=lambda one: str(one["meta"]["lastUpdated"]))
        if summary == "count":
            return Page([], len(found), None)
        shown = found[(page - 1) * count : page * count]
        following = page + 1 if page * count < len(found) else None
        return Page([_cut(one, elements) for one in shown], len(found), following)


def etag(resource: Mapping[str, Any] | None) -> str | None:
    return f'W/"{resource["meta"]["versionId"]}"' if resource else None


def _cut(resource: Resource, elements: str) -> Resource:
    if not elements:
        return resource
    kept = {"resourceType", "id", "meta", *elements.split(",")}
    return {key: value for key, value in resource.items() if key in kept}


def _split(value: str, at: str) -> list[str]:
    """What stands between the marks, still escaped; an escaped mark separates nothing."""
    return re.split(rf"(?<!\\){re.escape(at)}", value)


def _plain(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value)


def _codings(resource: Resource, element: str) -> list[tuple[str, str]]:
    concepts = resource.get(element) or []
    return [
        (coding.get("system", ""), coding.get("code", ""))
        for concept in (concepts if isinstance(concepts, list) else [concepts])
        for coding in concept.get("coding", [])
    ]


def _token(pairs: list[tuple[str, str]], asked: str) -> bool:
    """`code`, `system|code`, or `system|` for any code of a system."""
    *systems, code = map(_plain, _split(asked, "|"))
    fit = [value for system, value in pairs if not systems or system == systems[0]]
    return bool(fit) if systems and not code else code in fit


def _coded(element: str) -> Callable[[Resource, str], bool]:
    return lambda resource, asked: _token(_codings(resource, element), asked)


def _identified(resource: Resource, asked: str) -> bool:
    pairs = [(one.get("system", ""), one.get("value", "")) for one in resource.get("identifier", [])]
    return _token(pairs, asked)


def _of_patient(resource: Resource, asked: str) -> bool:
    wanted = asked if asked.startswith("Patient/") else f"Patient/{asked}"
    return any(resource.get(owner, {}).get("reference") == wanted for owner in _OWNERS)


def _named(part: str) -> Callable[[Resource, str], bool]:
    def fits(resource: Resource, asked: str) -> bool:
        names = [name.get(part) or "" for name in resource.get("name", [])]
        each = [one for name in names for one in (name if isinstance(name, list) else [name])]
        return any(one.casefold().startswith(_plain(asked).casefold()) for one in each)

    return fits


def _updated(resource: Resource, asked: str) -> bool:
    here = datetime.fromisoformat(resource["meta"]["lastUpdated"])
    given = datetime.fromisoformat(asked[2:])
    return {"gt": here > given, "ge": here >= given, "lt": here < given, "le": here <= given}[asked[:2]]


_FITS: dict[str, Callable[[Resource, str], bool]] = {
    "_id": lambda resource, asked: resource["id"] == asked,
    "_lastUpdated": _updated,
    "active": lambda resource, asked: str(resource.get("active", True)).lower() == asked,
    "birthdate": lambda resource, asked: resource.get("birthDate") == asked,
    "category": _coded("category"),
    "code": _coded("code"),
    "family": _named("family"),
    "given": _named("given"),
    "identifier": _identified,
    "patient": _of_patient,
    "status": lambda resource, asked: resource.get("status") == asked,
}
