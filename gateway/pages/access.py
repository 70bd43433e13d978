"""Why somebody sees what they see of a client: for privacy officers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from gateway.pages.agreed import what
from gateway.pages.category_words import PURPOSE_WORDS
from gateway.pages.page import refused
from gateway.pages.places import _
from gateway.pages.rendering import says
from gateway.pages.visit import Visit

BASES: Mapping[str, str] = {
    "OWN_RECORD": _("Their own agency wrote it down"),
    "BREAK_GLASS": _("Opened in an emergency"),
    "LEGAL_ORDER": _("An order of a court"),
    "GRANT": _("The person agreed"),
    "NOTICE": _("The community's privacy notice"),
    "DENIED_BY_CLIENT": _("The person refused"),
    "NO_GRANT": _("The person has not agreed"),
    "ROLE": _("The person agreed, but this role has no need of it"),
}


async def access(visit: Visit) -> Response:
    """The form, and what it explains. Who is asked about travels in the body: it is often an address."""
    client_id, subject = visit.http.path_params["id"], visit.form.get("subject", "").strip()
    if not subject:
        answered = await visit.ask("person", id=client_id)
        problems = []
        if visit.http.method == "POST":
            message = says(visit.language)(_("Enter the name that they sign in with."))
            problems.append({"message": message, "path": ["subject"]})
        return _shown(visit, answered.data.get("client"), (), problems)
    purpose = visit.form.get("purpose")
    viewer = {"subject": subject, "purpose": purpose if purpose in PURPOSE_WORDS else None}
    answered = await visit.ask("explain", id=client_id, viewer=viewer)
    client, explained = answered.data.get("client"), answered.data.get("explainAccess") or {}
    known = {grant["id"]: grant for grant in (client or {}).get("grants") or ()}
    explanations = [
        {**one, **_told(one["access"], known, visit.language)} for one in explained.get("explanations", ())
    ]
    return _shown(visit, client, explanations, list(answered.problems("explainAccess")))


def _told(
    access: Sequence[Mapping[str, Any]], known: Mapping[str, Mapping[str, Any]], language: str
) -> dict[str, Any]:
    """Each category with its basis in words; the agreements it rests on once, and by number behind that.

    An agreement that another agency recorded, and that does not name the officer's, is counted alone.
    """
    named = {one for row in access for one in row["grants"] if one in known}
    numbered = {one: place for place, one in enumerate(sorted(named), 1)}
    say = says(language)
    return {
        "agreements": [what(known[one], language) for one in numbered],
        "access": [
            {
                **row,
                "basis": say(BASES[row["basis"]]),
                "rests_on": sorted(numbered[one] for one in row["grants"] if one in numbered),
                "elsewhere": sum(one not in known for one in row["grants"]),
            }
            for row in access
        ],
    }


def _shown(visit: Visit, client: Any, explanations: Any, problems: list[Any]) -> Response:
    if client is None:
        return refused(visit.http, 404, "absent")
    say = says(visit.language)
    return visit.show(
        "access.html",
        client=client,
        may=(visit.viewer or {}).get("role") == "PRIVACY_OFFICER",
        explanations=explanations,
        purposes=[(code, say(words)) for code, words in PURPOSE_WORDS.items()],
        problems=problems,
    )
