"""/healthz: the process lives. /readyz: it can answer; and when not, what is missing."""

from __future__ import annotations

import asyncio
import logging

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse

from gateway.hub import Hub
from hmis import migrate
from hmis.errors import NotReady

log = logging.getLogger(__name__)

_WITHIN_S = 2.0


async def healthz(_: Request) -> JSONResponse:
    return JSONResponse({"status": "ok"})


async def readyz(http: Request) -> JSONResponse:
    """200 when the database is reachable and its tables are those of this code; else 503 and which is not.

    database: reachable | unreachable | refuses (the login role may not read as `hub_app`).
    migrations: current | empty | older | newer | unknown (no database).
    """
    hub: Hub = http.app.state.hub
    try:
        async with asyncio.timeout(_WITHIN_S):
            migrations = str(await migrate.state(hub.writer))
            database = await _database(hub) if migrations == "current" else "reachable"
    except (SQLAlchemyError, OSError, TimeoutError):
        database, migrations = "unreachable", "unknown"
    ready = (database, migrations) == ("reachable", "current")
    return JSONResponse(
        {"status": "ready" if ready else "not ready", "database": database, "migrations": migrations},
        status_code=200 if ready else 503,
    )


async def _database(hub: Hub) -> str:
    try:
        async with hub.reader.connect(None):
            return "reachable"
    except NotReady as fault:
        log.warning("%s", fault)
        return "refuses"
