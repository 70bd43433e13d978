"""A connector with code that keeps every promise. The broken ones inherit from it and break one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from connectors.base import (
    Changes,
    FetchRequest,
    Found,
    Match,
    NotFound,
    Outcome,
    Person,
    Receipt,
    Row,
    Source,
    Subject,
    Submission,
)
from connectors.config import Config
from connectors.http import Http
from connectors.manifest import Manifest
from connectors.signing import signer
from hmis.errors import FailureCode, SourceFailed

PAGES = 5


class Ledger(Source):
    honours_keys = True

    def __init__(self, manifest: Manifest, config: Config) -> None:
        self.name, self.title, self.version = manifest.id, manifest.name, manifest.version
        self.offers, self.limits = manifest.offers, manifest.limits
        assert manifest.matching is not None
        self.discloses, self.acceptance = manifest.matching.discloses, manifest.matching.acceptance
        self.capabilities = frozenset({"find", "check", "changes", "submit"})
        self.codes = manifest.supplies["FoodAssistance"].fields["programs"].map or {}
        self.http = Http(self.name, config.text("base_url"), self.limits, signer(manifest.auth, config))

    async def send(self, path: str, body: Any, deadline: float, method: Any = "POST") -> Any:
        answer = await self.http.send(method, path, body, deadline=deadline, idempotent=True)
        if not isinstance(answer, dict):
            raise SourceFailed(self.name, FailureCode.BAD_DATA)
        return answer

    async def fetch(self, request: FetchRequest) -> Mapping[str, Outcome]:
        ids = list(dict.fromkeys(value for subject in request.subjects for value in subject.partner_ids))
        held = await self.records(ids, request) if ids else {}
        return {one.key: self.outcome(one, held, request.fields) for one in request.subjects}

    async def records(self, ids: list[str], request: FetchRequest) -> dict[str, dict[str, Any]]:
        held: dict[str, dict[str, Any]] = {}
        page, seen = None, set[Any]()
        for _ in range(PAGES):
            body = {"ids": ids, "fields": self.wanted(request.fields), "page": page}
            answer = await self.send("/records", body, request.deadline)
            held |= self.by_id(ids, answer.get("items"))
            page = answer.get("next")
            if page is None or page in seen:
                break
            seen.add(page)
        return held

    def wanted(self, fields: Iterable[str]) -> list[str]:
        return sorted(fields)

    def by_id(self, ids: list[str], items: Any) -> dict[str, dict[str, Any]]:
        if not isinstance(items, list):
            raise SourceFailed(self.name, FailureCode.BAD_DATA)
        return {item["id"]: item for item in items if item["id"] in ids}

    def outcome(
        self, subject: Subject, held: Mapping[str, dict[str, Any]], fields: frozenset[str]
    ) -> Outcome:
        rows = tuple(
            Row(self.values(held[value], fields), value) for value in subject.partner_ids if value in held
        )
        return Found(rows, "live") if rows else NotFound()

    def values(self, record: dict[str, Any], fields: frozenset[str]) -> dict[str, Any]:
        return {
            name: None if record[name] is None else self.read(name, record[name])
            for name in fields
            if name in record
        }

    def read(self, name: str, raw: Any) -> Any:
        if name == "programs":
            return [self.code(one) for one in raw]
        return date.fromisoformat(raw) if name == "lastVisit" else raw

    def code(self, raw: str) -> str:
        return self.codes.get(raw, self.codes["*"])

    def told(self, person: Person) -> dict[str, Any]:
        return {"first": person.first_name, "last": person.last_name}

    async def find(self, subject: Subject, deadline: float) -> list[Match]:
        person = subject.person
        if person is None or not all(getattr(person, fact) for fact in self.discloses):
            return []
        answer = await self.send("/people", self.told(person), deadline)
        return [Match(item["id"], item["score"]) for item in answer["matches"]]

    async def check(self, deadline: float) -> None:
        await self.send("/status", None, deadline, "GET")

    async def changes(self, cursor: str | None, deadline: float) -> Changes:
        answer = await self.send("/changes", {"since": cursor}, deadline)
        following = answer["next"]
        return Changes(tuple(answer["changed"]), (), following, following not in (None, cursor))

    async def submit(self, submission: Submission, deadline: float) -> Receipt:
        body = {"key": submission.key, "id": submission.partner_id, "status": submission.status}
        answer = await self.send("/referrals", body, deadline)
        return Receipt(answer["reference"], answer["status"])

    async def aclose(self) -> None:
        await self.http.aclose()
