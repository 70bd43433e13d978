"""Orders that law enforcement brings: which are in force, said in SQL; recorded, approved, ended.

Append-only: an approval is a row of its own, and so is the end of an order that is withdrawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    ScalarSelect,
    Select,
    Text,
    case,
    func,
    insert,
    literal,
    literal_column,
    not_,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from auth.categories import Category
from auth.legal_order import APPROVALS, NEVER_BY_ORDER, Authority, LegalOrder
from auth.parameters import VIEWER, ViewerParameters
from auth.speaking import any_row
from auth.viewer import Role, Viewer
from hmis.labels import Label
from hmis.tables import legal_order, legal_order_approval, legal_order_end, member


def in_force(who: ViewerParameters, order: FromClause = legal_order) -> list[ColumnElement[bool]]:
    """What `LegalOrder.speaks_to` asks, of a viewer who asks for law enforcement."""
    approval, end = legal_order_approval.alias(), legal_order_end.alias()
    approvals = (
        select(func.count())
        .select_from(approval)
        .where(
            approval.c.order_id == order.c.id,
            approval.c.approver != order.c.recorded_by,
            approval.c.approver != order.c.subject,
        )
        .correlate_except(approval)
        .scalar_subquery()
    )
    return [
        who.under_order,
        order.c.subject == who.subject,
        order.c.agency_id == who.agency,
        order.c.valid_from <= who.as_of,
        order.c.valid_to > who.as_of,
        not_(any_row(end.c.order_id == order.c.id, of=end)),
        approvals >= APPROVALS,
    ]


def ordered(
    who: ViewerParameters, person_id: ColumnElement[Any], labels: ColumnElement[int]
) -> ScalarSelect[Any]:
    """What orders in force list of a person, as a mask for a record with these labels."""
    order = legal_order.alias()
    named = order.c.labels.bitwise_and(literal(~int(NEVER_BY_ORDER), BigInteger))
    names_all = labels.bitwise_and(named.bitwise_not()) == 0
    listed = func.coalesce(func.bit_or(order.c.categories).filter(names_all), 0)
    return (
        select(listed.bitwise_and(who.may_see))
        .where(order.c.person_id == person_id, *in_force(who, order))
        .correlate_except(order)
        .scalar_subquery()
    )


def for_viewer(person_id: ColumnElement[Any]) -> ColumnElement[Any]:
    """The orders in force of a person for the viewer, as a JSON text for `read_back`; null = none.

    Behind a CASE: whoever asks for another purpose does not look for any.
    """
    order = legal_order.alias()
    found = (
        select(order, _approvers(order).label("approvers"))
        .where(order.c.person_id == person_id, *in_force(VIEWER, order))
        .order_by(order.c.recorded_at, order.c.id)
        .correlate_except(order)
        .subquery("ordered")
    )
    told = select(func.json_agg(literal_column("ordered")).cast(Text)).select_from(found).scalar_subquery()
    return case((VIEWER.under_order, told))


def _approvers(order: FromClause) -> ScalarSelect[Any]:
    approval = legal_order_approval.alias()
    return (
        select(func.array_agg(approval.c.approver))
        .where(approval.c.order_id == order.c.id)
        .correlate_except(approval)
        .scalar_subquery()
    )


def read_back(stored: str | None) -> tuple[LegalOrder, ...]:
    """What `for_viewer` gave, as the facts that `decide` reads."""
    return tuple(order_of(row) for row in orjson.loads(stored)) if stored is not None else ()


def order_of(row: Mapping[Any, Any]) -> LegalOrder:
    """A stored row, from a table or from JSON, which knows no ids and no days, as a fact."""
    return LegalOrder(
        id=UUID(str(row["id"])),
        agency=UUID(str(row["agency_id"])),
        subject=row["subject"],
        categories=Category(row["categories"]),
        labels=Label(row["labels"]),
        start=date.fromisoformat(str(row["valid_from"])),
        end=date.fromisoformat(str(row["valid_to"])),
        recorded_by=row["recorded_by"],
        approvers=frozenset(row["approvers"] or ()),
        withdrawn=row.get("ended_at") is not None,
    )


@cache
def of_agency() -> Select[Any]:
    """What a privacy officer reads: orders that their agency recorded, and those its people look under."""
    return (
        select(
            legal_order,
            _approvers(legal_order).label("approvers"),
            legal_order_end.c.ended_at,
        )
        .outerjoin(legal_order_end, legal_order_end.c.order_id == legal_order.c.id)
        .where(
            or_(
                legal_order.c.recorded_at_agency == VIEWER.agency,
                legal_order.c.agency_id == VIEWER.agency,
            )
        )
        .order_by(legal_order.c.recorded_at.desc(), legal_order.c.id)
    )


@dataclass(frozen=True, slots=True)
class NewOrder:
    """An order to be recorded, already checked."""

    person: UUID
    subject: str
    categories: Category
    labels: Label
    authority: Authority
    reference: str
    start: date
    end: date


async def record(connection: AsyncConnection, viewer: Viewer, new: NewOrder, now: datetime) -> UUID:
    """Write an order for somebody of the viewer's agency; it opens nothing before it is approved."""
    identifier: UUID = (
        await connection.execute(
            insert(legal_order)
            .values(
                person_id=new.person,
                agency_id=viewer.agency.id,
                subject=new.subject,
                categories=int(new.categories),
                labels=int(new.labels),
                authority=new.authority.value,
                reference=new.reference,
                valid_from=new.start,
                valid_to=new.end,
                recorded_at=now,
                recorded_by=viewer.subject,
                recorded_at_agency=viewer.agency.id,
            )
            .returning(legal_order.c.id)
        )
    ).scalar_one()
    return identifier


async def approve(connection: AsyncConnection, viewer: Viewer, order: UUID, now: datetime) -> None:
    """Write that the viewer approved it. Approving twice is harmless: the first time stands."""
    await connection.execute(
        pg_insert(legal_order_approval)
        .values(order_id=order, approver=viewer.subject, approved_at=now)
        .on_conflict_do_nothing(index_elements=["order_id", "approver"])
    )


async def end(connection: AsyncConnection, viewer: Viewer, order: UUID, reason: str, now: datetime) -> None:
    """Withdraw it before its last day. What was ended before stays as it was."""
    await connection.execute(
        pg_insert(legal_order_end)
        .values(order_id=order, reason=reason, ended_at=now, ended_by=viewer.subject)
        .on_conflict_do_nothing(index_elements=["order_id"])
    )


async def is_officer(connection: AsyncConnection, agency: UUID, subject: str, day: date) -> bool:
    """Whether somebody is a privacy officer of the agency that day."""
    found = await connection.scalar(
        select(literal(1))
        .where(
            member.c.agency_id == agency,
            member.c.subject == subject,
            member.c.role == Role.PRIVACY_OFFICER.value,
            member.c.valid_from <= day,
            or_(member.c.valid_to.is_(None), member.c.valid_to > day),
        )
        .limit(1)
    )
    return found is not None
