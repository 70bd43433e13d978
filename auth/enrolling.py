"""Making somebody a member of an agency: for the demo and the `token` command."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from auth.viewer import Agency, AgencyKind, Purpose, Role
from hmis import labelling
from hmis.bulk import bulk
from hmis.errors import InputRefused
from hmis.tables.agency import agency, member
from hmis.tables.core import HMIS
from hmis.tables.source import source as source_table

AGREED = frozenset(
    {
        Purpose.CARE_COORDINATION,
        Purpose.ELIGIBILITY,
        Purpose.PAYMENT,
        Purpose.OPERATIONS,
        Purpose.REPORTING,
    }
)
"""What a new agreement is for unless said otherwise: the everyday uses of 69 FR 45888, 4.1.3."""

_organization = HMIS["Organization"]
_SHOWN = 20
"""Names in a list that somebody reads."""


async def enroll(
    connection: AsyncConnection,
    *,
    issuer: str,
    subject: str,
    source: str,
    organization_id: str,
    role: Role,
    as_of: date,
    purposes: Collection[Purpose] = AGREED,
) -> Agency:
    """Make the subject a member in this role from that day on; the same again changes nothing.

    A membership of the same agency in another role ends that day. An agreement that exists already is left as
    it is: who mints a token does not widen or revive it. InputRefused = no such source or organization.
    """
    source_id = await _source_id(connection, source)
    name, kind = await _organization_of(connection, source_id, source, organization_id)
    at = await _agency(connection, source_id, organization_id, name, kind, as_of, purposes)
    await _membership(connection, issuer, subject, at.id, role, as_of)
    await labelling.renew(await bulk(connection), source_id)
    return at


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A live membership, by names."""

    subject: str
    role: Role
    agency: str


async def enrolled(connection: AsyncConnection, issuer: str, as_of: date) -> list[Enrolled]:
    """Everybody whom an issuer's tokens may name, and where they are members that day; by agency."""
    rows = await connection.execute(
        select(member.c.subject, member.c.role, agency.c.name)
        .join(agency, agency.c.id == member.c.agency_id)
        .where(
            member.c.issuer == issuer,
            member.c.role.in_(list(Role)),
            member.c.valid_from <= as_of,
            or_(member.c.valid_to.is_(None), member.c.valid_to > as_of),
        )
        .order_by(agency.c.name, member.c.role, member.c.subject)
        .limit(_SHOWN)
    )
    return [Enrolled(row.subject, Role(row.role), row.name) for row in rows]


async def _source_id(connection: AsyncConnection, name: str) -> int:
    found = await connection.scalar(select(source_table.c.id).where(source_table.c.name == name))
    if found is None:
        names = select(source_table.c.name).where(source_table.c.kind == "HMIS").order_by(source_table.c.name)
        known = (await connection.scalars(names)).all()
        raise InputRefused(f"There is no source of that name. Known sources: {_listed(known)}.")
    return int(found)


async def _organization_of(
    connection: AsyncConnection, source_id: int, source: str, organization_id: str
) -> tuple[str, AgencyKind]:
    columns = _organization.c
    present = (columns.source_id == source_id, columns.removed_at.is_(None))
    row = (
        await connection.execute(
            select(columns.organization_name, columns.victim_service_provider).where(
                *present, columns.organization_id == organization_id
            )
        )
    ).one_or_none()
    if row is None:
        ids = select(columns.organization_id).where(*present).order_by(columns.organization_id)
        known = (await connection.scalars(ids)).all()
        raise InputRefused(
            f"Source {source} has no organization of that OrganizationID. Known: {_listed(known)}."
        )
    # HUD 2.01 VictimServiceProvider: 1 = yes.
    kind = AgencyKind.VSP if row.victim_service_provider == 1 else AgencyKind.CHO
    return row.organization_name or f"Organization {organization_id}", kind


async def _agency(
    connection: AsyncConnection,
    source_id: int,
    organization_id: str,
    name: str,
    kind: AgencyKind,
    as_of: date,
    purposes: Collection[Purpose],
) -> Agency:
    new = upsert(agency).values(
        source_id=source_id,
        organization_id=organization_id,
        name=name,
        kind=kind.value,
        agreement_from=as_of,
        purposes=sorted(purpose.value for purpose in purposes),
    )
    # The update locks the row: two enrolments at one agency take turns, so neither doubles a member.
    row = (
        await connection.execute(
            new.on_conflict_do_update(
                index_elements=[agency.c.source_id, agency.c.organization_id],
                set_={"name": new.excluded.name},
            ).returning(agency.c.id, agency.c.kind)
        )
    ).one()
    return Agency(row.id, source_id, organization_id, name, AgencyKind(row.kind))


async def _membership(
    connection: AsyncConnection, issuer: str, subject: str, agency_id: UUID, role: Role, as_of: date
) -> None:
    theirs = (
        member.c.issuer == issuer,
        member.c.subject == subject,
        member.c.agency_id == agency_id,
        or_(member.c.valid_to.is_(None), member.c.valid_to > as_of),
    )
    ended = func.greatest(member.c.valid_from, as_of)
    other = or_(member.c.role != role.value, member.c.valid_from > as_of)
    await connection.execute(update(member).where(*theirs, other).values(valid_to=ended))
    live = await connection.scalar(select(member.c.id).where(*theirs, member.c.valid_from <= as_of).limit(1))
    if live is None:
        await connection.execute(
            insert(member).values(
                issuer=issuer, subject=subject, agency_id=agency_id, role=role.value, valid_from=as_of
            )
        )


def _listed(known: Collection[object]) -> str:
    shown = ", ".join(str(name) for name in list(known)[:_SHOWN])
    more = f" and {len(known) - _SHOWN} more" if len(known) > _SHOWN else ""
    return (shown + more) or "none, import an archive first"
