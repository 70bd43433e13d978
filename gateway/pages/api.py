"""The documentation of the API: the schema, page by page. Nothing here asks for anything about people."""

from __future__ import annotations

import orjson
from starlette.responses import Response

from auth.viewer import Role
from gateway.pages.codes import CODES
from gateway.pages.examples import beginning_at
from gateway.pages.reference import KINDS, Reference, reference
from gateway.pages.visit import Visit

MOST_FOUND = 60
_KEPT_S = 600
"""Seconds for which a browser keeps a type: it changes with a new edition of the hub alone."""


def role_of(visit: Visit) -> Role | None:
    """As the last document was told; None = they act for nobody here."""
    return Role(visit.viewer["role"]) if visit.viewer else None


def may_read(visit: Visit) -> bool:
    """Whether the schema is told to whoever is there, as by introspection."""
    allowed = visit.hub.settings.introspecting
    return allowed is None or role_of(visit) in allowed


def closed(visit: Visit) -> Response:
    """For whom the schema is not told."""
    return visit.show("api_closed.html", 403)


def known(visit: Visit) -> Reference:
    """The schema that this hub answers."""
    return reference(visit.hub.documents.schema)


async def start(visit: Visit) -> Response:
    """How to ask, what there is, and what a search found in it."""
    await visit.ask("start")
    if not may_read(visit):
        return closed(visit)
    words = visit.http.query_params.get("q", "").strip()[:100]
    if words:
        found = known(visit).search(words, MOST_FOUND)
        return visit.show("api_found.html", words=words, found=found, most=MOST_FOUND)
    settings = visit.hub.settings
    return visit.show(
        "api.html",
        address=str(visit.http.base_url).rstrip("/"),
        groups=[(kind, known(visit).of_kind(kind)) for kind in KINDS],
        codes=CODES,
        max_cost=settings.max_cost,
        per_minute=settings.cost_per_minute,
        max_bytes=settings.max_request_bytes,
        only=settings.documents_only,
    )


async def entry(visit: Visit) -> Response:
    """One type, or one field at which a question or a change begins."""
    await visit.ask("start")
    if not may_read(visit):
        return closed(visit)
    found = known(visit).entries.get(visit.http.path_params["name"])
    if found is None:
        return visit.show("api_absent.html", 404)
    example = beginning_at(found, known(visit)) if found.root is not None else None
    return visit.show("api_entry.html", entry=found, example=example)


async def told(visit: Visit) -> Response:
    """One type for an editor that completes words (`Entry.told`)."""
    await visit.ask("start")
    found = known(visit).told(visit.http.path_params["name"]) if may_read(visit) else None
    if found is None:
        return Response(b"{}", 404, media_type="application/json")
    # Who signs in next at this browser may not be one to whom it is told.
    headers = {"Cache-Control": f"private, max-age={_KEPT_S}", "Vary": "Cookie"}
    return Response(orjson.dumps(found), headers=headers, media_type="application/json")
