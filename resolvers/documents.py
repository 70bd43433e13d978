"""Documents of an application: registered, listed and removed by its integrators.

The application is always the one the token was given to: nobody registers what another one may ask. A
document opens nothing: what is shown for it, consent decides each time it is asked.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import RowMapping

from auth.viewer import Role, Scope, Viewer
from hmis import documents as stored
from hmis.errors import InputRefused
from resolvers.problems import Problem
from resolvers.request import Request

log = logging.getLogger(__name__)

AT_ONCE = 100
"""Documents of one request; a build with more sends them in several, or an operator adds them from a file."""


@dataclass(frozen=True, slots=True)
class DocumentRow:
    values: RowMapping


@dataclass(frozen=True, slots=True)
class Outcome:
    """Documents as they are now, or why nothing changed."""

    documents: tuple[DocumentRow, ...] = ()
    problems: tuple[Problem, ...] = ()


def may_not_manage(viewer: Viewer | None) -> Problem | None:
    """Why this viewer may neither list nor change documents; None = may."""
    if viewer is None or viewer.role is not Role.INTEGRATOR or Scope.DOCUMENTS_WRITE not in viewer.scopes:
        return Problem(
            "FORBIDDEN", "Documents are for integrators whose token has the scope documents.write."
        )
    return None


async def of_application(request: Request) -> list[DocumentRow]:
    """What is registered for the application that asks; nothing for others than its integrators."""
    viewer = request.viewer
    if viewer is None or may_not_manage(viewer):
        return []
    async with request.reader.connect(None) as connection:
        return [DocumentRow(row) for row in await stored.listed(connection, viewer.client_id)]


async def register(request: Request, texts: Sequence[str]) -> Outcome:
    """Check documents against the schema and keep all of them, or none."""
    viewer, refused = request.viewer, may_not_manage(request.viewer)
    if viewer is None or refused:
        return Outcome(problems=(refused,) if refused else ())
    problems = _check(request, texts)
    if problems:
        return Outcome(problems=tuple(problems))
    try:
        async with request.writing() as connection:
            hashes = await stored.register(connection, viewer.client_id, texts, viewer.subject)
            rows = await stored.listed(connection, viewer.client_id)
    except InputRefused as fault:
        return Outcome(problems=(Problem("TOO_MANY", str(fault), ("documents",)),))
    log.info("application=%s registered %d documents", viewer.client_id, len(hashes))
    return Outcome(tuple(DocumentRow(row) for row in rows if row["sha256"] in hashes))


async def remove(request: Request, ids: Sequence[str]) -> Outcome:
    """Forget documents by their ids; gives those that were there."""
    viewer, refused = request.viewer, may_not_manage(request.viewer)
    if viewer is None or refused:
        return Outcome(problems=(refused,) if refused else ())
    hashes = [one.removeprefix(stored.PREFIX) for one in ids]
    async with request.writing() as connection:
        rows = await stored.listed(connection, viewer.client_id)
        gone = await stored.remove(connection, viewer.client_id, hashes)
    if request.documents is not None:
        request.documents.forget(viewer.client_id, gone)
    log.info("application=%s removed %d documents", viewer.client_id, len(gone))
    return Outcome(tuple(DocumentRow(row) for row in rows if row["sha256"] in gone))


def _check(request: Request, texts: Sequence[str]) -> list[Problem]:
    if not 0 < len(texts) <= AT_ONCE:
        return [Problem("INVALID", f"Send 1 to {AT_ONCE} documents at once.", ("documents",))]
    if request.documents is None:
        return [Problem("INVALID", "Documents cannot be checked here.", ("documents",))]
    return [
        Problem("INVALID", fault, ("documents", str(place)))
        for place, text in enumerate(texts)
        for fault in request.documents.faults(text)
    ]
