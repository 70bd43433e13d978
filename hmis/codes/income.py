"""Insurance and assistance: why the client has none."""

from hmis.codes.code import Code


class NotInsuredReason(Code, hud_list="4.04.A"):
    """Why the client does not have this health insurance. HUD list 4.04.A."""

    APPLIED_DECISION_PENDING = 1, "Applied; decision pending"
    APPLIED_NOT_ELIGIBLE = 2, "Applied; client not eligible"
    DID_NOT_APPLY = 3, "Client did not apply"
    INSURANCE_TYPE_NOT_APPLICABLE = 4, "Insurance type N/A for this client"
    CLIENT_DOES_NOT_KNOW = 8, "Client doesn't know"
    CLIENT_PREFERS_NOT_TO_ANSWER = 9, "Client prefers not to answer"
    DATA_NOT_COLLECTED = 99, "Data not collected"


class NoMedicalAssistanceReason(Code, hud_list="W3"):
    """Why the client does not receive this medical assistance (ADAP or Ryan White). HUD list W3."""

    APPLIED_DECISION_PENDING = 1, "Applied; decision pending"
    APPLIED_NOT_ELIGIBLE = 2, "Applied; client not eligible"
    DID_NOT_APPLY = 3, "Client did not apply"
    INSURANCE_TYPE_NOT_APPLICABLE = 4, "Insurance type not applicable for this client"
    CLIENT_DOES_NOT_KNOW = 8, "Client doesn't know"
    CLIENT_PREFERS_NOT_TO_ANSWER = 9, "Client prefers not to answer"
    DATA_NOT_COLLECTED = 99, "Data not collected"
