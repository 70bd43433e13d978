"""What a change of consent means for what the hub holds of partners: closed to everybody, it is not kept.

An answer of a partner is kept for those who may see it. When the last grant that opened the partner's
category to anybody has ended, everything of that partner about the client goes in the same transaction, and
stays away until the client agrees anew. A grant that runs out by itself is noticed with the next thing that
its client says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_
from uuid import UUID

from sqlalchemy import func, select, union
from sqlalchemy.ext.asyncio import AsyncConnection

from auth import grants
from auth.categories import NOTHING, PARTNER, Category
from auth.consent import PARTNER_RECORD, Effect, Grant, is_minor, latest_form
from auth.policy import Combination, Policy
from auth.speaking import of_link
from hmis.identity import forgetting
from hmis.tables import HMIS, client_link

_CLIENT = HMIS["Client"]


@dataclass(frozen=True, slots=True)
class Standing:
    """What partners hold of one client, by category."""

    named: Category
    """Grants have spoken of it, whatever became of them."""
    opened: Category
    """Somebody may see it today, or will when a grant begins that was signed already."""

    @property
    def closed(self) -> Category:
        return self.named & ~self.opened


def standing(
    given: Iterable[Grant],
    births: Iterable[date],
    policy: Policy,
    as_of: date,
    of: Category = PARTNER,
) -> Standing:
    """What of partners' categories is open to anybody, and what was once spoken of.

    Args:
        given: every grant of the client, whatever its state.
        births: as in `auth.consent.Facts`, of all records: whoever sees the oldest may see by it.
        policy: what the community decided for everybody.
        as_of: the day of the request in the community's time zone.
        of: the categories that partners supply.
    """
    told = tuple(given)
    denials = [one for one in told if one.effect is Effect.DENY and _closes(one, as_of)]
    permits = [one for one in told if one.effect is Effect.PERMIT and one.covers(PARTNER_RECORD)]
    if policy.combination is Combination.LATEST:
        newest = latest_form(told)
        permits = [one for one in permits if one.form in (None, newest)]
    minor = is_minor(tuple(births), policy.age_of_consent, as_of)
    opening = [one for one in permits if _opens(one, minor, as_of)]
    opened = NOTHING
    for category in of:
        against = [one for one in denials if one.categories & (category | Category.EXISTENCE)]
        by_notice = policy.notice_categories & category and not any(one.community_wide for one in against)
        if by_notice or any(one.categories & category and _reaches(one, against) for one in opening):
            opened |= category
    named = NOTHING
    for one in told:
        named |= one.categories & of
    return Standing(named, opened)


def _opens(permit: Grant, minor: bool, as_of: date) -> bool:
    """Whether it opens anything today or on the day it begins."""
    day = max(as_of, permit.start)
    return permit.stays_open_on(day) and permit.is_complete and permit.is_signed_for(minor, day)


def _closes(denial: Grant, as_of: date) -> bool:
    """Whether it closes all of a category to those it names: one of some records or labels leaves others."""
    of_some = denial.labels or denial.sources is not None or denial.subject is not None
    return denial.stays_open_on(as_of) and not of_some and denial.data_from is denial.data_to is None


def _reaches(permit: Grant, denials: Iterable[Grant]) -> bool:
    """Whether anybody whom it names is left by the denials."""
    against = [one for one in denials if permit.purposes <= one.purposes]
    if any(one.community_wide for one in against):
        return False
    if permit.community_wide:
        return True
    return bool(permit.agencies - frozenset[UUID]().union(*(one.agencies for one in against)))


async def follow(
    connection: AsyncConnection,
    person: UUID,
    partners: Mapping[str, Category],
    policy: Policy,
    as_of: date,
) -> Category:
    """Forget what nobody may see any more, admit what is open again. Returns the categories forgotten.

    Call after every change of consent, in its transaction; the caller commits. Doing it twice is harmless.

    Of a partner that supplies several things and of which something is still open, the links stay and so does
    what it dropped; its kept answers go.

    partners: connector -> the categories of what it supplies. What is held of a partner that is not among
        them goes with the first category that closes: nobody can say any more what it is.
    """
    rows = await connection.execute(grants.statement(as_of, people=[person]))
    given = [grants.grant_of(row) for row in rows.mappings()]
    # A partner that is an HMIS supplies what agencies enter, and it is nobody's own record either.
    supplied = reduce(or_, partners.values(), PARTNER)
    stands = standing(given, await _births(connection, person), policy, as_of, supplied)
    if stands.closed:
        held = await _held(connection, person)
        closing = {name: category for name, category in partners.items() if category & stands.closed}
        gone = {name: category for name, category in closing.items() if not category & stands.opened}
        gone |= dict.fromkeys(held - partners.keys(), stands.closed)
        await forgetting.withdraw(connection, person, {name: int(until) for name, until in gone.items()})
        await forgetting.forget(connection, person, closing.keys() - gone.keys(), ())
    await forgetting.admit(connection, person, int(stands.opened))
    return stands.closed


async def _births(connection: AsyncConnection, person: UUID) -> list[date]:
    oldest = await connection.scalar(
        select(func.min(_CLIENT.c.dob))
        .select_from(client_link.join(_CLIENT, of_link(client_link, _CLIENT)))
        .where(
            client_link.c.person_id == person,
            client_link.c.undone_at.is_(None),
            _CLIENT.c.removed_at.is_(None),
        )
    )
    return [] if oldest is None else [oldest]


async def _held(connection: AsyncConnection, person: UUID) -> set[str]:
    """The partners of which anything is kept about a person."""
    tables = [*forgetting.partner_tables("LINK"), *forgetting.partner_tables("PERSON")]
    asked = (select(table.c.connector).where(table.c.person_id == person) for table in tables)
    return set(await connection.scalars(union(*asked)))
