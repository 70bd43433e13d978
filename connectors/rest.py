"""A partner that speaks REST JSON and needs no code of its own: the manifest says it all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time
from typing import Any, TypeVar

from connectors import operations
from connectors.base import (
    Acceptance,
    Capability,
    Changes,
    Failed,
    FetchRequest,
    Found,
    Match,
    NotFound,
    Outcome,
    Person,
    Receipt,
    Source,
    Subject,
    Submission,
)
from connectors.http import Http
from connectors.manifest import Manifest, Operation
from connectors.mapping import Unreadable, fill, items_of, moment, pick, read_field, text_key
from hmis.errors import FailureCode, SourceFailed

Read = TypeVar("Read")


class RestSource(Source):
    """Keeps the contract by what `connector.toml` declares."""

    def __init__(self, manifest: Manifest, http: Http) -> None:
        self.name = manifest.id
        self.title = manifest.name
        self.category = manifest.category
        self.version = manifest.version
        self.fields = frozenset(manifest.fields)
        self.limits = manifest.limits
        self.discloses = manifest.matching.discloses if manifest.matching else frozenset()
        self.acceptance = manifest.matching.acceptance if manifest.matching else Acceptance()
        declared: dict[Capability, bool] = {
            "find": manifest.matching is not None,
            "check": "check" in manifest.operations,
            "changes": "changes" in manifest.operations,
            "submit": "submit" in manifest.operations,
            "track": "track" in manifest.operations,
        }
        self.capabilities = frozenset(name for name, has in declared.items() if has)
        self.honours_keys = "submit" in manifest.operations and bool(
            manifest.operations["submit"].idempotency
        )
        self._manifest = manifest
        self._http = http

    async def fetch(self, request: FetchRequest) -> Mapping[str, Outcome]:
        ids = list(dict.fromkeys(value for subject in request.subjects for value in subject.partner_ids))
        records: dict[str, list[object]] = {value: [] for value in ids}
        operation = self._manifest.operations["fetch"]
        for start in range(0, len(ids), self.limits.batch_max):
            asked = ids[start : start + self.limits.batch_max]
            answer = await self._ask(operation, {"subject_ids": asked}, request.deadline)
            for key, item in self._items(operation, answer):
                if key in records:  # what was not asked about is nobody's
                    records[key].append(item)
        return {
            subject.key: self._outcome(operation, subject, records, request.fields)
            for subject in request.subjects
        }

    def _outcome(
        self,
        operation: Operation,
        subject: Subject,
        records: Mapping[str, list[object]],
        fields: frozenset[str],
    ) -> Outcome:
        found: list[Found] = []
        try:
            for value in subject.partner_ids:
                if len(records[value]) > 1:
                    raise Unreadable("one id came back twice")
                found += [self._found(operation, value, item, fields) for item in records[value]]
        except Unreadable:
            return Failed(FailureCode.BAD_DATA)
        # Known to the partner under several ids: the record it touched last speaks. Adding up would count a
        # visit twice where the partner keeps both records by mistake.
        return max(found, key=_age, default=NotFound())

    def _found(self, operation: Operation, value: str, item: object, fields: frozenset[str]) -> Found:
        declared = self._manifest.fields
        return Found(
            values={name: read_field(declared[name], item) for name in fields & declared.keys()},
            as_of=moment(pick(operation.as_of, item)),
            reference=value,
            live="live",
        )

    async def find(self, subject: Subject, deadline: float) -> list[Match]:
        if self._manifest.matching is None:
            return await super().find(subject, deadline)
        told = _facts(subject.person or Person(), self.discloses)
        if len(told) < len(self.discloses):
            return []  # half a person finds the wrong one
        operation = self._manifest.operations[self._manifest.matching.op]
        answer = await self._ask(operation, told, deadline)
        return [Match(value, self._score(operation, item)) for value, item in self._items(operation, answer)]

    async def check(self, deadline: float) -> None:
        operation = self._manifest.operations.get("check")
        if operation is None:
            return await super().check(deadline)
        await self._ask(operation, {}, deadline)
        return None

    async def changes(self, cursor: str | None, deadline: float) -> Changes:
        operation = self._manifest.operations.get("changes")
        if operation is None:
            return await super().changes(cursor, deadline)
        answer = await self._ask(operation, {"cursor": cursor}, deadline)
        return self._read(operations.changes_of, operation, answer)

    async def submit(self, submission: Submission, deadline: float) -> Receipt:
        operation = self._manifest.operations.get("submit")
        if operation is None:
            return await super().submit(submission, deadline)
        answer = await self._http.send(
            operation.method,
            operation.path,
            fill(operation.body, operations.told(submission)),
            deadline=deadline,
            idempotent=self.honours_keys,
            headers=operations.headers(operation, submission),
        )
        return self._read(operations.receipt_of, operation, answer)

    async def track(self, references: tuple[str, ...], deadline: float) -> Mapping[str, Receipt]:
        operation = self._manifest.operations.get("track")
        if operation is None:
            return await super().track(references, deadline)
        answer = await self._ask(operation, {"references": list(references)}, deadline)
        receipts = [
            self._read(operations.receipt_of, operation, item)
            for item in self._read(items_of, operation.items, answer)
        ]
        return {receipt.reference: receipt for receipt in receipts}

    def _read(self, read: Callable[[Any, object], Read], how: object, answer: object) -> Read:
        try:
            return read(how, answer)
        except Unreadable:
            raise SourceFailed(self.name, FailureCode.BAD_DATA) from None

    async def aclose(self) -> None:
        await self._http.aclose()

    async def _ask(self, operation: Operation, values: Mapping[str, object], deadline: float) -> object:
        body = fill(operation.body, values) if operation.method == "POST" else None
        # Reading: asking twice does no harm.
        return await self._http.send(
            operation.method, operation.path, body, deadline=deadline, idempotent=True
        )

    def _items(self, operation: Operation, answer: object) -> Iterable[tuple[str, object]]:
        try:
            return [(text_key(operation.key, item), item) for item in items_of(operation.items, answer)]
        except Unreadable:
            raise SourceFailed(self.name, FailureCode.BAD_DATA) from None

    def _score(self, operation: Operation, item: object) -> int:
        score = pick(operation.score, item)
        if isinstance(score, bool) or not isinstance(score, int | float) or not 0 <= score <= 100:
            raise SourceFailed(self.name, FailureCode.BAD_DATA)
        return int(score)  # rounding down never lifts a match over the threshold


def _facts(person: Person, discloses: frozenset[str]) -> dict[str, object]:
    """Exactly what `discloses` names of the person, as placeholders call it."""
    known = {"first_name": person.first_name, "last_name": person.last_name, "dob": person.dob}
    return {f"person.{name}": known[name] for name in discloses if known[name]}


def _age(found: Found) -> datetime:
    if isinstance(found.as_of, datetime):
        return found.as_of
    day = found.as_of if isinstance(found.as_of, date) else date.min
    return datetime.combine(day, time(), UTC)
