"""What partner systems hold about a client: asked only when consent is there, and never at the answer's cost.

A partner that fails costs its own rows and one entry in `extensions.sources`.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any
from uuid import UUID

from auth.categories import NOTHING, Category
from auth.consent import PARTNER_RECORD, Grant, Opened
from auth.obligations import opening
from connectors import cache as kept
from connectors.base import (
    Failed,
    FetchRequest,
    Found,
    Labelled,
    Offer,
    Outcome,
    Person,
    Row,
    Source,
    Subject,
)
from connectors.crosswalk import InForce, in_force_at
from connectors.matching import partner_ids
from connectors.runtime import Right
from hmis.errors import FailureCode
from hmis.labels import named
from resolvers.request import Batch, Request, SourceNote
from resolvers.rows import ClientRow

STALE = "STALE"
"""Nothing failed: what the partner lays out is older than its manifest promises."""


@dataclass(frozen=True, slots=True)
class PartnerRow:
    """One record that a partner holds of one client, and where it comes from."""

    person: UUID
    opened: Opened
    source: Source
    found: Found
    row: Row

    @property
    def allowed(self) -> Category:
        return self.opened.allowed

    def own_in(self, category: Category) -> bool:
        return False

    def opened_by(self, category: Category) -> tuple[Grant, ...]:
        # Of their own: an agency that entered the client itself was let in here by a grant all the same.
        return opening(self.opened, category)

    def fact(self, category: Category, attr: str) -> Any:
        value = self.row.values.get(attr)
        if not isinstance(value, Labelled):
            return value
        return value.value if self.opened.shows(category, named(value.labels)) else None

    @property
    def as_of(self) -> datetime | None:
        """The moment the partner's record speaks of; the beginning of the day where only a day is known."""
        moment = self.row.as_of
        if isinstance(moment, date) and not isinstance(moment, datetime):
            return datetime(moment.year, moment.month, moment.day)
        return moment


async def of_client(
    request: Request, root: ClientRow, noun: str, category: Category, asked: frozenset[str], place: str
) -> list[PartnerRow] | None:
    """What partners hold of one noun, as far as consent reaches. None = no partner could be asked.

    asked: the fields wanted. place: where this stands in the schema, for what is said to be withheld.
    """
    # An own record opens its categories to the agency that entered it; what a partner holds is nobody's own.
    if not root.decision.of(PARTNER_RECORD).allowed & category:
        request.withhold(root.person, category, place)
        return None
    supplying = [source for source in request.partners.values() if noun in source.offers]
    sources = [source for source in supplying if source.name not in request.lapsed]
    closed = [source for source in supplying if source.name in request.lapsed]
    # Without an agreement in force the partner hears nothing; only an operator can mend that.
    request.source_notes |= {SourceNote(source.name, FailureCode.CONFIG.value, False) for source in closed}
    answers = await asyncio.gather(
        *(
            request.load(_batch(source.name, noun, asked & source.offers[noun].fields), root)
            for source in sources
        )
    )
    rows = [
        PartnerRow(root.person, opened, source, found, row)
        for source, found in zip(sources, answers, strict=True)
        if isinstance(found, Found)
        for row in found.rows
        if (opened := _opened(root, row)).allowed & category
    ]
    if not rows and (closed or any(isinstance(answer, Failed) for answer in answers)):
        return None
    return rows


def category_of(source: Source) -> Category | None:
    """The categories of all that it supplies of people, together; None = it supplies nothing of anybody."""
    return together(source.offers) or None


def together(offers: Mapping[str, Offer]) -> Category:
    """The categories of all that is offered of people."""
    found = NOTHING
    for offer in offers.values():
        found |= Category.__members__.get(offer.category.upper(), NOTHING)
    return found


def _opened(client: ClientRow, row: Row) -> Opened:
    """What is open of one record. A labelled one is silently not there without a grant naming the label."""
    return client.decision.of(replace(PARTNER_RECORD, labels=named(row.labels)))


@dataclass(frozen=True, slots=True)
class _Whom:
    """Somebody to look up at a partner: once in an operation, however often and variously it asks."""

    person: UUID
    client: ClientRow = field(compare=False)


async def _said(request: Request, asked: list[tuple[str, UUID]]) -> list[InForce]:
    """What is said of partners' records of people, by partner and person: one statement for all of them."""
    names, people = {name for name, _ in asked}, {person for _, person in asked}
    said = await in_force_at(request.writer, names, people)
    return [said[name] for name, _ in asked]


@cache
def _ids(name: str) -> Batch[_Whom, tuple[str, ...] | Failed]:
    """The batch that finds out what a partner calls people. Asking it is a disclosure of its own."""

    async def look_up(request: Request, whom: list[_Whom]) -> list[tuple[str, ...] | Failed]:
        people = {one.person: disclosable(one.client) for one in whom}
        source = request.partners[name]
        right = _right(request, {str(one.person): _consent(one.client) for one in whom})
        # Asked for together, they are answered together: one says it of all.
        said, *_ = await asyncio.gather(*(request.load(_said, (name, one.person)) for one in whom))
        found = await partner_ids(
            request.runtime, source, request.writer, people, request.answer_by(), right, said
        )
        return [found[one.person] for one in whom]

    return look_up


@lru_cache(maxsize=1024)
def _batch(name: str, noun: str, fields: frozenset[str]) -> Batch[ClientRow, Outcome]:
    """The batch that asks one partner about many people: one for each question, so that keys gather."""

    async def ask(request: Request, clients: list[ClientRow]) -> list[Outcome]:
        source = request.partners[name]
        with request.away():
            linked_to = await asyncio.gather(
                *(request.load(_ids(name), _Whom(client.person, client)) for client in clients)
            )
            ids = {client.person: found for client, found in zip(clients, linked_to, strict=True)}
            question = _question(request, noun, fields, ids)
            consents = {str(client.person): _consent(client) for client in clients}
            outcomes = await kept.fetch(
                request.runtime,
                request.writer,
                source,
                question,
                consents.__getitem__,
                request.now,
                _right(request, consents),
            )
        answers: list[Outcome] = []
        for client in clients:
            linked = ids[client.person]
            outcome = linked if isinstance(linked, Failed) else outcomes[str(client.person)]
            if note := _note(source, outcome):
                request.source_notes.add(note)
            answers.append(outcome)
        return answers

    return ask


def _note(source: Source, outcome: Outcome) -> SourceNote | None:
    """What the answer says of a source beside its rows: that it failed, or that it speaks of an older day."""
    if isinstance(outcome, Failed):
        return SourceNote(source.name, outcome.code.value, outcome.retryable)
    if not isinstance(outcome, Found) or not outcome.stale:
        return None
    moments = [moment.isoformat() for row in outcome.rows if (moment := row.as_of) is not None]
    instead_of = outcome.instead_of
    code, retryable = (instead_of.code.value, instead_of.retryable) if instead_of else (STALE, False)
    return SourceNote(source.name, code, retryable, stale=True, as_of=min(moments, default=None))


def _consent(client: ClientRow) -> kept.Consent:
    """By what this client may be asked about: another grant, or one less, makes it another question."""
    grants = " ".join(str(grant) for grant in client.decision.grants)
    told = f"{grants} {client.decision.break_glass} {[order.id for order in client.decision.orders]}"
    return kept.Consent(int(client.allowed), hashlib.sha256(told.encode()).hexdigest()[:16])


def _right(request: Request, consents: Mapping[str, kept.Consent]) -> Right:
    """By what right this viewer asks about people: with any of it different, it is another's question."""
    viewer = (request.issuer, request.viewer, request.as_of)
    return lambda key: (viewer, consents[key])


def _question(
    request: Request, noun: str, fields: frozenset[str], ids: Mapping[UUID, tuple[str, ...] | Failed]
) -> FetchRequest:
    return FetchRequest(
        subjects=tuple(
            Subject(str(person), partner_ids=linked)
            for person, linked in ids.items()
            if not isinstance(linked, Failed)
        ),
        noun=noun,
        fields=fields,
        purpose=request.viewer.purpose.value if request.viewer else "",
        deadline=request.answer_by(),
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
