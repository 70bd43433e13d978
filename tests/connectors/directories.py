"""What is kept of a service directory."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from hmis.tables.directory import directory_location, directory_service


async def kept(engine: AsyncEngine) -> dict[str, str]:
    """The names of the services kept, by the partner's id; unreadable and inactive ones with their status."""
    rows = select(directory_service.c.service_id, directory_service.c.name, directory_service.c.status)
    async with engine.connect() as connection:
        found = (await connection.execute(rows)).all()
    return {row.service_id: row.name if row.status == "active" else row.status for row in found}


async def places(engine: AsyncEngine) -> list[dict[str, Any]]:
    """What is kept of every place, by service and location."""
    rows = (
        select(directory_location, directory_service.c.service_id)
        .join(directory_service, directory_service.c.id == directory_location.c.service)
        .order_by(directory_service.c.service_id, directory_location.c.location_id)
    )
    async with engine.connect() as connection:
        return [dict(row) for row in (await connection.execute(rows)).mappings()]
