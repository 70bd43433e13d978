"""Membership: from a verified token to a viewer, by our own table. Rule 0 of the consent rules.

A refusal is an answer and not an error: to its caller the hub then looks as if it were empty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from auth.tokens import Claims
from auth.viewer import DEFAULT_PURPOSE, SCOPES, Agency, AgencyKind, Purpose, Role, Viewer, role_permits
from hmis.tables.agency import agency, member


@dataclass(frozen=True)
class NoAccess:
    """Who asks is known, and may see nothing. The reason is for the log and the audit, not for the caller."""

    reason: str


@dataclass(frozen=True)
class Membership:
    """One live row of the member table and its agency's agreement, as stored."""

    role: str
    agency_id: UUID
    source_id: int | None
    organization_id: str | None
    name: str
    kind: str
    agreement_from: date
    agreement_to: date | None
    """First day no longer in force; None = without end."""
    purposes: tuple[str, ...]


async def viewer_of(connection: AsyncConnection, claims: Claims, as_of: date) -> Viewer | NoAccess:
    """Who the token's subject is on that day; one statement."""
    rows = await connection.execute(
        select(
            member.c.role,
            agency.c.id.label("agency_id"),
            agency.c.source_id,
            agency.c.organization_id,
            agency.c.name,
            agency.c.kind,
            agency.c.agreement_from,
            agency.c.agreement_to,
            agency.c.purposes,
        )
        .join(agency, agency.c.id == member.c.agency_id)
        .where(
            member.c.subject == claims.subject,
            member.c.issuer == claims.issuer,
            member.c.valid_from <= as_of,
            or_(member.c.valid_to.is_(None), member.c.valid_to > as_of),
        )
    )
    live = [Membership(**{**row, "purposes": tuple(row["purposes"])}) for row in rows.mappings()]
    return admit(claims, live, as_of)


def admit(claims: Claims, live: Sequence[Membership], as_of: date) -> Viewer | NoAccess:
    """Rule 0: a live membership, an agreement in force, a purpose that agreement and role both allow."""
    chosen = _choose(claims, live)
    if isinstance(chosen, NoAccess):
        return chosen
    if not _in_force(chosen, as_of):
        return NoAccess("the agency's agreement is not in force")
    if chosen.role not in set(Role) or chosen.kind not in set(AgencyKind):
        return NoAccess("the member table holds a role or a kind of agency that this version does not know")
    role = Role(chosen.role)
    purpose = claims.purpose or DEFAULT_PURPOSE[role]
    if purpose not in set(Purpose):
        return NoAccess("the token names an unknown purpose")
    if not role_permits(role, Purpose(purpose)):
        return NoAccess("the purpose is not one of the role's")
    if purpose not in chosen.purposes:
        return NoAccess("the purpose is not one of the agency's agreement")
    return _viewer(claims, chosen, role, Purpose(purpose))


def _choose(claims: Claims, live: Sequence[Membership]) -> Membership | NoAccess:
    """The one live membership. Only among several does the token's wish count, and only for one of them."""
    if not live:
        return NoAccess("no live membership")
    if len(live) == 1:
        return live[0]
    if claims.agency is None:
        return NoAccess("several live memberships and the token does not say which")
    wished = [membership for membership in live if str(membership.agency_id) == claims.agency]
    if not wished:
        return NoAccess("several live memberships and none at the agency the token names")
    return wished[0] if len(wished) == 1 else NoAccess("several live memberships at the same agency")


def _in_force(membership: Membership, as_of: date) -> bool:
    end = membership.agreement_to
    return membership.agreement_from <= as_of and (end is None or as_of < end)


def _viewer(claims: Claims, membership: Membership, role: Role, purpose: Purpose) -> Viewer:
    return Viewer(
        subject=claims.subject,
        # RFC 9068, 2.2: a client that acts on its own behalf is its own subject.
        kind="service" if claims.subject == claims.client_id else "user",
        agency=Agency(
            id=membership.agency_id,
            source_id=membership.source_id,
            organization_id=membership.organization_id,
            name=membership.name,
            kind=AgencyKind(membership.kind),
        ),
        role=role,
        scopes=claims.scopes & SCOPES[role],
        purpose=purpose,
        acr=claims.acr,
        auth_time=claims.auth_time,
        client_id=claims.client_id,
    )
