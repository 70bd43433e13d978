"""A source that lives in this process and keeps the contract: for tests, and to read how one is written."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from connectors.base import (
    Acceptance,
    Capability,
    Changes,
    FetchRequest,
    Found,
    Limits,
    Match,
    NotFound,
    Offer,
    Outcome,
    Person,
    Receipt,
    Row,
    Source,
    Subject,
    Submission,
)
from hmis.errors import FailureCode, SourceFailed


@dataclass(slots=True)
class Record:
    """What the partner holds under one id."""

    person: Person
    values: Mapping[str, object] = field(default_factory=dict)
    as_of: datetime | date = datetime(2026, 1, 1, tzinfo=UTC)
    labels: frozenset[str] = frozenset()


class MemorySource(Source):
    """Answers from `records`, partner id -> Record.

    asked, looked_up: what reached the "partner", in order. fault: raised instead of any answer.
    pages: what `changes` answers, by the cursor asked with. submitted: every submission that came in;
    receipts: how each referral stands, by reference.
    gate: while set and closed, answers wait for it. reached: set whenever a question has come in.
    """

    def __init__(
        self,
        records: Mapping[str, Record],
        *,
        name: str = "memory",
        title: str = "A partner in memory",
        noun: str = "FoodAssistance",
        category: str = "food",
        fields: frozenset[str] | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.name = name
        self.title = title
        self.version = "1-memory"
        held = fields or frozenset(key for record in records.values() for key in record.values)
        self.offers = {noun: Offer(category, held)}
        self.capabilities: frozenset[Capability] = frozenset({"find", "check", "changes", "submit", "track"})
        self.discloses = frozenset({"first_name", "last_name", "dob"})
        self.acceptance = Acceptance()
        self.limits = limits or Limits()
        self.records = dict(records)
        self.honours_keys = True
        self.pages: dict[str | None, Changes] = {}
        self.submitted: list[Submission] = []
        self.receipts: dict[str, Receipt] = {}
        self._by_key: dict[str, Receipt] = {}
        self.asked: list[FetchRequest] = []
        self.looked_up: list[Person] = []
        self.fault: SourceFailed | None = None
        self.gate: asyncio.Event | None = None
        self.reached = asyncio.Event()

    async def fetch(self, request: FetchRequest) -> Mapping[str, Outcome]:
        asked = tuple(subject for subject in request.subjects if subject.partner_ids)
        if asked:
            self.asked.append(request)
            await self._answering()
        return {subject.key: self._outcome(subject, request.fields) for subject in request.subjects}

    def _outcome(self, subject: Subject, fields: frozenset[str]) -> Outcome:
        for value in subject.partner_ids:
            if record := self.records.get(value):
                kept = {key: record.values[key] for key in record.values.keys() & fields}
                return Found((Row(kept, value, record.as_of, record.labels),), "live")
        return NotFound()

    async def find(self, subject: Subject, deadline: float) -> list[Match]:
        person = subject.person
        if person is None or None in (person.first_name, person.last_name, person.dob):
            return []
        self.looked_up.append(person)
        await self._answering()
        return [Match(value, 100) for value, record in self.records.items() if record.person == person]

    async def check(self, deadline: float) -> None:
        await self._answering()

    async def changes(self, cursor: str | None, deadline: float) -> Changes:
        await self._answering()
        return self.pages.get(cursor, Changes((), (), cursor, more=False))

    async def submit(self, submission: Submission, deadline: float) -> Receipt:
        await self._answering()
        self.submitted.append(submission)
        if submission.key not in self._by_key:
            self._by_key[submission.key] = self._taken(submission)
        return self._by_key[submission.key]

    def _taken(self, submission: Submission) -> Receipt:
        reference = submission.reference or f"R-{len(self.receipts) + 1}"
        known = self.receipts.get(reference)
        if known is not None and submission.version != known.version:
            raise SourceFailed(self.name, FailureCode.CONFLICT)
        version = str(int(known.version or 0) + 1) if known else "1"
        status = submission.status if known else "RECEIVED"
        self.receipts[reference] = receipt = Receipt(reference, status, version)
        return receipt

    async def track(self, references: tuple[str, ...], deadline: float) -> Mapping[str, Receipt]:
        await self._answering()
        return {one: self.receipts[one] for one in references if one in self.receipts}

    async def _answering(self) -> None:
        self.reached.set()
        if self.gate is not None:
            await self.gate.wait()
        if self.fault is not None:
            raise self.fault
