"""Coordinated entry assessments."""

from hmis.codes.code import Code


class AssessmentType(Code, hud_list="4.19.3"):
    """How the assessment took place. HUD list 4.19.3."""

    PHONE = 1, "Phone"
    VIRTUAL = 2, "Virtual"
    IN_PERSON = 3, "In Person"


class AssessmentLevel(Code, hud_list="4.19.4"):
    """Which need was assessed. HUD list 4.19.4."""

    CRISIS_NEEDS_ASSESSMENT = 1, "Crisis Needs Assessment"
    HOUSING_NEEDS_ASSESSMENT = 2, "Housing Needs Assessment"


class PrioritizationStatus(Code, hud_list="4.19.7"):
    """Whether the assessment put the client on the prioritization list. HUD list 4.19.7."""

    PLACED_ON_PRIORITIZATION_LIST = 1, "Placed on prioritization list"
    NOT_PLACED_ON_PRIORITIZATION_LIST = 2, "Not placed on prioritization list"
