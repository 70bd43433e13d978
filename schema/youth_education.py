"""Youth education: how a young client's school stands."""

from __future__ import annotations

import datetime

import strawberry

from auth.categories import Category
from hmis import codes
from schema.fields import OWN_IDENTIFIER, RECORDED, STAGE, UPDATED, personal


@strawberry.type(description="What a young client answered about school. HUD C3")
class YouthEducation:
    id: strawberry.ID | None = personal(Category.EDUCATION_EMPLOYMENT, "Hub id of the answers")
    identifier: str | None = personal(
        Category.EDUCATION_EMPLOYMENT, OWN_IDENTIFIER, hud="YouthEducationStatus.YouthEducationStatusID"
    )
    information_date: datetime.date | None = personal(
        Category.EDUCATION_EMPLOYMENT,
        "Day the answers were true",
        hud="YouthEducationStatus.InformationDate",
    )
    data_collection_stage: codes.DataCollectionStage | None = personal(
        Category.EDUCATION_EMPLOYMENT, STAGE, hud="YouthEducationStatus.DataCollectionStage"
    )
    attendance: codes.CurrentSchoolAttendance | None = personal(
        Category.EDUCATION_EMPLOYMENT,
        "Whether the client goes to school now",
        hud="YouthEducationStatus.CurrentSchoolAttend",
    )
    most_recent_status: codes.MostRecentEducationStatus | None = personal(
        Category.EDUCATION_EMPLOYMENT,
        "How school ended, for a client who does not go now",
        hud="YouthEducationStatus.MostRecentEdStatus",
    )
    current_status: codes.CurrentEducationStatus | None = personal(
        Category.EDUCATION_EMPLOYMENT,
        "What a client who goes to school is working towards",
        hud="YouthEducationStatus.CurrentEdStatus",
    )
    recorded_at: datetime.datetime | None = personal(
        Category.EDUCATION_EMPLOYMENT, RECORDED, hud="YouthEducationStatus.DateCreated"
    )
    updated_at: datetime.datetime | None = personal(
        Category.EDUCATION_EMPLOYMENT, UPDATED, hud="YouthEducationStatus.DateUpdated"
    )
