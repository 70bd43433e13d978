"""Households: who entered a project together, as far as each member may be seen."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from functools import cache
from typing import Any, NamedTuple
from uuid import NAMESPACE_OID, UUID, uuid5

from sqlalchemy import ColumnElement, Integer, Select, Text, and_, func, or_, select
from sqlalchemy.types import TypeEngine

from auth.categories import Category
from auth.parameters import VIEWER
from auth.speaking import any_row, of_link
from auth.visibility import label_of, own_stay, visible_record
from hmis.tables import HMIS, client_label, client_link, project_label
from resolvers import clients, enrollments
from resolvers.asked import asked, keys
from resolvers.fixed import fixed
from resolvers.request import Request
from resolvers.rows import HouseholdRow, Record

_ENROLLMENT = HMIS["Enrollment"]
_CLIENT = HMIS["Client"]
_HOUSEHOLD: dict[str, TypeEngine[Any]] = {
    "source_id": Integer(),
    "household_id": Text(),
    "project_id": Text(),
}


class _Household(NamedTuple):
    source_id: int
    household_id: str
    project_id: str


async def of_stay(request: Request, root: Record) -> HouseholdRow | None:
    """The household of a stay: its members' stays at the same project, as far as each may be seen.

    HUD 5.09: HouseholdID joins the people who enter a project together.
    """
    household = root.values["household_id"]
    if household is None:
        return None
    key = _Household(root.values["source_id"], household, root.values["project_id"])
    members = await request.load(_members, key)
    people = await asyncio.gather(*(request.load(clients.by_id, person) for person, _ in members))
    stays = await asyncio.gather(
        *(
            request.load(enrollments.by_key, enrollments.StayOf(known, key.source_id, enrollment))
            for known, (_, enrollment) in zip(people, members, strict=True)
            if known is not None
        )
    )
    seen = [stay for stay in stays if stay is not None and stay.allowed & Category.HOUSEHOLD]
    return HouseholdRow(_hub_id(key), household, root.person, root.allowed, tuple(seen), root.own)


def _hub_id(household: _Household) -> UUID:
    """HUD keeps no row for a household, so its hub id is made from what names it: the same every time."""
    return uuid5(NAMESPACE_OID, "/".join(map(str, household)))


async def _members(request: Request, wanted: list[_Household]) -> list[list[tuple[UUID, str]]]:
    """Who is in each household and shows it, by person and stay: nothing yet of what the stay tells.

    Whoever does not share the household costs nothing either.
    """
    if request.viewer is None:
        return [[] for _ in wanted]
    found: dict[_Household, list[tuple[UUID, str]]] = defaultdict(list)
    for row in await request.fetch(_statement(), keys(_HOUSEHOLD, wanted)):
        key = _Household(row["source_id"], row["household_id"], row["project_id"])
        found[key].append((row["person_id"], row["enrollment_id"]))
    return [found[key] for key in wanted]


@cache
def _statement() -> Select[Any]:
    """The members of households, each by a stay that shows it."""
    households = asked(_HOUSEHOLD)
    person = client_link.c.person_id
    shared = and_(enrollments.shared_stay(person, Category.HOUSEHOLD), _is_there(person))
    return fixed(
        select(
            client_link.c.person_id,
            *(_ENROLLMENT.c[name] for name in ("source_id", "household_id", "project_id", "enrollment_id")),
        )
        .select_from(households)
        .join(
            _ENROLLMENT,
            and_(
                _ENROLLMENT.c.source_id == households.c.source_id,
                _ENROLLMENT.c.household_id == households.c.household_id,
                _ENROLLMENT.c.project_id == households.c.project_id,
                _ENROLLMENT.c.removed_at.is_(None),
            ),
        )
        .join(project_label, label_of(_ENROLLMENT))
        .join(client_link, enrollments.link_of_stay())
        .join(_CLIENT, enrollments.client_of_link())
        .where(or_(own_stay(VIEWER), shared))
        # Not by entry date: a member may share the household and keep the stay.
        .order_by(func.coalesce(_ENROLLMENT.c.relationship_to_hoh, 99), _ENROLLMENT.c.id)
    )


def _is_there(person: ColumnElement[Any]) -> ColumnElement[bool]:
    """At least one record of the person is there: a stay may stand open where no record does."""
    link, client, label = client_link.alias(), _CLIENT.alias(), client_label.alias()
    record = (
        select(link.c.person_id, link.c.source_id, link.c.personal_id, label.c.labels)
        .select_from(link.join(client, of_link(link, client)).join(label, of_link(link, label)))
        .where(link.c.undone_at.is_(None), client.c.removed_at.is_(None))
        .subquery("record")
    )
    return any_row(
        record.c.person_id == person,
        visible_record(VIEWER, person, record, record.c.labels, Category.EXISTENCE),
        of=record,
    )
