"""The form of a consent, read together at a desk: filled in, previewed, signed; and a receipt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from starlette.responses import Response

from gateway.pages import life
from gateway.pages.agreed import each_of_yours, long_day, why
from gateway.pages.consenting import STANDING, day_of, in_words, said, spoken
from gateway.pages.page import refused
from gateway.pages.places import _
from gateway.pages.rendering import says
from gateway.pages.standings import table
from gateway.pages.visit import Answered, Visit

Row = Mapping[str, Any]
METHODS: Mapping[str, str] = {
    "WRITTEN": _("I sign on paper"),
    "ELECTRONIC": _("I sign on a screen"),
    "VERBAL": _("I say yes aloud"),
    "TELEPHONIC": _("I say yes on the telephone"),
}
SIGNED = ("WRITTEN", "ELECTRONIC")
_TO_SIGN = timedelta(days=30)
"""How long a spoken yes waits for a signature, unless the desk says otherwise."""


async def form(visit: Visit) -> Response:
    """Fill the form in; `do` says what is done with it: look at it again, preview it, or sign it."""
    visit.spoken = spoken(visit)
    step = visit.form.get("do", "") if visit.http.method == "POST" else ""
    wanted, wrong = _filled(visit)
    if step == "sign" and not wrong:
        done = await visit.ask("consent_sign", id=visit.http.path_params["id"], input=wanted)
        problems = done.problems("consentSign")
        if not problems:
            client, signed = visit.http.path_params["id"], done.data["consentSign"]["form"]
            return visit.go(f"/people/{client}/consent/signed/{signed}", done="consent-signed")
        return await _shown(visit, wanted, problems, is_signing=True)
    return await _shown(visit, wanted, wrong, is_signing=step in ("preview", "sign"), again=step == "back")


async def signed(visit: Visit) -> Response:
    """What was agreed on one form, to print and to take home."""
    answered = await visit.ask("consent_signed", id=visit.http.path_params["id"])
    client = answered.data.get("client")
    rows = [
        one for one in (client or {}).get("grants") or () if one["form"] == visit.http.path_params["form"]
    ]
    if client is None or not rows:
        return refused(visit.http, 404, "absent")
    chosen = visit.http.query_params.get("language")
    visit.spoken = spoken(visit) if chosen else (rows[0]["language"] or visit.language).lower()
    titles = {one["id"]: one["title"] for one in answered.data["es" if visit.language == "es" else "en"]}
    return visit.show(
        "consent_signed.html",
        client=client,
        grants=[said(one, visit) for one in rows],
        title=titles.get(rows[0]["template"]),
        first=rows[0],
        errors=answered.errors,
    )


def _filled(visit: Visit) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The form as it was filled in, for the API; and days in it that are none."""
    given, form = {}, visit.form
    wrong: list[dict[str, Any]] = []
    for name, key in (("end", "end"), ("provisional", "provisionalUntil")):
        given[key], problems = day_of(form.get(name, ""), key)
        wrong += problems
    method = form.get("method", "WRITTEN")
    return {
        "form": form.get("form", ""),
        "sections": visit.chosen("sections"),
        "agencies": visit.chosen("agencies"),
        "replaces": visit.chosen("replaces"),
        "guardian": form.get("guardian") or None,
        "method": method,
        "evidence": form.get("evidence", "").strip() or None,
        "language": visit.language.upper(),
        "end": given["end"],
        "provisionalUntil": None if method in SIGNED else given["provisionalUntil"],
    }, wrong


async def _shown(
    visit: Visit,
    wanted: dict[str, Any],
    problems: Sequence[Row],
    *,
    is_signing: bool,
    again: bool = False,
) -> Response:
    """The form; or its preview, once it holds together."""
    previewed = is_signing and not any(one["code"] == "DAY" for one in problems)
    answered = await visit.ask(
        "consent_form",
        id=visit.http.path_params["id"],
        language=visit.language.upper(),
        sign=wanted if previewed else None,
        previewed=previewed,
    )
    client = answered.data.get("client")
    if client is None:
        return refused(visit.http, 404, "absent")
    if client["grants"] is None or not answered.data["consentForms"]:
        return visit.show("consent_no_form.html", client=client, is_own=client["grants"] is not None)
    wrong = [*problems, *(answered.data.get("consentPreview") or {}).get("problems", ())]
    told = in_words(wrong, visit.language)
    shape = _shape(visit, answered, wanted)
    if previewed and not answered.data["consentPreview"]["problems"]:
        effects = table(answered.data["consentPreview"]["standings"], visit.language)
        return visit.show("consent_preview.html", effects=effects, problems=told, **shape)
    return visit.show("consent_form.html", problems=told, again=again, **shape)


def _shape(visit: Visit, answered: Answered, wanted: Row) -> dict[str, Any]:
    """All that the form and its preview show beside the effects."""
    client, forms = answered.data["client"], answered.data["consentForms"]
    policy, language = answered.data["consentPolicy"], visit.language
    asked = wanted["form"] or visit.http.query_params.get("form", "")
    chosen = next((one for one in forms if asked in (one["id"], one["id"].partition("@")[0])), forms[0])
    today = visit.hub.settings.day_of(visit.hub.now())
    age = life.age_on(life.day_of((client["birth"] or {}).get("date")), today)
    say = says(language)
    newest_counts = policy["combination"] == "LATEST"
    stands = [
        said(one, visit)
        for one in client["grants"]
        if one["state"] in STANDING
        and one["effect"] == "PERMIT"
        # Where the newest form counts alone, it takes the place of older forms by itself.
        and not (newest_counts and one["form"])
    ]
    return {
        "client": client,
        "form": chosen,
        "forms": forms,
        "sections": [_section(one, language, today) for one in chosen["sections"]],
        "asks_for_agencies": any(one["recipients"] == "NAMED" for one in chosen["sections"]),
        "agencies": answered.data["consentRecipients"],
        "guardians": [one for one in client["guardians"] or () if _may_sign(one, today.isoformat())],
        "is_minor": age is not None and age < policy["ageOfConsent"],
        "notice": each_of_yours(policy["notice"], language) if policy["notice"] else [],
        "newest_counts": newest_counts,
        "stands": stands,
        "wanted": wanted,
        "methods": [(code, say(words)) for code, words in METHODS.items()],
        "signed": SIGNED,
        "today": today,
        "to_sign": (today + _TO_SIGN).isoformat(),
        "errors": answered.errors,
    }


def _section(section: Row, language: str, today: date) -> dict[str, Any]:
    """What can be chosen, with what it means in words."""
    days = section["termDays"]
    ends = None if days is None else today + timedelta(days=days)
    return {
        **section,
        "what": each_of_yours(section["categories"], language) if section["categories"] else [],
        "why": why(section["purposes"], language) if section["purposes"] else "",
        "until": None if ends is None else long_day(ends, language),
    }


def _may_sign(guardian: Row, today: str) -> bool:
    is_over = guardian["end"] is not None and guardian["end"] <= today
    return not guardian["barredAt"] and guardian["start"] <= today and not is_over
