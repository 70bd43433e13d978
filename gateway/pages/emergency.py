"""Break-glass: opening a person in an emergency, by hub id or by what stands on a paper they carry.

Whether there is such a person is told by nothing before the opening and by nothing that the opening answers.
Whoever opened them then finds them, or finds nobody: unknown, and protected, are the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from starlette.responses import Response

from gateway.pages.agreed import clock
from gateway.pages.places import _
from gateway.pages.rendering import says
from gateway.pages.visit import Visit

MINUTES = (15, 30, 60)


async def anybody(visit: Visit) -> Response:
    """The form for somebody who is named on a paper, and what came of it."""
    if visit.http.method != "POST":
        await visit.ask("start")
        return _form(visit)
    number, source = visit.form.get("number", "").strip(), visit.form.get("source", "").strip()
    if not number:
        await visit.ask("start")
        message = says(visit.language)(_("Enter the number that stands on their paper or card."))
        return _form(visit, [{"message": message, "path": ["number"]}])
    if _is_hub_id(number):
        return await _opened(visit, client=number)
    return await _opened(visit, identifier={"source": source or None, "value": number})


async def one(visit: Visit) -> Response:
    """The same for somebody whose hub id is known."""
    client = visit.http.path_params["id"]
    if visit.http.method == "POST":
        return await _opened(visit, client=client)
    answered = await visit.ask("emergency", id=client)
    found = answered.data.get("client")
    if found is not None and found["emergencyUntil"]:
        return visit.go(f"/people/{client}/emergency/open")
    return _form(visit)


async def now_open(visit: Visit) -> Response:
    """Until when somebody is open. It asks for no new proof: nothing is opened here."""
    client = visit.http.path_params["id"]
    answered = await visit.ask("emergency", id=client)
    found = answered.data.get("client")
    if found is None or not found["emergencyUntil"]:
        return visit.go(f"/people/{client}/emergency")
    closes = datetime.fromisoformat(found["emergencyUntil"])
    until = clock(closes, visit.language, visit.hub.settings.zone)
    left = -(-(closes - visit.hub.now()) // timedelta(minutes=1))
    return visit.show("emergency_open.html", client=found, until=until, left=left)


async def _opened(visit: Visit, **whom: Any) -> Response:
    problems: list[Any] = _missing(visit)
    if problems:
        await visit.ask("start")
        return _form(visit, problems)
    minutes = int(visit.form["minutes"])
    answered = await visit.ask("emergency_open", reason=visit.form.get("reason", ""), minutes=minutes, **whom)
    problems = list(answered.problems("breakGlassOpen"))
    if not problems:
        found = await _found(visit, **whom)
        if found is not None:
            return visit.go(f"/people/{found}/emergency/open")
    await visit.ask("start")
    return _form(visit, problems, is_nobody=not problems)


async def _found(visit: Visit, client: str | None = None, identifier: Any = None) -> str | None:
    """Whom the viewer sees now by what they asked for; None = nobody."""
    if client is not None:
        person = (await visit.ask("emergency", id=client)).data.get("client")
        return person["id"] if person else None
    answered = await visit.ask("emergency_found", where={"identifier": identifier})
    people = (answered.data.get("clients") or {}).get("nodes") or ()
    opened = [one for one in people if one["emergencyUntil"]]
    return max(opened, key=lambda one: str(one["emergencyUntil"]))["id"] if opened else None


def _missing(visit: Visit) -> list[dict[str, Any]]:
    """What the form itself asks for, beside what the schema does."""
    say, problems = says(visit.language), []
    if len(visit.form.get("reason", "").strip()) < 10:
        message = say(_("Say what happened, in ten characters or more."))
        problems.append({"message": message, "path": ["reason"]})
    if visit.form.get("minutes") not in {str(minutes) for minutes in MINUTES}:
        problems.append({"message": say(_("Choose for how long.")), "path": ["minutes"]})
    if visit.form.get("understood") != "yes":
        message = say(_("Tick that you have read what an opening does."))
        problems.append({"message": message, "path": ["understood"]})
    return problems


def _form(
    visit: Visit,
    problems: Sequence[Mapping[str, Any]] = (),
    *,
    is_nobody: bool = False,
) -> Response:
    role = (visit.viewer or {}).get("role")
    return visit.show(
        "emergency.html",
        client=visit.http.path_params.get("id"),
        may=role == "CASE_MANAGER",
        minutes=MINUTES,
        problems=problems,
        is_nobody=is_nobody,
    )


def _is_hub_id(number: str) -> bool:
    try:
        UUID(number)
    except ValueError:
        return False
    return True
