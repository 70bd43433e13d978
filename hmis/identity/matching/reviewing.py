"""The review queue: questions about two people. What somebody says to them is in `answering.py`.

A question says why no rule decides, and how each comparison weighs: never a value. Who decides looks the
records up where they are kept.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from hmis.bulk import BulkConnection
from hmis.identity.matching.deciding import Question
from hmis.identity.matching.model import COMPARISONS
from hmis.identity.matching.reading import Book


@dataclass(frozen=True, slots=True)
class Open:
    """A question that nobody has answered yet."""

    id: UUID
    one: UUID
    other: UUID
    """Hub ids."""
    one_records: list[str]
    other_records: list[str]
    """SOURCE:PERSONALID, where to look."""
    reason: str
    weight: float
    margin: float | None
    evidence: list[dict[str, Any]]
    """The waterfall: `fact`, `says`, `bits`. It begins with what is so of any two records."""
    raised_at: datetime


def evidence(question: Question) -> list[dict[str, Any]]:
    """How the weight comes about."""
    pair = question.pair
    before = pair.weight - sum(pair.bits)
    return [
        {"fact": "any two records", "says": "", "bits": round(before, 2)},
        *(
            {"fact": comparison.name, "says": level, "bits": round(bits, 2)}
            for comparison, level, bits in zip(COMPARISONS, pair.levels, pair.bits, strict=True)
        ),
    ]


async def ask(
    connection: BulkConnection,
    book: Book,
    questions: Iterable[Question],
    sources: Sequence[int],
    now: datetime,
) -> None:
    """Raise questions about the people as they are linked now, and withdraw those that no longer arise.

    sources: withdrawn are questions about two people of these.
    """
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC)
    for question in questions:
        ends = (book.records[number] for number in question.pair[:2])
        (source, record), (other_source, other_record) = ends
        said = (question.reason.value, round(question.pair.weight, 2), question.margin)
        writer.writerow((source, record, other_source, other_record, *said, json.dumps(evidence(question))))
    await connection.execute(
        """create temporary table asked (
               source_id integer, personal_id text, other_source_id integer, other_personal_id text,
               reason text, weight float, margin float, evidence jsonb
           ) on commit drop"""
    )
    await connection.copy_to_table(
        "asked",
        source=io.BytesIO(out.getvalue().encode()),
        columns=[
            *("source_id", "personal_id", "other_source_id", "other_personal_id"),
            *("reason", "weight", "margin", "evidence"),
        ],
        format="csv",
        force_null=["margin"],
    )
    await connection.execute(
        """create temporary table raised on commit drop as
           select distinct on (one_id, other_id)
                  least(l.person_id, o.person_id) as one_id, greatest(l.person_id, o.person_id) as other_id,
                  a.reason, a.weight, a.margin, a.evidence
           from asked a
           join client_link l on l.source_id = a.source_id and l.personal_id = a.personal_id
                and l.undone_at is null
           join client_link o on o.source_id = a.other_source_id and o.personal_id = a.other_personal_id
                and o.undone_at is null
           where l.person_id <> o.person_id
           order by one_id, other_id, a.weight desc, a.reason"""
    )
    await connection.execute(
        """insert into match_review (one_id, other_id, reason, weight, margin, evidence, raised_at)
           select one_id, other_id, reason, weight, margin, evidence, $1 from raised
           on conflict (one_id, other_id) do update
           set reason = excluded.reason, weight = excluded.weight, margin = excluded.margin,
               evidence = excluded.evidence, state = 'OPEN', decided_by = null, decided_at = null,
               raised_at = case when match_review.state = 'OPEN' then match_review.raised_at
                           else excluded.raised_at end""",
        now,
    )
    of_these = """exists (select from client_link l where l.person_id = {} and l.undone_at is null
                          and l.source_id = any($1::integer[]))"""
    await connection.execute(
        f"""update match_review m set state = 'WITHDRAWN'
            where m.state = 'OPEN' and {of_these.format("m.one_id")} and {of_these.format("m.other_id")}
              and not exists (select from raised r where r.one_id = m.one_id and r.other_id = m.other_id)""",  # noqa: S608
        list(sources),
    )
    await connection.execute("drop table asked, raised")


async def open_questions(connection: BulkConnection, limit: int) -> list[Open]:
    """The heaviest first."""
    records = """(select array_agg(s.name || ':' || l.personal_id order by s.name, l.personal_id)
                  from client_link l join source s on s.id = l.source_id
                  where l.person_id = {} and l.undone_at is null)"""
    rows = await connection.fetch(
        f"""select m.id, m.one_id, m.other_id, {records.format("m.one_id")} as one_records,
                   {records.format("m.other_id")} as other_records, m.reason, m.weight, m.margin,
                   m.evidence::text, m.raised_at
            from match_review m where m.state = 'OPEN' order by m.weight desc, m.id limit $1""",  # noqa: S608
        limit,
    )
    return [
        Open(
            id=row["id"],
            one=row["one_id"],
            other=row["other_id"],
            one_records=row["one_records"] or [],
            other_records=row["other_records"] or [],
            reason=row["reason"],
            weight=row["weight"],
            margin=row["margin"],
            evidence=json.loads(row["evidence"]),
            raised_at=row["raised_at"],
        )
        for row in rows
    ]
