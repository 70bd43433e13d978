"""Forms: by which forms clients of this community agree, whom they can name, and what holds for everybody."""

from __future__ import annotations

from sqlalchemy import select

from auth.membership import in_force
from auth.policy import NO_POLICY, Policy
from auth.viewer import Scope
from hmis.tables import agency
from resolvers.naming import may_be_named
from resolvers.request import Request
from resolvers.rows import PlainRow


async def recipients(request: Request) -> list[PlainRow]:
    """Agencies that a client can name, by name; none for who may not read consent.

    None whose name alone tells of violence, HIV, treatment or running away: no desk has such a list.
    """
    viewer = request.viewer
    if viewer is None or Scope.CONSENT_READ not in viewer.scopes:
        return []
    rows = await request.fetch(
        select(agency.c.id, agency.c.name)
        .where(*in_force(request.as_of), may_be_named())
        .order_by(agency.c.name, agency.c.id)
    )
    return [PlainRow(row) for row in rows]


def policy(request: Request) -> Policy:
    """What the community decided last."""
    return request.viewer.policy if request.viewer is not None else NO_POLICY
