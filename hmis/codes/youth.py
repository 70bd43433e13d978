"""Runaway and homeless youth (RHY)."""

from hmis.codes.code import Code


class ReferralSource(Code, hud_list="R1.1"):
    """Who sent the young client to the project. HUD list R1.1."""

    SELF_REFERRAL = 1, "Self-referral"
    FAMILY_FRIEND_OR_OTHER_INDIVIDUAL = (
        2,
        "Individual: Parent/Guardian/Relative/Friend/Foster Parent/Other Individual",
    )
    OUTREACH_PROJECT = 7, "Outreach Project"
    TEMPORARY_SHELTER = 11, "Temporary Shelter"
    RESIDENTIAL_PROJECT = 18, "Residential Project"
    HOTLINE = 28, "Hotline"
    CHILD_WELFARE = 30, "Child Welfare/CPS"
    JUVENILE_JUSTICE = 34, "Juvenile Justice"
    LAW_ENFORCEMENT = 35, "Law Enforcement/ Police"
    MENTAL_HOSPITAL = 37, "Mental Hospital"
    SCHOOL = 38, "School"
    OTHER_ORGANIZATION = 39, "Other organization"
    CLIENT_DOES_NOT_KNOW = 8, "Client doesn't know"
    CLIENT_PREFERS_NOT_TO_ANSWER = 9, "Client prefers not to answer"
    DATA_NOT_COLLECTED = 99, "Data not collected"


class RhyNoServicesReason(Code, hud_list="R2.A"):
    """Why a young client is not eligible for RHY services. HUD list R2.A."""

    OUT_OF_AGE_RANGE = 1, "Out of age range"
    WARD_OF_THE_STATE = 2, "Ward of the state"
    WARD_OF_THE_CRIMINAL_JUSTICE_SYSTEM = 3, "Ward of the criminal justice system"
    OTHER = 4, "Other"
    DATA_NOT_COLLECTED = 99, "Data not collected"


class YearsAsWard(Code, hud_list="R11.A"):
    """How long a young client was a ward of child welfare or juvenile justice. HUD list R11.A."""

    LESS_THAN_ONE_YEAR = 1, "Less than one year"
    ONE_TO_TWO_YEARS = 2, "1 to 2 years"
    THREE_TO_FIVE_OR_MORE_YEARS = 3, "3 to 5 or more years"
    # hmis-warehouse only: not in HUD's FY2026 list, yet rows may have it.
    DATA_NOT_COLLECTED = 99, "Data not collected"
