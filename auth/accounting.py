"""The accounting of disclosures: to whom a client's records were told, when, what, why and on what ground.

A look at records that one's own agency entered is a use, not a disclosure. Each rule that gives a client the
right to an accounting is a profile, as data:

hipaa  45 CFR 164.528(a)(1): the six years before the request, except disclosures (i) for treatment, payment
       and health care operations, here the purposes CARE_COORDINATION, PAYMENT and OPERATIONS; ELIGIBILITY is
       not among them, for who gets a bed is no payment of a health plan (164.501); and (iv) pursuant to an
       authorization after 164.508, here when every grant relied on was signed (WRITTEN or ELECTRONIC), is on
       file, and says when it ends (164.508(c)(1)(v)). The other exceptions of (a)(1) are disclosures the hub
       does not make. Content: (b)(2). Suspension at the word of an oversight agency, (a)(2), is for a person
       to decide: the hub leaves nothing out by itself.
part2  42 CFR 2.24: an intermediary lists the entities to which records went pursuant to a patient's general
       designation, 2.31(a)(4)(ii)(B), in the past three years, within 30 days of a written request; 2.25(a)
       gives the same three years for all disclosures with consent. Here: whatever rests on a grant.
rhy    45 CFR 1351.21(a), before 2017 at 1351.19(b)(1): youth are to be apprised of the individuals who have
       reviewed their records, so those are named, on request within their agency too. No period is given.
hud    69 FR 45888, section 4.2.3, additional privacy protections: an audit trail with date, purpose and
       recipient of disclosures, made available to the client; on request uses too. No period is given.

What rests on an exception, such as break-glass or an order of a court (45 CFR 164.512(f); 69 FR 45888,
section 4.1.3), stands in every accounting.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, tzinfo
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, literal, select
from sqlalchemy import any_ as sql_any
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PgUUID
from sqlalchemy.ext.asyncio import AsyncConnection

from auth import plain
from auth.categories import Category
from auth.viewer import Purpose
from hmis.errors import InputRefused
from hmis.tables import agency, audit_event, audit_subject, client_link, consent_grant, person, source

OWN_RECORD = "own record"


@dataclass(frozen=True, slots=True)
class Profile:
    """One rule's right to an accounting."""

    rule: str
    years: int | None = None
    """How far back; None = as far as the hub remembers."""
    excluded: frozenset[Purpose] = frozenset()
    authorized_too: bool = True
    """Whether disclosures under a signed authorization are listed."""
    only_agreed: bool = False
    """Whether only disclosures that rest on a grant are listed."""
    individuals: bool = False
    """Whether those who looked are named, not only their agency."""
    uses: bool = False
    """Whether uses by the agencies that entered the records may be asked for as well."""

    def since(self, today: date) -> date | None:
        """The first day it speaks of."""
        if self.years is None:
            return None
        try:
            return today.replace(year=today.year - self.years)
        except ValueError:  # 29 February
            return today.replace(year=today.year - self.years, day=28)

    def lists(self, row: Mapping[Any, Any]) -> bool:
        """Whether a disclosure belongs in this accounting."""
        if row["exception"]:
            return True
        if self.only_agreed and not row["grants"]:
            return False
        if row["authorized"] and not self.authorized_too:
            return False
        return row["purpose"] not in self.excluded


PROFILES: Mapping[str, Profile] = {
    "hipaa": Profile(
        "45 CFR 164.528",
        years=6,
        excluded=frozenset({Purpose.CARE_COORDINATION, Purpose.PAYMENT, Purpose.OPERATIONS}),
        authorized_too=False,
    ),
    "part2": Profile("42 CFR 2.24 and 2.25", years=3, only_agreed=True),
    "rhy": Profile("45 CFR 1351.21(a), before 2017 1351.19(b)(1)", individuals=True, uses=True),
    "hud": Profile("69 FR 45888, section 4.2.3", uses=True),
}


@dataclass(slots=True)
class Line:
    """One day's disclosures alike in recipient, purpose and ground."""

    day: date
    recipient: str
    individual: str | None
    """Who looked, by the subject of their token; None = the profile names agencies only."""
    purpose: str
    basis: str
    categories: Category = field(default=Category(0))
    times: int = 0


async def find_client(connection: AsyncConnection, wanted: str) -> UUID | None:
    """Whom a hub id or SOURCE:IDENTIFIER means; None = nobody the hub knows."""
    try:
        known = select(person.c.id).where(person.c.id == UUID(wanted))
    except ValueError:
        name, _, identifier = wanted.partition(":")
        known = (
            select(client_link.c.person_id)
            .join(source, source.c.id == client_link.c.source_id)
            .where(
                source.c.name == name,
                client_link.c.personal_id == identifier,
                client_link.c.undone_at.is_(None),
            )
        )
    found: UUID | None = await connection.scalar(known)
    return found


async def account(
    connection: AsyncConnection,
    client: UUID,
    profile: Profile,
    zone: tzinfo,
    today: date,
    *,
    uses: bool = False,
) -> list[Line]:
    """The accounting of one client, oldest day first.

    Args:
        zone: the community's, whose days are told.
        today: the day of the request.
        uses: also looks at own records.

    Raises:
        InputRefused: uses are asked of a profile that has no place for them.
    """
    if uses and not profile.uses:
        having = " and ".join(name for name, one in PROFILES.items() if one.uses)
        raise InputRefused(f"Uses within an agency are a part of the accountings {having} only.")
    first = profile.since(today)
    since = datetime.combine(first, time.min, zone) if first else None
    days: dict[tuple[date, str, str | None, str, str], Line] = {}
    async for row in _told(connection, client, since):
        day = row["at"].astimezone(zone).date()
        individual = row["subject"] if profile.individuals else None
        recipient = row["agency_name"] or "An agency the hub no longer knows"
        for categories, basis in _parts(row, profile, uses):
            key = (day, recipient, individual, plain.purpose(row["purpose"]), basis)
            line = days.setdefault(key, Line(*key))
            line.categories |= categories
            line.times += 1
    return list(days.values())


def _parts(row: Mapping[Any, Any], profile: Profile, uses: bool) -> list[tuple[Category, str]]:
    """What one event disclosed and on what ground; what it used, where that is asked for."""
    shared = Category(row["shared"])
    used = Category(row["disclosed"]) & ~shared
    parts = []
    if shared and profile.lists(row):
        parts.append((shared, basis_of(row)))
    if used and uses:
        parts.append((used, OWN_RECORD))
    return parts


def basis_of(row: Mapping[Any, Any]) -> str:
    """The ground of a disclosure."""
    grounds = [f"grant {grant}" for grant in row["grants"]]
    if row["notice"]:
        grounds.append(f"notice {row['notice']}")
    if row["exception"]:
        grounds.append(f"exception {plain.exception(row['exception'])}")
    return ", ".join(grounds) or "not recorded"


async def _told(
    connection: AsyncConnection, client: UUID, since: datetime | None
) -> AsyncIterator[Mapping[Any, Any]]:
    """What was told of the client, oldest first, while a record of theirs was linked to another too."""
    earlier = await _earlier(connection, client)
    people = [client, *{link["person_id"] for link in earlier}]
    query = statement(people, since).order_by(audit_event.c.at, audit_event.c.id)
    async with connection.stream(query) as rows:
        async for row in rows.mappings():
            if row["person_id"] == client or any(
                link["person_id"] == row["person_id"] and link["linked_at"] <= row["at"] < link["undone_at"]
                for link in earlier
            ):
                yield row


async def _earlier(connection: AsyncConnection, client: UUID) -> Sequence[Mapping[Any, Any]]:
    """Whom the client's records were linked to before, and from when to when."""
    now, before = client_link.alias(), client_link.alias()
    same = and_(before.c.source_id == now.c.source_id, before.c.personal_id == now.c.personal_id)
    query = (
        select(before.c.person_id, before.c.linked_at, before.c.undone_at)
        .join(now, same)
        .where(
            now.c.person_id == client,
            now.c.undone_at.is_(None),
            before.c.undone_at.is_not(None),
            before.c.person_id != client,
        )
    )
    return (await connection.execute(query)).mappings().all()


def statement(people: Sequence[UUID], since: datetime | None = None) -> Select[Any]:
    """Every event that showed something of these people, with the line about them and the recipient."""
    grants = audit_subject.c.grants
    query = (
        select(
            audit_event.c.id,
            audit_event.c.at,
            audit_event.c.subject,
            audit_event.c.purpose,
            audit_event.c.agency_id,
            agency.c.name.label("agency_name"),
            audit_subject.c.person_id,
            audit_subject.c.disclosed,
            audit_subject.c.shared,
            grants,
            audit_subject.c.notice,
            audit_subject.c.exception,
            and_(func.cardinality(grants) > 0, _signed(grants) == func.cardinality(grants)).label(
                "authorized"
            ),
        )
        .join(audit_event, audit_event.c.id == audit_subject.c.event_id)
        .outerjoin(agency, agency.c.id == audit_event.c.agency_id)
        .where(
            audit_subject.c.person_id == sql_any(literal(list(people), ARRAY(PgUUID()))),
            audit_subject.c.disclosed != 0,
        )
    )
    return query if since is None else query.where(audit_event.c.at >= since)


def _signed(grants: ColumnElement[Any]) -> ColumnElement[int]:
    """How many of the grants are authorizations: signed, on file, and with an end."""
    return (
        select(func.count())
        .where(
            consent_grant.c.id == sql_any(grants),
            consent_grant.c.method.in_(["WRITTEN", "ELECTRONIC"]),
            consent_grant.c.evidence.is_not(None),
            consent_grant.c.end_on.is_not(None),
        )
        .correlate(audit_subject)
        .scalar_subquery()
    )
