"""Consent: what stands of a client's agreements, and taking it back in whole or in part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from gateway.pages.agreed import each_of_yours
from gateway.pages.category_words import CATEGORY_WORDS
from gateway.pages.consenting import STANDING, day_of, in_words, said, spoken
from gateway.pages.page import refused
from gateway.pages.rendering import says
from gateway.pages.standings import table
from gateway.pages.visit import Answered, Visit

Form = Mapping[str, Any]


async def consent(visit: Visit) -> Response:
    """What stands now, and what stood."""
    visit.spoken = spoken(visit)
    answered = await visit.ask("consent", id=visit.http.path_params["id"])
    client = answered.data.get("client")
    if client is None:
        return refused(visit.http, 404, "absent")
    told = [said(one, visit) for one in client["grants"] or ()]
    policy = answered.data["consentPolicy"]
    return visit.show(
        "consent.html",
        client=client,
        standing=[one for one in told if one["state"] in STANDING],
        over=[one for one in told if one["state"] not in STANDING],
        has_forms=bool(answered.data["consentForms"]),
        notice=each_of_yours(policy["notice"], visit.language) if policy["notice"] else [],
        newest_counts=policy["combination"] == "LATEST",
        errors=answered.errors,
    )


async def end(visit: Visit) -> Response:
    """Take a release back, or a refusal: first what that changes, then the deed."""
    visit.spoken = spoken(visit)
    client, grant = visit.http.path_params["id"], visit.http.path_params["grant"]
    problems: Sequence[Form] = ()
    if visit.http.method == "POST":
        reason = visit.form.get("reason", "")
        done = await visit.ask("consent_revoke", id=grant, reason=reason)
        problems = done.problems("consentRevoke")
        if not problems:
            return visit.go(f"/people/{client}/consent", done="consent-ended")
    answered = await visit.ask("consent_change", id=client, revoke=[grant])
    return _changed(visit, answered, "consent_end.html", problems)


async def narrow(visit: Visit) -> Response:
    """Take a part of a release back: what stays is chosen, what that changes is shown, and it is done."""
    visit.spoken = spoken(visit)
    client, grant = visit.http.path_params["id"], visit.http.path_params["grant"]
    step, problems = visit.form.get("do", ""), []
    end_day, wrong = day_of(visit.form.get("end", ""), "end")
    wanted = {
        "grant": grant,
        "categories": [one for one in visit.chosen("categories") if one in CATEGORY_WORDS],
        "end": end_day,
        "reason": visit.form.get("reason", ""),
    }
    if step == "record" and not wrong:
        done = await visit.ask("consent_narrow", input=wanted)
        problems = list(done.problems("consentNarrow"))
        if not problems:
            return visit.go(f"/people/{client}/consent", done="consent-narrowed")
    shown = wanted if visit.http.method == "POST" and not wrong else None
    answered = await visit.ask("consent_change", id=client, narrow=shown)
    return _changed(visit, answered, "consent_narrow.html", [*wrong, *problems], is_shown=shown is not None)


def _changed(
    visit: Visit, answered: Answered, template: str, problems: Sequence[Form], *, is_shown: bool = True
) -> Response:
    """The page of a change of one grant, with what it does to whom."""
    client = answered.data.get("client")
    wanted = visit.http.path_params["grant"]
    grant = next((one for one in (client or {}).get("grants") or () if one["id"] == wanted), None)
    if client is None or grant is None:
        return refused(visit.http, 404, "absent")
    preview = answered.data["consentPreview"]
    wrong = [*problems, *preview["problems"]]
    effects = table(preview["standings"], visit.language) if is_shown and not preview["problems"] else None
    say = says(visit.language)
    return visit.show(
        template,
        client=client,
        grant=said(grant, visit),
        effects=effects,
        problems=in_words(wrong, visit.language),
        choices=[(one, say(CATEGORY_WORDS[one])) for one in grant["categories"] if one != "EXISTENCE"],
        kept=visit.chosen("categories") if visit.http.method == "POST" else grant["categories"],
        errors=answered.errors,
    )
