"""Funder: who pays for a project."""

from __future__ import annotations

import datetime

import strawberry

from hmis import codes
from schema.fields import IDENTIFIER, RECORDED, UPDATED, public


@strawberry.type(description="A grant that pays for a project. HUD 2.06")
class Funder:
    id: strawberry.ID = public("Hub id of the funding")
    identifier: str | None = public(IDENTIFIER, hud="Funder.FunderID")
    funding_source: codes.FundingSource | None = public("Who pays", hud="Funder.Funder")
    other_funder: str | None = public("Who else pays, by name", hud="Funder.OtherFunder")
    grant: str | None = public("The funder's number of the grant", hud="Funder.GrantID")
    start: datetime.date | None = public("First day of the grant", hud="Funder.StartDate")
    end: datetime.date | None = public("Last day of the grant; null = not ended", hud="Funder.EndDate")
    recorded_at: datetime.datetime | None = public(RECORDED, hud="Funder.DateCreated")
    updated_at: datetime.datetime | None = public(UPDATED, hud="Funder.DateUpdated")
