"""Every page, read top to bottom."""

from __future__ import annotations

from starlette.routing import Route

from auth.demo_issuer import AUTHORIZE_PATH, END_SESSION_PATH, TOKEN_PATH
from gateway.pages import (
    finding,
    matching,
    measure_overview,
    measure_records,
    measures,
    picking,
    profile,
    referring,
    signing_in,
    signing_out,
    start,
)
from gateway.pages.page import open_page, page
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
    page("/measures/{name}/records", measure_records.records, methods=["GET", "POST"]),
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
    page("/people/{id}/print", profile.printed),
    page("/people/{id}/referrals", referring.referrals, methods=["GET", "POST"]),
    page("/matches", matching.matches, methods=["GET", "POST"]),
    Route("/static/{name}", static),
]

DEMO = [
    open_page(AUTHORIZE_PATH, picking.authorize, methods=["GET", "POST"]),
    open_page(END_SESSION_PATH, picking.end_session),
    Route(TOKEN_PATH, picking.token, methods=["POST"]),
]
"""The provider of the demo, where the demo issuer is trusted."""
