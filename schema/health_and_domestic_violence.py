"""Health and domestic violence: what a client answered about both on one day.

The answers about violence and mental health are labelled: they are told to the agency that entered them.
"""

from __future__ import annotations

import datetime

import strawberry

from auth.categories import Category
from hmis import codes
from schema.fields import OWN_IDENTIFIER, RECORDED, STAGE, UPDATED, personal


@strawberry.type(
    description="What a client answered about health and domestic violence. HUD 4.11, R7, R8, R9, R10"
)
class HealthAndDomesticViolence:
    id: strawberry.ID | None = personal(Category.HEALTH_DISABILITY, "Hub id of the answers")
    identifier: str | None = personal(
        Category.HEALTH_DISABILITY, OWN_IDENTIFIER, hud="HealthAndDV.HealthAndDVID"
    )
    information_date: datetime.date | None = personal(
        Category.HEALTH_DISABILITY, "Day the answers were true", hud="HealthAndDV.InformationDate"
    )
    data_collection_stage: codes.DataCollectionStage | None = personal(
        Category.HEALTH_DISABILITY, STAGE, hud="HealthAndDV.DataCollectionStage"
    )
    domestic_violence_survivor: codes.NoYesReasonsForMissingData | None = personal(
        Category.HEALTH_DISABILITY,
        "Whether the client survived domestic violence",
        hud="HealthAndDV.DomesticViolenceSurvivor",
    )
    when_occurred: codes.WhenDomesticViolenceOccurred | None = personal(
        Category.HEALTH_DISABILITY, "How long ago the violence was", hud="HealthAndDV.WhenOccurred"
    )
    currently_fleeing: codes.NoYesReasonsForMissingData | None = personal(
        Category.HEALTH_DISABILITY,
        "Whether the client is fleeing from it now",
        hud="HealthAndDV.CurrentlyFleeing",
    )
    general_health: codes.HealthStatus | None = personal(
        Category.HEALTH_DISABILITY, "How the client's health is", hud="HealthAndDV.GeneralHealthStatus"
    )
    dental_health: codes.HealthStatus | None = personal(
        Category.HEALTH_DISABILITY, "How the client's teeth are", hud="HealthAndDV.DentalHealthStatus"
    )
    mental_health: codes.HealthStatus | None = personal(
        Category.HEALTH_DISABILITY,
        "How the client's mental health is",
        hud="HealthAndDV.MentalHealthStatus",
    )
    pregnant: codes.NoYesReasonsForMissingData | None = personal(
        Category.HEALTH_DISABILITY, "Whether the client is pregnant", hud="HealthAndDV.PregnancyStatus"
    )
    due_date: datetime.date | None = personal(
        Category.HEALTH_DISABILITY, "Day the child is due", hud="HealthAndDV.DueDate"
    )
    recorded_at: datetime.datetime | None = personal(
        Category.HEALTH_DISABILITY, RECORDED, hud="HealthAndDV.DateCreated"
    )
    updated_at: datetime.datetime | None = personal(
        Category.HEALTH_DISABILITY, UPDATED, hud="HealthAndDV.DateUpdated"
    )
