"""What somebody says to a question about two people: that they are one, or two, or that it was wrong.

It needs nothing of the model that found them alike, so a server may answer.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from hmis.bulk import BulkConnection
from hmis.errors import AnswerRefused, Unfit
from hmis.identity.clusters import Clusters
from hmis.identity.links import LINKING, Node, apart, unite


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
        AnswerRefused: there is no such open question; or what was said of consent does not fit.
    """
    await connection.execute(LINKING)
    row = await connection.fetchrow(
        "select one_id, other_id from match_review where id = $1 and state = 'OPEN' for update", question
    )
    if row is None:
        raise AnswerRefused(
            Unfit.NO_QUESTION, "There is no such open question. `hmis-hub match review` lists them."
        )
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
        raise AnswerRefused(
            Unfit.SAID_APART, "Somebody said of records of these two that they are not one person."
        )
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
        raise AnswerRefused(
            Unfit.NOT_THEIRS, "--consent-of names neither of the two people of this question."
        )
    rows = await connection.fetch(
        "select distinct person_id from consent_grant where person_id = any($1::uuid[])", list(people)
    )
    if len(rows) > 1 and consent_of is None:
        raise AnswerRefused(
            Unfit.CONSENT_OF,
            "Each of the two has agreed to something or refused it, and only what one said can hold for all "
            "their records. Ask the client, and name the one with --consent-of.",
        )
    if rows and consent_of is not None and consent_of not in {person for (person,) in rows}:
        raise AnswerRefused(
            Unfit.NOT_THEIRS, "The one that --consent-of names has said nothing, and the other has."
        )
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


async def asked_again(connection: BulkConnection, question: UUID) -> tuple[UUID, UUID]:
    """Take back that two people are different: they are asked about again, and a rule may join them.

    What somebody said of their records at any other moment holds.

    Raises:
        AnswerRefused: nobody has said so of these two.
    """
    await connection.execute(LINKING)
    row = await connection.fetchrow(
        """select one_id, other_id, decided_at from match_review
           where id = $1 and state = 'DIFFERENT' for update""",
        question,
    )
    if row is None:
        raise AnswerRefused(Unfit.NO_QUESTION, "Nobody said of these two that they are different.")
    people = (row["one_id"], row["other_id"])
    await connection.execute(
        """delete from client_distinct d using client_link l, client_link o
           where d.said_at = $3
             and l.source_id = d.source_id and l.personal_id = d.personal_id and l.undone_at is null
             and o.source_id = d.other_source_id and o.personal_id = d.other_personal_id
             and o.undone_at is null and l.person_id = $1 and o.person_id = $2""",
        *(*people, row["decided_at"]),
    )
    await connection.execute(
        "update match_review set state = 'OPEN', decided_by = null, decided_at = null where id = $1", question
    )
    return people
