"""/healthz: the process lives. /readyz: it can answer; and when not, what is missing."""

from __future__ import annotations

import asyncio
import logging

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse

from gateway.hub import Hub
from hmis.errors import HubError, NotReady
from hmis.standing import state

log = logging.getLogger(__name__)

_WITHIN_S = 2.0


async def healthz(_: Request) -> JSONResponse:
    return JSONResponse({"status": "ok"})


async def readyz(http: Request) -> JSONResponse:
    """200 when the database is reachable and its tables are those of this code; else 503 and which is not.

    database: reachable | unreachable | refuses (the login role may not read as `hub_app`).
    migrations: current | empty | older | newer | unknown (no database).
    revocations: kept | not replayed (after a restore, say) | not written (their journal's disk is full, say:
    they are in force and would not outlive a restore, so questions are answered and somebody must look).
    """
    hub: Hub = http.app.state.hub
    try:
        async with asyncio.timeout(_WITHIN_S):
            migrations = str(await state(hub.writer))
            database = await _database(hub) if migrations == "current" else "reachable"
    except (SQLAlchemyError, OSError, TimeoutError):
        database, migrations = "unreachable", "unknown"
    revocations = await _revocations(hub) if migrations == "current" else "not replayed"
    ready = (database, migrations) == ("reachable", "current") and revocations != "not replayed"
    return JSONResponse(
        {
            "status": "ready" if ready else "not ready",
            "database": database,
            "migrations": migrations,
            "revocations": revocations,
        },
        status_code=200 if ready else 503,
    )


async def _revocations(hub: Hub) -> str:
    try:
        async with asyncio.timeout(_WITHIN_S):
            # Where it takes longer it goes on, and the next probe finds it done.
            await asyncio.shield(hub.replay.ensure(hub.settings.day_of(hub.now())))
    except (HubError, SQLAlchemyError, OSError, TimeoutError):
        return "not replayed"
    await hub.journal.keep()  # what it owes, if anything
    return "not written" if hub.journal.owes else "kept"


async def _database(hub: Hub) -> str:
    try:
        async with hub.reader.connect(None):
            return "reachable"
    except NotReady as fault:
        log.warning("%s", fault)
        return "refuses"
