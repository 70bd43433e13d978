"""A partner that speaks REST JSON and needs no code of its own: the manifest says it all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, TypeVar

from connectors import operations
from connectors.base import (
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
    Row,
    Subject,
    Submission,
)
from connectors.declared import DeclaredSource
from connectors.http import Http
from connectors.manifest import Manifest
from connectors.mapping import Unreadable, fill, items_of, pick, read_rows, text_key
from connectors.operation import Operation
from connectors.supply import Supply
from hmis.errors import FailureCode, SourceFailed

Transforms = Mapping[str, Callable[[object], object]]
"""Operation -> what turns the partner's answer into one that paths can read."""


@dataclass(frozen=True, slots=True)
class Page:
    """What one call gave. unread: ids of which the partner said that it could not read them."""

    items: Iterable[tuple[str, object]]
    unread: frozenset[str] = frozenset()


Read = TypeVar("Read")


class RestSource(DeclaredSource):
    """Keeps the contract by what `connector.toml` declares."""

    def __init__(self, manifest: Manifest, http: Http, transforms: Transforms | None = None) -> None:
        declared: dict[Capability, bool] = {
            "find": manifest.matching is not None,
            "check": "check" in manifest.operations,
            "changes": "changes" in manifest.operations,
            "submit": "submit" in manifest.operations,
            "track": "track" in manifest.operations,
        }
        super().__init__(manifest, {name for name, has in declared.items() if has})
        self.honours_keys = "submit" in manifest.operations and bool(
            manifest.operations["submit"].idempotency
        )
        self.manifest = manifest
        self.http = http
        self._transforms = transforms or {}

    async def fetch(self, request: FetchRequest) -> Mapping[str, Outcome]:
        ids = list(dict.fromkeys(value for subject in request.subjects for value in subject.partner_ids))
        records: dict[str, list[object]] = {value: [] for value in ids}
        unread: set[str] = set()
        operation = self.manifest.operations["fetch"]
        for start in range(0, len(ids), self.limits.batch_max):
            asked = ids[start : start + self.limits.batch_max]
            page = await self._page(asked, request)
            unread |= page.unread
            for key, item in page.items:
                if key in records:  # what was not asked about is nobody's
                    records[key].append(item)
        supply = self.manifest.supplies[request.noun]
        return {
            subject.key: self._outcome(operation, supply, subject, records, request.fields)
            if unread.isdisjoint(subject.partner_ids)
            else Failed(FailureCode.BAD_DATA)
            for subject in request.subjects
        }

    async def _page(self, ids: list[str], request: FetchRequest) -> Page:
        """Records of these ids, by the partner's id of each."""
        answer = await self._ask("fetch", {"subject_ids": ids}, request.deadline)
        return Page(self._items(self.manifest.operations["fetch"], answer))

    def _outcome(
        self,
        operation: Operation,
        supply: Supply,
        subject: Subject,
        records: Mapping[str, list[object]],
        fields: frozenset[str],
    ) -> Outcome:
        rows: list[Row] = []
        try:
            for value in subject.partner_ids:
                if len(records[value]) > 1:
                    raise Unreadable("one id came back twice")
                for item in records[value]:
                    rows += read_rows(supply, fields, value, item, operation.as_of)
        except Unreadable:
            return Failed(FailureCode.BAD_DATA)
        if not rows:
            return NotFound()
        # Known to the partner under several ids: the record it touched last speaks. Adding up would count a
        # visit twice where the partner keeps both records by mistake.
        return Found((max(rows, key=_age),) if supply.rows is None else tuple(rows), "live")

    async def find(self, subject: Subject, deadline: float) -> list[Match]:
        if self.manifest.matching is None:
            return await super().find(subject, deadline)
        told = _facts(subject.person or Person(), self.discloses)
        if len(told) < len(self.discloses):
            return []  # half a person finds the wrong one
        operation = self.manifest.operations[self.manifest.matching.op]
        answer = await self._ask(self.manifest.matching.op, told, deadline)
        return [
            Match(value, self._score(operation, item), self._dob(operation, item))
            for value, item in self._items(operation, answer)
        ]

    async def check(self, deadline: float) -> None:
        if "check" not in self.capabilities:
            return await super().check(deadline)
        await self._ask("check", {}, deadline)
        return None

    def retries(self) -> int:
        return self.http.retries

    async def changes(self, cursor: str | None, deadline: float) -> Changes:
        if "changes" not in self.capabilities:
            return await super().changes(cursor, deadline)
        answer = await self._ask("changes", {"cursor": cursor}, deadline)
        return self._read(operations.changes_of, self.manifest.operations["changes"], answer)

    async def submit(self, submission: Submission, deadline: float) -> Receipt:
        operation = self.manifest.operations.get("submit")
        if operation is None:
            return await super().submit(submission, deadline)
        answer = await self.http.send(
            operation.method,
            operation.path,
            fill(operation.body, operations.told(submission)),
            deadline=deadline,
            idempotent=self.honours_keys,
            headers=operations.headers(operation, submission),
        )
        return self._read(operations.receipt_of, operation, answer)

    async def track(self, references: tuple[str, ...], deadline: float) -> Mapping[str, Receipt]:
        operation = self.manifest.operations.get("track")
        if operation is None:
            return await super().track(references, deadline)
        answer = await self._ask("track", {"references": list(references)}, deadline)
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
        await self.http.aclose()

    async def _ask(self, name: str, values: Mapping[str, object], deadline: float) -> object:
        operation = self.manifest.operations[name]
        body = fill(operation.body, values) if operation.method == "POST" else None
        # Reading: asking twice does no harm.
        answer = await self.http.send(
            operation.method, operation.path, body, deadline=deadline, idempotent=True
        )
        transform = self._transforms.get(name)
        return answer if transform is None else transform(answer)

    def _items(self, operation: Operation, answer: object) -> Iterable[tuple[str, object]]:
        return self.keyed(operation, self._read(items_of, operation.items, answer))

    def keyed(self, operation: Operation, items: Iterable[object]) -> list[tuple[str, object]]:
        """Each item with the partner's id of it."""
        return [(self._read(text_key, operation.key, item), item) for item in items]

    def _score(self, operation: Operation, item: object) -> int:
        score = pick(operation.score, item)
        if isinstance(score, bool) or not isinstance(score, int | float) or not 0 <= score <= 100:
            raise SourceFailed(self.name, FailureCode.BAD_DATA)
        return int(score)  # rounding down never lifts a match over the threshold

    def _dob(self, operation: Operation, item: object) -> date | None:
        born = pick(operation.dob, item)
        if born is None:
            return None
        try:
            return date.fromisoformat(born)
        except (TypeError, ValueError):
            # One that cannot be read might be one that contradicts.
            raise SourceFailed(self.name, FailureCode.BAD_DATA) from None


def _facts(person: Person, discloses: frozenset[str]) -> dict[str, object]:
    """Exactly what `discloses` names of the person, as placeholders call it."""
    known = {"first_name": person.first_name, "last_name": person.last_name, "dob": person.dob}
    return {f"person.{name}": known[name] for name in discloses if known[name]}


def _age(row: Row) -> datetime:
    if isinstance(row.as_of, datetime):
        return row.as_of
    day = row.as_of if isinstance(row.as_of, date) else date.min
    return datetime.combine(day, time(), UTC)
