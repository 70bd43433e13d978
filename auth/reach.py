"""Whom a viewer may possibly see, looked up from their own side: own clients, grants, openings, orders.

A list is walked in its order and each person asked about until the page is full. Who may see few of many
would walk nearly all of them; for such a viewer the list is made of these people instead.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    and_,
    func,
    literal,
    not_,
    select,
    union_all,
)

from auth.categories import Category
from auth.consent import Effect
from auth.legal_orders import in_force as order_in_force
from auth.parameters import ViewerParameters
from auth.speaking import in_force, in_group
from hmis.tables import (
    break_glass,
    client_link,
    client_owner,
    consent_grant,
    consent_recipient,
    legal_order,
    visibility_group_member,
)

SHORT = 1000
"""Longest list of people that is looked up so; beyond it walking is the shorter way, and nearly as sure to
meet somebody visible soon."""


def reach(who: ViewerParameters) -> CTE:
    """People (`person_id`) of whom the viewer may see anything, some of them twice; of each kind `SHORT` at
    the most, so it is all of them only where `is_short`."""
    own = (
        select(client_link.c.person_id)
        .select_from(client_owner)
        .join(
            client_link,
            and_(
                client_link.c.source_id == client_owner.c.source_id,
                client_link.c.personal_id == client_owner.c.personal_id,
                client_link.c.undone_at.is_(None),
            ),
        )
        .where(client_owner.c.source_id == who.source, client_owner.c.organization_id == who.organization)
    )
    named = (
        _granted(who)
        .select_from(consent_recipient)
        .join(consent_grant, consent_grant.c.id == consent_recipient.c.grant_id)
        .where(consent_recipient.c.agency_id == who.agency)
    )
    grouped = (
        _granted(who)
        .select_from(visibility_group_member)
        .join(consent_grant, consent_grant.c.group_id == visibility_group_member.c.group_id)
        .where(
            in_group(consent_grant.c.group_id, who.as_of),
            visibility_group_member.c.agency_id == who.agency,
        )
    )
    everybody = _granted(who).where(consent_grant.c.community_wide)
    opened = select(break_glass.c.person_id).where(
        break_glass.c.subject == who.subject,
        break_glass.c.agency_id == who.agency,
        break_glass.c.opened_at <= who.now,
        break_glass.c.closes_at > who.now,
        not_(who.under_order),
    )
    ordered = select(legal_order.c.person_id).where(*order_in_force(who))
    ways = [select(way.limit(SHORT).subquery()) for way in (own, named, grouped, everybody, opened, ordered)]
    return union_all(*ways).cte("reach")


def _granted(who: ViewerParameters) -> Select[Any]:
    """People whose permits let them be there; what closes them again is asked person by person."""
    return select(consent_grant.c.person_id).where(
        consent_grant.c.effect == Effect.PERMIT.value,
        consent_grant.c.categories.bitwise_and(int(Category.EXISTENCE)) != 0,
        not_(who.under_order),
        *in_force(who, consent_grant),
    )


def is_short(who: ViewerParameters, people: CTE) -> ColumnElement[bool]:
    """All whom the viewer may see are in `people`: no way to them was cut, and no notice opens everybody."""
    count = select(func.count()).select_from(people).scalar_subquery()
    return and_(who.notice.bitwise_and(int(Category.EXISTENCE)) == 0, count < literal(SHORT))
