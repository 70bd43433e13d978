"""Orders of courts: written down, approved by two, withdrawn. For privacy officers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from auth.categories import Category
from auth.legal_order import NEVER_BY_ORDER
from gateway.pages.days import days_given
from gateway.pages.page import refused
from gateway.pages.places import _
from gateway.pages.rendering import says
from gateway.pages.visit import Visit
from hmis.labels import Label

AUTHORITIES: Mapping[str, str] = {
    "COURT_ORDER": _("Order of a court"),
    "WARRANT": _("Warrant of a court"),
    "SUBPOENA_WITH_COURT_ORDER": _("Subpoena or summons that a judge issued"),
}
CATEGORIES = tuple(one.name for one in Category if one not in (Category.EXISTENCE, Category.SSN_FULL))
"""What an order may name: the one left out goes with every other, the other is shown to nobody."""
LABELS = tuple(one.name for one in Label if not one & NEVER_BY_ORDER)


async def orders(visit: Visit) -> Response:
    """What waits for an approval, what is in force, and what is over."""
    return await _listed(visit)


async def approve(visit: Visit) -> Response:
    """Say that one has read the paper, and that it is as it was written down."""
    order = visit.http.path_params["order"]
    if visit.form.get("read") != "yes":
        message = says(visit.language)(_("Tick that you have read the order itself."))
        return await _listed(visit, [{"message": message, "path": [f"read-{order}"]}])
    answered = await visit.ask("order_approve", id=order)
    problems = [{**one, "path": [order]} for one in answered.problems("legalOrderApprove")]
    return await _listed(visit, problems) if problems else visit.go("/orders", done="order-approved")


async def withdraw(visit: Visit) -> Response:
    """End an order before its last day."""
    order = visit.http.path_params["order"]
    answered = await visit.ask("order_withdraw", id=order, reason=visit.form.get("reason", ""))
    problems = [{**one, "path": [f"reason-{order}"]} for one in answered.problems("legalOrderWithdraw")]
    return await _listed(visit, problems) if problems else visit.go("/orders", done="order-withdrawn")


async def record(visit: Visit) -> Response:
    """Write an order about a client down, word for word."""
    problems: list[Any] = []
    if visit.http.method == "POST":
        given, problems = _given(visit)
        if not problems:
            answered = await visit.ask("order_record", input=given)
            problems = list(answered.problems("legalOrderRecord"))
        if not problems:
            return visit.go("/orders", done="order-recorded")
    answered = await visit.ask("person", id=visit.http.path_params["id"])
    client = answered.data.get("client")
    if client is None:
        return refused(visit.http, 404, "absent")
    say = says(visit.language)
    return visit.show(
        "order.html",
        client=client,
        may=_is_officer(visit),
        categories=CATEGORIES,
        labels=LABELS,
        authorities=[(code, say(words)) for code, words in AUTHORITIES.items()],
        today=visit.hub.settings.day_of(visit.hub.now()).isoformat(),
        problems=problems,
    )


def _given(visit: Visit) -> tuple[dict[str, Any], list[Any]]:
    """What the form says, and days and words that are none."""
    form, say = visit.form, says(visit.language)
    days, problems = days_given(visit, ("start", "end"), needed=("start", "end"))
    given = {
        "client": visit.http.path_params["id"],
        "reader": form.get("reader", ""),
        "categories": [one for one in visit.chosen("categories") if one in CATEGORIES],
        "labels": [one for one in visit.chosen("labels") if one in LABELS],
        "authority": form.get("authority", ""),
        "reference": form.get("reference", ""),
        **days,
    }
    if given["authority"] not in AUTHORITIES:
        problems.append({"message": say(_("Choose what the court gave.")), "path": ["authority"]})
    return given, problems


async def _listed(visit: Visit, problems: Sequence[Mapping[str, Any]] = ()) -> Response:
    answered = await visit.ask("orders")
    say = says(visit.language)
    today = visit.hub.settings.day_of(visit.hub.now()).isoformat()
    found = [
        {
            **one,
            "kind": say(AUTHORITIES[one["authority"]]),
            "is_over": one["endedAt"] is not None or one["end"] <= today,
        }
        for one in answered.data.get("legalOrders") or ()
    ]
    return visit.show(
        "orders.html",
        may=_is_officer(visit),
        running=[one for one in found if not one["is_over"]],
        over=[one for one in found if one["is_over"]],
        me=visit.claims.subject,
        problems=problems,
        errors=answered.errors,
    )


def _is_officer(visit: Visit) -> bool:
    return (visit.viewer or {}).get("role") == "PRIVACY_OFFICER"
