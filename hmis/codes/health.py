"""Health, disabilities and domestic violence."""

from functools import lru_cache

from hmis.codes.code import Code
from hmis.codes.common import NoYesReasonsForMissingData


class DisabilityType(Code, hud_list="1.3"):
    """The kind of disability a question was about. HUD list 1.3."""

    PHYSICAL_DISABILITY = 5, "Physical disability"
    DEVELOPMENTAL_DISABILITY = 6, "Developmental disability"
    CHRONIC_HEALTH_CONDITION = 7, "Chronic health condition"
    HIV_AIDS = 8, "HIV/AIDS"
    MENTAL_HEALTH_DISORDER = 9, "Mental health disorder"
    SUBSTANCE_USE_DISORDER = 10, "Substance use disorder"


class SubstanceUseDisorder(Code, hud_list="4.10.2"):
    """Whether the client has an alcohol or drug use disorder. HUD list 4.10.2."""

    NO = 0, "No"
    ALCOHOL_USE_DISORDER = 1, "Alcohol use disorder"
    DRUG_USE_DISORDER = 2, "Drug use disorder"
    BOTH_ALCOHOL_AND_DRUG_USE_DISORDERS = 3, "Both alcohol and drug use disorders"
    CLIENT_DOES_NOT_KNOW = 8, "Client doesn't know"
    CLIENT_PREFERS_NOT_TO_ANSWER = 9, "Client prefers not to answer"
    DATA_NOT_COLLECTED = 99, "Data not collected"


class WhenDomesticViolenceOccurred(Code, hud_list="4.11.A"):
    """How long ago the most recent domestic violence occurred. HUD list 4.11.A."""

    WITHIN_THE_PAST_THREE_MONTHS = 1, "Within the past three months"
    THREE_TO_SIX_MONTHS_AGO = 2, "Three to six months ago (excluding six months exactly)"
    SIX_MONTHS_TO_ONE_YEAR_AGO = 3, "Six months to one year ago (excluding one year exactly)"
    ONE_YEAR_AGO_OR_MORE = 4, "One year or more"
    CLIENT_DOES_NOT_KNOW = 8, "Client doesn't know"
    CLIENT_PREFERS_NOT_TO_ANSWER = 9, "Client prefers not to answer"
    DATA_NOT_COLLECTED = 99, "Data not collected"


class HealthStatus(Code, hud_list="R7.1"):
    """The client's health, compared with people of the same age. HUD list R7.1."""

    EXCELLENT = 1, "Excellent"
    VERY_GOOD = 2, "Very good"
    GOOD = 3, "Good"
    FAIR = 4, "Fair"
    POOR = 5, "Poor"
    CLIENT_DOES_NOT_KNOW = 8, "Client doesn't know"
    CLIENT_PREFERS_NOT_TO_ANSWER = 9, "Client prefers not to answer"
    DATA_NOT_COLLECTED = 99, "Data not collected"


class ViralLoadAvailability(Code, hud_list="W4.3"):
    """Whether a viral load is known for a client with HIV. HUD list W4.3."""

    NOT_AVAILABLE = 0, "Not available"
    AVAILABLE = 1, "Available"
    UNDETECTABLE = 2, "Undetectable"
    CLIENT_DOES_NOT_KNOW = 8, "Client doesn't know"
    CLIENT_PREFERS_NOT_TO_ANSWER = 9, "Client prefers not to answer"
    DATA_NOT_COLLECTED = 99, "Data not collected"


class HivLabResultSource(Code, hud_list="W4.B"):
    """Who reported the T-cell count or the viral load. HUD list W4.B."""

    MEDICAL_REPORT = 1, "Medical Report"
    CLIENT_REPORT = 2, "Client Report"
    OTHER = 3, "Other"


class DisabilityResponse(Code):
    """The client's answer about a disability; about substance use it says which. HUD lists 1.8 and 4.10.2."""

    NO = 0, "No"
    YES = 1, "Yes"
    # HUD's 1 is YES for other disabilities, so answers about substance use carry their DisabilityType, 10.
    ALCOHOL_USE_DISORDER = 10_001, "Alcohol use disorder"
    DRUG_USE_DISORDER = 10_002, "Drug use disorder"
    BOTH_ALCOHOL_AND_DRUG_USE_DISORDERS = 10_003, "Both alcohol and drug use disorders"
    CLIENT_DOES_NOT_KNOW = 8, "Client doesn't know"
    CLIENT_PREFERS_NOT_TO_ANSWER = 9, "Client prefers not to answer"
    DATA_NOT_COLLECTED = 99, "Data not collected"

    @property
    def response(self) -> int:
        """HUD's Disabilities.DisabilityResponse."""
        return self % 1000


@lru_cache(maxsize=1024)
def disability_response(disability_type: int, response: int | None) -> DisabilityResponse | None:
    """The answer in one word; None = no answer stored, or HUD knows no such pair."""
    if disability_type not in set(DisabilityType):
        return None
    about_substances = disability_type == DisabilityType.SUBSTANCE_USE_DISORDER
    answers: type[Code] = SubstanceUseDisorder if about_substances else NoYesReasonsForMissingData
    return DisabilityResponse[answers(response).name] if response in set(answers) else None
