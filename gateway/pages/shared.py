"""What is shared about you: the page a client takes home."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import HTMLResponse, Response

from gateway.pages.agreed import details, each_of_yours, listed, what, whom
from gateway.pages.page import refused
from gateway.pages.places import _
from gateway.pages.rendering import LANGUAGES, rendered, says
from gateway.pages.visit import Visit

_ROLES: Mapping[str, str] = {
    "CASE_MANAGER": _("People who help you at %(agencies)s can see:"),
    "DASHBOARD": _("For counting, and without your name, %(agencies)s can see:"),
    "PRIVACY_OFFICER": _("Those who watch over privacy at %(agencies)s can see:"),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """Who sees the same of what somebody wrote down."""

    who: str
    what: list[str]


async def shared(visit: Visit) -> Response:
    """In the client's language, which need not be that of whoever prints it."""
    answered = await visit.ask("shared", id=visit.http.path_params["id"])
    client = answered.data.get("client")
    if client is None:
        return refused(visit.http, 404, "absent")
    chosen = visit.http.query_params.get("language", "")
    language = chosen if chosen in LANGUAGES else visit.language
    zone = visit.hub.settings.zone
    stands = [one for one in client["grants"] or () if one["state"] in ("ACTIVE", "UPCOMING")]
    standings = (answered.data.get("consentPreview") or {}).get("standings") or ()
    listed_above = [set(one["sees"]) for one in standings]
    agreed, refusals = (
        [
            [_what(one, listed_above, language), *details(one, language, zone)]
            for one in stands
            if one["effect"] == effect
        ]
        for effect in ("PERMIT", "DENY")
    )
    page = rendered(
        "shared.html",
        language,
        visit=visit,
        client=client,
        is_own=client["grants"] is not None,
        others=_alike((one for one in standings if not one["isViewers"]), language),
        here=_alike((one for one in standings if one["isViewers"]), language),
        agreed=agreed,
        refusals=refusals,
        today=visit.hub.settings.day_of(visit.hub.now()),
        errors=answered.errors,
    )
    return HTMLResponse(page)


def _what(grant: Mapping[str, Any], listed_above: list[set[str]], language: str) -> str:
    """Who may see what; not once more what stands above word for word."""
    if grant["effect"] == "PERMIT" and set(grant["categories"]) in listed_above:
        above = says(language)(_("what is listed above."))
        return f"{whom(grant, language)} {above}"
    return what(grant, language)


def _alike(standings: Iterable[Mapping[str, Any]], language: str) -> list[Standing]:
    """Agencies that see the same, together; those that see nothing are left out."""
    found: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for one in standings:
        if one["sees"]:
            found.setdefault((one["role"], tuple(one["sees"])), []).append(one["agency"])
    say = says(language)
    return [
        Standing(say(_ROLES[role]) % {"agencies": listed(agencies, language)}, each_of_yours(sees, language))
        for (role, sees), agencies in sorted(found.items(), key=lambda one: list(_ROLES).index(one[0][0]))
    ]
