"""Questions to the audit that need the hub's key."""

from __future__ import annotations

from sqlalchemy import any_, literal, select
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.searched import hashed
from hmis.tables import agency, audit_event


async def searches(engine: AsyncEngine, key: bytes, field: str, term: str) -> list[str]:
    """Every search for the term, oldest first: time, subject, agency, outcome, request."""
    [wanted] = hashed(key, [(field, term)])
    statement = (
        select(audit_event, agency.c.name.label("agency_name"))
        .outerjoin(agency, agency.c.id == audit_event.c.agency_id)
        .where(literal(wanted) == any_(audit_event.c.searched))
        .order_by(audit_event.c.id)
    )
    async with engine.connect() as connection:
        rows = (await connection.execute(statement)).all()
    return [
        f"{row.at.isoformat()}  {row.subject}  {row.agency_name or '-'}  {row.outcome}  {row.request_id}"
        for row in rows
    ]
