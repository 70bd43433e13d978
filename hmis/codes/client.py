"""The person: how well name, SSN and birth date are known, race and sex."""

from hmis.codes.code import Code


class RaceMissingReason(Code, hud_list="1.6"):
    """Why no race or ethnicity is recorded. HUD list 1.6."""

    CLIENT_DOES_NOT_KNOW = 8, "Client doesn't know"
    CLIENT_PREFERS_NOT_TO_ANSWER = 9, "Client prefers not to answer"
    DATA_NOT_COLLECTED = 99, "Data not collected"


class NameDataQuality(Code, hud_list="3.01.5"):
    """How fully the name of the client is known. HUD list 3.01.5."""

    FULL_NAME_REPORTED = 1, "Full name reported"
    PARTIAL_STREET_OR_CODE_NAME_REPORTED = 2, "Partial, street name, or code name reported"
    CLIENT_DOES_NOT_KNOW = 8, "Client doesn't know"
    CLIENT_PREFERS_NOT_TO_ANSWER = 9, "Client prefers not to answer"
    DATA_NOT_COLLECTED = 99, "Data not collected"


class SsnDataQuality(Code, hud_list="3.02.2"):
    """How fully the Social Security number of the client is known. HUD list 3.02.2."""

    FULL_SSN_REPORTED = 1, "Full SSN reported"
    APPROXIMATE_OR_PARTIAL_SSN_REPORTED = 2, "Approximate or partial SSN reported"
    CLIENT_DOES_NOT_KNOW = 8, "Client doesn't know"
    CLIENT_PREFERS_NOT_TO_ANSWER = 9, "Client prefers not to answer"
    DATA_NOT_COLLECTED = 99, "Data not collected"


class DateOfBirthDataQuality(Code, hud_list="3.03.2"):
    """How fully the date of birth of the client is known. HUD list 3.03.2."""

    FULL_DATE_OF_BIRTH_REPORTED = 1, "Full DOB reported"
    APPROXIMATE_OR_PARTIAL_DATE_OF_BIRTH_REPORTED = 2, "Approximate or partial DOB reported"
    CLIENT_DOES_NOT_KNOW = 8, "Client doesn't know"
    CLIENT_PREFERS_NOT_TO_ANSWER = 9, "Client prefers not to answer"
    DATA_NOT_COLLECTED = 99, "Data not collected"


class Sex(Code, hud_list="4.21"):
    """Sex of the client. HUD list 4.21."""

    FEMALE = 0, "Female"
    MALE = 1, "Male"
    CLIENT_DOES_NOT_KNOW = 8, "Client doesn't know"
    CLIENT_PREFERS_NOT_TO_ANSWER = 9, "Client prefers not to answer"
    DATA_NOT_COLLECTED = 99, "Data not collected"
