"""The crosswalk: which records of partners are said to be whose, and the questions about the others.

Everything written here goes through `may_remember`, so that two requests that find the same person at once
write one link, and none is written about somebody who took back their consent meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Table,
    Text,
    Uuid,
    any_,
    bindparam,
    cast,
    exists,
    func,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from connectors.judging import Reason
from hmis.database import read
from hmis.identity.forgetting import may_remember
from hmis.sentence import sentence
from hmis.tables.partner_link import match_candidate, partner_link
from hmis.tables.sync import partner_tombstone


class State(StrEnum):
    """What became of a question."""

    OPEN = "OPEN"
    CONFIRMED = "CONFIRMED"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"
    """No rule asks any more: it could link by itself, or sees nobody there now."""


RECORD = "RECORD"
"""The namespace of the connector's own record ids: what the partner is asked by."""

Found = Literal["SHARED_ID", "TOKEN", "NAME_DOB", "FIND"]
"""The rungs of the ladder that a rule climbs."""
Method = Literal["SHARED_ID", "TOKEN", "NAME_DOB", "FIND", "STAFF"]
_CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class Link:
    """One record said to be about a person. score None = the method gives none."""

    value: str
    method: str
    score: int | None


@dataclass(frozen=True, slots=True)
class Pair:
    """A person and a record, and what speaks for it. evidence: names of facts, never values."""

    person: UUID
    value: str
    method: Found
    score: int | None = None
    evidence: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Doubt:
    """A pair that no rule may link, and why."""

    pair: Pair
    reason: Reason
    margin: int | None = None


@dataclass(frozen=True, slots=True)
class InForce:
    """What is said of some people's records of one partner."""

    links: dict[UUID, tuple[Link, ...]] = field(default_factory=dict)
    rejected: dict[UUID, frozenset[str]] = field(default_factory=dict)


_LINK, _GONE = partner_link.c, partner_tombstone.c
_IN_FORCE = (
    select(_LINK.connector, _LINK.person_id, _LINK.value, _LINK.method, _LINK.score, _LINK.status)
    .where(
        _LINK.connector == any_(bindparam("connectors", type_=ARRAY(Text))),
        _LINK.namespace == literal_column(f"'{RECORD}'"),
        _LINK.valid_to.is_(None),
        _LINK.person_id == any_(bindparam("people", type_=ARRAY(Uuid))),
        # A record that is gone is nobody's any more; when it comes back its links are there.
        ~exists().where(_GONE.connector == _LINK.connector, _GONE.value == _LINK.value),
    )
    .order_by(_LINK.id)
)
_SENTENCE = sentence(_IN_FORCE)


async def links(
    connection: AsyncConnection, connector: str, people: Collection[UUID]
) -> dict[UUID, tuple[Link, ...]]:
    """The links in force of these people, in one statement; people without any are absent."""
    found = await in_force(connection, connector, people)
    return dict(found.links)


async def in_force(connection: AsyncConnection, connector: str, people: Collection[UUID]) -> InForce:
    """Links and rejections in force of these people, in one statement."""
    asked = {"connectors": [connector], "people": list(people)}
    return _told([connector], await connection.execute(_IN_FORCE, asked))[connector]


async def in_force_at(
    engine: AsyncEngine, connectors: Collection[str], people: Collection[UUID]
) -> Mapping[str, InForce]:
    """The same of several partners, by connector: one statement in one round trip."""
    asked = {"connectors": list(connectors), "people": list(people)}
    return _told(connectors, await read(engine, _SENTENCE, asked))


def _told(connectors: Iterable[str], found: Iterable[Any]) -> Mapping[str, InForce]:
    said = {connector: InForce() for connector in connectors}
    for connector, person, value, method, score, status in found:
        of = said[connector]
        if status == "CONFIRMED":
            of.links[person] = (*of.links.get(person, ()), Link(value, method, score))
        else:
            of.rejected[person] = of.rejected.get(person, frozenset()) | {value}
    return said


async def remember(connection: AsyncConnection, connector: str, pairs: Collection[Pair]) -> int:
    """Write links that are new, and close the questions they answer. Returns how many.

    A pair with a word in force, be it a link or a rejection, stays as it is.
    """
    known = await may_remember(connection, {pair.person for pair in pairs}, connector)
    rows = [_row(connector, pair) for pair in pairs if pair.person in known]
    made: list[tuple[UUID, str]] = []
    for start in range(0, len(rows), _CHUNK):
        statement = (
            insert(partner_link)
            .on_conflict_do_nothing()
            .returning(partner_link.c.person_id, partner_link.c.value)
        )
        made += [
            (person, value)
            for person, value in await connection.execute(statement, rows[start : start + _CHUNK])
        ]
    await close(connection, connector, made)
    return len(made)


async def ask(connection: AsyncConnection, connector: str, doubts: Collection[Doubt]) -> None:
    """Raise questions. One that was raised before is brought up to date; one that was decided stays so."""
    known = await may_remember(connection, {doubt.pair.person for doubt in doubts}, connector)
    rows = [
        {**_row(connector, doubt.pair), "reason": doubt.reason.value, "margin": doubt.margin}
        for doubt in doubts
        if doubt.pair.person in known
    ]
    told = insert(match_candidate)
    again = {name: told.excluded[name] for name in ("method", "reason", "score", "margin", "evidence")}
    statement = told.on_conflict_do_update(
        index_elements=["person_id", "connector", "namespace", "value"],
        set_={**again, "state": State.OPEN.value},
        where=match_candidate.c.decided_by.is_(None),
    )
    for start in range(0, len(rows), _CHUNK):
        await connection.execute(statement, rows[start : start + _CHUNK])


async def close(connection: AsyncConnection, connector: str, pairs: Collection[tuple[UUID, str]]) -> None:
    """Withdraw open questions about these pairs: they are linked, or no rule would ask any more."""
    if pairs:
        await connection.execute(
            update(match_candidate)
            .where(match_candidate.c.state == State.OPEN.value, *_those(match_candidate, connector, pairs))
            .values(state=State.WITHDRAWN.value)
        )


async def open_questions(
    connection: AsyncConnection, connector: str, methods: Collection[str]
) -> set[tuple[UUID, str]]:
    """The pairs that these rungs have asked about and nobody has decided."""
    candidate = match_candidate.c
    rows = await connection.execute(
        select(candidate.person_id, candidate.value).where(
            candidate.connector == connector,
            candidate.namespace == RECORD,
            candidate.state == State.OPEN.value,
            candidate.method.in_(methods),
        )
    )
    return {(person, value) for person, value in rows}


async def end(connection: AsyncConnection, connector: str, pairs: Collection[tuple[UUID, str]]) -> None:
    """End what is in force about these pairs. It stays on record until it is forgotten."""
    if pairs:
        await connection.execute(
            update(partner_link)
            .where(partner_link.c.valid_to.is_(None), *_those(partner_link, connector, pairs))
            .values(valid_to=func.now())
        )


async def say(
    connection: AsyncConnection,
    connector: str,
    person: UUID,
    value: str,
    said: Literal[State.CONFIRMED, State.REJECTED],
) -> None:
    """Somebody said that this record is about this person, or is not, whatever was in force before.

    No rule links a pair that was rejected, nor ends a link that was confirmed.
    """
    await end(connection, connector, [(person, value)])
    await connection.execute(
        insert(partner_link).values(
            person_id=person, connector=connector, value=value, method="STAFF", status=said.value
        )
    )


async def decide(
    connection: AsyncConnection,
    question: UUID,
    said: Literal[State.CONFIRMED, State.REJECTED],
    by: str,
    now: datetime,
) -> State | None:
    """Answer a question and write the word down. Returns how the question stands now; None = there is none.

    The first answer stands: a question that is no longer open stays as it is.
    """
    candidate = match_candidate.c
    of = await connection.execute(
        select(candidate.person_id, candidate.connector).where(candidate.id == question)
    )
    row = of.one_or_none()
    # The person before the question, as whoever forgets does.
    if row is None or not await may_remember(connection, [row.person_id], row.connector):
        return None
    asked = await connection.execute(
        update(match_candidate)
        .where(candidate.id == question, candidate.state == State.OPEN.value)
        .values(state=said.value, decided_by=by, decided_at=now)
        .returning(candidate.value)
    )
    value = asked.scalar_one_or_none()
    if value is not None:
        await say(connection, row.connector, row.person_id, value, said)
        return said
    stands = await connection.scalar(select(candidate.state).where(candidate.id == question))
    return State(stands) if stands is not None else None


def _row(connector: str, pair: Pair) -> dict[str, object]:
    return {
        "person_id": pair.person,
        "connector": connector,
        "namespace": RECORD,
        "value": pair.value,
        "method": pair.method,
        "score": pair.score,
        "evidence": dict(pair.evidence),
    }


def _those(
    table: Table, connector: str, pairs: Collection[tuple[UUID, str]]
) -> tuple[ColumnElement[bool], ...]:
    """The rows about these pairs."""
    people = cast([person for person, _ in pairs], ARRAY(Uuid))
    values = cast([value for _, value in pairs], ARRAY(Text))
    named = func.unnest(people, values).table_valued("person", "value", name="named").render_derived()
    return (
        table.c.connector == connector,
        table.c.namespace == RECORD,
        table.c.person_id == named.c.person,
        table.c.value == named.c.value,
    )
