"""Veteran services: what projects of the Department of Veterans Affairs (VA) ask about a stay.

SSVF services and money (V2, V3) and HUD-VASH vouchers (V8) are services.
"""

from __future__ import annotations

import strawberry

from auth.categories import Category
from hmis import codes
from schema.fields import personal


@strawberry.type(
    description="What a project for veterans asks about a stay. V7 is the screening for help against losing "
    "one's home (SSVF homelessness prevention). HUD V4, V6, V7, V10"
)
class VeteranServices:
    household_income_percent_of_ami: codes.HouseholdIncomePercentOfAmi | None = personal(
        Category.INCOME_BENEFITS,
        "Household income against the area's median income",
        hud="Enrollment.PercentAMI",
    )
    medical_center: codes.VamcStation | None = personal(
        Category.VETERAN, "VA medical center that serves the veteran", hud="Enrollment.VAMCStation"
    )
    mental_health_consultation: codes.MentalHealthConsultation | None = personal(
        Category.HEALTH_DISABILITY,
        "What came of the offer of a mental health consultation",
        hud="Enrollment.MentalHealthConsultation",
    )
    screening_required: codes.NoYesMissing | None = personal(
        Category.ENROLLMENT, "Whether the grantee must screen", hud="Enrollment.TargetScreenReqd"
    )
    time_to_housing_loss: codes.TimeToHousingLoss | None = personal(
        Category.ENROLLMENT, "How soon the household loses its home", hud="Enrollment.TimeToHousingLoss"
    )
    annual_income_percent_of_ami: codes.AnnualIncomePercentOfAmi | None = personal(
        Category.INCOME_BENEFITS,
        "Annual household income against the area's median income",
        hud="Enrollment.AnnualPercentAMI",
    )
    homeless_history: codes.LiteralHomelessHistory | None = personal(
        Category.ENROLLMENT,
        "When anybody of the household was last homeless",
        hud="Enrollment.LiteralHomelessHistory",
    )
    client_leaseholder: codes.NoYesMissing | None = personal(
        Category.ENROLLMENT, "Whether the client is a leaseholder", hud="Enrollment.ClientLeaseholder"
    )
    head_of_household_leaseholder: codes.NoYesMissing | None = personal(
        Category.ENROLLMENT,
        "Whether the head of household was ever a leaseholder",
        hud="Enrollment.HOHLeaseholder",
    )
    subsidy_at_risk: codes.NoYesMissing | None = personal(
        Category.ENROLLMENT, "Whether a rent subsidy may be lost", hud="Enrollment.SubsidyAtRisk"
    )
    eviction_history: codes.EvictionHistory | None = personal(
        Category.ENROLLMENT, "Rental evictions within seven years", hud="Enrollment.EvictionHistory"
    )
    criminal_record: codes.NoYesMissing | None = personal(
        Category.ENROLLMENT,
        "Whether a criminal record for arson, drugs or a felony stands in the way of a home",
        hud="Enrollment.CriminalRecord",
    )
    incarcerated_adult: codes.IncarceratedAdult | None = personal(
        Category.ENROLLMENT, "How often an adult was in prison", hud="Enrollment.IncarceratedAdult"
    )
    discharged_from_prison: codes.NoYesMissing | None = personal(
        Category.ENROLLMENT,
        "Whether an adult left jail or prison within six months",
        hud="Enrollment.PrisonDischarge",
    )
    registered_sex_offender: codes.NoYesMissing | None = personal(
        Category.ENROLLMENT, "Whether anybody is a registered sex offender", hud="Enrollment.SexOffender"
    )
    disabled_head_of_household: codes.NoYesMissing | None = personal(
        Category.HEALTH_DISABILITY,
        "Whether the head of household has a disabling condition",
        hud="Enrollment.DisabledHoH",
    )
    currently_pregnant: codes.NoYesMissing | None = personal(
        Category.HEALTH_DISABILITY, "Whether anybody is pregnant", hud="Enrollment.CurrentPregnant"
    )
    single_parent: codes.NoYesMissing | None = personal(
        Category.HOUSEHOLD, "Whether a parent is alone with minor children", hud="Enrollment.SingleParent"
    )
    dependent_under_six: codes.DependentUnderSix | None = personal(
        Category.HOUSEHOLD, "Whether there is a young child", hud="Enrollment.DependentUnder6"
    )
    five_or_more_people: codes.NoYesMissing | None = personal(
        Category.HOUSEHOLD,
        "Whether the household has five or more members, children among them",
        hud="Enrollment.HH5Plus",
    )
    coc_prioritized: codes.NoYesMissing | None = personal(
        Category.CE_ASSESSMENT,
        "Whether coordinated entry gave the household priority",
        hud="Enrollment.CoCPrioritized",
    )
    screening_score: int | None = personal(
        Category.CE_ASSESSMENT, "Points of the household", hud="Enrollment.HPScreeningScore"
    )
    threshold_score: int | None = personal(
        Category.CE_ASSESSMENT, "Points the grantee asks for", hud="Enrollment.ThresholdScore"
    )
