"""Event: what coordinated entry did for a client, usually a referral, and what came of it."""

from __future__ import annotations

import datetime

import strawberry

from auth.categories import Category
from hmis import codes
from schema.fields import OWN_IDENTIFIER, RECORDED, UPDATED, personal


@strawberry.type(description="A coordinated entry event, usually a referral. HUD 4.20")
class Event:
    id: strawberry.ID | None = personal(Category.CE_ASSESSMENT, "Hub id of the event")
    identifier: str | None = personal(Category.CE_ASSESSMENT, OWN_IDENTIFIER, hud="Event.EventID")
    date: datetime.date | None = personal(Category.CE_ASSESSMENT, "Day of the event", hud="Event.EventDate")
    type: codes.EventType | None = personal(Category.CE_ASSESSMENT, "What happened", hud="Event.Event")
    rehoused_by_problem_solving: codes.NoYesMissing | None = personal(
        Category.CE_ASSESSMENT,
        "Whether problem solving or diversion found a safe place to live",
        hud="Event.ProbSolDivRRResult",
    )
    case_management_after_placement: codes.NoYesMissing | None = personal(
        Category.CE_ASSESSMENT,
        "Whether the client enrolled in case management after placement",
        hud="Event.ReferralCaseManageAfter",
    )
    # It names the place the client was sent to and may sleep at tonight.
    referred_to: str | None = personal(
        Category.CURRENT_LOCATION,
        "Shelter or housing project the client was referred to",
        hud="Event.LocationCrisisOrPHHousing",
    )
    result: codes.ReferralResult | None = personal(
        Category.CE_ASSESSMENT, "What came of the referral", hud="Event.ReferralResult"
    )
    result_date: datetime.date | None = personal(
        Category.CE_ASSESSMENT, "Day of that result", hud="Event.ResultDate"
    )
    recorded_at: datetime.datetime | None = personal(
        Category.CE_ASSESSMENT, RECORDED, hud="Event.DateCreated"
    )
    updated_at: datetime.datetime | None = personal(Category.CE_ASSESSMENT, UPDATED, hud="Event.DateUpdated")
