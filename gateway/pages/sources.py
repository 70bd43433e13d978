"""How the partners are doing, for those who run the hub: the worst first, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from gateway.pages.imports import STATES
from gateway.pages.page import refused
from gateway.pages.places import _
from gateway.pages.visit import Visit

_SUPPLIES: Mapping[str, str] = {
    "FoodAssistance": _("Food"),
    "UtilityAssistance": _("Energy and other utilities"),
    "RentalAssistance": _("Rent"),
    "SdohCondition": _("Social needs"),
    "SdohGoal": _("Goals"),
    "SdohReferral": _("Referrals for social needs"),
    "SdohScreening": _("Screenings"),
    "PeerEnrollment": _("Stays in other communities"),
    "ServiceListing": _("A directory of services"),
}
_DOES: Mapping[str, str] = {
    "changes": _("says what changed"),
    "check": _("can be checked"),
    "find": _("finds people by name and birth date"),
    "submit": _("takes referrals"),
    "track": _("says what became of referrals"),
    "sync": _("is fetched from in advance"),
}
_LEVELS: Mapping[str, str] = {
    "bronze": _("Bronze"),
    "silver": _("Silver"),
    "gold": _("Gold"),
    "platinum": _("Platinum"),
}
FAILURES: Mapping[str, tuple[str, str]] = {
    "AUTH": (
        _("It did not let us in"),
        _("Renew the key or password in its settings, and check the address: another may answer there."),
    ),
    "CONFIG": (
        _("Its manifest or settings do not fit it"),
        _("Run “hmis-hub connector check” with its name: it says which line does not fit."),
    ),
    "RATE_LIMITED": (
        _("It was asked too often"),
        _("Lower the rate in its manifest, or ask the partner for more."),
    ),
    "TIMEOUT": (
        _("It gave no answer in time"),
        _("Ask the partner whether it is slow. If it always is, give it more time in its manifest."),
    ),
    "UNAVAILABLE": (
        _("It could not be reached"),
        _("Wait a minute: the hub tries again by itself. If it stays away, call the partner."),
    ),
    "BAD_DATA": (
        _("Its answer had another shape than its manifest says"),
        _("The partner may have changed its system. Compare a new sample with the manifest."),
    ),
    "NOT_SUPPORTED": (_("It cannot do what it was asked"), _("Take that capability out of its manifest.")),
    "CONFLICT": (
        _("It has a newer version of what was sent"),
        _("Nothing: the newer version is read and kept."),
    ),
}
"""Code of a failure -> what happened, and what to do."""

_STANDINGS: tuple[tuple[str, str, str], ...] = (
    (
        "bad",
        _("Left alone"),
        _("It failed too often, so it is not asked for a while. Its cards are missing or old."),
    ),
    ("warn", _("Tried again"), _("One question tries whether it is well again.")),
    (
        "warn",
        _("Out of date"),
        _("What was fetched from it is older than it promises. It is shown and marked as old."),
    ),
    (
        "warn",
        _("Fetching failed"),
        _("The last fetch in advance gave nothing. What was fetched before is shown."),
    ),
    ("warn", _("Last call failed"), _("It is still asked; the next answer may be right.")),
    ("", _("Not asked yet"), _("Nobody has needed it since the hub began.")),
    ("good", _("Working"), _("It answers.")),
)
"""From worst to best: kind of the mark, the word, what it means."""


def _rank(one: Mapping[str, Any]) -> int:
    """Where a partner stands in `_STANDINGS`."""
    failed, answered = one["lastFailureAt"], one["lastSuccess"]
    troubles = (
        one["breaker"] == "OPEN",
        one["breaker"] == "HALF_OPEN",
        one["stale"],
        one["syncFailure"] is not None,
        failed is not None and (answered is None or failed > answered),
        answered is None,
    )
    return troubles.index(True) if True in troubles else len(_STANDINGS) - 1


def _worst_first(found: list[Mapping[str, Any]]) -> list[tuple[Mapping[str, Any], tuple[str, str, str]]]:
    ranked = sorted(found, key=lambda one: (_rank(one), one["name"].casefold()))
    return [(one, _STANDINGS[_rank(one)]) for one in ranked]


async def sources(visit: Visit) -> Response:
    """All partners at a glance, and the HMIS systems that exports come from."""
    answered = await visit.ask("sources")
    found = _worst_first(answered.data.get("sources", []))
    return visit.show(
        "sources.html",
        found=found,
        troubled=sum(standing[0] in ("bad", "warn") for _one, standing in found),
        systems=answered.data.get("imports", {"nodes": []})["nodes"],
        states=STATES,
        supplies=_SUPPLIES,
        levels=_LEVELS,
        now=visit.hub.now(),
        errors=answered.errors,
    )


async def source(visit: Visit) -> Response:
    """One partner in detail."""
    answered = await visit.ask("source")
    for one, standing in _worst_first(answered.data.get("sources", [])):
        if one["id"] == visit.http.path_params["id"]:
            return visit.show(
                "source.html",
                one=one,
                standing=standing,
                failures=FAILURES,
                supplies=_SUPPLIES,
                does=_DOES,
                levels=_LEVELS,
                now=visit.hub.now(),
            )
    return refused(visit.http, 404, "absent")
