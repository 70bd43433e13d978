"""Problems: what a writer can mend, as data."""

from __future__ import annotations

from dataclasses import dataclass

from auth.viewer import Role, Scope, Viewer


@dataclass(frozen=True, slots=True)
class Problem:
    """Something the writer can mend: a stable code, a sentence, and where in the input it is."""

    code: str
    message: str
    path: tuple[str, ...] = ()


NO_CLIENT = "There is no such client, or none you may record a consent for."


def not_there(*path: str) -> Problem:
    """The same for a client who is unknown, hidden or not the viewer's own."""
    return Problem("NOT_FOUND", NO_CLIENT, path)


def may_not_write(viewer: Viewer | None) -> Problem | None:
    """Why this viewer may record nothing about consent; None = may."""
    if viewer is None or Scope.CONSENT_WRITE not in viewer.scopes:
        return Problem(
            "FORBIDDEN", "Recording consent takes the scope consent.write, which your token lacks."
        )
    return None


def may_not_decide(viewer: Viewer | None) -> Problem | None:
    """Why this viewer may not say whose a record is; None = may."""
    if (
        viewer is not None
        and viewer.role in (Role.CASE_MANAGER, Role.PRIVACY_OFFICER)
        and {Scope.CLIENTS_READ, Scope.CONSENT_WRITE} <= viewer.scopes
    ):
        return None
    return Problem("FORBIDDEN", "Only a case manager or a privacy officer may say who is who.")


def is_privacy_officer(viewer: Viewer | None) -> bool:
    """Who may ask why others see what they see."""
    return viewer is not None and viewer.role is Role.PRIVACY_OFFICER and Scope.CONSENT_READ in viewer.scopes
