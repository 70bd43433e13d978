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
    ("/explorer", _("Explorer"), (Role.INTEGRATOR,)),
    ("/api", _("API"), (Role.INTEGRATOR,)),
    ("/openings", _("Emergency openings"), (Role.PRIVACY_OFFICER,)),
    ("/orders", _("Orders of courts"), (Role.PRIVACY_OFFICER,)),
    ("/measures", _("Measures"), (Role.CASE_MANAGER, Role.DASHBOARD, Role.SYSTEM)),
    ("/matches", _("Partners' records"), (Role.CASE_MANAGER, Role.PRIVACY_OFFICER)),
    ("/matches/people", _("Same person?"), (Role.CASE_MANAGER, Role.PRIVACY_OFFICER)),
    ("/sources", _("Sources"), (Role.INTEGRATOR, Role.PRIVACY_OFFICER)),
    ("/imports", _("Imports"), (Role.INTEGRATOR, Role.PRIVACY_OFFICER)),
)
"""Path, name, and the roles that find it in their menu. What a page shows is decided by the schema."""

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
