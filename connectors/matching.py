"""Who a partner's records are about: the first rungs of the ladder, and the links they leave behind.

Whoever calls decides consent first. `partner_ids` is handed people who may be disclosed to that partner, and
only those; `link_members` discloses nobody, for it compares what has already come to us. A link says how it
was found and can be ended; a rejection stays, and the same pair is never linked again by rule.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from sqlalchemy import Uuid, any_, bindparam, cast, exists, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from connectors.base import Acceptance, Failed, Match, Person, Source, Subject
from connectors.runtime import Runtime
from connectors.shared_ids import by_implementation
from hmis.identity.names import normalised_name
from hmis.tables.landing import landing_household_member
from hmis.tables.partner_link import partner_link
from hmis.tables.sync import partner_tombstone

Method = Literal["SHARED_ID", "NAME_DOB", "FIND", "STAFF"]
_Key = tuple[str, str, date]
_CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class Link:
    """One record said to be about a person. score None = the method gives none."""

    value: str
    method: str
    score: int | None


@dataclass(frozen=True, slots=True)
class Linked:
    """What a run of `link_members` changed. ambiguous: members that agree with more than one person."""

    made: int
    ended: int
    ambiguous: int


def acceptable(matches: Iterable[Match], rejected: Collection[str], rule: Acceptance) -> Match | None:
    """The match that may become a link with nobody looking, or None.

    It has to score enough, and clearly more than the next one: two good answers are a question for a person.
    What was rejected before is no candidate, neither as the best nor as the second.
    """
    scores: dict[str, int] = {}
    for match in matches:
        if match.value not in rejected:
            scores[match.value] = max(match.score, scores.get(match.value, 0))
    best = sorted((Match(value, score) for value, score in scores.items()), key=lambda one: -one.score)[:2]
    if not best or best[0].score < rule.min_score:
        return None
    if len(best) > 1 and best[0].score - best[1].score < rule.margin:
        return None
    return best[0]


async def links(
    connection: AsyncConnection, connector: str, people: Collection[UUID]
) -> dict[UUID, tuple[Link, ...]]:
    """The links in force of these people, in one statement; people without any are absent."""
    found, _ = await _in_force(connection, connector, people)
    return found


async def partner_ids(
    runtime: Runtime, source: Source, engine: AsyncEngine, people: Mapping[UUID, Person], deadline: float
) -> dict[UUID, tuple[str, ...] | Failed]:
    """The partner's ids of each person: from links in force, else by asking the partner and remembering.

    people: hub id -> what may be disclosed of them to this partner. () = the partner knows nobody who is
    clearly this person. Failed = it could not be asked.
    """
    async with engine.connect() as connection:
        linked, rejected = await _in_force(connection, source.name, people.keys())
    answers: dict[UUID, tuple[str, ...] | Failed] = {
        person: tuple(link.value for link in linked.get(person, ())) for person in people
    }
    unknown = [person for person in people if person not in linked]
    if "find" not in source.capabilities or not unknown:
        return answers
    subjects = tuple(Subject(str(person), person=people[person]) for person in unknown)
    found = await runtime.find(source, subjects, deadline)
    accepted: dict[UUID, Match] = {}
    for person in unknown:
        matches = found[str(person)]
        if isinstance(matches, Failed):
            answers[person] = matches
        elif match := acceptable(matches, rejected.get(person, ()), source.acceptance):
            answers[person] = (match.value,)
            accepted[person] = match
    if accepted:
        async with engine.begin() as connection:
            evidence = {"disclosed": sorted(source.discloses)}
            await _remember(
                connection,
                source.name,
                "FIND",
                [(person, match.value, match.score) for person, match in accepted.items()],
                evidence,
            )
    return answers


async def link_members(
    connection: AsyncConnection, connector: str, people: Iterable[tuple[UUID, Person]]
) -> Linked:
    """Link landed people to ours: an identifier that both sides share, or first name, last name and birth
    date agree exactly.

    Names are compared normalised, and only with exactly one person: two people of the hub with the same name
    and birth date stay unlinked until somebody tells them apart. Nobody is disclosed. Run after each sync
    with everybody the hub knows, a person as often as their records spell them differently; links that this
    rule made and would not make any more are ended. The caller holds the transaction.
    """
    known: defaultdict[_Key, set[UUID]] = defaultdict(set)
    for person, facts in people:
        if key := _key(facts):
            known[key].add(person)
    wanted: set[tuple[UUID, str]] = set()
    ambiguous = 0
    member = landing_household_member.c
    rows = await connection.execute(
        select(member.household_id, member.first_normal, member.last_normal, member.dob).where(
            member.connector == connector,
            member.dob.is_not(None),
            member.first_normal != "",
            member.last_normal != "",
        )
    )
    for household, first, last, dob in rows:
        candidates = known.get((first, last, dob), set())
        if len(candidates) == 1:
            wanted |= {(person, household) for person in candidates}
        ambiguous += len(candidates) > 1
    shared: set[tuple[UUID, str]] = set()
    for record, several in await by_implementation(connection, connector):
        shared |= {(person, record) for person in several if len(several) == 1}
        ambiguous += len(several) > 1
    rungs: tuple[tuple[Method, set[tuple[UUID, str]], list[str]], ...] = (
        ("SHARED_ID", shared, ["personal_id"]),
        ("NAME_DOB", wanted - shared, ["dob", "first_name", "last_name"]),
    )
    made = ended = 0
    for method, pairs, agreed in rungs:
        ended += await _end_others(connection, connector, method, wanted | shared)
        found = [(person, record, None) for person, record in sorted(pairs)]
        made += await _remember(connection, connector, method, found, {"agreed": agreed})
    return Linked(made, ended, ambiguous)


async def reject(connection: AsyncConnection, connector: str, person: UUID, value: str) -> None:
    """Somebody said that this record is not about this person. Ends a link and forbids a new one by rule."""
    await _end(connection, [(connector, person, value)])
    link = insert(partner_link).values(
        person_id=person, connector=connector, value=value, method="STAFF", status="REJECTED"
    )
    await connection.execute(link)


def _key(facts: Person) -> _Key | None:
    first, last = normalised_name(facts.first_name or ""), normalised_name(facts.last_name or "")
    return (first, last, facts.dob) if first and last and facts.dob else None


async def _in_force(
    connection: AsyncConnection, connector: str, people: Collection[UUID]
) -> tuple[dict[UUID, tuple[Link, ...]], dict[UUID, frozenset[str]]]:
    """Links and rejections in force, by person."""
    link, gone = partner_link.c, partner_tombstone.c
    rows = await connection.execute(
        select(link.person_id, link.value, link.method, link.score, link.status)
        .where(
            link.connector == connector,
            link.valid_to.is_(None),
            link.person_id == any_(cast(list(people), ARRAY(Uuid))),
            # A record that is gone is nobody's any more; when it comes back its links are there.
            ~exists().where(gone.connector == link.connector, gone.value == link.value),
        )
        .order_by(link.id)
    )
    confirmed: defaultdict[UUID, tuple[Link, ...]] = defaultdict(tuple)
    rejected: defaultdict[UUID, frozenset[str]] = defaultdict(frozenset)
    for person, value, method, score, status in rows:
        if status == "CONFIRMED":
            confirmed[person] += (Link(value, method, score),)
        else:
            rejected[person] |= {value}
    return dict(confirmed), dict(rejected)


async def _remember(
    connection: AsyncConnection,
    connector: str,
    method: Method,
    pairs: Collection[tuple[UUID, str, int | None]],
    evidence: Mapping[str, object],
) -> int:
    """Write links that are new. A pair with a word in force, be it a link or a rejection, stays as it is."""
    rows = [
        {
            "person_id": person,
            "connector": connector,
            "value": value,
            "method": method,
            "score": score,
            "evidence": evidence,
        }
        for person, value, score in pairs
    ]
    made = 0
    for start in range(0, len(rows), _CHUNK):
        statement = insert(partner_link).on_conflict_do_nothing().returning(partner_link.c.id)
        made += len((await connection.execute(statement, rows[start : start + _CHUNK])).all())
    return made


async def _end_others(
    connection: AsyncConnection, connector: str, method: Method, wanted: set[tuple[UUID, str]]
) -> int:
    """End the links that the rule for landed members made and would not make again."""
    link = partner_link.c
    rows = await connection.execute(
        select(link.person_id, link.value).where(
            link.connector == connector,
            link.method == method,
            link.status == "CONFIRMED",
            link.valid_to.is_(None),
        )
    )
    gone = [(connector, person, value) for person, value in rows if (person, value) not in wanted]
    await _end(connection, gone)
    return len(gone)


async def _end(connection: AsyncConnection, pairs: Collection[tuple[str, UUID, str]]) -> None:
    if not pairs:
        return
    link = partner_link.c
    statement = (
        update(partner_link)
        .where(
            link.connector == bindparam("of"),
            link.person_id == bindparam("person"),
            link.value == bindparam("record"),
            link.valid_to.is_(None),
        )
        .values(valid_to=func.now())
    )
    await connection.execute(statement, [{"of": c, "person": p, "record": v} for c, p, v in pairs])
