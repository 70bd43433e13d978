"""Coordinated entry: a project's part in how a community decides who is helped where, and first."""

from __future__ import annotations

import datetime

import strawberry

from hmis import codes
from schema.fields import IDENTIFIER, RECORDED, UPDATED, public


@strawberry.type(description="A project's part in coordinated entry, from one day to another. HUD 2.09")
class CoordinatedEntry:
    id: strawberry.ID = public("Hub id of the participation")
    identifier: str | None = public(IDENTIFIER, hud="CEParticipation.CEParticipationID")
    access_point: codes.NoYes | None = public(
        "Whether people can come to it", hud="CEParticipation.AccessPoint"
    )
    prevention_assessment: codes.NoYes | None = public(
        "Whether it screens for homelessness prevention", hud="CEParticipation.PreventionAssessment"
    )
    crisis_assessment: codes.NoYes | None = public(
        "Whether it assesses crisis needs", hud="CEParticipation.CrisisAssessment"
    )
    housing_assessment: codes.NoYes | None = public(
        "Whether it assesses housing needs", hud="CEParticipation.HousingAssessment"
    )
    direct_services: codes.NoYes | None = public(
        "Whether it gives services directly", hud="CEParticipation.DirectServices"
    )
    receives_referrals: codes.NoYes | None = public(
        "Whether it takes referrals", hud="CEParticipation.ReceivesReferrals"
    )
    start: datetime.date | None = public("First day", hud="CEParticipation.CEParticipationStatusStartDate")
    end: datetime.date | None = public(
        "Last day; null = still so", hud="CEParticipation.CEParticipationStatusEndDate"
    )
    recorded_at: datetime.datetime | None = public(RECORDED, hud="CEParticipation.DateCreated")
    updated_at: datetime.datetime | None = public(UPDATED, hud="CEParticipation.DateUpdated")
