"""Every page, read top to bottom."""

from __future__ import annotations

from starlette.routing import Route

from gateway.pages import changes, finding, profile, start
from gateway.pages.page import page
from gateway.pages.static import static

ROUTES = [
    page("/", start.start),
    page("/language", start.language, methods=["POST"]),
    page("/people", finding.find, methods=["GET", "POST"]),
    page("/people/{id}", profile.profile),
    Route("/people/{id}/changes", changes.changes),
    page("/people/{id}/print", profile.printed),
    Route("/static/{name}", static),
]
