"""Openings: what was opened in emergencies, and what a privacy officer finds of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from starlette.responses import Response

from gateway.pages.places import _
from gateway.pages.rendering import says
from gateway.pages.visit import Visit

OUTCOMES = ("JUSTIFIED", "NOT_JUSTIFIED")


async def openings(visit: Visit) -> Response:
    """What waits for a finding first, then what was found."""
    return await _shown(visit)


async def review(visit: Visit) -> Response:
    """Say what was found. The first finding stands."""
    opening, outcome = visit.http.path_params["opening"], visit.form.get("outcome", "")
    if outcome not in OUTCOMES:
        message = says(visit.language)(_("Choose whether there was an emergency."))
        return await _shown(visit, [{"message": message, "path": [opening]}])
    answered = await visit.ask("opening_review", id=opening, outcome=outcome)
    problems = [{**one, "path": [opening]} for one in answered.problems("breakGlassReview")]
    return await _shown(visit, problems) if problems else visit.go("/openings", done="opening-reviewed")


async def _shown(visit: Visit, problems: Sequence[Mapping[str, Any]] = ()) -> Response:
    answered = await visit.ask("openings")
    found = answered.data.get("breakGlassOpenings") or []
    now = visit.hub.now()
    return visit.show(
        "openings.html",
        may=(visit.viewer or {}).get("role") == "PRIVACY_OFFICER",
        waiting=[one for one in found if one["outcome"] is None],
        reviewed=[one for one in found if one["outcome"] is not None],
        open_now={one["id"] for one in found if datetime.fromisoformat(one["closesAt"]) > now},
        me=visit.claims.subject,
        problems=problems,
        errors=answered.errors,
    )
