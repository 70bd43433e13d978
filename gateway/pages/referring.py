"""Referrals of one client: what became of them, sending the client on to a partner, and calling that off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from auth.viewer import Role
from gateway.pages import referral_words
from gateway.pages.page import refused
from gateway.pages.visit import Visit

_TELLABLE = ("NAME", "DOB")
_Row = Mapping[str, Any]


async def referrals(visit: Visit) -> Response:
    """All of a client's referrals, and the form for another."""
    person = visit.http.path_params["id"]
    here = f"/people/{person}/referrals"
    problems: Sequence[_Row] = ()
    step = visit.form.get("step", "")
    if step == "send":
        told = await visit.ask("referral_create", input=_proposal(visit, person))
        problems = told.problems("referralCreate")
        if not (problems or told.errors):
            return visit.go(here, done="referred")
    elif step == "cancel":
        said = {"id": visit.form.get("referral", ""), "reason": visit.form.get("reason", "")}
        told = await visit.ask("referral_cancel", **said)
        problems = told.problems("referralCancel")
        if not (problems or told.errors):
            return visit.go(here, done="referral-cancelled")
    answered = await visit.ask("referrals", id=person)
    client = answered.data.get("client")
    if client is None:
        return refused(visit.http, 404, "absent")
    partners = answered.data["referralPartners"]
    chosen = next((one for one in partners if one["id"] == visit.form.get("partner")), None)
    if step == "preview":
        problems = _missing(visit, chosen)
    rows = client["referrals"] or ()
    return visit.show(
        "referrals.html",
        answered=answered,
        client=client,
        partners=partners,
        needs={one["id"]: _not_agreed(client, one) for one in partners},
        open=[row for row in rows if row["status"] in referral_words.OPEN],
        over=[row for row in rows if row["status"] not in referral_words.OPEN],
        may_refer=(visit.viewer or {}).get("role") == Role.CASE_MANAGER.value,
        problems=problems,
        cancelling=visit.form.get("referral") if step == "cancel" else None,
        preview=chosen if step == "preview" and not problems else None,
        twice=[row for row in rows if chosen and _is_with(row, chosen)],
        tell=visit.chosen("tell") if step else _TELLABLE,
        words=referral_words,
    )


def _proposal(visit: Visit, person: str) -> dict[str, Any]:
    return {
        "client": person,
        "partner": visit.form.get("partner", ""),
        "service": visit.form.get("service", ""),
        "tell": [one for one in visit.chosen("tell") if one in _TELLABLE],
    }


def _missing(visit: Visit, partner: _Row | None) -> list[_Row]:
    """What has to be said before there is anything to look at."""
    found: list[_Row] = []
    if partner is None:
        found.append({"code": "UNKNOWN_PARTNER", "path": ["partner"]})
    if not visit.form.get("service", "").strip():
        found.append({"code": "REQUIRED", "path": ["service"]})
    return found


def _not_agreed(client: _Row, partner: _Row) -> list[str]:
    """Categories of a partner that the client has not opened to this agency; without them nothing is sent."""
    agreed = {row["category"] for row in client["access"] or () if row["granted"] and row["basis"] == "GRANT"}
    return [category for category in partner["about"] if category not in agreed]


def _is_with(row: _Row, partner: _Row) -> bool:
    """Whether a referral is open at this partner."""
    held = row["partner"]
    return row["status"] in referral_words.OPEN and held is not None and held["id"] == partner["id"]
