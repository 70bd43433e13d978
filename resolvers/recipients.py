"""Recipients: from the names a client gave to the agencies, the group and the sources that are meant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Date, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from auth import grants
from auth.membership import in_force
from auth.speaking import in_group
from auth.viewer import AgencyKind
from hmis.tables import agency, source, visibility_group, visibility_group_member
from resolvers.problems import Problem
from resolvers.proposals import Recipients

_PATH = ("input", "recipients")
NO_AGREEMENT = "The hub has no agreement with this organization."


@dataclass(frozen=True, slots=True)
class Resolved:
    """Who is meant, as the tables know them."""

    agencies: tuple[UUID, ...] = ()
    group: UUID | None = None
    subject: str | None = None
    problems: tuple[Problem, ...] = ()


async def resolve(connection: AsyncConnection, named: Recipients, as_of: date) -> Resolved:
    """The agencies and the group behind what was written down; a problem for each name that is nobody's."""
    if named.kinds != 1:
        return Resolved()
    if named.organizations and named.source:
        return await _organizations(connection, named.source, named.organizations)
    if named.agencies:
        return await _agencies(connection, named.agencies, as_of)
    if named.group:
        return await _group(connection, named.group, named.frozen, as_of)
    if named.partner:
        return await _partner(connection, named.partner)
    if named.person:
        who = named.person
        known = await grants.agencies_of(connection, who.source, [who.organization])
        if not known:
            return Resolved(problems=(_unknown("person", "organization"),))
        return Resolved(tuple(known.values()), subject=who.subject)
    return Resolved()


async def _organizations(connection: AsyncConnection, source_name: str, names: tuple[str, ...]) -> Resolved:
    known = await grants.agencies_of(connection, source_name, names)
    unknown = [_unknown("organizations", str(place)) for place, name in enumerate(names) if name not in known]
    return Resolved(tuple(known.values()), problems=tuple(unknown))


async def _agencies(connection: AsyncConnection, ids: tuple[str, ...], as_of: date) -> Resolved:
    """Agencies by hub id, whose agreement is in force."""
    wanted = [_hub_id(one) for one in ids]
    found = await connection.scalars(select(agency.c.id).where(agency.c.id.in_(wanted), *in_force(as_of)))
    known = set(found)
    unknown = [
        Problem("UNKNOWN_ORGANIZATION", NO_AGREEMENT, ("input", "agencies", str(place)))
        for place, one in enumerate(wanted)
        if one not in known
    ]
    return Resolved(tuple(dict.fromkeys(one for one in wanted if one in known)), problems=tuple(unknown))


def _hub_id(identifier: str) -> UUID:
    try:
        return UUID(identifier)
    except ValueError:
        return UUID(int=0)


def _unknown(*path: str) -> Problem:
    return Problem("UNKNOWN_ORGANIZATION", NO_AGREEMENT, (*_PATH, *path))


async def _group(connection: AsyncConnection, name: str, frozen: bool, as_of: date) -> Resolved:
    group = await connection.scalar(select(visibility_group.c.id).where(visibility_group.c.name == name))
    if group is None:
        problem = Problem("UNKNOWN_GROUP", "There is no visibility group of that name.", (*_PATH, "group"))
        return Resolved(problems=(problem,))
    if not frozen:
        return Resolved(group=group)
    member = visibility_group_member.c
    members = await connection.scalars(
        select(member.agency_id).where(
            in_group(member.group_id, literal(as_of, Date())), member.group_id == group
        )
    )
    agencies = tuple(members)
    if not agencies:
        problem = Problem("INVALID", "The group has no member to freeze.", (*_PATH, "group"))
        return Resolved(problems=(problem,))
    return Resolved(agencies)


async def _partner(connection: AsyncConnection, name: str) -> Resolved:
    found = await connection.scalars(
        select(agency.c.id).where(agency.c.name == name, agency.c.kind == AgencyKind.PARTNER.value)
    )
    partners = tuple(found)
    if len(partners) != 1:
        problem = Problem("UNKNOWN_PARTNER", "There is no partner of that name.", (*_PATH, "partner"))
        return Resolved(problems=(problem,))
    return Resolved(partners)


async def sources_of(
    connection: AsyncConnection, names: tuple[str, ...] | None
) -> tuple[tuple[int, ...] | None, list[Problem]]:
    """The sources a client limits a grant to; None = every source."""
    if names is None:
        return None, []
    rows = await connection.execute(select(source.c.name, source.c.id).where(source.c.name.in_(names)))
    known = {row.name: row.id for row in rows}
    problems = [
        Problem("UNKNOWN_SOURCE", "There is no source of that name.", ("input", "sources", str(place)))
        for place, name in enumerate(names)
        if name not in known
    ]
    if not names:
        problems.append(
            Problem("INVALID", "Name a source, or leave sources out to mean every one.", ("input", "sources"))
        )
    return tuple(known.values()), problems
