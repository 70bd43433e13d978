"""Bringing a database to the tables of this code. How far it is, `standing` tells.

The migrations travel inside the package, so an installed wheel needs no alembic.ini.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.exc import InterfaceError, OperationalError, ProgrammingError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from hmis.database import ROLE, async_url
from hmis.errors import NotReady
from hmis.standing import state_of

# Two gateways started together must not both migrate; the second waits here and finds nothing to do.
_ONE_AT_A_TIME = 0x6875626D
_NOT_ALLOWED = "42501"  # insufficient_privilege


def config() -> Config:
    """Alembic's configuration, found by the place of this package."""
    found = Config()
    found.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    found.set_main_option("path_separator", "os")
    return found


async def upgrade(url: str) -> None:
    """Create or bring forward every table in one transaction; nothing happens when they are current.

    Raises:
        NotReady: the database does not answer, was written by newer code, or lets us make too little.
    """
    engine = create_async_engine(async_url(url), poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _ONE_AT_A_TIME})
            await connection.run_sync(_upgrade)
    except (OperationalError, InterfaceError, OSError) as fault:
        raise NotReady(
            "The database does not answer; is it running, and is HUB_DATABASE_URL right?"
        ) from fault
    except ProgrammingError as fault:
        if getattr(fault.orig, "sqlstate", None) != _NOT_ALLOWED:
            raise
        raise NotReady(
            f"HUB_DATABASE_URL logs in as one who may not make tables or the role {ROLE}. Give it CREATEROLE,"
            f" or let an administrator `CREATE ROLE {ROLE} NOLOGIN` and `GRANT {ROLE} TO` it beforehand."
        ) from fault
    finally:
        await engine.dispose()


def _upgrade(connection: Connection) -> None:
    if state_of(connection) == "newer":
        raise NotReady("The database was written by a newer version of the hub. Install that version.")
    found = config()
    found.attributes["connection"] = connection
    command.upgrade(found, "head")
