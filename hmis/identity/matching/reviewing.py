"""The review queue: questions about two people, and what somebody says to them.

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
from hmis.errors import InputRefused
from hmis.identity.clusters import Clusters
from hmis.identity.links import LINKING, Node, apart, unite
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


async def decided(
    connection: BulkConnection,
    question: UUID,
    by: str,
    now: datetime,
    *,
    same: bool,
    consent_of: UUID | None = None,
) -> tuple[UUID, UUID]:
    """Say that two people are one, or that they are not. Returns them, first the one who is left.

    consent_of: whose choices hold, where each of the two has agreed to something or refused it. Those of the
    other are heard no longer, so the client has to be asked first.

    Raises:
        InputRefused: there is no such open question; or what was said of consent does not fit.
    """
    await connection.execute(LINKING)
    row = await connection.fetchrow(
        "select one_id, other_id from match_review where id = $1 and state = 'OPEN' for update", question
    )
    if row is None:
        raise InputRefused("There is no such open question. `hmis-hub match review` lists them.")
    people = (row["one_id"], row["other_id"])
    await connection.execute(
        "update match_review set state = $2, decided_by = $3, decided_at = $4 where id = $1",
        *(question, "SAME" if same else "DIFFERENT", by, now),
    )
    if not same:
        await _remember(connection, people, now)
        return people
    keep = await _whose_consent(connection, people, consent_of)
    clusters: Clusters[Node] = Clusters(await apart(connection))
    if not clusters.join(*people):
        raise InputRefused("Somebody said of records of these two that they are not one person.")
    await unite(connection, clusters, dict.fromkeys(people, "STAFF"), now, keep)
    left = await connection.fetchval(
        "select person_id from client_link where person_id = any($1::uuid[]) and undone_at is null limit 1",
        list(people),
    )
    return people if left == people[0] else people[::-1]


async def _whose_consent(
    connection: BulkConnection, people: tuple[UUID, UUID], consent_of: UUID | None
) -> list[UUID]:
    if consent_of is not None and consent_of not in people:
        raise InputRefused("--consent-of names neither of the two people of this question.")
    rows = await connection.fetch(
        "select distinct person_id from consent_grant where person_id = any($1::uuid[])", list(people)
    )
    if len(rows) > 1 and consent_of is None:
        raise InputRefused(
            "Each of the two has agreed to something or refused it, and only what one said can hold for all "
            "their records. Ask the client, and name the one with --consent-of."
        )
    if rows and consent_of is not None and consent_of not in {person for (person,) in rows}:
        raise InputRefused("The one that --consent-of names has said nothing, and the other has.")
    return [] if consent_of is None else [consent_of]


async def _remember(connection: BulkConnection, people: tuple[UUID, UUID], now: datetime) -> None:
    """Every record of the one is none of the other's: no rule will ever join any two of them."""
    await connection.execute(
        """insert into client_distinct
               (source_id, personal_id, other_source_id, other_personal_id, said_at)
           select l.source_id, l.personal_id, o.source_id, o.personal_id, $3
           from client_link l, client_link o
           where l.person_id = $1 and l.undone_at is null and o.person_id = $2 and o.undone_at is null""",
        *(*people, now),
    )
