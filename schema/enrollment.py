"""Enrollment: a stay of a client at a project, and everything that was recorded about it."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from auth.categories import Category
from hmis import codes
from resolvers import enrollments, households, projects, records
from schema.assessment import Assessment
from schema.current_living_situation import CurrentLivingSituation
from schema.disability import Disability
from schema.employment_education import EmploymentAndEducation
from schema.event import Event
from schema.exit import Exit
from schema.fields import OWN_IDENTIFIER, RECORDED, UPDATED, personal
from schema.health_and_domestic_violence import HealthAndDomesticViolence
from schema.income_benefits import IncomeAndBenefits
from schema.path import Path
from schema.project import Project
from schema.runaway_homeless_youth import RunawayAndHomelessYouth
from schema.service import Service
from schema.veteran_services import VeteranServices
from schema.youth_education import YouthEducation

if TYPE_CHECKING:
    from schema.client import Client
    from schema.household import Household


def _itself(root: Any) -> Any:
    """A part of the stay reads the stay's own row."""
    return root


@strawberry.type(description="A stay of a client at a project, from entry to exit. HUD 3.10")
class Enrollment:
    id: strawberry.ID | None = personal(Category.ENROLLMENT, "Hub id of the stay")
    identifier: str | None = personal(Category.ENROLLMENT, OWN_IDENTIFIER, hud="Enrollment.EnrollmentID")
    client: Annotated[Client, strawberry.lazy("schema.client")] | None = personal(
        Category.EXISTENCE, "Whose stay it is", rows=enrollments.client_of_stay
    )
    project: Project | None = personal(
        Category.ENROLLMENT, "The project the stay is at", rows=projects.of_stay, hud="Enrollment.ProjectID"
    )
    household: Annotated[Household, strawberry.lazy("schema.household")] | None = personal(
        Category.HOUSEHOLD,
        "The people who entered the project together",
        rows=households.of_stay,
        hud="Enrollment.HouseholdID",
    )
    relationship_to_head_of_household: codes.RelationshipToHeadOfHousehold | None = personal(
        Category.HOUSEHOLD, "Who the client is in the household", hud="Enrollment.RelationshipToHoH"
    )
    entry_date: datetime.date | None = personal(
        Category.ENROLLMENT, "Day the stay began", hud="Enrollment.EntryDate"
    )
    date_of_engagement: datetime.date | None = personal(
        Category.ENROLLMENT,
        "Day the client and the project began to work together",
        hud="Enrollment.DateOfEngagement",
    )
    move_in_date: datetime.date | None = personal(
        Category.ENROLLMENT, "Day the client moved into housing", hud="Enrollment.MoveInDate"
    )
    exit: Exit | None = personal(
        Category.ENROLLMENT, "How the stay ended; null = not ended", rows=records.exit_of_stay
    )
    coc: str | None = personal(
        Category.ENROLLMENT,
        "Continuum of Care the client is served in: XX-500",
        hud="Enrollment.EnrollmentCoC",
    )

    living_situation: codes.LivingSituation | None = personal(
        Category.ENROLLMENT, "Where the client slept the night before", hud="Enrollment.LivingSituation"
    )
    living_situation_subsidy: codes.RentalSubsidyType | None = personal(
        Category.ENROLLMENT,
        "Subsidy that paid for the rent there",
        hud="Enrollment.RentalSubsidyType",
    )
    length_of_stay: codes.PriorLengthOfStay | None = personal(
        Category.ENROLLMENT, "How long the client had been there", hud="Enrollment.LengthOfStay"
    )
    length_of_stay_under_threshold: codes.NoYesMissing | None = personal(
        Category.ENROLLMENT,
        "Whether that was short: under 90 days in an institution, under 7 nights in housing",
        hud="Enrollment.LOSUnderThreshold",
    )
    homeless_night_before: codes.NoYesMissing | None = personal(
        Category.ENROLLMENT,
        "Whether the client was on the street, in a shelter or Safe Haven the night before that",
        hud="Enrollment.PreviousStreetESSH",
    )
    homeless_since: datetime.date | None = personal(
        Category.ENROLLMENT,
        "About when this time on the street, in shelter or Safe Haven began",
        hud="Enrollment.DateToStreetESSH",
    )
    times_homeless_past_three_years: codes.TimesHomelessPastThreeYears | None = personal(
        Category.ENROLLMENT,
        "How many times the client was on the street, in shelter or Safe Haven in three years",
        hud="Enrollment.TimesHomelessPastThreeYears",
    )
    months_homeless_past_three_years: codes.MonthsHomelessPastThreeYears | None = personal(
        Category.ENROLLMENT,
        "In how many months the client was homeless in three years",
        hud="Enrollment.MonthsHomelessPastThreeYears",
    )
    disabling_condition: codes.NoYesReasonsForMissingData | None = personal(
        Category.HEALTH_DISABILITY,
        "Whether a disabling condition is known",
        hud="Enrollment.DisablingCondition",
    )

    services: list[Service] | None = personal(
        Category.SERVICES,
        "What was done for the client, newest first",
        rows=records.each("Services"),
        size=50,
    )
    current_living_situations: list[CurrentLivingSituation] | None = personal(
        Category.CURRENT_LOCATION,
        "Where the client was met during the stay, newest first",
        rows=records.each("CurrentLivingSituation"),
        size=20,
    )
    assessments: list[Assessment] | None = personal(
        Category.CE_ASSESSMENT,
        "Coordinated entry assessments, newest first",
        rows=records.each("Assessment"),
        size=10,
    )
    events: list[Event] | None = personal(
        Category.CE_ASSESSMENT,
        "Coordinated entry events: referrals and what came of them, newest first",
        rows=records.each("Event"),
        size=10,
    )
    income_benefits: list[IncomeAndBenefits] | None = personal(
        Category.INCOME_BENEFITS,
        "Income, benefits and health insurance, newest first",
        rows=records.each("IncomeBenefits"),
        size=10,
    )
    disabilities: list[Disability] | None = personal(
        Category.HEALTH_DISABILITY,
        "Answers about disabilities, newest first",
        rows=records.each("Disabilities"),
        size=20,
    )
    health_and_domestic_violence: list[HealthAndDomesticViolence] | None = personal(
        Category.HEALTH_DISABILITY,
        "Answers about health and domestic violence, newest first",
        rows=records.each("HealthAndDV"),
        size=10,
    )
    employment_and_education: list[EmploymentAndEducation] | None = personal(
        Category.EDUCATION_EMPLOYMENT,
        "Answers about work and school, newest first",
        rows=records.each("EmploymentEducation"),
        size=10,
    )
    youth_education: list[YouthEducation] | None = personal(
        Category.EDUCATION_EMPLOYMENT,
        "Answers about a young client's school, newest first",
        rows=records.each("YouthEducationStatus"),
        size=10,
    )

    path: Path | None = personal(
        Category.HEALTH_DISABILITY, "What only a PATH project asks about the stay", _itself
    )
    runaway_and_homeless_youth: RunawayAndHomelessYouth | None = personal(
        Category.ENROLLMENT, "What only a project for runaway and homeless youth asks", _itself
    )
    veteran_services: VeteranServices | None = personal(
        Category.VETERAN, "What only a project for veterans asks about the stay", _itself
    )

    recorded_at: datetime.datetime | None = personal(
        Category.ENROLLMENT, RECORDED, hud="Enrollment.DateCreated"
    )
    updated_at: datetime.datetime | None = personal(
        Category.ENROLLMENT, UPDATED, hud="Enrollment.DateUpdated"
    )
