"""Peer: what another community's HMIS knows of a client."""

from __future__ import annotations

import datetime

import strawberry

from auth.categories import Category
from hmis import codes
from schema.fields import personal, supplied
from schema.partner import Provenance


@strawberry.type(
    description="One stay at a project of another community. Those at projects of victim service providers "
    "or for survivors of domestic violence are never among them"
)
class PeerEnrollment:
    project_name: str | None = supplied(Category.ENROLLMENT, "Name of the project")
    project_type: codes.ProjectType | None = supplied(Category.ENROLLMENT, "Kind of project. HUD 2.02.6")
    organization_name: str | None = supplied(Category.ENROLLMENT, "Who runs the project")
    coc: str | None = supplied(
        Category.ENROLLMENT, "Continuum of Care that helped, `XX-500`; null = the other HMIS does not say"
    )
    entry_date: datetime.date | None = supplied(Category.ENROLLMENT, "Day the stay began. HUD 3.10")
    exit_date: datetime.date | None = supplied(
        Category.ENROLLMENT, "Day the client left; not a night stayed; null = not left. HUD 3.11"
    )
    destination: codes.LivingSituation | None = supplied(
        Category.ENROLLMENT, "Where the client went to live. HUD 3.12"
    )
    provenance: Provenance | None = personal(
        Category.ENROLLMENT, "How the hub came to know it", lambda root: root
    )
