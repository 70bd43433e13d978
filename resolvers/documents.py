"""Documents of an application: registered, listed and removed by its integrators.

The application is the one the token was given to: nobody registers what another one may ask. Whom an
operator named for an application registers for it at the hub's own pages, too, where no token tells which one
is meant. A document opens nothing: what is shown for it, consent decides each time it is asked.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import RowMapping

from auth.sessions import CLIENT_ID
from auth.viewer import Role, Scope, Viewer
from hmis import documents as stored
from hmis.errors import InputRefused
from resolvers.problems import Problem
from resolvers.request import Request

log = logging.getLogger(__name__)

_NOT_THEIRS = "Nobody named you for this application: ask whoever runs the hub, or register with its token."
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


def applications(request: Request) -> tuple[str, ...]:
    """For which applications this viewer may register: that of the token first; none for others than
    integrators.

    The others are told at the pages alone: a token is one application's, and a stolen one must not reach
    into another's documents.
    """
    viewer = request.viewer
    if viewer is None or may_not_manage(viewer):
        return ()
    named: Sequence[str] = ()
    if viewer.client_id == CLIENT_ID and request.documents is not None:
        named = request.documents.applications_of(request.issuer, request.subject)
    return tuple(dict.fromkeys((viewer.client_id, *named)))


def _of(request: Request, application: str | None) -> str | Problem:
    """The application that is meant, None = that of the token; or why this viewer may not manage it."""
    known = applications(request)
    if not known:
        return may_not_manage(request.viewer) or Problem("FORBIDDEN", _NOT_THEIRS, ("application",))
    meant = known[0] if application is None else application
    return meant if meant in known else Problem("FORBIDDEN", _NOT_THEIRS, ("application",))


async def of_application(request: Request, application: str | None) -> list[DocumentRow]:
    """What is registered for an application; nothing for others than its integrators."""
    meant = _of(request, application)
    if isinstance(meant, Problem):
        return []
    async with request.reader.connect(None) as connection:
        return [DocumentRow(row) for row in await stored.listed(connection, meant)]


async def register(request: Request, texts: Sequence[str], application: str | None) -> Outcome:
    """Check documents against the schema and keep all of them, or none."""
    meant = _of(request, application)
    if isinstance(meant, Problem):
        return Outcome(problems=(meant,))
    problems = _check(request, texts)
    if problems:
        return Outcome(problems=tuple(problems))
    try:
        async with request.writing() as connection:
            hashes = await stored.register(connection, meant, texts, request.subject)
            rows = await stored.listed(connection, meant)
    except InputRefused as fault:
        return Outcome(problems=(Problem("TOO_MANY", str(fault), ("documents",)),))
    log.info("application=%s registered %d documents", meant, len(hashes))
    return Outcome(tuple(DocumentRow(row) for row in rows if row["sha256"] in hashes))


async def remove(request: Request, ids: Sequence[str], application: str | None) -> Outcome:
    """Forget documents by their ids; gives those that were there."""
    meant = _of(request, application)
    if isinstance(meant, Problem):
        return Outcome(problems=(meant,))
    hashes = [one.removeprefix(stored.PREFIX) for one in ids]
    async with request.writing() as connection:
        rows = await stored.listed(connection, meant)
        gone = await stored.remove(connection, meant, hashes)
    if request.documents is not None:
        request.documents.forget(meant, gone)
    log.info("application=%s removed %d documents", meant, len(gone))
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
