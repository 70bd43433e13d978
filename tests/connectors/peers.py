"""What is landed of a neighbouring community."""

from __future__ import annotations

from sqlalchemy import Table, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from hmis.tables import landing_household_member, landing_peer_project, landing_peer_stay


async def landed(engine: AsyncEngine) -> dict[str, list[str]]:
    """What is landed: people, projects, stays."""
    columns = {
        "people": landing_household_member.c.household_id,
        "projects": landing_peer_project.c.project_id,
        "stays": landing_peer_stay.c.enrollment_id,
    }
    async with engine.connect() as connection:
        return {
            name: list((await connection.scalars(select(column).order_by(column))).all())
            for name, column in columns.items()
        }


async def count(engine: AsyncEngine, table: Table) -> int:
    async with engine.connect() as connection:
        return await connection.scalar(select(func.count()).select_from(table)) or 0
