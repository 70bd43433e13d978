"""What is shared about you: the page a client takes home."""

from __future__ import annotations

from starlette.responses import HTMLResponse, Response

from gateway.pages.agreed import details, each_of_yours, whom
from gateway.pages.page import refused
from gateway.pages.rendering import LANGUAGES, rendered
from gateway.pages.visit import Visit


async def shared(visit: Visit) -> Response:
    """In the client's language, which need not be that of whoever prints it."""
    answered = await visit.ask("shared", id=visit.http.path_params["id"])
    client = answered.data.get("client")
    if client is None:
        return refused(visit.http, 404, "absent")
    chosen = visit.http.query_params.get("language", "")
    language = chosen if chosen in LANGUAGES else visit.language
    zone = visit.hub.settings.zone
    stands = [one for one in client["grants"] or () if one["state"] in ("ACTIVE", "UPCOMING")]
    agreed, refusals = (
        [
            {
                "whom": whom(one, language),
                "what": each_of_yours(one["categories"], language),
                "details": details(one, language, zone),
            }
            for one in stands
            if one["effect"] == effect
        ]
        for effect in ("PERMIT", "DENY")
    )
    page = rendered(
        "shared.html",
        language,
        visit=visit,
        client=client,
        is_own=client["grants"] is not None,
        agreed=agreed,
        refusals=refusals,
        today=visit.hub.settings.day_of(visit.hub.now()),
        errors=answered.errors,
    )
    return HTMLResponse(page)
