"""Grants: reading, recording and revoking what clients agreed to. Append-only: nothing is ever changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ScalarSelect, Select, and_, exists, func, insert, literal, or_, select
from sqlalchemy import any_ as sql_any
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PgUUID
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from auth.categories import Category
from auth.consent import Effect, Grant, Guardian
from auth.viewer import Viewer
from auth.visibility import in_group, newest_form, speaking
from hmis.labels import NONE, Label
from hmis.tables import (
    agency,
    consent_grant,
    consent_recipient,
    consent_revocation,
    guardian,
    guardian_bar,
    source,
    visibility_group_member,
)


def _named() -> ScalarSelect[Any]:
    """The agencies that a grant names, frozen when it was signed."""
    return (
        select(func.array_agg(consent_recipient.c.agency_id))
        .where(consent_recipient.c.grant_id == consent_grant.c.id)
        .correlate(consent_grant)
        .scalar_subquery()
    )


def _living(as_of: date) -> ScalarSelect[Any]:
    """The agencies in the living group that a grant names."""
    return (
        select(func.array_agg(visibility_group_member.c.agency_id))
        .where(in_group(consent_grant.c.group_id, as_of))
        .correlate(consent_grant)
        .scalar_subquery()
    )


def statement(as_of: date, *, people: Iterable[UUID] | None = None, grant: UUID | None = None) -> Select[Any]:
    """The statement that reads grants of some people, or one grant, whatever their state."""
    query = (
        select(
            consent_grant,
            _named().label("agencies"),
            _living(as_of).label("group_agencies"),
            consent_revocation.c.revoked_at,
            guardian.c.valid_from.label("guardian_from"),
            guardian.c.valid_to.label("guardian_to"),
            guardian_bar.c.barred_at.label("guardian_barred_at"),
        )
        .outerjoin(consent_revocation, consent_revocation.c.grant_id == consent_grant.c.id)
        .outerjoin(guardian, guardian.c.id == consent_grant.c.guardian_id)
        .outerjoin(guardian_bar, guardian_bar.c.guardian_id == guardian.c.id)
    )
    if grant is not None:
        return query.where(consent_grant.c.id == grant)
    keys = literal(list(people or ()), ARRAY(PgUUID()))
    return query.where(consent_grant.c.person_id == sql_any(keys)).order_by(consent_grant.c.recorded_at)


def speaking_to(viewer: Viewer, as_of: date, people: Iterable[UUID]) -> Select[Any]:
    """The statement that reads the grants of some people that speak to a viewer on a day, and no others."""
    speaks = speaking(viewer, as_of, consent_grant.c.person_id, consent_grant)
    return statement(as_of, people=people).where(*speaks)


def known_to(
    viewer: Viewer, as_of: date, *, people: Iterable[UUID] | None = None, grant: UUID | None = None
) -> Select[Any]:
    """The statement that reads grants an agency may know of: those it recorded, and those that name it.

    Any other would tell where else the client is known, so it is not even counted. `newest_form` is the form
    signed last all the same: it decides what the older ones are worth.
    """
    here = viewer.agency.id
    named = or_(
        consent_grant.c.community_wide,
        exists().where(
            consent_recipient.c.grant_id == consent_grant.c.id, consent_recipient.c.agency_id == here
        ),
        exists().where(
            in_group(consent_grant.c.group_id, as_of), visibility_group_member.c.agency_id == here
        ),
    )
    to_me = or_(consent_grant.c.subject.is_(None), consent_grant.c.subject == viewer.subject)
    return (
        statement(as_of, people=people, grant=grant)
        .add_columns(newest_form(consent_grant.c.person_id).label("newest_form"))
        .where(or_(consent_grant.c.recorded_at_agency == here, and_(named, to_me)))
    )


def grant_of(row: Mapping[Any, Any]) -> Grant:
    """A stored row as the fact that `decide` reads."""
    return Grant(
        id=row["id"],
        effect=Effect(row["effect"]),
        categories=Category(row["categories"]),
        purposes=frozenset(row["purposes"]),
        community_wide=row["community_wide"],
        agencies=frozenset(row["agencies"] or ()) | frozenset(row["group_agencies"] or ()),
        start=row["start_on"],
        end=row["end_on"],
        revoked=row["revoked_at"] is not None,
        labels=Label(row["labels"]),
        subject=row["subject"],
        sources=None if row["sources"] is None else frozenset(row["sources"]),
        data_from=row["data_from"],
        data_to=row["data_to"],
        provisional_until=row["provisional_until"],
        form=row["form_id"],
        signed_by_client=row["signed_by_client"],
        guardian=None
        if row["guardian_id"] is None
        else Guardian(
            row["guardian_id"],
            row["guardian_from"],
            row["guardian_to"],
            barred=row["guardian_barred_at"] is not None,
        ),
        regime=row["regime"],
        method=row["method"],
        evidence=row["evidence"],
        recorded_at=row["recorded_at"],
    )


def by_person(rows: Iterable[Mapping[Any, Any]]) -> dict[UUID, list[Grant]]:
    """Grants under the person who gave them."""
    grants: dict[UUID, list[Grant]] = defaultdict(list)
    for row in rows:
        grants[row["person_id"]].append(grant_of(row))
    return grants


@dataclass(frozen=True, slots=True)
class NewGrant:
    """A grant to be recorded, already checked."""

    person: UUID
    effect: Effect
    categories: Category
    purposes: tuple[str, ...]
    community_wide: bool
    agencies: tuple[UUID, ...]
    start: date
    end: date | None
    method: str
    evidence: str | None
    labels: Label = NONE
    group: UUID | None = None
    subject: str | None = None
    sources: tuple[int, ...] | None = None
    data_from: date | None = None
    data_to: date | None = None
    provisional_until: date | None = None
    form: UUID | None = None
    template: str | None = None
    section: str | None = None
    regime: str = "HUD"
    signed_by_client: bool = True
    guardian: UUID | None = None


async def record(connection: AsyncConnection, viewer: Viewer, grant: NewGrant) -> UUID:
    """Write a grant and its recipients; the caller's transaction commits."""
    identifier: UUID = (
        await connection.execute(
            insert(consent_grant)
            .values(
                person_id=grant.person,
                effect=grant.effect.value,
                categories=int(grant.categories),
                purposes=list(grant.purposes),
                community_wide=grant.community_wide,
                start_on=grant.start,
                end_on=grant.end,
                method=grant.method,
                evidence=grant.evidence,
                labels=int(grant.labels),
                group_id=grant.group,
                subject=grant.subject,
                sources=list(grant.sources) if grant.sources is not None else None,
                data_from=grant.data_from,
                data_to=grant.data_to,
                provisional_until=grant.provisional_until,
                form_id=grant.form,
                template=grant.template,
                section=grant.section,
                regime=grant.regime,
                signed_by_client=grant.signed_by_client,
                guardian_id=grant.guardian,
                recorded_by=viewer.subject,
                recorded_at_agency=viewer.agency.id,
            )
            .returning(consent_grant.c.id)
        )
    ).scalar_one()
    if grant.agencies:
        await connection.execute(
            insert(consent_recipient),
            [{"grant_id": identifier, "agency_id": recipient} for recipient in grant.agencies],
        )
    return identifier


async def revoke(
    connection: AsyncConnection, viewer: Viewer, grant: UUID, reason: str, now: datetime
) -> None:
    """Write a revocation. Revoking twice is harmless: the first one stands."""
    await connection.execute(
        pg_insert(consent_revocation)
        .values(grant_id=grant, reason=reason, revoked_at=now, revoked_by=viewer.subject)
        .on_conflict_do_nothing(index_elements=["grant_id"])
    )


async def agencies_of(
    connection: AsyncConnection, source_name: str, organizations: Iterable[str]
) -> dict[str, UUID]:
    """The agencies behind OrganizationIDs of one source; those the hub has no agreement with are absent."""
    rows = await connection.execute(
        select(agency.c.organization_id, agency.c.id)
        .join(source, source.c.id == agency.c.source_id)
        .where(source.c.name == source_name, agency.c.organization_id.in_(list(organizations)))
    )
    return {row.organization_id: row.id for row in rows}
