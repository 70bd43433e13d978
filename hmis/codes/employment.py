"""Work."""

from hmis.codes.code import Code


class EmploymentType(Code, hud_list="R6.A"):
    """How a client who has work is employed. HUD list R6.A."""

    FULL_TIME = 1, "Full-time"
    PART_TIME = 2, "Part-time"
    SEASONAL_OR_SPORADIC = 3, "Seasonal / sporadic (including day labor)"
    DATA_NOT_COLLECTED = 99, "Data not collected"


class NotEmployedReason(Code, hud_list="R6.B"):
    """Why a client has no work. HUD list R6.B."""

    LOOKING_FOR_WORK = 1, "Looking for work"
    UNABLE_TO_WORK = 2, "Unable to work"
    NOT_LOOKING_FOR_WORK = 3, "Not looking for work"
    DATA_NOT_COLLECTED = 99, "Data not collected"
