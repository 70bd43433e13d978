"""The landing tables: one transaction puts a drop in force, one statement answers for many people."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any, Literal

from sqlalchemy import Text, any_, cast, delete, func, insert, select
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncConnection

from connectors.energy_drop.layout import BILL_KINDS, Benefit, Member, Payment
from connectors.energy_drop.mapping import Batch, DropManifest
from hmis.identity.forgetting import Withheld, withheld_of
from hmis.identity.names import normalised_name
from hmis.tables.landing import (
    landing_batch,
    landing_benefit,
    landing_household_member,
    landing_payment,
    landing_token,
)

_CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class Household:
    """What is known of one household, in the drop of `as_of`. Facts that were not asked for are None."""

    household_id: str
    as_of: date
    last_benefit: date | None
    bill_assistance: Decimal | None
    fuel: str | None


async def standing(
    connection: AsyncConnection, connector: str, manifest: DropManifest
) -> Literal["UNCHANGED", "SUPERSEDED"] | None:
    """Why this drop need not be taken: UNCHANGED, SUPERSEDED, or None when it has to be."""
    ledger = landing_batch.c
    known = await connection.scalar(
        select(ledger.id).where(
            ledger.connector == connector, ledger.content_sha256 == manifest.content_sha256
        )
    )
    if known is not None:
        return "UNCHANGED"
    newest = await connection.scalar(select(func.max(ledger.as_of)).where(ledger.connector == connector))
    return "SUPERSEDED" if newest is not None and newest > manifest.day else None


async def lock(connection: AsyncConnection, connector: str) -> None:
    """Until the transaction ends, nobody else puts a drop of this connector in force."""
    await connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"landing:{connector}"))))


async def replace(connection: AsyncConnection, connector: str, manifest: DropManifest, batch: Batch) -> None:
    """Put the drop in force in place of what was there. The caller holds the transaction.

    What is of people who took back their consent is left out (`hmis.identity.forgetting`); the ledger counts
    what the partner sent.
    """
    for table in (landing_household_member, landing_benefit, landing_payment, landing_token):
        await connection.execute(delete(table).where(table.c.connector == connector))
    withheld = await withheld_of(connection, connector)
    batch_id = await connection.scalar(
        insert(landing_batch).returning(landing_batch.c.id),
        {
            "connector": connector,
            "batch": manifest.batch,
            "content_sha256": manifest.content_sha256,
            "as_of": manifest.day,
            "members": len(batch.members),
            "benefits": len(batch.benefits),
            "rows_refused": len(batch.findings),
        },
    )
    shared = {"batch_id": batch_id, "connector": connector}
    rows = (_member_row(member) for member in batch.members)
    for members in _chunks(shared | row for row in rows if not _is_withheld(withheld, connector, row)):
        await connection.execute(insert(landing_household_member), members)
    given = (one for one in batch.payments if not withheld.leaves_out(connector, one.household_id))
    for payments in _chunks(shared | asdict(payment) for payment in given):
        await connection.execute(insert(landing_payment), payments)
    told = (one for one in batch.tokens if not withheld.leaves_out(connector, one.household_id))
    for tokens in _chunks(shared | {"record_id": one.household_id, "token": one.token} for one in told):
        await connection.execute(insert(landing_token), tokens)
    kept = (one for one in batch.benefits if not withheld.leaves_out(connector, one.household_id))
    for benefits in _chunks(shared | _benefit_row(benefit) for benefit in kept):
        await connection.execute(insert(landing_benefit), benefits)


def _is_withheld(withheld: Withheld, connector: str, row: Mapping[str, Any]) -> bool:
    member = (row["first_normal"], row["last_normal"], row["dob"])
    return withheld.leaves_out(connector, row["household_id"], member)


def _member_row(member: Member) -> dict[str, object]:
    normal = {
        "first_normal": normalised_name(member.first_name or ""),
        "last_normal": normalised_name(member.last_name or ""),
    }
    return asdict(member) | normal


def _benefit_row(benefit: Benefit) -> dict[str, object]:
    return asdict(benefit)


def _chunks(rows: Iterable[dict[str, object]]) -> Iterable[list[dict[str, object]]]:
    remaining = iter(rows)
    while chunk := list(islice(remaining, _CHUNK)):
        yield chunk


async def households(
    connection: AsyncConnection, connector: str, ids: Collection[str], asked_for: frozenset[str]
) -> Mapping[str, Household]:
    """What the tables know of these households, by id, in one statement. Reads only the facts asked for."""
    member, benefit = landing_household_member.c, landing_benefit.c
    known = (
        select(member.household_id, member.batch_id)
        .where(member.connector == connector, member.household_id == any_(cast(list(ids), ARRAY(Text))))
        .distinct()
        .subquery()
    )
    latest_fuel = func.array_agg(
        aggregate_order_by(benefit.heating_fuel, benefit.benefit_date.desc(), benefit.id.desc()),
        type_=ARRAY(Text),
    ).filter(benefit.heating_fuel.is_not(None))[1]
    paid = func.coalesce(func.sum(benefit.amount).filter(benefit.kind.in_(BILL_KINDS)), 0)
    facts = {
        "last_benefit": func.max(benefit.benefit_date),  # also says which household is the current one
        "bill_assistance": paid if "totalBillAssistance" in asked_for else None,
        "fuel": latest_fuel if "heatingFuel" in asked_for else None,
    }
    asked = {name: column for name, column in facts.items() if column is not None}
    statement = (
        select(
            known.c.household_id,
            landing_batch.c.as_of,
            *(column.label(name) for name, column in asked.items()),
        )
        .join(landing_batch, landing_batch.c.id == known.c.batch_id)
        .outerjoin(
            landing_benefit,
            (benefit.connector == connector) & (benefit.household_id == known.c.household_id),
        )
        .group_by(known.c.household_id, landing_batch.c.as_of)
    )
    rows = (await connection.execute(statement)).mappings()
    return {
        row["household_id"]: Household(
            household_id=row["household_id"],
            as_of=row["as_of"],
            last_benefit=row["last_benefit"],
            bill_assistance=row.get("bill_assistance"),
            fuel=row.get("fuel"),
        )
        for row in rows
    }


async def payments(
    connection: AsyncConnection, connector: str, ids: Collection[str]
) -> Mapping[str, list[tuple[date, Payment]]]:
    """The payments of these households, by id and newest first, each with the day its file speaks of."""
    paid = landing_payment.c
    statement = (
        select(*(paid[one.name] for one in fields(Payment)), landing_batch.c.as_of)
        .join(landing_batch, landing_batch.c.id == paid.batch_id)
        .where(paid.connector == connector, paid.household_id == any_(cast(list(ids), ARRAY(Text))))
        .order_by(paid.paid_on.desc(), paid.number)
    )
    found: dict[str, list[tuple[date, Payment]]] = {}
    for *values, as_of in await connection.execute(statement):
        payment = Payment(*values)
        found.setdefault(payment.household_id, []).append((as_of, payment))
    return found
