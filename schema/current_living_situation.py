"""Current living situation: where a client was met on a day, and what is known of that place.

All of it tells where somebody can be found, so all of it needs CURRENT_LOCATION.
"""

from __future__ import annotations

import datetime

import strawberry

from auth.categories import Category
from hmis import codes
from schema.fields import OWN_IDENTIFIER, RECORDED, UPDATED, personal


@strawberry.type(description="Where a client was living when staff met them. HUD 4.12")
class CurrentLivingSituation:
    id: strawberry.ID | None = personal(Category.CURRENT_LOCATION, "Hub id of the contact")
    identifier: str | None = personal(
        Category.CURRENT_LOCATION, OWN_IDENTIFIER, hud="CurrentLivingSituation.CurrentLivingSitID"
    )
    information_date: datetime.date | None = personal(
        Category.CURRENT_LOCATION, "Day of the contact", hud="CurrentLivingSituation.InformationDate"
    )
    situation: codes.LivingSituation | None = personal(
        Category.CURRENT_LOCATION,
        "Where the client was living",
        hud="CurrentLivingSituation.CurrentLivingSituation",
    )
    subsidy: codes.RentalSubsidyType | None = personal(
        Category.CURRENT_LOCATION,
        "Subsidy that pays for the rent there",
        hud="CurrentLivingSituation.CLSSubsidyType",
    )
    location_details: str | None = personal(
        Category.CURRENT_LOCATION,
        "More about the place, in the words of staff",
        hud="CurrentLivingSituation.LocationDetails",
    )
    verified_by: str | None = personal(
        Category.CURRENT_LOCATION, "Project that verified it", hud="CurrentLivingSituation.VerifiedBy"
    )
    must_leave_within_14_days: codes.NoYesReasonsForMissingData | None = personal(
        Category.CURRENT_LOCATION,
        "Whether the client has to leave within 14 days",
        hud="CurrentLivingSituation.LeaveSituation14Days",
    )
    next_residence_found: codes.NoYesReasonsForMissingData | None = personal(
        Category.CURRENT_LOCATION,
        "Whether there is a place to go then",
        hud="CurrentLivingSituation.SubsequentResidence",
    )
    resources_to_obtain_housing: codes.NoYesReasonsForMissingData | None = personal(
        Category.CURRENT_LOCATION,
        "Whether money or people can help to a permanent home",
        hud="CurrentLivingSituation.ResourcesToObtain",
    )
    leased_or_owned_past_60_days: codes.NoYesReasonsForMissingData | None = personal(
        Category.CURRENT_LOCATION,
        "Whether the client had a home of their own in the last 60 days",
        hud="CurrentLivingSituation.LeaseOwn60Day",
    )
    moved_two_or_more_times: codes.NoYesReasonsForMissingData | None = personal(
        Category.CURRENT_LOCATION,
        "Whether the client moved two or more times in the last 60 days",
        hud="CurrentLivingSituation.MovedTwoOrMore",
    )
    recorded_at: datetime.datetime | None = personal(
        Category.CURRENT_LOCATION, RECORDED, hud="CurrentLivingSituation.DateCreated"
    )
    updated_at: datetime.datetime | None = personal(
        Category.CURRENT_LOCATION, UPDATED, hud="CurrentLivingSituation.DateUpdated"
    )
