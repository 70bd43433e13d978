"""Every page, read top to bottom."""

from __future__ import annotations

from starlette.routing import Route

from gateway.pages import finding, measure_overview, measures, start
from gateway.pages.page import page
from gateway.pages.static import static

ROUTES = [
    page("/", start.start),
    page("/language", start.language, methods=["POST"]),
    page("/people", finding.find, methods=["GET", "POST"]),
    page("/measures", measure_overview.overview),
    page("/measures/{name}.svg", measures.picture),
    page("/measures/{name}.csv", measures.as_csv),
    page("/measures/{name}.xlsx", measures.as_xlsx),
    page("/measures/{name}", measures.measure),
    Route("/static/{name}", static),
]
