"""Matching some sources: read, compare, decide; and, unless it is a trial, link and ask."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hmis.bulk import BulkConnection
from hmis.identity.clusters import Clusters
from hmis.identity.links import LINKING, Node, apart, unite
from hmis.identity.matching import reviewing
from hmis.identity.matching.deciding import Decision, Reason, Terms, decide
from hmis.identity.matching.model import trained
from hmis.identity.matching.reading import Book, read, source_ids
from hmis.identity.matching.rechecking import part_contradicting
from hmis.identity.matching.scoring import Backend, pairs


@dataclass(frozen=True, slots=True)
class Found:
    """What matching came to."""

    records: int
    """That were read."""
    compared: int
    """Those of them with two facts to agree in, of the sources asked for."""
    people: int
    """So far."""
    alike: int
    """Pairs of records with enough bits for a look."""
    parted: int
    """Persons begun because a record that was linked here contradicts the others since; 0 in a trial."""
    united: int
    """People who are one with another, or would be."""
    questions: dict[Reason, int]
    """For somebody, by reason."""
    remembered: int
    """Pairs of people who are alike, and of whom somebody said that they are two."""
    whom: list[UUID]
    """Who was united with another; nobody where nothing was written."""


def _nothing(_: str) -> None: ...


async def match(
    connection: BulkConnection,
    sources: Sequence[str],
    now: datetime,
    *,
    write: bool,
    backend: Backend = Backend.DUCKDB,
    terms: Terms = Terms(),
    say: Callable[[str], None] = _nothing,
) -> Found:
    """Match the records of these sources, of all when none is named, within a transaction of the caller's.

    write: link people and ask; otherwise nothing is written. say: is told what is under way.

    Raises:
        InputRefused: there is no such source.
    """
    ids = await source_ids(connection, sources)
    parted = 0
    if write:
        await connection.execute(LINKING)
        parted = await part_contradicting(connection, ids, now)
    say("reading the records")
    book = await read(connection, ids, now.date())
    say(f"comparing {book.compared} records of {len(book.people)} people")
    found = await asyncio.to_thread(pairs, book.tables, trained(), terms.review, backend)
    book.tables.clear()
    say(f"deciding about {len(found)} pairs")
    involved = {book.person_of[number] for pair in found for number in pair[:2]}
    decision = decide(
        found,
        book.person_of,
        book.facts_of(involved),
        _numbers(book, await apart(connection)),
        await _consenting(connection, book),
        terms,
    )
    if write:
        say("linking and asking")
        await _unite(connection, book, decision, now)
        await reviewing.ask(connection, book, decision.questions, ids, now)
    return Found(
        records=len(book.records),
        compared=book.compared,
        people=len(book.people),
        alike=len(found),
        parted=parted,
        united=sum(len(group) - 1 for group in decision.people),
        questions=dict(Counter(question.reason for question in decision.questions)),
        remembered=decision.remembered,
        whom=[book.people[one] for group in decision.people for one in group] if write else [],
    )


def _numbers(book: Book, nodes: Iterable[tuple[Node, Node]]) -> list[tuple[int, int]]:
    """Pairs of people by their numbers; those who were not read are left out."""
    numbered = []
    for two in nodes:
        one, other = (None if isinstance(node, tuple) else book.number_of(node) for node in two)
        if one is not None and other is not None:
            numbered.append((one, other))
    return numbered


async def _consenting(connection: BulkConnection, book: Book) -> set[int]:
    """Of two people who each agreed to something, or refused it, none is given up (`links.link`)."""
    rows = await connection.fetch("select distinct person_id from consent_grant")
    return {number for (hub_id,) in rows if (number := book.number_of(hub_id)) is not None}


async def _unite(connection: BulkConnection, book: Book, decision: Decision, now: datetime) -> None:
    clusters: Clusters[Node] = Clusters(())
    methods: dict[Node, str] = {}
    for first, *others in decision.people:
        for person in (first, *others):
            methods[book.people[person]] = "MODEL"
            clusters.join(book.people[first], book.people[person])
    await unite(connection, clusters, methods, now)
