"""Every page, read top to bottom."""

from __future__ import annotations

from starlette.routing import Route

from gateway.pages import finding, imports, person_matches, sources, start
from gateway.pages.page import page
from gateway.pages.static import static

ROUTES = [
    page("/", start.start),
    page("/language", start.language, methods=["POST"]),
    page("/people", finding.find, methods=["GET", "POST"]),
    page("/sources", sources.sources),
    page("/sources/{id}", sources.source),
    page("/matches/people", person_matches.review, methods=["GET", "POST"]),
    page("/matches/people/answered", person_matches.answered, methods=["GET", "POST"]),
    page("/imports", imports.imports),
    page("/imports/{id}", imports.import_run),
    page("/imports/{id}/findings.csv", imports.findings_csv),
    Route("/static/{name}", static),
]
