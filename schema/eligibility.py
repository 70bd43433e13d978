"""Eligibility: what a client may be able to receive. A screening, and never a denial."""

from __future__ import annotations

import datetime

import strawberry

from auth.categories import Category
from hmis.eligibility.facts import Fact
from hmis.eligibility.pack import Program
from hmis.eligibility.programs import Verdict
from hmis.eligibility.reasoning import Code
from schema.fields import personal


@strawberry.type(description="Why a screening says what it says")
class EligibilityReason:
    code: Code | None = personal(Category.INCOME_BENEFITS, "The reason in one word")
    message: str | None = personal(Category.INCOME_BENEFITS, "The reason in plain English")


@strawberry.type(
    description="What a client may be able to receive from one program, by what the viewer may see: a hint "
    "what to ask for. The program decides; nothing is denied here. Citizenship and immigration status are "
    "neither known nor used"
)
class EligibilityScreening:
    program: Program | None = personal(Category.INCOME_BENEFITS, "The program")
    verdict: Verdict | None = personal(
        Category.INCOME_BENEFITS, "Whether it is worth asking for, whatever is not known"
    )
    reasons: list[EligibilityReason] | None = personal(
        Category.INCOME_BENEFITS,
        "Why, and what to keep in mind",
        lambda root: root.reasons,
        size=10,
    )
    needs: list[Fact] | None = personal(
        Category.INCOME_BENEFITS, "What would have to be known for a verdict; empty where there is one"
    )
    rules_version: str | None = personal(
        Category.INCOME_BENEFITS, "Edition of the rules; null = none is loaded for the day"
    )
    effective_from: datetime.date | None = personal(Category.INCOME_BENEFITS, "First day of that edition")
