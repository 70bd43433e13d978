"""Who has looked: the accounting of disclosures, as the client would read it."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from gateway.pages.category_words import YOURS
from gateway.pages.days import days_given
from gateway.pages.looks import by_month
from gateway.pages.page import refused
from gateway.pages.places import _
from gateway.pages.rendering import says
from gateway.pages.visit import Visit

MOST = 100
"""As many as `Client.disclosures` gives."""


async def looked(visit: Visit) -> Response:
    """The list, all of it or of some days or one agency. What is asked for travels in the body."""
    asked, problems = _asked(visit)
    answered = await visit.ask("looked", id=visit.http.path_params["id"], **asked)
    client = answered.data.get("client")
    if client is None:
        return refused(visit.http, 404, "absent")
    zone = visit.hub.settings.zone
    found = client["disclosures"] or []
    return visit.show(
        "looked.html",
        client=client,
        is_own=client["grants"] is not None,
        months=by_month(found, visit.language, zone),
        order=list(YOURS),
        agencies=sorted({one["agency"] for one in client["agencies"] or []} | _named(asked)),
        is_cut=len(found) >= MOST,
        today=visit.hub.settings.day_of(visit.hub.now()),
        problems=problems,
        errors=answered.errors,
    )


def _named(asked: dict[str, Any]) -> set[str]:
    return {asked["agency"]} if asked.get("agency") else set()


def _asked(visit: Visit) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The filter, and what is wrong with it; nothing of a filter with a mistake is used."""
    say = says(visit.language)
    found, problems = days_given(visit, ("since", "until"))
    if not problems and found.get("since", "") > found.get("until", "9999"):
        problems.append({"message": say(_("The first day is after the last.")), "path": ["since"]})
    agency = visit.form.get("agency", "").strip()
    if agency:
        found["agency"] = agency
    return ({}, problems) if problems else (found, problems)
