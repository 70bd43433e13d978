"""Every page, read top to bottom."""

from __future__ import annotations

from starlette.routing import Route

from gateway.pages import finding, matching, referring, start
from gateway.pages.page import page
from gateway.pages.static import static

ROUTES = [
    page("/", start.start),
    page("/language", start.language, methods=["POST"]),
    page("/people", finding.find, methods=["GET", "POST"]),
    page("/people/{id}/referrals", referring.referrals, methods=["GET", "POST"]),
    page("/matches", matching.matches, methods=["GET", "POST"]),
    Route("/static/{name}", static),
]
