"""Organization: who runs projects."""

from __future__ import annotations

import datetime

import strawberry

from hmis import codes
from schema.fields import IDENTIFIER, RECORDED, UPDATED, public


@strawberry.type(description="An agency that runs projects. HUD 2.01")
class Organization:
    id: strawberry.ID = public("Hub id of the organization")
    identifier: str | None = public(
        f"{IDENTIFIER}; grants name organizations by this",
        hud="Organization.OrganizationID",
    )
    source: str | None = public("Name of the source system", column="source_name")
    name: str | None = public("Name of the organization", hud="Organization.OrganizationName")
    common_name: str | None = public("Name people know it by", hud="Organization.OrganizationCommonName")
    victim_service_provider: codes.NoYes | None = public(
        "Whether it serves survivors of violence; such an organization is shown to itself alone",
        hud="Organization.VictimServiceProvider",
    )
    recorded_at: datetime.datetime | None = public(RECORDED, hud="Organization.DateCreated")
    updated_at: datetime.datetime | None = public(UPDATED, hud="Organization.DateUpdated")
