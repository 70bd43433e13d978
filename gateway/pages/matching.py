"""Records of partners that may be about a client: somebody who knows the client says so, or not.

One question is shown at a time, with what speaks for it and against it; the next one follows at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from gateway.pages.places import _
from gateway.pages.visit import Visit

_WAITING, _DECIDED = 11, 25
"""How many are read: of those that wait, the one that is shown and what tells how many are behind it."""

METHODS: Mapping[str, str] = {
    "FIND": _("The partner found it when the hub asked about the client."),
    "NAME_DOB": _("Name and birth date fit in what the partner had sent."),
    "TOKEN": _("A sealed form of name and birth date fits, without telling either side."),
    "SHARED_ID": _("Both hold the same record number."),
}
FACTS: Mapping[str, str] = {
    "dob": _("Birth date"),
    "first_name": _("First name"),
    "last_name": _("Last name"),
    "identifier": _("Record number"),
}
DOUBTS: Mapping[str, tuple[str, str]] = {
    "LOW_SCORE": (
        _("They fit, but not well enough to be sure."),
        _("Ask the client, or the partner, for something that tells: another name, an address, a child."),
    ),
    "NO_MARGIN": (
        _("Another record, or another client, fits nearly as well."),
        _("Look at the other one too before you decide: at most one of them is right."),
    ),
    "BIRTH_DATES_DIFFER": (
        _("Names fit, and the partner has another birth date."),
        _("It may be a typing mistake, or a relative of the same name. Ask before you link them."),
    ),
}
"""Why no rule could decide, and what to do about it."""
_DONE = {"confirm": ("matchConfirm", "match-confirmed"), "reject": ("matchReject", "match-rejected")}


async def matches(visit: Visit) -> Response:
    """The question that has waited longest, or those that were answered."""
    said = visit.form.get("said", "")
    problems: Sequence[Mapping[str, Any]] = ()
    if said in _DONE:
        field, done = _DONE[said]
        told = await visit.ask(f"match_{said}", id=visit.form.get("match", ""))
        problems = told.problems(field)
        if not (problems or told.errors):
            return visit.go("/matches", done=done)
    elif said == "split":
        part = {name: visit.form.get(name, "") for name in ("client", "connector", "reference")}
        told = await visit.ask("match_split", input=part)
        problems = told.problems("matchSplit")
        if not (problems or told.errors):
            return visit.go("/matches", done="match-split")
    asked = visit.http.query_params
    state = asked.get("state", "OPEN")
    if state not in ("CONFIRMED", "REJECTED"):
        state = "OPEN"
    first = _WAITING if state == "OPEN" else _DECIDED
    answered = await visit.ask("matches", state=state, first=first, after=asked.get("after"))
    found = answered.data.get("matches") or {"edges": (), "pageInfo": {"hasNextPage": False}}
    return visit.show(
        "matches.html",
        answered=answered,
        state=state,
        edges=found["edges"],
        more=found["pageInfo"],
        skipped=bool(asked.get("after")),
        problems=problems,
        methods=METHODS,
        facts=FACTS,
        doubts=DOUBTS,
    )
