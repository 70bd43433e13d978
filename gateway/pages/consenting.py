"""What pages of consent have in common: the language of the client, problems in their words, who is meant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from gateway.pages.agreed import details, whom
from gateway.pages.agreed import each_of_yours as yours
from gateway.pages.places import _
from gateway.pages.rendering import LANGUAGES, says
from gateway.pages.visit import Visit

STANDING = ("ACTIVE", "UPCOMING")
_A_DAY = _("Write the day as year-month-day, such as 2026-03-01.")
_PROBLEMS: Mapping[tuple[str, str], str] = {
    ("sections", "REQUIRED"): _("Choose at least one part. To share nothing, take back what stands."),
    ("sections", "INVALID"): _("Choose one of the answers."),
    ("agencies", "REQUIRED"): _("A part you chose is for agencies you name: choose at least one."),
    ("agencies", "UNKNOWN_ORGANIZATION"): _("One of the agencies takes no part any more. Choose again."),
    ("end", "INVALID"): _(
        "Choose a later day, and none after the day the form or the agreement ends anyway."
    ),
    ("guardian", "REQUIRED"): _("You are too young to sign by yourself: choose the guardian who signs."),
    ("guardian", "INVALID"): _("You are of age, so you sign for yourself."),
    ("guardian", "NOT_ALLOWED"): _("This guardian may not sign today. Choose somebody else."),
    ("evidence", "REQUIRED"): _("Say where the signed form is: its fingerprint, or where it is kept."),
    ("method", "INVALID"): _("Choose how you agree."),
    ("method", "REQUIRED"): _("The law behind this form wants it in writing."),
    ("provisionalUntil", "INVALID"): _("Only what was spoken waits for a signature, until a day to come."),
    ("provisionalUntil", "DAY"): _A_DAY,
    ("end", "DAY"): _A_DAY,
    ("replaces", "NOT_FOUND"): _("One of the older agreements has ended already. Look again at what stands."),
    ("categories", "REQUIRED"): _("That leaves nothing. To share nothing of it, take it back as a whole."),
    ("categories", "INVALID"): _("Leave something out, or choose an earlier end."),
    ("grant", "NOT_ALLOWED"): _(
        "This one cannot become smaller here. Take it back, and sign anew what stays."
    ),
    ("reason", "REQUIRED"): _("Say why, in a few words."),
    ("client", "NOT_FOUND"): _("Nothing can be recorded for this person at your agency."),
    ("id", "NOT_FOUND"): _("It has ended already, or your agency cannot end it."),
}


def in_words(problems: Sequence[Mapping[str, Any]], language: str) -> list[dict[str, Any]]:
    """Problems of the API as the two at the desk read them, each with the field it is about."""
    say, found = says(language), []
    for one in problems:
        place = next((part for part in reversed(one["path"]) if not part.isdigit()), "")
        words = _PROBLEMS.get((place, one["code"]))
        told = {"message": say(words) if words else one["message"], "path": [place] if place else []}
        if told not in found:
            found.append(told)
    return found


def day_of(text: str, place: str) -> tuple[str | None, list[dict[str, Any]]]:
    """A day as somebody wrote it; a problem where it is none. Nothing written is no day."""
    if not text.strip():
        return None, []
    try:
        return date.fromisoformat(text.strip()).isoformat(), []
    except ValueError:
        return None, [{"code": "DAY", "message": _A_DAY, "path": [place]}]


def spoken(visit: Visit) -> str:
    """The language of the client, which need not be that of whoever sits at the desk."""
    chosen = visit.form.get("language") or visit.http.query_params.get("language", "")
    return chosen if chosen in LANGUAGES else visit.language


def said(grant: Mapping[str, Any], visit: Visit) -> dict[str, Any]:
    """A grant with what it says to the client."""
    language, zone = visit.language, visit.hub.settings.zone
    return {
        **grant,
        "whom": whom(grant, language),
        "what": yours(grant["categories"], language),
        "details": details(grant, language, zone),
    }
