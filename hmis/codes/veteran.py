"""Veterans: service, income, risk of losing housing, and the VA's part."""

from hmis.codes.code import Code


class MilitaryBranch(Code, hud_list="V1.11"):
    """The branch in which the veteran served. HUD list V1.11."""

    ARMY = 1, "Army"
    AIR_FORCE = 2, "Air Force"
    NAVY = 3, "Navy"
    MARINES = 4, "Marines"
    COAST_GUARD = 6, "Coast Guard"
    SPACE_FORCE = 7, "Space Force"
    CLIENT_DOES_NOT_KNOW = 8, "Client doesn't know"
    CLIENT_PREFERS_NOT_TO_ANSWER = 9, "Client prefers not to answer"
    DATA_NOT_COLLECTED = 99, "Data not collected"


class DischargeStatus(Code, hud_list="V1.12"):
    """How the veteran was discharged. HUD list V1.12."""

    HONORABLE = 1, "Honorable"
    GENERAL_UNDER_HONORABLE_CONDITIONS = 2, "General under honorable conditions"
    OTHER_THAN_HONORABLE = 6, "Under other than honorable conditions (OTH)"
    BAD_CONDUCT = 4, "Bad conduct"
    DISHONORABLE = 5, "Dishonorable"
    UNCHARACTERIZED = 7, "Uncharacterized"
    CLIENT_DOES_NOT_KNOW = 8, "Client doesn't know"
    CLIENT_PREFERS_NOT_TO_ANSWER = 9, "Client prefers not to answer"
    DATA_NOT_COLLECTED = 99, "Data not collected"


class MentalHealthConsultation(Code, hud_list="V10"):
    """Whether the veteran was offered a mental health consultation, and what came of it. HUD list V10."""

    COMPLETED = 1, "Mental health consultation completed"
    BEING_ARRANGED_WITH_VA_PROVIDER = (
        2,
        "Mental health consultation being coordinated/arranged with VA provider",
    )
    BEING_ARRANGED_WITH_OTHER_PROVIDER = (
        3,
        "Mental health consultation being coordinated/arranged with other provider",
    )
    OFFER_DECLINED = 4, "Offer declined"


class HouseholdIncomePercentOfAmi(Code, hud_list="V4.1"):
    """Household income as a percentage of the area median income (AMI). HUD list V4.1."""

    PERCENT_30_OR_LESS = 1, "30% or less"
    PERCENT_31_TO_50 = 2, "31% to 50%"
    PERCENT_51_TO_80 = 3, "51% to 80%"
    PERCENT_81_OR_MORE = 4, "81% or greater"
    DATA_NOT_COLLECTED = 99, "Data not collected"


class TimeToHousingLoss(Code, hud_list="V7.A"):
    """How soon the household will lose its housing. HUD list V7.A."""

    DAYS_1_TO_6 = 0, "1-6 days"
    DAYS_7_TO_13 = 1, "7-13 days"
    DAYS_14_TO_21 = 2, "14-21 days"
    MORE_THAN_21_DAYS = 3, "More than 21 days"
    DATA_NOT_COLLECTED = 99, "Data not collected"


class AnnualIncomePercentOfAmi(Code, hud_list="V7.B"):
    """Annual household income as a percentage of the area median income (AMI). HUD list V7.B."""

    NO_INCOME = 0, "$0 (i.e., not employed, not receiving cash benefits, no other current income)"
    PERCENT_1_TO_14 = 1, "1-14% of Area Median Income (AMI) for household size"
    PERCENT_15_TO_30 = 2, "15-30% of AMI for household size"
    MORE_THAN_30_PERCENT = 3, "More than 30% of AMI for household size"
    DATA_NOT_COLLECTED = 99, "Data not collected"


class LiteralHomelessHistory(Code, hud_list="V7.C"):
    """When the household was last literally homeless. HUD list V7.C."""

    WITHIN_THE_LAST_YEAR = 0, "Most recent episode occurred in the last year"
    MORE_THAN_ONE_YEAR_AGO = 1, "Most recent episode occurred more than one year ago"
    NEVER = 2, "None"
    DATA_NOT_COLLECTED = 99, "Data not collected"


class EvictionHistory(Code, hud_list="V7.G"):
    """How often the household was evicted from a rental before. HUD list V7.G."""

    NO_PRIOR_EVICTIONS = 0, "No prior rental evictions"
    ONE_PRIOR_EVICTION = 1, "1 prior rental eviction"
    TWO_OR_MORE_PRIOR_EVICTIONS = 2, "2 or more prior rental evictions"
    DATA_NOT_COLLECTED = 99, "Data not collected"


class IncarceratedAdult(Code, hud_list="V7.I"):
    """How often an adult of the household was incarcerated. HUD list V7.I."""

    NOT_INCARCERATED = 0, "Not incarcerated"
    INCARCERATED_ONCE = 1, "Incarcerated once"
    INCARCERATED_TWO_OR_MORE_TIMES = 2, "Incarcerated two or more times"
    DATA_NOT_COLLECTED = 99, "Data not collected"


class DependentUnderSix(Code, hud_list="V7.O"):
    """Whether a young child, or one who needs much care, lives in the household. HUD list V7.O."""

    NO = 0, "No"
    YOUNGEST_UNDER_ONE_YEAR = 1, "Youngest child is under 1 year old"
    YOUNGEST_ONE_TO_SIX_OR_SIGNIFICANT_CARE = (
        2,
        "Youngest child is 1 to 6 years old and/or one or more children (any age) require significant care",
    )
    DATA_NOT_COLLECTED = 99, "Data not collected"
