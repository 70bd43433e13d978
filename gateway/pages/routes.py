"""Every page, read top to bottom."""

from __future__ import annotations

from starlette.routing import Route

from gateway.pages import (
    access,
    emergency,
    finding,
    guardians,
    looked,
    openings,
    orders,
    shared,
    start,
)
from gateway.pages.page import page
from gateway.pages.proof import CONSENT, EMERGENCY
from gateway.pages.static import static

ROUTES = [
    page("/", start.start),
    page("/language", start.language, methods=["POST"]),
    page("/people", finding.find, methods=["GET", "POST"]),
    page("/people/{id}/looked", looked.looked, methods=["GET", "POST"]),
    page("/people/{id}/shared", shared.shared),
    page("/people/{id}/guardians", guardians.guardians),
    page("/people/{id}/guardians", guardians.record, methods=["POST"], fresh=CONSENT),
    page("/people/{id}/guardians/{guardian}/bar", guardians.bar, methods=["POST"], fresh=CONSENT),
    page("/people/{id}/emergency", emergency.one, methods=["GET", "POST"], fresh=EMERGENCY),
    page("/emergency", emergency.anybody, methods=["GET", "POST"], fresh=EMERGENCY),
    page("/people/{id}/access", access.access, methods=["GET", "POST"]),
    page("/people/{id}/order", orders.record, methods=["GET", "POST"]),
    page("/orders", orders.orders),
    page("/orders/{order}/approve", orders.approve, methods=["POST"], fresh=CONSENT),
    page("/orders/{order}/withdraw", orders.withdraw, methods=["POST"], fresh=CONSENT),
    page("/openings", openings.openings),
    page("/openings/{opening}", openings.review, methods=["POST"]),
    Route("/static/{name}", static),
]
