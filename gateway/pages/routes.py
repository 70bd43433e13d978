"""Every page, read top to bottom."""

from __future__ import annotations

from starlette.routing import Route

from auth.demo_issuer import AUTHORIZE_PATH, END_SESSION_PATH, TOKEN_PATH
from gateway.pages import (
    access,
    changes,
    emergency,
    finding,
    guardians,
    imports,
    looked,
    matching,
    measure_overview,
    measures,
    openings,
    orders,
    person_matches,
    picking,
    profile,
    referring,
    shared,
    signing_in,
    signing_out,
    sources,
    start,
)
from gateway.pages.page import open_page, page
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
    page("/people/{id}/emergency/open", emergency.now_open),
    page("/emergency", emergency.anybody, methods=["GET", "POST"], fresh=EMERGENCY),
    page("/people/{id}/access", access.access, methods=["GET", "POST"]),
    page("/people/{id}/order", orders.record, methods=["GET", "POST"]),
    page("/orders", orders.orders),
    page("/orders/{order}/approve", orders.approve, methods=["POST"], fresh=CONSENT),
    page("/orders/{order}/withdraw", orders.withdraw, methods=["POST"], fresh=CONSENT),
    page("/openings", openings.openings),
    page("/openings/{opening}", openings.review, methods=["POST"]),
    page("/measures", measure_overview.overview),
    page("/measures/{name}.svg", measures.picture),
    page("/measures/{name}.csv", measures.as_csv),
    page("/measures/{name}.xlsx", measures.as_xlsx),
    page("/measures/{name}", measures.measure),
    open_page("/sign-in", signing_in.welcome),
    open_page("/sign-in/begin", signing_in.begin),
    open_page("/sign-in/callback", signing_in.callback),
    open_page("/sign-in/step-up", signing_in.step_up),
    page("/sign-in/proven", signing_in.proven),
    page("/sign-in/agency", signing_in.agency, methods=["GET", "POST"]),
    page("/sign-out", signing_out.sign_out, methods=["POST"]),
    open_page("/sign-in/logged-out", signing_out.logged_out),
    Route("/sign-in/back-channel-logout", signing_out.back_channel, methods=["POST"]),
    page("/people/{id}", profile.profile),
    open_page("/people/{id}/changes", changes.changes),
    page("/people/{id}/print", profile.printed),
    page("/people/{id}/referrals", referring.referrals, methods=["GET", "POST"]),
    page("/matches", matching.matches, methods=["GET", "POST"]),
    page("/sources", sources.sources),
    page("/sources/{id}", sources.source),
    page("/matches/people", person_matches.review, methods=["GET", "POST"]),
    page("/matches/people/answered", person_matches.answered, methods=["GET", "POST"]),
    page("/imports", imports.imports),
    page("/imports/{id}", imports.import_run),
    page("/imports/{id}/findings.csv", imports.findings_csv),
    Route("/static/{name}", static),
]

DEMO = [
    open_page(AUTHORIZE_PATH, picking.authorize, methods=["GET", "POST"]),
    open_page(END_SESSION_PATH, picking.end_session),
    Route(TOKEN_PATH, picking.token, methods=["POST"]),
]
"""The provider of the demo, where the demo issuer is trusted."""
