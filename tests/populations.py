"""A seeded population in the tables: every record a person of its own, and how well matching found them."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncEngine

from hmis.bulk import bulk
from hmis.community.population import Line
from hmis.community.teaching import rows_of
from hmis.community.writing import Written
from hmis.identity.matching.deciding import Decision, Facts, Terms, decide
from hmis.identity.matching.model import trained
from hmis.identity.matching.scoring import Backend, Pair, Row, pairs, table_of


@dataclass(frozen=True)
class Figures:
    """How well the people of a truth table were found, by pairs of records."""

    precision: float
    """Of the pairs that were linked, those of one person."""
    recall: float
    """Of the pairs of one person, those that were linked."""
    wrong: int
    linked: int


def figures(groups: Iterable[Sequence[int]], truth: Sequence[int]) -> Figures:
    """groups: records that were found to be one person's, by number. truth: record -> person."""
    right = wrong = 0
    for group in groups:
        for one, other in combinations(group, 2):
            if truth[one] == truth[other]:
                right += 1
            else:
                wrong += 1
    there = sum(size * (size - 1) // 2 for size in Counter(truth).values())
    return Figures(right / max(right + wrong, 1), right / max(there, 1), wrong, right + wrong)


@dataclass(frozen=True)
class Compared:
    """Records that are each a person of their own, whose they really are, and who is alike."""

    lines: Sequence[Line]
    rows: list[Row]
    pairs: list[Pair]

    @property
    def truth(self) -> list[int]:
        return [line.person for line in self.lines]

    def decided(self) -> Decision:
        facts = {row.number: [Facts(row.known.ssn, row.known.born)] for row in self.rows}
        return decide(self.pairs, range(len(self.rows)), facts)


def compared_by(backend: Backend, lines: Sequence[Line]) -> Compared:
    """Compare them, as if each were a person of its own."""
    rows = [row._replace(person=row.number) for row in rows_of(lines)]
    table = table_of([row for row in rows if row.known.can_be_compared])
    return Compared(lines, rows, pairs([table], trained(), Terms().review, backend))


async def fill(engine: AsyncEngine, lines: Sequence[Line], sources: Sequence[str]) -> dict[str, UUID]:
    """Records in turn into these sources, each with a person of its own: PersonalID -> hub id."""
    people = {line.personal_id: uuid4() for line in lines}
    async with engine.connect() as connection:
        raw = await bulk(connection)
        async with raw.transaction():
            ids = [
                await raw.fetchval("insert into source (name) values ($1) returning id", name)
                for name in sources
            ]
            of = {line.personal_id: ids[number % len(ids)] for number, line in enumerate(lines)}
            await _copy(raw, "person", ("id",), ((hub_id,) for hub_id in people.values()))
            await _copy(
                raw,
                "client",
                ("source_id", "personal_id", "import_id", *Written._fields),
                ((of[line.personal_id], line.personal_id, 0, *line.record) for line in lines),
            )
            await _copy(
                raw,
                "client_link",
                ("source_id", "personal_id", "person_id", "method"),
                ((of[key], key, hub_id, "FIRST") for key, hub_id in people.items()),
            )
    return people


async def _copy(raw: Any, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    await raw.copy_to_table(table, source=io.BytesIO(out.getvalue().encode()), columns=columns, format="csv")
