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
    ("/measures", _("Measures"), (Role.CASE_MANAGER, Role.DASHBOARD, Role.SYSTEM)),
)
"""Path, name, and the roles that find it in their menu. What a page shows is decided by the schema."""

NOTICES: Mapping[str, str] = {}
"""By the word that `Visit.go` sends along."""
