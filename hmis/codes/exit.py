"""The end of a stay: how the client left, where to, and the care afterwards."""

from hmis.codes.code import Code


class ExchangeForSexCount(Code, hud_list="R15.B"):
    """How many times a young client received something in exchange for sex. HUD list R15.B."""

    ONE_TO_THREE_TIMES = 1, "1-3"
    FOUR_TO_SEVEN_TIMES = 2, "4-7"
    EIGHT_TO_ELEVEN_TIMES = 3, "8-11"
    TWELVE_OR_MORE_TIMES = 4, "12 or more"
    CLIENT_DOES_NOT_KNOW = 8, "Client doesn't know"
    CLIENT_PREFERS_NOT_TO_ANSWER = 9, "Client prefers not to answer"
    DATA_NOT_COLLECTED = 99, "Data not collected"


class ProjectCompletionStatus(Code, hud_list="R17.1"):
    """Whether a young client completed the project. HUD list R17.1."""

    COMPLETED_PROJECT = 1, "Completed project"
    LEFT_EARLY_VOLUNTARILY = 2, "Client voluntarily left early"
    EXPELLED_OR_INVOLUNTARILY_DISCHARGED = (
        3,
        "Client was expelled or otherwise involuntarily discharged from project",
    )


class ExpelledReason(Code, hud_list="R17.A"):
    """Why a young client was expelled or involuntarily discharged. HUD list R17.A."""

    CRIMINAL_ACTIVITY_DESTRUCTION_OR_VIOLENCE = 1, "Criminal activity/destruction of property/violence"
    NON_COMPLIANCE_WITH_RULES = 2, "Non-compliance with project rules"
    NON_PAYMENT_OF_RENT = 3, "Non-payment of rent/occupancy charge"
    REACHED_MAXIMUM_TIME_ALLOWED = 4, "Reached maximum time allowed by project"
    PROJECT_TERMINATED = 5, "Project terminated"
    UNKNOWN_OR_DISAPPEARED = 6, "Unknown/disappeared"


class WorkerResponse(Code, hud_list="R19.A"):
    """The worker's own answer about a young client at exit. HUD list R19.A."""

    NO = 0, "No"
    YES = 1, "Yes"
    WORKER_DOES_NOT_KNOW = 2, "Worker does not know"


class AftercareProvided(Code, hud_list="R20.2"):
    """Whether a young client received aftercare. HUD list R20.2."""

    NO = 0, "No"
    YES = 1, "Yes"
    CLIENT_PREFERS_NOT_TO_ANSWER = 9, "Client prefers not to answer"


class CaseManagementExitReason(Code, hud_list="V9.1"):
    """Why HUD-VASH case management (CM) ended. HUD list V9.1."""

    ACCOMPLISHED_GOALS = 1, "Accomplished goals and/or obtained services and no longer needs CM"
    TRANSFERRED_TO_ANOTHER_VASH_SITE = 2, "Transferred to another HUD/VASH program site"
    FOUND_OTHER_HOUSING = 3, "Found/chose other housing"
    DID_NOT_COMPLY_WITH_CASE_MANAGEMENT = 4, "Did not comply with HUD/VASH CM"
    EVICTION_OR_OTHER_HOUSING_ISSUES = 5, "Eviction and/or other housing related issues"
    UNHAPPY_WITH_VASH_HOUSING = 6, "Unhappy with HUD/VASH housing"
    NO_LONGER_FINANCIALLY_ELIGIBLE = 7, "No longer financially eligible for HUD/VASH voucher"
    NO_LONGER_INTERESTED = 8, "No longer interested in participating in this program"
    CANNOT_BE_LOCATED = 9, "Veteran cannot be located"
    TOO_ILL_TO_PARTICIPATE = 10, "Veteran too ill to participate at this time"
    INCARCERATED = 11, "Veteran is incarcerated"
    DECEASED = 12, "Veteran is deceased"
    OTHER = 13, "Other"


class HousingAssessmentAtExit(Code, hud_list="W5.1"):
    """What became of the client's housing at exit. HUD list W5.1."""

    KEPT_HOUSING_FROM_ENTRY = 1, "Able to maintain the housing they had at project entry"
    MOVED_TO_NEW_HOUSING = 2, "Moved to new housing unit"
    MOVED_IN_WITH_FAMILY_OR_FRIENDS_TEMPORARILY = 3, "Moved in with family/friends on a temporary basis"
    MOVED_IN_WITH_FAMILY_OR_FRIENDS_PERMANENTLY = 4, "Moved in with family/friends on a permanent basis"
    MOVED_TO_TRANSITIONAL_OR_TEMPORARY_HOUSING = (
        5,
        "Moved to a transitional or temporary housing facility or program",
    )
    BECAME_HOMELESS = (
        6,
        "Client became homeless - moving to a shelter or other place unfit for human habitation",
    )
    JAIL_OR_PRISON = 7, "Jail/prison"
    DECEASED = 10, "Deceased"
    CLIENT_DOES_NOT_KNOW = 8, "Client doesn't know"
    CLIENT_PREFERS_NOT_TO_ANSWER = 9, "Client prefers not to answer"
    DATA_NOT_COLLECTED = 99, "Data not collected"


class SubsidyInformation(Code, hud_list="W5.AB"):
    """The subsidy with which the client kept their housing or moved to new housing. HUD list W5.AB."""

    KEPT_HOUSING_WITHOUT_SUBSIDY = 1, "Without a subsidy"
    KEPT_HOUSING_WITH_SUBSIDY_FROM_ENTRY = 2, "With the subsidy they had at project entry"
    KEPT_HOUSING_WITH_NEW_SUBSIDY = 3, "With an on-going subsidy acquired since project entry"
    KEPT_HOUSING_WITH_OTHER_FINANCIAL_ASSISTANCE = 4, "But only with other financial assistance"
    NEW_HOUSING_WITH_SUBSIDY = 11, "With on-going subsidy"
    NEW_HOUSING_WITHOUT_SUBSIDY = 12, "Without an on-going subsidy"
