"""What partner systems hold about a client: asked only when consent is there, and never at the answer's cost.

A partner that fails costs its own rows and one entry in `extensions.sources`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from auth.categories import Category
from auth.consent import Grant
from connectors.base import Failed, FetchRequest, Found, Outcome, Person, Source, Subject
from connectors.matching import partner_ids
from resolvers.request import Batch, Request, SourceNote
from resolvers.rows import ClientRow


@dataclass(frozen=True, slots=True)
class AssistanceRow:
    """What one partner says of one client, and where it comes from."""

    person: UUID
    allowed: Category
    source: Source
    found: Found

    def own_in(self, category: Category) -> bool:
        return False

    def opened_by(self, category: Category) -> tuple[Grant, ...]:
        return ()  # the client who led here was asked

    def fact(self, category: Category, attr: str) -> Any:
        return self.found.values.get(attr)

    @property
    def as_of(self) -> datetime | None:
        """The moment the partner's record speaks of; the beginning of the day where only a day is known."""
        moment = self.found.as_of
        if isinstance(moment, date) and not isinstance(moment, datetime):
            return datetime(moment.year, moment.month, moment.day)
        return moment


def each(category: Category) -> Callable[[Request, ClientRow], Awaitable[list[AssistanceRow] | None]]:
    """The resolver for what partners of one category hold. None = no partner could be asked."""

    async def of_client(request: Request, root: ClientRow) -> list[AssistanceRow] | None:
        sources = [source for source in request.partners.values() if category_of(source) is category]
        answers = await asyncio.gather(*(request.load(_batch(source.name), root) for source in sources))
        found = [
            AssistanceRow(root.person, root.allowed & category, source, outcome)
            for source, outcome in zip(sources, answers, strict=True)
            if isinstance(outcome, Found)
        ]
        if not found and any(isinstance(outcome, Failed) for outcome in answers):
            return None
        return found

    return of_client


def category_of(source: Source) -> Category | None:
    return Category.__members__.get(source.category.upper())


@cache
def _batch(name: str) -> Batch[ClientRow, Outcome]:
    """The batch that asks one partner about many people: one for each partner, so that keys gather."""

    async def ask(request: Request, clients: list[ClientRow]) -> list[Outcome]:
        source = request.partners[name]
        people = {client.person: disclosable(client) for client in clients}
        ids = await partner_ids(request.runtime, source, request.writer, people, request.deadline)
        outcomes = await request.runtime.fetch(source, _question(request, source, ids))
        answers = []
        for client in clients:
            linked = ids[client.person]
            outcome = linked if isinstance(linked, Failed) else outcomes[str(client.person)]
            if isinstance(outcome, Failed):
                request.source_notes.add(SourceNote(source.name, outcome.code.value, outcome.retryable))
            answers.append(outcome)
        return answers

    return ask


def _question(request: Request, source: Source, ids: Mapping[UUID, tuple[str, ...] | Failed]) -> FetchRequest:
    return FetchRequest(
        subjects=tuple(
            Subject(str(person), partner_ids=linked)
            for person, linked in ids.items()
            if not isinstance(linked, Failed)
        ),
        fields=source.fields,
        purpose=request.viewer.purpose.value if request.viewer else "",
        deadline=request.deadline,
    )


def disclosable(client: ClientRow) -> Person:
    """What may be told to a partner to look a client up: no more than this viewer may see themselves.

    Looking up is itself a disclosure. The partner's own category was checked before. What a victim service
    provider alone entered is told to nobody, not even on its own behalf (VAWA 34 USC 12291(b)(2)).
    """
    told = replace(client, records=tuple(record for record in client.records if record.values["tellable"]))
    return Person(
        first_name=told.fact(Category.NAME, "first_name"),
        last_name=told.fact(Category.NAME, "last_name"),
        dob=told.fact(Category.DOB, "dob"),
    )
