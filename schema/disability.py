"""Disability: one answer about one kind of disability."""

from __future__ import annotations

import datetime

import strawberry

from auth.categories import Category
from hmis import codes
from schema.fields import OWN_IDENTIFIER, RECORDED, STAGE, UPDATED, personal


@strawberry.type(
    description="What a client answered about one kind of disability. HUD 4.05 to 4.10; with HIV/AIDS W4, W6"
)
class Disability:
    id: strawberry.ID | None = personal(Category.HEALTH_DISABILITY, "Hub id of the answer")
    identifier: str | None = personal(
        Category.HEALTH_DISABILITY, OWN_IDENTIFIER, hud="Disabilities.DisabilitiesID"
    )
    information_date: datetime.date | None = personal(
        Category.HEALTH_DISABILITY, "Day the answer was true", hud="Disabilities.InformationDate"
    )
    data_collection_stage: codes.DataCollectionStage | None = personal(
        Category.HEALTH_DISABILITY, STAGE, hud="Disabilities.DataCollectionStage"
    )
    type: codes.DisabilityType | None = personal(
        Category.HEALTH_DISABILITY, "The kind of disability", hud="Disabilities.DisabilityType"
    )
    response: codes.DisabilityResponse | None = personal(
        Category.HEALTH_DISABILITY,
        "Whether the client has it",
        said=codes.disability_response,
        columns="disability_type disability_response",
        hud="Disabilities.DisabilityResponse",
    )
    indefinite_and_impairs: codes.NoYesReasonsForMissingData | None = personal(
        Category.HEALTH_DISABILITY,
        "Whether it is expected to last and makes it hard to live independently",
        hud="Disabilities.IndefiniteAndImpairs",
    )
    t_cell_count_available: codes.NoYesReasonsForMissingData | None = personal(
        Category.HEALTH_DISABILITY,
        "Whether a T-cell (CD4) count is known",
        hud="Disabilities.TCellCountAvailable",
    )
    t_cell_count: int | None = personal(
        Category.HEALTH_DISABILITY, "T-cell (CD4) count", hud="Disabilities.TCellCount"
    )
    t_cell_source: codes.HivLabResultSource | None = personal(
        Category.HEALTH_DISABILITY, "Who told the T-cell count", hud="Disabilities.TCellSource"
    )
    viral_load_available: codes.ViralLoadAvailability | None = personal(
        Category.HEALTH_DISABILITY, "Whether a viral load is known", hud="Disabilities.ViralLoadAvailable"
    )
    viral_load: int | None = personal(Category.HEALTH_DISABILITY, "Viral load", hud="Disabilities.ViralLoad")
    viral_load_source: codes.HivLabResultSource | None = personal(
        Category.HEALTH_DISABILITY, "Who told the viral load", hud="Disabilities.ViralLoadSource"
    )
    antiretroviral_therapy: codes.NoYesReasonsForMissingData | None = personal(
        Category.HEALTH_DISABILITY,
        "Whether the client was prescribed antiretroviral therapy",
        hud="Disabilities.AntiRetroviral",
    )
    recorded_at: datetime.datetime | None = personal(
        Category.HEALTH_DISABILITY, RECORDED, hud="Disabilities.DateCreated"
    )
    updated_at: datetime.datetime | None = personal(
        Category.HEALTH_DISABILITY, UPDATED, hud="Disabilities.DateUpdated"
    )
