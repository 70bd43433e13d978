"""Guardians: who may sign for a minor, written down and barred."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from gateway.pages.agreed import what
from gateway.pages.days import days_given
from gateway.pages.page import refused
from gateway.pages.places import _
from gateway.pages.rendering import says
from gateway.pages.visit import Visit

AUTHORITIES: Mapping[str, str] = {
    "PARENT": _("Parent"),
    "LEGAL_GUARDIAN": _("Legal guardian"),
    "COURT": _("Somebody a court decided on"),
    "AGENCY": _("An agency that has custody"),
}


async def guardians(visit: Visit) -> Response:
    """Who may sign, and the forms to write somebody down or bar them."""
    return await _shown(visit)


async def record(visit: Visit) -> Response:
    """Write down who may sign."""
    client, form = visit.http.path_params["id"], visit.form
    given, problems = _given(visit)
    if not problems:
        answered = await visit.ask("guardian_record", input={"client": client, **given})
        problems = list(answered.problems("guardianRecord"))
    if problems:
        return await _shown(visit, problems, form)
    return visit.go(f"/people/{client}/guardians", done="guardian-recorded")


async def bar(visit: Visit) -> Response:
    """Take somebody's right to sign away."""
    client, guardian = visit.http.path_params["id"], visit.http.path_params["guardian"]
    answered = await visit.ask("guardian_bar", id=guardian, reason=visit.form.get("reason", ""))
    problems = [{**one, "path": ["reason", guardian]} for one in answered.problems("guardianBar")]
    if problems:
        return await _shown(visit, problems, barred=guardian)
    return visit.go(f"/people/{client}/guardians", done="guardian-barred")


def _given(visit: Visit) -> tuple[dict[str, Any], list[Any]]:
    """What the form says, and days that are none."""
    form, say = visit.form, says(visit.language)
    days, problems = days_given(visit, ("start", "end"), needed=("start",))
    given = {"adult": form.get("adult", ""), "authority": form.get("authority", ""), **days}
    if given["authority"] not in AUTHORITIES:
        problems.append({"message": say(_("Choose by what right they sign.")), "path": ["authority"]})
    return given, problems


async def _shown(
    visit: Visit,
    problems: Sequence[Mapping[str, Any]] = (),
    form: Mapping[str, str] | None = None,
    barred: str | None = None,
) -> Response:
    answered = await visit.ask("guardians", id=visit.http.path_params["id"])
    client = answered.data.get("client")
    if client is None:
        return refused(visit.http, 404, "absent")
    say = says(visit.language)
    today = visit.hub.settings.day_of(visit.hub.now()).isoformat()
    signed: dict[str, list[str]] = {}
    for grant in client["grants"] or ():
        if grant["guardian"] and grant["state"] in ("ACTIVE", "UPCOMING") and grant["effect"] == "PERMIT":
            signed.setdefault(grant["guardian"], []).append(what(grant, visit.language))
    return visit.show(
        "guardians.html",
        client=client,
        guardians=[
            {**one, "right": say(AUTHORITIES[one["authority"]]), "state": _state(one, today)}
            for one in client["guardians"] or ()
        ],
        signed=signed,
        authorities=[(code, say(words)) for code, words in AUTHORITIES.items()],
        today=today,
        problems=problems,
        form=form or {},
        barred=barred,
        errors=answered.errors,
    )


def _state(guardian: Mapping[str, Any], today: str) -> str:
    """Barred, over, to come or now: days as the API writes them sort as they come."""
    if guardian["barredAt"]:
        return "barred"
    if guardian["end"] and guardian["end"] <= today:
        return "over"
    return "upcoming" if today < guardian["start"] else "now"
