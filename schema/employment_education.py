"""Employment and education: what a client answered about work and school."""

from __future__ import annotations

import datetime

import strawberry

from auth.categories import Category
from hmis import codes
from schema.fields import OWN_IDENTIFIER, RECORDED, STAGE, UPDATED, personal


@strawberry.type(description="What a client answered about work and school. HUD R4, R5, R6")
class EmploymentAndEducation:
    id: strawberry.ID | None = personal(Category.EDUCATION_EMPLOYMENT, "Hub id of the answers")
    identifier: str | None = personal(
        Category.EDUCATION_EMPLOYMENT, OWN_IDENTIFIER, hud="EmploymentEducation.EmploymentEducationID"
    )
    information_date: datetime.date | None = personal(
        Category.EDUCATION_EMPLOYMENT,
        "Day the answers were true",
        hud="EmploymentEducation.InformationDate",
    )
    data_collection_stage: codes.DataCollectionStage | None = personal(
        Category.EDUCATION_EMPLOYMENT, STAGE, hud="EmploymentEducation.DataCollectionStage"
    )
    last_grade_completed: codes.LastGradeCompleted | None = personal(
        Category.EDUCATION_EMPLOYMENT,
        "Last grade of school completed",
        hud="EmploymentEducation.LastGradeCompleted",
    )
    school_status: codes.SchoolStatus | None = personal(
        Category.EDUCATION_EMPLOYMENT, "How school stands", hud="EmploymentEducation.SchoolStatus"
    )
    employed: codes.NoYesReasonsForMissingData | None = personal(
        Category.EDUCATION_EMPLOYMENT, "Whether the client works", hud="EmploymentEducation.Employed"
    )
    employment_type: codes.EmploymentType | None = personal(
        Category.EDUCATION_EMPLOYMENT, "What kind of work", hud="EmploymentEducation.EmploymentType"
    )
    not_employed_reason: codes.NotEmployedReason | None = personal(
        Category.EDUCATION_EMPLOYMENT,
        "Why the client does not work",
        hud="EmploymentEducation.NotEmployedReason",
    )
    recorded_at: datetime.datetime | None = personal(
        Category.EDUCATION_EMPLOYMENT, RECORDED, hud="EmploymentEducation.DateCreated"
    )
    updated_at: datetime.datetime | None = personal(
        Category.EDUCATION_EMPLOYMENT, UPDATED, hud="EmploymentEducation.DateUpdated"
    )
