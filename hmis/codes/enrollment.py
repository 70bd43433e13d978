"""The start of a stay: household, history of homelessness, and how the client came."""

from hmis.codes.code import Code


class RelationshipToHeadOfHousehold(Code, hud_list="3.15.1"):
    """What the client is to the head of the household. HUD list 3.15.1."""

    SELF = 1, "Self (head of household)"
    CHILD = 2, "Head of household's child"
    SPOUSE_OR_PARTNER = 3, "Head of household's spouse or partner"
    OTHER_RELATIVE = 4, "Head of household's other relation member"
    UNRELATED_HOUSEHOLD_MEMBER = 5, "Other: non-relation member"
    DATA_NOT_COLLECTED = 99, "Data not collected"


class PriorLengthOfStay(Code, hud_list="3.917.2"):
    """How long the client stayed where they were before this stay. HUD list 3.917.2."""

    ONE_NIGHT_OR_LESS = 10, "One night or less"
    TWO_TO_SIX_NIGHTS = 11, "Two to six nights"
    ONE_WEEK_TO_UNDER_ONE_MONTH = 2, "One week or more, but less than one month"
    ONE_MONTH_TO_UNDER_90_DAYS = 3, "One month or more, but less than 90 days"
    NINETY_DAYS_TO_UNDER_ONE_YEAR = 4, "90 days or more but less than one year"
    ONE_YEAR_OR_LONGER = 5, "One year or longer"
    CLIENT_DOES_NOT_KNOW = 8, "Client doesn't know"
    CLIENT_PREFERS_NOT_TO_ANSWER = 9, "Client prefers not to answer"
    DATA_NOT_COLLECTED = 99, "Data not collected"


class TimesHomelessPastThreeYears(Code, hud_list="3.917.4"):
    """How often the client was homeless in the past three years, this time included. HUD list 3.917.4."""

    ONE_TIME = 1, "One time"
    TWO_TIMES = 2, "Two times"
    THREE_TIMES = 3, "Three times"
    FOUR_OR_MORE_TIMES = 4, "Four or more times"
    CLIENT_DOES_NOT_KNOW = 8, "Client doesn't know"
    CLIENT_PREFERS_NOT_TO_ANSWER = 9, "Client prefers not to answer"
    DATA_NOT_COLLECTED = 99, "Data not collected"


class MonthsHomelessPastThreeYears(Code, hud_list="3.917.5"):
    """In how many months of the past three years the client was homeless. HUD list 3.917.5."""

    ONE_MONTH = 101, "1"
    TWO_MONTHS = 102, "2"
    THREE_MONTHS = 103, "3"
    FOUR_MONTHS = 104, "4"
    FIVE_MONTHS = 105, "5"
    SIX_MONTHS = 106, "6"
    SEVEN_MONTHS = 107, "7"
    EIGHT_MONTHS = 108, "8"
    NINE_MONTHS = 109, "9"
    TEN_MONTHS = 110, "10"
    ELEVEN_MONTHS = 111, "11"
    TWELVE_MONTHS = 112, "12"
    MORE_THAN_TWELVE_MONTHS = 113, "More than 12 months"
    CLIENT_DOES_NOT_KNOW = 8, "Client doesn't know"
    CLIENT_PREFERS_NOT_TO_ANSWER = 9, "Client prefers not to answer"
    DATA_NOT_COLLECTED = 99, "Data not collected"


class PathNotEnrolledReason(Code, hud_list="P3.A"):
    """Why the client was not enrolled in PATH. HUD list P3.A."""

    INELIGIBLE_FOR_PATH = 1, "Client was found ineligible for PATH"
    NOT_ENROLLED_FOR_OTHER_REASON = 2, "Client was not enrolled for other reason(s)"
    UNABLE_TO_LOCATE_CLIENT = 3, "Unable to locate client"
