"""Exit: when and whereto a stay ended."""

from __future__ import annotations

import datetime

import strawberry

from auth.categories import Category
from hmis import codes
from schema.fields import OWN_IDENTIFIER, RECORDED, UPDATED, personal
from schema.runaway_homeless_youth import RunawayAndHomelessYouthExit


@strawberry.type(
    description="What became of the home of a client whom HOPWA or homelessness prevention helped. HUD W5"
)
class HousingOutcome:
    outcome: codes.HousingAssessmentAtExit | None = personal(
        Category.ENROLLMENT, "Whether the client kept the home", hud="Exit.HousingAssessment"
    )
    subsidy: codes.SubsidyInformation | None = personal(
        Category.ENROLLMENT, "With which help to pay for it", hud="Exit.SubsidyInformation"
    )


@strawberry.type(description="How a stay ended. HUD 3.11, 3.12")
class Exit:
    id: strawberry.ID | None = personal(Category.ENROLLMENT, "Hub id of the exit")
    identifier: str | None = personal(Category.ENROLLMENT, OWN_IDENTIFIER, hud="Exit.ExitID")
    date: datetime.date | None = personal(
        Category.ENROLLMENT, "Day the client left; not a night stayed", hud="Exit.ExitDate"
    )
    destination: codes.LivingSituation | None = personal(
        Category.ENROLLMENT, "Where the client went to live", hud="Exit.Destination"
    )
    destination_subsidy: codes.RentalSubsidyType | None = personal(
        Category.ENROLLMENT, "Subsidy that pays for the rent there", hud="Exit.DestinationSubsidyType"
    )
    other_destination: str | None = personal(
        Category.ENROLLMENT, "Where else, in the words of staff", hud="Exit.OtherDestination"
    )
    housing_outcome: HousingOutcome | None = personal(
        Category.ENROLLMENT, "What became of the home the client had", lambda root: root
    )
    case_management_exit_reason: codes.CaseManagementExitReason | None = personal(
        Category.VETERAN, "Why HUD-VASH case management ended", hud="Exit.CMExitReason"
    )
    runaway_and_homeless_youth: RunawayAndHomelessYouthExit | None = personal(
        Category.ENROLLMENT, "What only a project for runaway and homeless youth asks", lambda root: root
    )
    recorded_at: datetime.datetime | None = personal(Category.ENROLLMENT, RECORDED, hud="Exit.DateCreated")
    updated_at: datetime.datetime | None = personal(Category.ENROLLMENT, UPDATED, hud="Exit.DateUpdated")
