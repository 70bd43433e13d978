"""Where each role may go, and what is said after something was done.

Words are translated where they are shown.
"""

from __future__ import annotations

from collections.abc import Mapping

from auth.viewer import Role


def _(words: str) -> str:
    """Marks words to be translated."""
    return words


PLACES: tuple[tuple[str, str, tuple[Role, ...]], ...] = (
    ("/people", _("People"), (Role.CASE_MANAGER, Role.PRIVACY_OFFICER)),
    ("/openings", _("Emergency openings"), (Role.PRIVACY_OFFICER,)),
    ("/orders", _("Orders of courts"), (Role.PRIVACY_OFFICER,)),
    ("/matches", _("Partners' records"), (Role.CASE_MANAGER, Role.PRIVACY_OFFICER)),
    ("/matches/people", _("Same person?"), (Role.CASE_MANAGER, Role.PRIVACY_OFFICER)),
    ("/measures", _("Measures"), (Role.CASE_MANAGER, Role.DASHBOARD, Role.SYSTEM)),
    ("/sources", _("Sources"), (Role.INTEGRATOR, Role.PRIVACY_OFFICER)),
    ("/imports", _("Imports"), (Role.INTEGRATOR, Role.PRIVACY_OFFICER)),
    ("/explorer", _("Explorer"), (Role.INTEGRATOR,)),
    ("/api", _("API"), (Role.INTEGRATOR,)),
)
"""Path, name, and the roles that find it in their menu. What a page shows is decided by the schema."""

DOORS: Mapping[str, str] = {
    "/people": _("Find somebody, and see what they let your agency see"),
    "/openings": _("Who opened a record in an emergency, and whether it was right"),
    "/orders": _("What a court ordered to be opened, and who approved it"),
    "/matches": _("Records of partners that may be about your clients"),
    "/matches/people": _("Two records that may be one person's: you decide"),
    "/measures": _("How many people, for how long, and what helped"),
    "/sources": _("How the partners and the systems behind the hub are doing"),
    "/imports": _("What came in, and what was found in it"),
    "/explorer": _("Write a document, run it, and see what it costs"),
    "/api": _("Every type and field, with what it needs"),
}
"""What one does there, for the first page."""

NOTICES: Mapping[str, str] = {
    "consent-signed": _("Recorded. It holds from this moment on."),
    "consent-ended": _("Taken back. It holds no longer, for anybody, from this moment on."),
    "consent-narrowed": _("Made smaller. What was left out is closed from this moment on."),
    "guardian-recorded": _("Written down. They may sign from the first day on."),
    "guardian-barred": _("Barred. All they signed has ended, for every agency."),
    "order-recorded": _("Written down. It opens nothing until two other privacy officers have approved it."),
    "order-approved": _("You have approved it."),
    "order-withdrawn": _("Withdrawn. It opens nothing any more."),
    "opening-reviewed": _("Your finding is written down."),
    "referred": _("The referral is written down and goes out now. You can call it off below."),
    "referral-cancelled": _("The referral is called off. If the partner has it already, it is told so."),
    "match-confirmed": _("The record is linked: from now on the partner is asked by it."),
    "match-rejected": _("The record is kept apart from the client, and this is not asked again."),
    "match-split": _("The link is taken back: the record is not the client's any more."),
    "same-person": _("They are one person now. Here is the next pair."),
    "different-people": _("They stay two people, and no rule will join them. Here is the next pair."),
    "asked-again": _("That is taken back: the two are asked about again."),
}
"""By the word that `Visit.go` sends along."""
