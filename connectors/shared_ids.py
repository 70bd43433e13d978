"""Identifiers that a peer and one of our own sources have in common: ImplementationID with PersonalID.

Communities share one HMIS database; then a PersonalID means the same person in both exports. The operator has
to say so (`connectors/hmis_peer`): vendors name their databases themselves, and two may have one name.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from hmis.tables import HMIS, client_label, client_link, landing_household_member, landing_peer_export


async def by_implementation(connection: AsyncConnection, connector: str) -> list[tuple[str, frozenset[UUID]]]:
    """The peer's records of the newest export, each with the people whom it may be about.

    Birth dates that contradict each other are two people, whatever an id says. Records that only a victim
    service provider entered are nobody's: a peer must not be asked about them (34 USC 12291(b)(2)).
    """
    told, link, member = landing_peer_export.c, client_link.c, landing_household_member.c
    client, export = HMIS["Client"].c, HMIS["Export"].c
    newest = select(func.max(told.batch_id)).where(told.connector == connector).scalar_subquery()
    ours = (
        select(export.source_id, told.people_landed)
        .distinct()
        .join(landing_peer_export, told.implementation_id == export.implementation_id)
        .where(told.batch_id == newest)
        .subquery()
    )
    statement = (
        select(link.personal_id, func.array_agg(link.person_id.distinct()))
        .select_from(client_link)
        .join(ours, ours.c.source_id == link.source_id)
        .join(HMIS["Client"], (client.source_id == link.source_id) & (client.personal_id == link.personal_id))
        .join(
            client_label,
            (client_label.c.source_id == link.source_id)
            & (client_label.c.personal_id == link.personal_id)
            & client_label.c.labels.is_not(None),
        )
        .outerjoin(
            landing_household_member,
            (member.connector == connector) & (member.household_id == link.personal_id),
        )
        .where(
            link.undone_at.is_(None),
            client.removed_at.is_(None),
            or_(ours.c.people_landed.is_(False), member.id.is_not(None)),
            or_(member.dob.is_(None), client.dob.is_(None), member.dob == client.dob),
        )
        .group_by(link.personal_id)
    )
    return [(record, frozenset(people)) for record, people in await connection.execute(statement)]
