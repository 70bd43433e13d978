"""Client: one person, as known across the agencies."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

import strawberry

from auth.categories import Category
from hmis import codes
from hmis.codes.race import Race, races
from resolvers import access, disclosures, eligibility, emergency, enrollments, granted, guardians, referred
from resolvers.rows import ClientRow
from schema.assistance import FoodAssistance, RentalAssistance, UtilityAssistance
from schema.consent import Access, ConsentGrant
from schema.disclosure import Disclosure
from schema.eligibility import EligibilityScreening
from schema.enrollment import Enrollment
from schema.fields import RECORDED, UPDATED, Info, argument, personal
from schema.guardian import Guardian
from schema.paging import Connection
from schema.peer import PeerEnrollment
from schema.referral import Referral
from schema.sdoh import SdohCondition, SdohGoal, SdohReferral, SdohScreening
from schema.supplied import from_partners
from schema.veteran import VeteranHistory


@strawberry.type(description="What a source system calls the client, and when it wrote about them")
class ClientIdentifier:
    source: str | None = personal(Category.EXISTENCE, "Name of the source system", column="source_name")
    value: str | None = personal(Category.EXISTENCE, "The client's identifier there", hud="Client.PersonalID")
    recorded_at: datetime.datetime | None = personal(Category.EXISTENCE, RECORDED, hud="Client.DateCreated")
    updated_at: datetime.datetime | None = personal(Category.EXISTENCE, UPDATED, hud="Client.DateUpdated")


@strawberry.type(description="Name of the client. HUD 3.01")
class Name:
    first: str | None = personal(Category.NAME, "First name", hud="Client.FirstName")
    middle: str | None = personal(Category.NAME, "Middle name", hud="Client.MiddleName")
    last: str | None = personal(Category.NAME, "Last name", hud="Client.LastName")
    suffix: str | None = personal(Category.NAME, "Name suffix", hud="Client.NameSuffix")
    quality: codes.NameDataQuality | None = personal(
        Category.NAME, "How complete the name is", hud="Client.NameDataQuality"
    )


@strawberry.type(description="Birth date of the client. HUD 3.03")
class Birth:
    date: datetime.date | None = personal(Category.DOB, "Date of birth", hud="Client.DOB")
    quality: codes.DateOfBirthDataQuality | None = personal(
        Category.DOB, "How exact the date is", hud="Client.DOBDataQuality"
    )


def _last_four(ssn: str | None) -> str | None:
    """The last four of a nine digit number; a hash or an x has none."""
    return ssn[-4:] if ssn and len(ssn) == 9 and ssn[-4:].isdigit() else None


@strawberry.type(description="Social Security number of the client. HUD 3.02")
class SocialSecurityNumber:
    full: str | None = personal(
        Category.SSN_FULL, "All nine characters, x where unknown; for matching work only", hud="Client.SSN"
    )
    last_four: str | None = personal(
        Category.SSN_LAST4, "The last four digits, where known", said=_last_four, columns="ssn"
    )
    quality: codes.SsnDataQuality | None = personal(
        Category.SSN_LAST4, "How complete the number is", hud="Client.SSNDataQuality"
    )


def _races(root: strawberry.Parent[ClientRow]) -> list[Race]:
    record = root.record_for(Category.DEMOGRAPHICS)
    return races(record.values) if record else []


def _access(root: strawberry.Parent[ClientRow], info: Info) -> Any:
    return access.of_client(info.context, root)


async def _enrollments(
    root: strawberry.Parent[ClientRow],
    info: Info,
    first: Annotated[int, argument("How many, 1 to 100")] = 25,
    after: Annotated[str | None, argument("`endCursor` of the page before")] = None,
) -> Any:
    return await enrollments.of_client(info.context, root, first, after)


async def _disclosures(
    root: strawberry.Parent[ClientRow],
    info: Info,
    since: Annotated[
        datetime.date | None, argument("Only on this day or later", reads=Category.EXISTENCE)
    ] = None,
    until: Annotated[
        datetime.date | None, argument("Only on this day or earlier", reads=Category.EXISTENCE)
    ] = None,
    agency: Annotated[
        str | None, argument("Only what the agency of this name was told", reads=Category.EXISTENCE)
    ] = None,
) -> Any:
    return await disclosures.of_client(info.context, root, since, until, agency)


@strawberry.type(
    description="One person, as known across the agencies and as far as the viewer may see. "
    "Null means: not known, or not to be seen; `extensions.consent` says what was withheld"
)
class Client:
    id: strawberry.ID | None = personal(
        Category.EXISTENCE, "Hub id of the client", lambda root: strawberry.ID(str(root.id)), columns=""
    )
    identifiers: list[ClientIdentifier] | None = personal(
        Category.EXISTENCE,
        "What the source systems call the client",
        lambda root: root.records,
        size=5,
    )
    name: Name | None = personal(
        Category.NAME, "Name of the client", lambda root: root.record_for(Category.NAME)
    )
    birth: Birth | None = personal(
        Category.DOB, "Birth date of the client", lambda root: root.record_for(Category.DOB)
    )
    ssn: SocialSecurityNumber | None = personal(
        Category.SSN_LAST4,
        "Social Security number of the client",
        lambda root: root.record_for(Category.SSN_LAST4),
    )
    sex: codes.Sex | None = personal(Category.DEMOGRAPHICS, "Sex of the client", hud="Client.Sex")
    races: list[Race] | None = personal(
        Category.DEMOGRAPHICS,
        "Races and ethnicities the client named",
        _races,
        hud="Client.AmIndAKNative Client.Asian Client.BlackAfAmerican Client.HispanicLatinao "
        "Client.MidEastNAfrican Client.NativeHIPacific Client.White Client.RaceNone",
    )
    additional_race_ethnicity: str | None = personal(
        Category.DEMOGRAPHICS,
        "Race and ethnicity in the client's own words",
        hud="Client.AdditionalRaceEthnicity",
    )
    veteran_status: codes.NoYesReasonsForMissingData | None = personal(
        Category.VETERAN, "Whether the client served in the armed forces", hud="Client.VeteranStatus"
    )
    veteran: VeteranHistory | None = personal(
        Category.VETERAN, "Military service of the client", lambda root: root.record_for(Category.VETERAN)
    )
    enrollments: Connection[Enrollment] | None = personal(
        Category.ENROLLMENT,
        "Stays of the client, newest first",
        _enrollments,
        at_once=enrollments.of_client_at_once,
    )
    food_assistance: list[FoodAssistance] | None = from_partners(
        Category.FOOD, "FoodAssistance", "What food banks hold"
    )
    utility_assistance: list[UtilityAssistance] | None = from_partners(
        Category.UTILITY, "UtilityAssistance", "What energy offices hold"
    )
    rental_assistance: list[RentalAssistance] | None = from_partners(
        Category.RENT, "RentalAssistance", "Payments of rent programs"
    )
    sdoh_conditions: list[SdohCondition] | None = from_partners(
        Category.HEALTH_PARTNER, "SdohCondition", "Social needs that clinics recorded"
    )
    sdoh_goals: list[SdohGoal] | None = from_partners(
        Category.HEALTH_PARTNER, "SdohGoal", "What the client wants to reach, as clinics hold it"
    )
    sdoh_referrals: list[SdohReferral] | None = from_partners(
        Category.HEALTH_PARTNER, "SdohReferral", "Referrals for social needs that clinics hold"
    )
    sdoh_screenings: list[SdohScreening] | None = from_partners(
        Category.HEALTH_PARTNER, "SdohScreening", "Answers of screenings for social needs that clinics hold"
    )
    peer_enrollments: list[PeerEnrollment] | None = from_partners(
        Category.ENROLLMENT, "PeerEnrollment", "Stays that other communities recorded in an HMIS of their own"
    )
    referrals: list[Referral] | None = personal(
        Category.SERVICES,
        "Where the viewer's agency sent the client, and where others did as far as the client shares it, "
        "newest first",
        rows=referred.of_client,
        size=20,
    )
    eligibility: list[EligibilityScreening] | None = personal(
        Category.INCOME_BENEFITS,
        "What the client may be able to receive, as far as the viewer may see",
        rows=eligibility.of_client,
        size=10,
    )
    access: list[Access] | None = personal(
        Category.EXISTENCE,
        "For every category, whether the viewer may see any of it and why",
        _access,
        size=25,
    )
    grants: list[ConsentGrant] | None = personal(
        Category.EXISTENCE,
        "What the client agreed to or refused, newest first: what the viewer's agency recorded, and what "
        "names it. Null for agencies that entered no record of the client",
        rows=granted.of_client,
        size=50,
    )
    disclosures: list[Disclosure] | None = personal(
        Category.EXISTENCE,
        "What other agencies were told of the client, newest first, at most 100; empty for agencies that "
        "entered no record of the client",
        _disclosures,
        size=100,
    )
    guardians: list[Guardian] | None = personal(
        Category.EXISTENCE,
        "Who may sign for the client while a minor, as the viewer's agency recorded it, newest first. Null "
        "for agencies that entered no record of the client",
        rows=guardians.of_client,
        size=10,
    )
    emergency_until: datetime.datetime | None = personal(
        Category.EXISTENCE,
        "Until when the client stands open to the viewer in an emergency; null = it does not",
        rows=emergency.open_until,
    )
