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
    ("/matches/people", _("Same person?"), (Role.CASE_MANAGER, Role.PRIVACY_OFFICER)),
    ("/sources", _("Sources"), (Role.INTEGRATOR, Role.PRIVACY_OFFICER)),
    ("/imports", _("Imports"), (Role.INTEGRATOR, Role.PRIVACY_OFFICER)),
)
"""Path, name, and the roles that find it in their menu. What a page shows is decided by the schema."""

NOTICES: Mapping[str, str] = {
    "same-person": _("They are one person now. Here is the next pair."),
    "different-people": _("They stay two people, and no rule will join them. Here is the next pair."),
    "asked-again": _("That is taken back: the two are asked about again."),
}
"""By the word that `Visit.go` sends along."""
