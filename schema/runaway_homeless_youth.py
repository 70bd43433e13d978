"""Runaway and homeless youth (RHY): what projects for them ask at entry and at exit. 45 CFR 1351.

RHY services (R14) are services; health, school and work (R4-R10) stand with everybody else's.
"""

from __future__ import annotations

import datetime

import strawberry

from auth.categories import Category
from hmis import codes
from schema.fields import personal


@strawberry.type(
    description="What a project for runaway and homeless youth asks at entry. HUD R1, R2, R11, R12, R13"
)
class RunawayAndHomelessYouth:
    referral_source: codes.ReferralSource | None = personal(
        Category.ENROLLMENT, "Who sent the young person", hud="Enrollment.ReferralSource"
    )
    outreach_approaches_before_entry: int | None = personal(
        Category.ENROLLMENT,
        "How often street outreach had approached them before",
        hud="Enrollment.CountOutreachReferralApproaches",
    )
    date_of_status: datetime.date | None = personal(
        Category.ENROLLMENT,
        "Day it was determined whether the Basic Center Program can serve them",
        hud="Enrollment.DateOfBCPStatus",
    )
    eligible: codes.NoYesMissing | None = personal(
        Category.ENROLLMENT, "Whether they are eligible for RHY services", hud="Enrollment.EligibleForRHY"
    )
    reason_no_services: codes.RhyNoServicesReason | None = personal(
        Category.ENROLLMENT, "Why RHY does not pay for services", hud="Enrollment.ReasonNoServices"
    )
    runaway: codes.NoYesReasonsForMissingData | None = personal(
        Category.ENROLLMENT, "Whether they ran away", hud="Enrollment.RunawayYouth"
    )
    former_ward_of_child_welfare: codes.NoYesReasonsForMissingData | None = personal(
        Category.ENROLLMENT,
        "Whether they were in foster care or a ward of child welfare",
        hud="Enrollment.FormerWardChildWelfare",
    )
    child_welfare_years: codes.YearsAsWard | None = personal(
        Category.ENROLLMENT, "Years in child welfare", hud="Enrollment.ChildWelfareYears"
    )
    child_welfare_months: int | None = personal(
        Category.ENROLLMENT, "Months in child welfare, if under a year", hud="Enrollment.ChildWelfareMonths"
    )
    former_ward_of_juvenile_justice: codes.NoYesReasonsForMissingData | None = personal(
        Category.ENROLLMENT,
        "Whether they were a ward of juvenile justice",
        hud="Enrollment.FormerWardJuvenileJustice",
    )
    juvenile_justice_years: codes.YearsAsWard | None = personal(
        Category.ENROLLMENT, "Years in juvenile justice", hud="Enrollment.JuvenileJusticeYears"
    )
    juvenile_justice_months: int | None = personal(
        Category.ENROLLMENT,
        "Months in juvenile justice, if under a year",
        hud="Enrollment.JuvenileJusticeMonths",
    )
    family_unemployment: codes.NoYesReasonsForMissingData | None = personal(
        Category.EDUCATION_EMPLOYMENT,
        "Whether somebody in the family is out of work",
        hud="Enrollment.UnemploymentFam",
    )
    family_mental_health_disorder: codes.NoYesReasonsForMissingData | None = personal(
        Category.HEALTH_DISABILITY,
        "Whether somebody in the family has a mental health disorder",
        hud="Enrollment.MentalHealthDisorderFam",
    )
    family_physical_disability: codes.NoYesReasonsForMissingData | None = personal(
        Category.HEALTH_DISABILITY,
        "Whether somebody in the family has a physical disability",
        hud="Enrollment.PhysicalDisabilityFam",
    )
    family_alcohol_or_drug_use_disorder: codes.NoYesReasonsForMissingData | None = personal(
        Category.HEALTH_DISABILITY,
        "Whether somebody in the family has an alcohol or drug use disorder",
        hud="Enrollment.AlcoholDrugUseDisorderFam",
    )
    family_insufficient_income: codes.NoYesReasonsForMissingData | None = personal(
        Category.INCOME_BENEFITS,
        "Whether the family has too little income to support the young person",
        hud="Enrollment.InsufficientIncome",
    )
    incarcerated_parent: codes.NoYesReasonsForMissingData | None = personal(
        Category.HOUSEHOLD, "Whether a parent is in prison", hud="Enrollment.IncarceratedParent"
    )


@strawberry.type(description="What a project for runaway and homeless youth asks at exit. HUD R15 to R20")
class RunawayAndHomelessYouthExit:
    received_anything_for_sex: codes.NoYesReasonsForMissingData | None = personal(
        Category.HEALTH_DISABILITY,
        "Whether they ever received anything in exchange for sex",
        hud="Exit.ExchangeForSex",
    )
    received_anything_for_sex_past_three_months: codes.NoYesReasonsForMissingData | None = personal(
        Category.HEALTH_DISABILITY,
        "Whether that happened in the last three months",
        hud="Exit.ExchangeForSexPastThreeMonths",
    )
    times_received_anything_for_sex: codes.ExchangeForSexCount | None = personal(
        Category.HEALTH_DISABILITY,
        "How many times in the last three months",
        hud="Exit.CountOfExchangeForSex",
    )
    made_to_have_sex_for_something: codes.NoYesReasonsForMissingData | None = personal(
        Category.HEALTH_DISABILITY,
        "Whether somebody ever made or persuaded them to have sex in exchange for something",
        hud="Exit.AskedOrForcedToExchangeForSex",
    )
    made_to_have_sex_for_something_past_three_months: codes.NoYesReasonsForMissingData | None = personal(
        Category.HEALTH_DISABILITY,
        "Whether that happened in the last three months",
        hud="Exit.AskedOrForcedToExchangeForSexPastThreeMonths",
    )
    afraid_to_leave_work: codes.NoYesReasonsForMissingData | None = personal(
        Category.HEALTH_DISABILITY,
        "Whether they were ever afraid to leave a job because of threats of violence",
        hud="Exit.WorkplaceViolenceThreats",
    )
    work_not_as_promised: codes.NoYesReasonsForMissingData | None = personal(
        Category.HEALTH_DISABILITY,
        "Whether they were ever promised work that turned out to be different",
        hud="Exit.WorkplacePromiseDifference",
    )
    coerced_to_continue_work: codes.NoYesReasonsForMissingData | None = personal(
        Category.HEALTH_DISABILITY,
        "Whether they felt forced or tricked into going on with such work",
        hud="Exit.CoercedToContinueWork",
    )
    labor_exploitation_past_three_months: codes.NoYesReasonsForMissingData | None = personal(
        Category.HEALTH_DISABILITY,
        "Whether that happened in the last three months",
        hud="Exit.LaborExploitPastThreeMonths",
    )
    completion: codes.ProjectCompletionStatus | None = personal(
        Category.ENROLLMENT, "Whether they completed the project", hud="Exit.ProjectCompletionStatus"
    )
    expelled_reason: codes.ExpelledReason | None = personal(
        Category.ENROLLMENT, "Why they were expelled or had to leave", hud="Exit.EarlyExitReason"
    )
    counseling_received: codes.NoYes | None = personal(
        Category.HEALTH_DISABILITY, "Whether they received counseling", hud="Exit.CounselingReceived"
    )
    individual_counseling: codes.NoYes | None = personal(
        Category.HEALTH_DISABILITY, "Counseling alone", hud="Exit.IndividualCounseling"
    )
    family_counseling: codes.NoYes | None = personal(
        Category.HEALTH_DISABILITY, "Counseling with the family", hud="Exit.FamilyCounseling"
    )
    group_counseling: codes.NoYes | None = personal(
        Category.HEALTH_DISABILITY, "Counseling in a group", hud="Exit.GroupCounseling"
    )
    counseling_sessions: int | None = personal(
        Category.HEALTH_DISABILITY, "Sessions received by exit", hud="Exit.SessionCountAtExit"
    )
    counseling_planned_after_exit: codes.NoYes | None = personal(
        Category.HEALTH_DISABILITY,
        "Whether a plan is in place for counseling after exit",
        hud="Exit.PostExitCounselingPlan",
    )
    counseling_sessions_planned: int | None = personal(
        Category.HEALTH_DISABILITY, "Sessions planned in the treatment plan", hud="Exit.SessionsInPlan"
    )
    destination_safe_says_client: codes.NoYesReasonsForMissingData | None = personal(
        Category.ENROLLMENT,
        "Whether the exit is to a safe place, says the client",
        hud="Exit.DestinationSafeClient",
    )
    destination_safe_says_worker: codes.WorkerResponse | None = personal(
        Category.ENROLLMENT,
        "Whether the exit is to a safe place, says the worker",
        hud="Exit.DestinationSafeWorker",
    )
    adult_connections: codes.WorkerResponse | None = personal(
        Category.ENROLLMENT,
        "Whether they have lasting positive connections with adults outside of services",
        hud="Exit.PosAdultConnections",
    )
    peer_connections: codes.WorkerResponse | None = personal(
        Category.ENROLLMENT,
        "Whether they have strong positive connections with peers",
        hud="Exit.PosPeerConnections",
    )
    community_connections: codes.WorkerResponse | None = personal(
        Category.ENROLLMENT,
        "Whether they have strong positive connections with the community",
        hud="Exit.PosCommunityConnections",
    )
    aftercare_date: datetime.date | None = personal(
        Category.SERVICES, "Day of the aftercare", hud="Exit.AftercareDate"
    )
    aftercare: codes.AftercareProvided | None = personal(
        Category.SERVICES, "Whether aftercare was provided", hud="Exit.AftercareProvided"
    )
    aftercare_online: codes.NoYes | None = personal(
        Category.SERVICES, "Aftercare by email or social media", hud="Exit.EmailSocialMedia"
    )
    aftercare_by_telephone: codes.NoYes | None = personal(
        Category.SERVICES, "Aftercare by telephone", hud="Exit.Telephone"
    )
    aftercare_in_person: codes.NoYes | None = personal(
        Category.SERVICES, "Aftercare in person, alone", hud="Exit.InPersonIndividual"
    )
    aftercare_in_group: codes.NoYes | None = personal(
        Category.SERVICES, "Aftercare in person, in a group", hud="Exit.InPersonGroup"
    )
