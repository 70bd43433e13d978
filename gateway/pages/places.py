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
}
"""By the word that `Visit.go` sends along."""
