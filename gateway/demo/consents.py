"""What the people of Port Ellery agreed to: decided by chance that repeats itself, recorded once.

The showcase family signed at the shelter and shares nearly everything with it. Of the others, six in ten
share the basics with the whole community, and a few of those would not have one agency see where they stayed.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from auth.categories import EVERYTHING, Category
from auth.consent import Effect
from auth.grants import NewGrant, agencies_of, record
from auth.viewer import Purpose, Viewer
from gateway.demo.community import SOURCE
from hmis.tables import HMIS, client_link, consent_grant, source

FORM = "port-ellery"
"""By which clients agree there."""
_SIGNED = date(2026, 1, 5)
_CARE = (Purpose.CARE_COORDINATION.value, Purpose.ELIGIBILITY.value)
_CARE_AND_COUNTS = (*_CARE, Purpose.REPORTING.value, Purpose.OPERATIONS.value)
_NEARLY_ALL = EVERYTHING & ~(Category.SSN_FULL | Category.NOTES | Category.FILES)
_BASICS = (
    Category.EXISTENCE
    | Category.NAME
    | Category.DOB
    | Category.DEMOGRAPHICS
    | Category.VETERAN
    | Category.HOUSEHOLD
    | Category.ENROLLMENT
    | Category.SERVICES
)
_SHARE, _DENY = 60, 5  # of a hundred


async def seed(connection: AsyncConnection, by: Viewer, showcase: UUID, family: frozenset[UUID]) -> int:
    """Record the grants unless they were recorded before. Returns how many are new.

    by: who records them, at the shelter. showcase, family: who signed there.
    """
    recorded = (
        select(func.count()).select_from(consent_grant).where(consent_grant.c.recorded_by == by.subject)
    )
    if await connection.scalar(recorded):
        return 0
    agencies = await agencies_of(connection, SOURCE, ("1", "2", "3", "4"))
    grants = [*_signed(showcase, family, by.agency.id), *_usual(await _people(connection), family, agencies)]
    for grant in grants:
        await record(connection, by, grant)
    return len(grants)


async def _people(connection: AsyncConnection) -> list[tuple[str, UUID]]:
    """Each person of the community with their first PersonalID, which does not change from home to home."""
    first = func.min(client_link.c.personal_id)
    rows = await connection.execute(
        select(first, client_link.c.person_id)
        .join(source, source.c.id == client_link.c.source_id)
        .where(source.c.name == SOURCE, client_link.c.undone_at.is_(None))
        .group_by(client_link.c.person_id)
        .order_by(first)
    )
    return [(personal_id, person) for personal_id, person in rows]


async def showcase_family(connection: AsyncConnection, personal_id: str) -> tuple[UUID, frozenset[UUID]]:
    """The person of the showcase, and everybody who ever shared a household with them."""
    stays = HMIS["Enrollment"]
    households = select(stays.c.household_id).where(stays.c.personal_id == personal_id)
    rows = await connection.execute(
        select(client_link.c.personal_id, client_link.c.person_id)
        .join(source, source.c.id == client_link.c.source_id)
        .join(
            stays,
            (stays.c.source_id == client_link.c.source_id)
            & (stays.c.personal_id == client_link.c.personal_id),
        )
        .where(
            source.c.name == SOURCE,
            client_link.c.undone_at.is_(None),
            stays.c.household_id.in_(households),
        )
        .distinct()
    )
    people = {row.personal_id: row.person_id for row in rows}
    return people[personal_id], frozenset(people.values())


def _signed(showcase: UUID, family: frozenset[UUID], shelter: UUID) -> Iterator[NewGrant]:
    for person in [showcase, *sorted(family - {showcase})]:
        evidence = f"sha256:{random.Random(f'form/{person == showcase}').getrandbits(256):064x}"  # noqa: S311  # no secret
        yield _grant(person, Effect.PERMIT, _NEARLY_ALL, _CARE, (shelter,), "WRITTEN", evidence)


def _usual(
    people: list[tuple[str, UUID]], family: frozenset[UUID], agencies: dict[str, UUID]
) -> Iterator[NewGrant]:
    for personal_id, person in people:
        dice = random.Random(f"consent/{personal_id}")  # noqa: S311  # must repeat, not surprise
        if person in family or dice.randrange(100) >= _SHARE:
            continue
        yield _grant(person, Effect.PERMIT, _BASICS, _CARE_AND_COUNTS, (), dice.choice(("WRITTEN", "VERBAL")))
        if dice.randrange(100) < _DENY:
            denied = agencies[dice.choice(sorted(agencies))]
            where = Category.ENROLLMENT | Category.SERVICES
            yield _grant(person, Effect.DENY, where, _CARE_AND_COUNTS, (denied,), "VERBAL")


def shared_by_all(person: UUID) -> NewGrant:
    """The basics for the whole community, with what tells people of one name apart."""
    return _grant(person, Effect.PERMIT, _BASICS | Category.SSN_LAST4, _CARE, (), "WRITTEN")


def _grant(
    person: UUID,
    effect: Effect,
    categories: Category,
    purposes: tuple[str, ...],
    agencies: tuple[UUID, ...],
    method: str,
    evidence: str | None = None,
) -> NewGrant:
    return NewGrant(
        person=person,
        effect=effect,
        categories=categories,
        purposes=purposes,
        community_wide=not agencies,
        agencies=agencies,
        start=_SIGNED,
        end=None,
        method=method,
        evidence=evidence,
    )
