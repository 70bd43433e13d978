"""Membership: from a verified token to a viewer, by our own table. Rule 0 of the consent rules.

A refusal is an answer and not an error: to its caller the hub then looks as if it were empty.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Date,
    RowMapping,
    Select,
    Text,
    bindparam,
    cast,
    func,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from auth.categories import Category
from auth.policy import NO_POLICY, Combination, Policy
from auth.tokens import Claims
from auth.viewer import DEFAULT_PURPOSE, SCOPES, Agency, AgencyKind, Purpose, Role, Viewer, role_permits
from hmis.sentence import sentence
from hmis.tables.agency import agency, member
from hmis.tables.consent import policy_profile


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
    policy: Policy = NO_POLICY


_POLICY = (
    select(
        policy_profile.c.notice_version,
        policy_profile.c.notice_categories,
        policy_profile.c.combination,
        policy_profile.c.age_of_consent,
        policy_profile.c.default_term_days,
        policy_profile.c.max_term_days,
    )
    .order_by(policy_profile.c.id.desc())
    .limit(literal_column("1"))  # as a word of the text, so that `STANDING` has no parameter more
    .subquery("policy")
)

_POLICY_COLUMNS = tuple(_POLICY.c.keys())


def _membership(row: Mapping[Any, Any]) -> Membership:
    stored = {key: value for key, value in row.items() if not key.startswith("policy_")}
    policy = {key.removeprefix("policy_"): value for key, value in row.items() if key not in stored}
    stored["purposes"] = tuple(row["purposes"])
    if policy["age_of_consent"] is None:  # the community has decided nothing yet
        return Membership(**stored)
    return Membership(**stored, policy=_policy(policy))


def _policy(stored: Mapping[Any, Any]) -> Policy:
    known = {
        **stored,
        "notice_categories": Category(stored["notice_categories"]),
        "combination": Combination(stored["combination"]),
    }
    return Policy(**known)


def _live(subject: str | BindParameter[str], as_of: date | BindParameter[date]) -> Select[Any]:
    """The memberships of a subject on a day, each with its agency's agreement and the policy in force."""
    return (
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
            *(_POLICY.c[column].label(f"policy_{column}") for column in _POLICY_COLUMNS),
        )
        .join(agency, agency.c.id == member.c.agency_id)
        .outerjoin(_POLICY, true())
        .where(
            member.c.subject == subject,
            member.c.valid_from <= as_of,
            or_(member.c.valid_to.is_(None), member.c.valid_to > as_of),
        )
    )


_SUBJECT, _ISSUER = bindparam("standing_subject", type_=Text()), bindparam("standing_issuer", type_=Text())
_ON = bindparam("standing_on", type_=Date())
_STANDING = _live(_SUBJECT, _ON).where(member.c.issuer == _ISSUER).order_by(member.c.id).subquery("standing")

STANDING = select(
    # JSON says days and numbers alike on every connection, whatever it is set to.
    func.coalesce(cast(func.json_agg(literal_column("standing")), Text()), literal_column("'[]'"))
).select_from(_STANDING)
"""What the tables say that day of somebody, as one text: their live memberships with agency and policy.

It is all that `admit` goes by beside the claims. So while it is the same text the same claims make the same
viewer, and any change that makes another one changes it. Its parameters are `standing_values`; as a
`scalar_subquery()` it says within another statement whether what that one told was told to the right viewer.
"""

_READ = sentence(STANDING)
STANDING_TEXT = _READ.text
"""The same as the driver takes it, with $1, $2 … for `standing_arguments`."""


def standing_values(claims: Claims, as_of: date) -> dict[str, Any]:
    """The parameters of `STANDING`."""
    return {_SUBJECT.key: claims.subject, _ISSUER.key: claims.issuer, _ON.key: as_of}


def standing_arguments(claims: Claims, as_of: date) -> tuple[Any, ...]:
    """The arguments of `STANDING_TEXT`."""
    return tuple(_READ.arguments(standing_values(claims, as_of)))


async def viewer_of(connection: AsyncConnection, claims: Claims, as_of: date) -> Viewer | NoAccess:
    """Who the token's subject is on that day; one statement. A gateway asks `auth.viewers`."""
    read = await connection.exec_driver_sql(STANDING_TEXT, standing_arguments(claims, as_of))
    return admitted(claims, read.scalar_one(), as_of)


def admitted(claims: Claims, standing: str, as_of: date) -> Viewer | NoAccess:
    """`admit`, by what `STANDING` said."""
    return admit(claims, [_membership(_typed(row)) for row in json.loads(standing)], as_of)


def choices(claims: Claims, standing: str, as_of: date) -> list[Viewer]:
    """Everybody that these claims make at one agency or another, by what `STANDING` said."""
    live = [_membership(_typed(row)) for row in json.loads(standing)]
    wishes = dict.fromkeys(str(one.agency_id) for one in sorted(live, key=lambda one: one.name))
    found = [admit(replace(claims, agency=wish), live, as_of) for wish in wishes]
    return [one for one in found if isinstance(one, Viewer)]


def _typed(row: dict[str, Any]) -> dict[str, Any]:
    """A row of `STANDING` with ids and days as PostgreSQL has them."""
    end = row["agreement_to"]
    return {
        **row,
        "agency_id": UUID(row["agency_id"]),
        "agreement_from": date.fromisoformat(row["agreement_from"]),
        "agreement_to": None if end is None else date.fromisoformat(end),
    }


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
        policy=membership.policy,
    )


def memberships_of(subject: str, as_of: date) -> Select[Any]:
    """The statement for `stand_ins`: what somebody is a member of that day, whoever issued their tokens."""
    return _live(subject, as_of).order_by(agency.c.name, member.c.id)


def stand_ins(
    rows: Sequence[RowMapping], subject: str, as_of: date, purpose: Purpose | None = None
) -> list[Viewer]:
    """Somebody as they would ask today, once for each agency they may act for, with all that the role allows.

    For explaining only: nobody has proved to be them. A purpose that role or agreement lacks gives none.
    """
    found = []
    for held in [_membership(row) for row in rows]:
        if held.role not in set(Role):
            continue
        claims = Claims(
            issuer="",
            subject=subject,
            client_id="",
            jti="",
            expires_at=datetime.max,
            scopes=frozenset(SCOPES[Role(held.role)]),
            purpose=purpose.value if purpose else None,
        )
        viewer = admit(claims, [held], as_of)
        if isinstance(viewer, Viewer):
            found.append(replace(viewer, kind="user"))
    return found


def in_force(as_of: date) -> list[ColumnElement[bool]]:
    """The agreement of an agency holds that day."""
    return [
        agency.c.agreement_from <= as_of,
        or_(agency.c.agreement_to.is_(None), agency.c.agreement_to > as_of),
    ]


async def everybody(connection: AsyncConnection, as_of: date, roles: Sequence[Role]) -> list[Viewer]:
    """A stand-in for each role at each agency whose agreement is in force, with the role's usual purpose."""
    policy = await policy_in_force(connection)
    rows = await connection.execute(
        select(agency)
        .where(*in_force(as_of), agency.c.kind.in_([kind.value for kind in AgencyKind]))
        .order_by(agency.c.name, agency.c.id)
    )
    return [
        Viewer(
            subject="",
            kind="user",
            agency=Agency(row.id, row.source_id, row.organization_id, row.name, AgencyKind(row.kind)),
            role=role,
            scopes=frozenset(SCOPES[role]),
            purpose=DEFAULT_PURPOSE[role],
            acr=None,
            auth_time=None,
            client_id="",
            policy=policy,
        )
        for row in rows
        for role in roles
        if DEFAULT_PURPOSE[role] in row.purposes
    ]


async def policy_in_force(connection: AsyncConnection) -> Policy:
    """What the community decided last; `NO_POLICY` before it decided anything."""
    row = (await connection.execute(select(_POLICY))).mappings().one_or_none()
    return _policy(row) if row is not None else NO_POLICY
