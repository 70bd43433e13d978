"""The first page, and the language of all of them."""

from __future__ import annotations

from starlette.responses import Response

from gateway.pages.rendering import LANGUAGES
from gateway.pages.signing_in import AGENCY, has_choice
from gateway.pages.visit import Visit


async def start(visit: Visit) -> Response:
    """Where everybody begins: what their role lets them do here."""
    await visit.ask("start")
    if visit.viewer is None and await has_choice(visit):
        return visit.go(AGENCY)
    return visit.show("start.html")


async def language(visit: Visit) -> Response:
    """Choose a language and come back."""
    chosen = visit.form.get("language", "")
    if chosen in LANGUAGES:
        await visit.hub.sessions.put(visit.session, language=chosen)
    return visit.go(visit.form.get("to", "/"))
