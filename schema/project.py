"""Project: what an organization offers, and at which a client stays."""

from __future__ import annotations

import datetime

import strawberry

from hmis import codes
from resolvers import projects
from schema.fields import public
from schema.organization import Organization


@strawberry.type(description="A program of an organization. HUD 2.02")
class Project:
    id: strawberry.ID = public("Hub id of the project")
    identifier: str | None = public("What its source system calls it", hud="Project.ProjectID")
    source: str | None = public("Name of the source system", column="source_name")
    organization: Organization | None = public(
        "Who runs it", projects.organization_of_project, hud="Project.OrganizationID"
    )
    name: str | None = public("Name of the project", hud="Project.ProjectName")
    common_name: str | None = public("Name people know it by", hud="Project.ProjectCommonName")
    type: codes.ProjectType | None = public("Kind of project", hud="Project.ProjectType")
    operating_start: datetime.date | None = public("First day of operation", hud="Project.OperatingStartDate")
    operating_end: datetime.date | None = public(
        "Last day of operation; null = operating", hud="Project.OperatingEndDate"
    )
