"""Participation: where a project stands, in which HMIS and Continuum of Care, beside which other project."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from hmis import codes
from resolvers import projects
from resolvers.rows import PlainRow
from schema.fields import IDENTIFIER, RECORDED, UPDATED, public

if TYPE_CHECKING:
    from schema.project import Project


@strawberry.type(description="When a project entered its data into an HMIS. HUD 2.08")
class HmisParticipation:
    id: strawberry.ID = public("Hub id of the participation")
    identifier: str | None = public(IDENTIFIER, hud="HMISParticipation.HMISParticipationID")
    type: codes.HmisParticipationType | None = public(
        "Whether in an HMIS or a comparable database", hud="HMISParticipation.HMISParticipationType"
    )
    start: datetime.date | None = public(
        "First day", hud="HMISParticipation.HMISParticipationStatusStartDate"
    )
    end: datetime.date | None = public(
        "Last day; null = still so", hud="HMISParticipation.HMISParticipationStatusEndDate"
    )
    recorded_at: datetime.datetime | None = public(RECORDED, hud="HMISParticipation.DateCreated")
    updated_at: datetime.datetime | None = public(UPDATED, hud="HMISParticipation.DateUpdated")


def _line_1(root: strawberry.Parent[PlainRow]) -> str | None:
    return _address(root, "address_1")


def _line_2(root: strawberry.Parent[PlainRow]) -> str | None:
    return _address(root, "address_2")


def _city(root: strawberry.Parent[PlainRow]) -> str | None:
    return _address(root, "city")


def _zip(root: strawberry.Parent[PlainRow]) -> str | None:
    return _address(root, "zip")


def _geocode(root: strawberry.Parent[PlainRow]) -> str | None:
    return _address(root, "geocode")


def _address(root: PlainRow, attr: str) -> str | None:
    part: str | None = projects.address_of(root, attr)
    return part


@strawberry.type(
    description="A Continuum of Care that a project serves, and its address there. "
    "The address is null where it would tell of violence or HIV. HUD 2.03"
)
class CocParticipation:
    id: strawberry.ID = public("Hub id of the participation")
    identifier: str | None = public(IDENTIFIER, hud="ProjectCoC.ProjectCoCID")
    coc: str | None = public("Continuum of Care: XX-500", hud="ProjectCoC.CoCCode")
    geocode: str | None = public("HUD's number of the city or county", _geocode, hud="ProjectCoC.Geocode")
    geography: codes.GeographyType | None = public("Town or country", hud="ProjectCoC.GeographyType")
    address_line_1: str | None = public("First line of the address", _line_1, hud="ProjectCoC.Address1")
    address_line_2: str | None = public("Second line of the address", _line_2, hud="ProjectCoC.Address2")
    city: str | None = public("City", _city, hud="ProjectCoC.City")
    state: str | None = public("State", hud="ProjectCoC.State")
    zip: str | None = public("ZIP code", _zip, hud="ProjectCoC.ZIP")
    recorded_at: datetime.datetime | None = public(RECORDED, hud="ProjectCoC.DateCreated")
    updated_at: datetime.datetime | None = public(UPDATED, hud="ProjectCoC.DateUpdated")


@strawberry.type(description="A residential project whose people a services project serves. HUD 2.02.C")
class Affiliation:
    id: strawberry.ID = public("Hub id of the affiliation")
    identifier: str | None = public(IDENTIFIER, hud="Affiliation.AffiliationID")
    residential_project: Annotated[Project, strawberry.lazy("schema.project")] | None = public(
        "The residential project", rows=projects.residential_project, hud="Affiliation.ResProjectID"
    )
    recorded_at: datetime.datetime | None = public(RECORDED, hud="Affiliation.DateCreated")
    updated_at: datetime.datetime | None = public(UPDATED, hud="Affiliation.DateUpdated")
