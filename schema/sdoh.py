"""Social needs as clinics know them: conditions, goals, referrals and screenings of the Gravity guide.

The words are those of HL7 FHIR R4 and of the guide SDOH Clinical Care. What tells of violence at home carries
the label DV and is shown by a grant that names it, and to nobody else.
"""

from __future__ import annotations

import datetime

import strawberry

from auth.categories import Category
from schema.fields import personal, supplied
from schema.partner import Provenance, Words


@strawberry.enum(description="What a social need is about, in the categories of the Gravity guide")
class SdohCategory(Words):
    FOOD_INSECURITY = strawberry.enum_value("FOOD_INSECURITY", description="Food insecurity")
    HOUSING_INSTABILITY = strawberry.enum_value("HOUSING_INSTABILITY", description="Housing instability")
    HOMELESSNESS = strawberry.enum_value("HOMELESSNESS", description="Homelessness")
    INADEQUATE_HOUSING = strawberry.enum_value("INADEQUATE_HOUSING", description="Inadequate housing")
    TRANSPORTATION_INSECURITY = strawberry.enum_value(
        "TRANSPORTATION_INSECURITY", description="Transportation insecurity"
    )
    FINANCIAL_INSECURITY = strawberry.enum_value("FINANCIAL_INSECURITY", description="Financial insecurity")
    MATERIAL_HARDSHIP = strawberry.enum_value("MATERIAL_HARDSHIP", description="Material hardship")
    EDUCATIONAL_ATTAINMENT = strawberry.enum_value(
        "EDUCATIONAL_ATTAINMENT", description="Educational attainment"
    )
    EMPLOYMENT_STATUS = strawberry.enum_value("EMPLOYMENT_STATUS", description="Employment status")
    VETERAN_STATUS = strawberry.enum_value("VETERAN_STATUS", description="Veteran status")
    STRESS = strawberry.enum_value("STRESS", description="Stress")
    SOCIAL_CONNECTION = strawberry.enum_value("SOCIAL_CONNECTION", description="Social connection")
    INTIMATE_PARTNER_VIOLENCE = strawberry.enum_value(
        "INTIMATE_PARTNER_VIOLENCE", description="Violence by a partner; labelled DV"
    )
    ELDER_ABUSE = strawberry.enum_value("ELDER_ABUSE", description="Abuse of an older person; labelled DV")
    PERSONAL_HEALTH_LITERACY = strawberry.enum_value(
        "PERSONAL_HEALTH_LITERACY", description="Personal health literacy"
    )
    HEALTH_INSURANCE_COVERAGE_STATUS = strawberry.enum_value(
        "HEALTH_INSURANCE_COVERAGE_STATUS", description="Health insurance coverage status"
    )
    MEDICAL_COST_BURDEN = strawberry.enum_value("MEDICAL_COST_BURDEN", description="Medical cost burden")
    DIGITAL_LITERACY = strawberry.enum_value("DIGITAL_LITERACY", description="Digital literacy")
    DIGITAL_ACCESS = strawberry.enum_value("DIGITAL_ACCESS", description="Digital access")
    UTILITY_INSECURITY = strawberry.enum_value("UTILITY_INSECURITY", description="Utility insecurity")
    UNSPECIFIED = strawberry.enum_value(
        "UNSPECIFIED", description="A social matter that no category of the guide names"
    )
    OTHER = strawberry.enum_value("OTHER", description="A category that the hub does not know")


@strawberry.enum(description="Whether a condition is there now, FHIR Condition.clinicalStatus")
class SdohClinicalStatus(Words):
    ACTIVE = strawberry.enum_value("ACTIVE", description="Active")
    RECURRENCE = strawberry.enum_value("RECURRENCE", description="Recurrence")
    RELAPSE = strawberry.enum_value("RELAPSE", description="Relapse")
    INACTIVE = strawberry.enum_value("INACTIVE", description="Inactive")
    REMISSION = strawberry.enum_value("REMISSION", description="Remission")
    RESOLVED = strawberry.enum_value("RESOLVED", description="Resolved")


@strawberry.enum(description="How sure the clinic is of a condition, FHIR Condition.verificationStatus")
class SdohVerificationStatus(Words):
    UNCONFIRMED = strawberry.enum_value("UNCONFIRMED", description="Unconfirmed")
    PROVISIONAL = strawberry.enum_value("PROVISIONAL", description="Provisional")
    DIFFERENTIAL = strawberry.enum_value("DIFFERENTIAL", description="Differential")
    CONFIRMED = strawberry.enum_value("CONFIRMED", description="Confirmed")
    REFUTED = strawberry.enum_value("REFUTED", description="Refuted")


@strawberry.enum(description="Who says that a condition is there")
class SdohAsserter(Words):
    CLIENT = strawberry.enum_value("CLIENT", description="The client")
    RELATED_PERSON = strawberry.enum_value("RELATED_PERSON", description="Somebody close to the client")
    PROFESSIONAL = strawberry.enum_value("PROFESSIONAL", description="Somebody who works in care")
    DEVICE = strawberry.enum_value("DEVICE", description="A program")
    OTHER = strawberry.enum_value("OTHER", description="Somebody else")


@strawberry.enum(description="How far a goal is taken up, FHIR Goal.lifecycleStatus")
class SdohGoalStatus(Words):
    PROPOSED = strawberry.enum_value("PROPOSED", description="Proposed")
    PLANNED = strawberry.enum_value("PLANNED", description="Planned")
    ACCEPTED = strawberry.enum_value("ACCEPTED", description="Accepted")
    ACTIVE = strawberry.enum_value("ACTIVE", description="Active")
    ON_HOLD = strawberry.enum_value("ON_HOLD", description="On hold")
    COMPLETED = strawberry.enum_value("COMPLETED", description="Completed")
    CANCELLED = strawberry.enum_value("CANCELLED", description="Cancelled")
    REJECTED = strawberry.enum_value("REJECTED", description="Rejected")


@strawberry.enum(description="How near a goal is, FHIR Goal.achievementStatus")
class SdohAchievement(Words):
    IN_PROGRESS = strawberry.enum_value("IN_PROGRESS", description="In progress")
    IMPROVING = strawberry.enum_value("IMPROVING", description="Improving")
    WORSENING = strawberry.enum_value("WORSENING", description="Worsening")
    NO_CHANGE = strawberry.enum_value("NO_CHANGE", description="No change")
    ACHIEVED = strawberry.enum_value("ACHIEVED", description="Achieved")
    SUSTAINING = strawberry.enum_value("SUSTAINING", description="Sustaining")
    NOT_ACHIEVED = strawberry.enum_value("NOT_ACHIEVED", description="Not achieved")
    NO_PROGRESS = strawberry.enum_value("NO_PROGRESS", description="No progress")
    NOT_ATTAINABLE = strawberry.enum_value("NOT_ATTAINABLE", description="Not attainable")
    OTHER = strawberry.enum_value("OTHER", description="A word that the hub does not know")


@strawberry.enum(description="What became of a referral, FHIR Task.status")
class SdohReferralStatus(Words):
    DRAFT = strawberry.enum_value("DRAFT", description="Draft")
    REQUESTED = strawberry.enum_value("REQUESTED", description="Requested")
    RECEIVED = strawberry.enum_value("RECEIVED", description="Received")
    ACCEPTED = strawberry.enum_value("ACCEPTED", description="Accepted")
    REJECTED = strawberry.enum_value("REJECTED", description="Rejected")
    READY = strawberry.enum_value("READY", description="Ready")
    CANCELLED = strawberry.enum_value("CANCELLED", description="Cancelled")
    IN_PROGRESS = strawberry.enum_value("IN_PROGRESS", description="In progress")
    ON_HOLD = strawberry.enum_value("ON_HOLD", description="On hold")
    FAILED = strawberry.enum_value("FAILED", description="Failed")
    COMPLETED = strawberry.enum_value("COMPLETED", description="Completed")


@strawberry.enum(description="Whether the request still stands, FHIR ServiceRequest.status")
class SdohRequestStatus(Words):
    DRAFT = strawberry.enum_value("DRAFT", description="Draft")
    ACTIVE = strawberry.enum_value("ACTIVE", description="Active")
    ON_HOLD = strawberry.enum_value("ON_HOLD", description="On hold")
    REVOKED = strawberry.enum_value("REVOKED", description="Revoked")
    COMPLETED = strawberry.enum_value("COMPLETED", description="Completed")
    UNKNOWN = strawberry.enum_value("UNKNOWN", description="Unknown")


@strawberry.type(description="A social need that a clinic recorded")
class SdohCondition:
    categories: list[SdohCategory] | None = supplied(
        Category.HEALTH_PARTNER, "What it is about; a record may be of several"
    )
    code: str | None = supplied(Category.HEALTH_PARTNER, "Code of the need")
    system: str | None = supplied(Category.HEALTH_PARTNER, "The system the code is of, as a URI")
    display: str | None = supplied(Category.HEALTH_PARTNER, "The need in words")
    clinical_status: SdohClinicalStatus | None = supplied(Category.HEALTH_PARTNER, "Whether it is there now")
    verification_status: SdohVerificationStatus | None = supplied(
        Category.HEALTH_PARTNER, "How sure the clinic is"
    )
    onset: datetime.date | None = supplied(
        Category.HEALTH_PARTNER, "Day it began; null where only the year is known"
    )
    abatement: datetime.date | None = supplied(Category.HEALTH_PARTNER, "Day it ended")
    recorded_on: datetime.date | None = supplied(Category.HEALTH_PARTNER, "Day it was recorded")
    asserted_by: SdohAsserter | None = supplied(Category.HEALTH_PARTNER, "Who says so")
    provenance: Provenance | None = personal(
        Category.HEALTH_PARTNER, "How the hub came to know it", lambda root: root
    )


@strawberry.type(description="What a client wants to reach")
class SdohGoal:
    categories: list[SdohCategory] | None = supplied(
        Category.HEALTH_PARTNER, "What it is about; a record may be of several"
    )
    description: str | None = supplied(Category.HEALTH_PARTNER, "The goal in words")
    lifecycle_status: SdohGoalStatus | None = supplied(Category.HEALTH_PARTNER, "How far it is taken up")
    achievement_status: SdohAchievement | None = supplied(Category.HEALTH_PARTNER, "How near it is")
    target_date: datetime.date | None = supplied(Category.HEALTH_PARTNER, "Day it is to be reached by")
    provenance: Provenance | None = personal(
        Category.HEALTH_PARTNER, "How the hub came to know it", lambda root: root
    )


@strawberry.type(description="A referral that a clinic made or passed on")
class SdohReferral:
    categories: list[SdohCategory] | None = supplied(
        Category.HEALTH_PARTNER, "What it is about; a record may be of several"
    )
    service: str | None = supplied(Category.HEALTH_PARTNER, "What was asked for, in words")
    code: str | None = supplied(Category.HEALTH_PARTNER, "Code of what was asked for")
    system: str | None = supplied(Category.HEALTH_PARTNER, "The system the code is of, as a URI")
    status: SdohReferralStatus | None = supplied(
        Category.HEALTH_PARTNER, "What became of it; null = nobody was given it yet"
    )
    request_status: SdohRequestStatus | None = supplied(
        Category.HEALTH_PARTNER, "Whether the request still stands"
    )
    business_status: str | None = supplied(
        Category.HEALTH_PARTNER, "Where it stands, in the words of whoever performs it"
    )
    performer: str | None = supplied(Category.HEALTH_PARTNER, "The organization that performs it")
    requested_at: datetime.datetime | None = supplied(Category.HEALTH_PARTNER, "When it was asked for")
    last_modified: datetime.datetime | None = supplied(
        Category.HEALTH_PARTNER, "When its status last changed"
    )
    provenance: Provenance | None = personal(
        Category.HEALTH_PARTNER, "How the hub came to know it", lambda root: root
    )


@strawberry.type(description="One answer of a screening for social needs")
class SdohScreening:
    categories: list[SdohCategory] | None = supplied(
        Category.HEALTH_PARTNER, "What it is about; a record may be of several"
    )
    question: str | None = supplied(Category.HEALTH_PARTNER, "The question in words")
    code: str | None = supplied(Category.HEALTH_PARTNER, "Code of the question")
    system: str | None = supplied(Category.HEALTH_PARTNER, "The system the code is of, as a URI")
    answer: str | None = supplied(Category.HEALTH_PARTNER, "The answer in words")
    answered_on: datetime.date | None = supplied(Category.HEALTH_PARTNER, "Day it was answered")
    provenance: Provenance | None = personal(
        Category.HEALTH_PARTNER, "How the hub came to know it", lambda root: root
    )
