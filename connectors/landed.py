"""Who dropped records are about: the rungs of the ladder that disclose nobody, for both sides are here.

Each rung is a plain function that says which people a record may be about. The first rung that knows anybody
decides: exactly one person is a link, several are a question for each of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from connectors import crosswalk, tokens
from connectors.base import Person
from connectors.crosswalk import Doubt, Found, Pair
from connectors.judging import Reason
from connectors.shared_ids import by_implementation
from hmis.identity.forgetting import may_remember
from hmis.identity.names import normalised_name
from hmis.tables.landing import landing_benefit, landing_household_member, landing_token
from hmis.tables.partner_link import partner_link

_Name = tuple[str, str, date]
Claim = tuple[str, frozenset[UUID]]
"""A record, and the people whom one fact in it may be about: one of them, whichever."""

UTILITY_ACCOUNT = "UTILITY_ACCOUNT"
"""The namespace of accounts at a utility: `vendor|account`, for two vendors count alike."""

_FACTS = {
    "SHARED_ID": ["identifier"],
    "TOKEN": ["dob", "first_name", "last_name"],
    "NAME_DOB": ["dob", "first_name", "last_name"],
}
_RUNGS: tuple[Found, ...] = ("SHARED_ID", "TOKEN", "NAME_DOB")


@dataclass(frozen=True, slots=True)
class Linked:
    """What a run of `link_members` changed. ambiguous: records that agree with more than one person."""

    made: int
    ended: int
    ambiguous: int


def climb(rungs: Mapping[Found, Iterable[Claim]]) -> tuple[list[Pair], list[Doubt], int]:
    """Links, questions, and how many claims agree with several people; one rung after the other.

    What a cheaper rung has said of a person and a record is not asked again by a dearer one.
    """
    pairs: dict[tuple[UUID, str], Pair] = {}
    doubts: dict[tuple[UUID, str], Doubt] = {}
    ambiguous = 0
    for method in _RUNGS:
        settled = pairs.keys() | doubts.keys()
        for record, people in rungs.get(method, ()):
            ambiguous += len(people) > 1
            for person in people:
                if (person, record) in settled:
                    continue
                pair = Pair(person, record, method, None, {"agreed": _FACTS[method]})
                if len(people) == 1:
                    pairs[person, record] = pair
                else:
                    doubts[person, record] = Doubt(pair, Reason.NO_MARGIN, 0)
    # Somebody who is clearly one member of a household is no question as to another of the same name.
    return list(pairs.values()), [doubt for key, doubt in doubts.items() if key not in pairs], ambiguous


async def link_members(
    connection: AsyncConnection,
    connector: str,
    people: Iterable[tuple[UUID, Person]],
    token_key: bytes | None = None,
) -> Linked:
    """Link what `connector` landed to people. The caller holds the transaction.

    Two people of the hub who agree with one record stay unlinked until somebody tells them apart. Run after
    each sync with everybody the hub knows, a person as often as their records spell them differently; links
    and questions that these rungs made and would not make any more are ended.

    token_key: the agreement's key, where the partner drops tokens. None = its tokens cannot be compared.
    """
    known = list(people)
    rungs: dict[Found, Iterable[Claim]] = {
        "SHARED_ID": [
            *await by_implementation(connection, connector),
            *await _by_shared_identifier(connection, connector),
        ],
        "TOKEN": await _by_token(connection, connector, known, token_key) if token_key else (),
        "NAME_DOB": await _by_name_and_birth(connection, connector, known),
    }
    pairs, doubts, ambiguous = climb(rungs)
    said = await _said(connection, connector)
    wanted = {_key(one) for one in pairs}
    new = [one for one in pairs if _key(one) not in said]
    gone = [pair for pair, by_rule in said.items() if by_rule and pair not in wanted]
    open_ = [doubt for doubt in doubts if _key(doubt.pair) not in said]
    before = await crosswalk.open_questions(connection, connector, _RUNGS)
    over = sorted(before - {_key(doubt.pair) for doubt in open_})
    # Everybody who is written about at once and first, as whoever forgets one of them does.
    touched = {*map(_key, new), *gone, *(_key(doubt.pair) for doubt in open_), *over}
    await may_remember(connection, {person for person, _ in touched}, connector)
    made = await crosswalk.remember(connection, connector, new)
    await crosswalk.ask(connection, connector, open_)
    await crosswalk.end(connection, connector, gone)
    await crosswalk.close(connection, connector, over)
    return Linked(made, len(gone), ambiguous)


def _key(pair: Pair) -> tuple[UUID, str]:
    return pair.person, pair.value


async def _said(connection: AsyncConnection, connector: str) -> dict[tuple[UUID, str], bool]:
    """The pairs about which a word is in force -> whether it is a link that one of these rungs made."""
    link = partner_link.c
    rows = await connection.execute(
        select(link.person_id, link.value, link.status, link.method).where(
            link.connector == connector, link.namespace == crosswalk.RECORD, link.valid_to.is_(None)
        )
    )
    return {(row.person_id, row.value): row.status == "CONFIRMED" and row.method in _RUNGS for row in rows}


async def _by_shared_identifier(connection: AsyncConnection, connector: str) -> list[Claim]:
    """Whoever is confirmed to hold an account at a utility, whichever connector or colleague said so."""
    link, benefit = partner_link.c, landing_benefit.c
    rows = await connection.execute(
        select(benefit.household_id, func.array_agg(link.person_id.distinct()))
        .join(partner_link, link.value == benefit.vendor + "|" + benefit.account)
        .where(
            benefit.connector == connector,
            link.namespace == UTILITY_ACCOUNT,
            link.status == "CONFIRMED",
            link.valid_to.is_(None),
        )
        .group_by(benefit.household_id, link.value)
    )
    return [(record, frozenset(people)) for record, people in rows]


async def _by_token(
    connection: AsyncConnection, connector: str, people: Iterable[tuple[UUID, Person]], key: bytes
) -> list[Claim]:
    known: defaultdict[str, set[UUID]] = defaultdict(set)
    for person, facts in people:
        if made := tokens.token(key, facts):
            known[made].add(person)
    landed = landing_token.c
    rows = await connection.execute(
        select(landed.record_id, landed.token).where(landed.connector == connector)
    )
    return [(record, frozenset(known[token])) for record, token in rows if token in known]


async def _by_name_and_birth(
    connection: AsyncConnection, connector: str, people: Iterable[tuple[UUID, Person]]
) -> list[Claim]:
    """Whose first name, last name and birth date agree exactly, the names normalised."""
    known: defaultdict[_Name, set[UUID]] = defaultdict(set)
    for person, facts in people:
        first, last = normalised_name(facts.first_name), normalised_name(facts.last_name)
        if first and last and facts.dob:
            known[first, last, facts.dob].add(person)
    member = landing_household_member.c
    rows = await connection.execute(
        select(member.household_id, member.first_normal, member.last_normal, member.dob).where(
            member.connector == connector,
            member.dob.is_not(None),
            member.first_normal != "",
            member.last_normal != "",
        )
    )
    return [
        (household, frozenset(known[first, last, dob]))
        for household, first, last, dob in rows
        if (first, last, dob) in known
    ]
