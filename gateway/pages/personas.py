"""Who one may be in the demo: people of several agencies, in their own words."""

from __future__ import annotations

from dataclasses import dataclass

from auth.viewer import Role
from gateway.pages.places import _


@dataclass(frozen=True, slots=True)
class Persona:
    """name: of its subject, and of its files where it has some. organization: of the seeded community."""

    name: str
    who: str
    role: Role
    organization: str
    may: str
    """What they do here, for the page on which one picks. It is translated there."""

    @property
    def subject(self) -> str:
        return f"{self.name}@demo"


PERSONAS = (
    Persona(
        "case-manager",
        _("A case manager of the emergency shelter"),
        Role.CASE_MANAGER,
        "1",
        _(
            "Finds people, sees what they agreed to share, and records their consent."
            " Marisol Vantreight signed for it here."
        ),
    ),
    Persona(
        "navigator",
        _("A housing navigator of another agency"),
        Role.CASE_MANAGER,
        "2",
        _("Sees of the shelter's clients what they agreed to share with this agency, and nothing else."),
    ),
    Persona(
        "privacy-officer",
        _("The privacy officer of the emergency shelter"),
        Role.PRIVACY_OFFICER,
        "1",
        _("Sees who has looked at whom, and reviews every record that was opened in an emergency."),
    ),
    Persona(
        "dashboard",
        _("The dashboard of a partner agency"),
        Role.DASHBOARD,
        "4",
        _("Counts people and stays for reports. Every name is withheld."),
    ),
    Persona(
        "integrator",
        _("An integrator, who connects systems and needs no person"),
        Role.INTEGRATOR,
        "2",
        _("Reads the schema, tries documents and looks after partners and imports."),
    ),
)
