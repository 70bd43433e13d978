"""How a database stands to this code, as every server asks at its start and whoever watches it, all day.

Without Alembic, which takes a tenth of a second to import: `migrate` needs it, a server does not.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

State = Literal["empty", "current", "older", "newer"]
"""empty: no table of ours. older: `migrate` brings it here. newer: written by code after this one."""

_MIGRATIONS = Path(__file__).parent / "migrations" / "versions"


def revisions() -> list[str]:
    """The migrations of this code, oldest first. Each names its file, and begins with a number."""
    return sorted(path.stem for path in _MIGRATIONS.glob("[0-9]*.py"))


async def state(engine: AsyncEngine) -> State:
    """How the database stands to this code, in one statement or two."""
    async with engine.connect() as connection:
        return await connection.run_sync(state_of)


def state_of(connection: Connection) -> State:
    """The same on a connection that is there."""
    if connection.scalar(text("select to_regclass('alembic_version')::text")) is None:
        return "empty"
    now = connection.scalar(text("select version_num from alembic_version"))
    if now is None:
        return "empty"
    known = revisions()
    if now == known[-1]:
        return "current"
    return "older" if now in known else "newer"
