"""Assessment: what coordinated entry asked a client, and how it came out."""

from __future__ import annotations

import datetime

import strawberry

from auth.categories import Category
from hmis import codes
from resolvers import records
from schema.fields import OWN_IDENTIFIER, RECORDED, UPDATED, personal


@strawberry.type(description="One question of an assessment, and the answer. HUD 4.19")
class AssessmentQuestion:
    id: strawberry.ID | None = personal(Category.CE_ASSESSMENT, "Hub id of the question")
    identifier: str | None = personal(
        Category.CE_ASSESSMENT, OWN_IDENTIFIER, hud="AssessmentQuestions.AssessmentQuestionID"
    )
    group: str | None = personal(
        Category.CE_ASSESSMENT,
        "Section the question stands in",
        hud="AssessmentQuestions.AssessmentQuestionGroup",
    )
    order: int | None = personal(
        Category.CE_ASSESSMENT, "Place among the questions", hud="AssessmentQuestions.AssessmentQuestionOrder"
    )
    question: str | None = personal(
        Category.CE_ASSESSMENT, "What was asked", hud="AssessmentQuestions.AssessmentQuestion"
    )
    answer: str | None = personal(
        Category.CE_ASSESSMENT, "What was answered", hud="AssessmentQuestions.AssessmentAnswer"
    )
    recorded_at: datetime.datetime | None = personal(
        Category.CE_ASSESSMENT, RECORDED, hud="AssessmentQuestions.DateCreated"
    )
    updated_at: datetime.datetime | None = personal(
        Category.CE_ASSESSMENT, UPDATED, hud="AssessmentQuestions.DateUpdated"
    )


@strawberry.type(description="One result of an assessment: a score, a recommendation. HUD 4.19")
class AssessmentResult:
    id: strawberry.ID | None = personal(Category.CE_ASSESSMENT, "Hub id of the result")
    identifier: str | None = personal(
        Category.CE_ASSESSMENT, OWN_IDENTIFIER, hud="AssessmentResults.AssessmentResultID"
    )
    type: str | None = personal(
        Category.CE_ASSESSMENT, "What the result is about", hud="AssessmentResults.AssessmentResultType"
    )
    result: str | None = personal(
        Category.CE_ASSESSMENT, "The result", hud="AssessmentResults.AssessmentResult"
    )
    recorded_at: datetime.datetime | None = personal(
        Category.CE_ASSESSMENT, RECORDED, hud="AssessmentResults.DateCreated"
    )
    updated_at: datetime.datetime | None = personal(
        Category.CE_ASSESSMENT, UPDATED, hud="AssessmentResults.DateUpdated"
    )


@strawberry.type(description="A coordinated entry assessment of a client. HUD 4.19")
class Assessment:
    id: strawberry.ID | None = personal(Category.CE_ASSESSMENT, "Hub id of the assessment")
    identifier: str | None = personal(Category.CE_ASSESSMENT, OWN_IDENTIFIER, hud="Assessment.AssessmentID")
    date: datetime.date | None = personal(
        Category.CE_ASSESSMENT, "Day of the assessment", hud="Assessment.AssessmentDate"
    )
    location: str | None = personal(
        Category.CURRENT_LOCATION, "Where it was done", hud="Assessment.AssessmentLocation"
    )
    type: codes.AssessmentType | None = personal(
        Category.CE_ASSESSMENT, "Whether by telephone, online or in person", hud="Assessment.AssessmentType"
    )
    level: codes.AssessmentLevel | None = personal(
        Category.CE_ASSESSMENT, "Which need it was about", hud="Assessment.AssessmentLevel"
    )
    prioritization: codes.PrioritizationStatus | None = personal(
        Category.CE_ASSESSMENT,
        "Whether it put the client on the list for housing",
        hud="Assessment.PrioritizationStatus",
    )
    questions: list[AssessmentQuestion] | None = personal(
        Category.CE_ASSESSMENT,
        "Questions and answers, in the order they were asked",
        rows=records.each("AssessmentQuestions"),
        size=20,
    )
    results: list[AssessmentResult] | None = personal(
        Category.CE_ASSESSMENT,
        "How it came out",
        rows=records.each("AssessmentResults"),
        size=10,
    )
    recorded_at: datetime.datetime | None = personal(
        Category.CE_ASSESSMENT, RECORDED, hud="Assessment.DateCreated"
    )
    updated_at: datetime.datetime | None = personal(
        Category.CE_ASSESSMENT, UPDATED, hud="Assessment.DateUpdated"
    )
