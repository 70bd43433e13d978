"""Project: what an organization offers, and at which a client stays."""

from __future__ import annotations

import datetime

import strawberry

from hmis import codes
from resolvers import projects
from schema.coordinated_entry import CoordinatedEntry
from schema.fields import IDENTIFIER, RECORDED, UPDATED, public
from schema.funder import Funder
from schema.inventory import Inventory
from schema.organization import Organization
from schema.participation import Affiliation, CocParticipation, HmisParticipation


@strawberry.type(description="A program of an organization. HUD 2.02")
class Project:
    id: strawberry.ID = public("Hub id of the project")
    identifier: str | None = public(IDENTIFIER, hud="Project.ProjectID")
    source: str | None = public("Name of the source system", column="source_name")
    organization: Organization | None = public(
        "Who runs it", projects.organization_of_project, hud="Project.OrganizationID"
    )
    name: str | None = public("Name of the project", hud="Project.ProjectName")
    common_name: str | None = public("Name people know it by", hud="Project.ProjectCommonName")
    type: codes.ProjectType | None = public("Kind of project", hud="Project.ProjectType")
    rapid_rehousing_subtype: codes.RapidRehousingSubtype | None = public(
        "Whether a rapid re-housing project gives housing or services alone", hud="Project.RRHSubType"
    )
    housing_type: codes.HousingType | None = public(
        "Whether its homes are at one site or many", hud="Project.HousingType"
    )
    target_population: codes.TargetPopulation | None = public(
        "Whom it is for, if for some people only", hud="Project.TargetPopulation"
    )
    medically_assisted_living: codes.HopwaMedicallyAssistedLiving | None = public(
        "Whether it is a HOPWA facility with medical help", hud="Project.HOPWAMedAssistedLivingFac"
    )
    continuum_project: codes.NoYes | None = public(
        "Whether it belongs to the Continuum of Care", hud="Project.ContinuumProject"
    )
    operating_start: datetime.date | None = public("First day of operation", hud="Project.OperatingStartDate")
    operating_end: datetime.date | None = public(
        "Last day of operation; null = operating", hud="Project.OperatingEndDate"
    )
    point_in_time_count: int | None = public(
        "People there on the night of the last point-in-time count", hud="Project.PITCount"
    )
    affiliated: codes.NoYes | None = public(
        "Whether a services project serves people of a residential one", hud="Project.ResidentialAffiliation"
    )
    affiliations: list[Affiliation] = public(
        "The residential projects whose people it serves",
        rows=projects.each("Affiliation"),
        size=5,
    )
    funders: list[Funder] = public("Who pays for it", rows=projects.each("Funder"), size=5)
    inventory: list[Inventory] = public("Beds and units it has", rows=projects.each("Inventory"), size=10)
    coc_participation: list[CocParticipation] = public(
        "Continuums of Care it serves, and where",
        rows=projects.each("ProjectCoC"),
        size=5,
    )
    hmis_participation: list[HmisParticipation] = public(
        "When it entered its data into an HMIS",
        rows=projects.each("HMISParticipation"),
        size=5,
    )
    coordinated_entry: list[CoordinatedEntry] = public(
        "Its part in coordinated entry",
        rows=projects.each("CEParticipation"),
        size=5,
    )
    recorded_at: datetime.datetime | None = public(RECORDED, hud="Project.DateCreated")
    updated_at: datetime.datetime | None = public(UPDATED, hud="Project.DateUpdated")
