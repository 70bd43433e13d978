"""Matching on behalf of an operator: in one transaction, and in the audit with everybody it was about."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncEngine

from auth import audit
from gateway.command import operator
from hmis.bulk import BULK_SETTINGS, bulk
from hmis.identity.matching import answering, reviewing, run
from hmis.identity.matching.reviewing import Open
from hmis.identity.matching.run import Found
from hmis.identity.matching.scoring import Backend

_APPLICATION = "hmis-hub-cli"
_LINES = 5_000
"""People in one event of the audit."""

_WHY = {
    "UNSURE": "alike, and less than it takes",
    "FEW_FACTS": "alike in what people of one family share",
    "BIRTH_DATE": "the birth dates are of two people",
    "SSN": "the SSNs are of two people",
    "NEAR_EQUAL": "another candidate is about as alike, and both cannot be meant",
    "SAID_APART": "somebody said of others who would be the same person that they are not",
    "CONSENT": "each has agreed to something or refused it",
    "TOO_MANY": "they would be one of very many records",
}


async def match(
    engine: AsyncEngine,
    sources: Sequence[str],
    now: datetime,
    zone: ZoneInfo,
    *,
    write: bool,
    backend: str,
    say: Callable[[str], None],
) -> Found:
    """Match the records of these sources, of all when none is named. Nothing is written unless `write`.

    Raises:
        InputRefused: there is no such source.
        AuditUnavailable: no audit, nothing written.
    """
    async with engine.connect() as connection:
        raw = await bulk(connection)
        async with raw.transaction():
            await raw.execute(BULK_SETTINGS)
            if not write:
                await raw.execute("set transaction read only")
            found = await run.match(raw, sources, now, write=write, backend=Backend(backend), say=say)
            await _audited(engine, "match" if write else "match --dry-run", found.whom, now, zone)
    return found


async def review(engine: AsyncEngine, limit: int, now: datetime, zone: ZoneInfo) -> list[Open]:
    """The open questions, the most alike first.

    Raises:
        AuditUnavailable: no audit, no answer.
    """
    async with engine.connect() as connection:
        raw = await bulk(connection)
        async with raw.transaction():
            questions = await reviewing.open_questions(raw, limit)
    people = dict.fromkeys(person for one in questions for person in (one.one, one.other))
    await _audited(engine, "match review", people, now, zone)
    return questions


async def decide(
    engine: AsyncEngine,
    question: UUID,
    now: datetime,
    zone: ZoneInfo,
    *,
    same: bool,
    consent_of: UUID | None,
) -> UUID:
    """Answer a question, and return the hub id that is left where they are one.

    Raises:
        InputRefused: there is no such open question, or what was said of consent does not fit.
        AuditUnavailable: no audit, nothing written.
    """
    async with engine.connect() as connection:
        raw = await bulk(connection)
        async with raw.transaction():
            people = await answering.decided(raw, question, operator(), now, same=same, consent_of=consent_of)
            await _audited(engine, "match decide", people, now, zone)
    return people[0]


async def _audited(
    engine: AsyncEngine, name: str, people: Collection[UUID], now: datetime, zone: ZoneInfo
) -> None:
    """Write who did it and whom it was about; nobody was told a value, so nothing was disclosed."""
    digest, today = sha256(name.encode()).hexdigest(), now.astimezone(zone).date()
    those = list(people)
    for start in range(0, max(len(those), 1), _LINES):
        trail = audit.Trail(about_people=True)
        for person in those[start : start + _LINES]:
            trail.of(person)
        await audit.write(
            engine,
            audit.Operation(str(uuid4()), name, digest, today),
            trail,
            subject=operator(),
            application=_APPLICATION,
            viewer=None,
            outcome="ANSWERED",
        )


def as_dict(found: Found) -> dict[str, Any]:
    """The figures for programs."""
    return {name: value for name, value in asdict(found).items() if name != "whom"}


def in_words(found: Found, *, dry_run: bool) -> Iterator[str]:
    """The figures for people."""
    would = "would be" if dry_run else "are"
    yield f"{found.records} records of {found.people} people were read, {found.compared} compared."
    if found.parted:
        yield f"{found.parted} records were parted: they were corrected, and contradict their person since."
    yield f"{found.alike} pairs of records are alike; {found.united} people {would} one with another."
    yield f"{sum(found.questions.values())} questions {would} for somebody to answer:"
    for reason, count in sorted(found.questions.items(), key=lambda item: -item[1]):
        yield f"  {count:>8}  {_WHY[reason]}"
    yield f"{found.remembered} pairs stay apart because somebody said so."


def question_as_dict(question: Open) -> dict[str, Any]:
    """One question for programs."""
    return {
        "id": str(question.id),
        "people": [
            {"id": str(question.one), "records": question.one_records},
            {"id": str(question.other), "records": question.other_records},
        ],
        "reason": question.reason,
        "weight": question.weight,
        "margin": question.margin,
        "evidence": question.evidence,
        "raised_at": question.raised_at.isoformat(),
    }


def question_in_words(question: Open) -> Iterator[str]:
    """One question for people, with how its weight comes about."""
    yield f"{question.id}  {question.weight:+.1f} bits: {_WHY[question.reason]}"
    for person, records in (
        (question.one, question.one_records),
        (question.other, question.other_records),
    ):
        yield f"  {person}  {', '.join(records)}"
    for step in question.evidence:
        bar = ("+" if step["bits"] > 0 else "-") * min(30, round(abs(step["bits"])))
        yield f"  {step['fact']:<16} {step['says']:<14} {step['bits']:>+7.1f}  {bar}".rstrip()
    yield ""
