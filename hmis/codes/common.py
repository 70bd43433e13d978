"""Answers and stages that many files share."""

from hmis.codes.code import Code


class NoYesMissing(Code, hud_list="1.7"):
    """Yes or no, or nobody asked. HUD list 1.7."""

    NO = 0, "No"
    YES = 1, "Yes"
    DATA_NOT_COLLECTED = 99, "Data not collected"


class NoYesReasonsForMissingData(Code, hud_list="1.8"):
    """The client's yes or no, or why there is none. HUD list 1.8."""

    NO = 0, "No"
    YES = 1, "Yes"
    CLIENT_DOES_NOT_KNOW = 8, "Client doesn't know"
    CLIENT_PREFERS_NOT_TO_ANSWER = 9, "Client prefers not to answer"
    DATA_NOT_COLLECTED = 99, "Data not collected"


class NoYes(Code, hud_list="1.10"):
    """Yes or no. HUD list 1.10."""

    NO = 0, "No"
    YES = 1, "Yes"


class DataCollectionStage(Code, hud_list="5.03.1"):
    """When during the stay the answer was collected. HUD list 5.03.1."""

    PROJECT_ENTRY = 1, "Project entry"
    UPDATE = 2, "Update"
    PROJECT_EXIT = 3, "Project exit"
    ANNUAL_ASSESSMENT = 5, "Annual assessment"
    POST_EXIT = 6, "Post-exit (not used in CSV)"
