"""Where people live, in words one reads aloud, and what kind of place it is."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from gateway.pages.places import _
from hmis.codes import LivingSituation


class Where(StrEnum):
    """What kind of place somebody lives at."""

    HOMELESS = "homeless"
    """On the street, in a shelter or Safe Haven."""
    PASSING = "passing"
    """In transitional housing, an institution, or with others for a time."""
    HOME = "home"
    """In a home to stay in."""
    UNKNOWN = "unknown"


WHERE: Mapping[Where, str] = {
    Where.HOMELESS: _("Without a home"),
    Where.PASSING: _("In a place for a time"),
    Where.HOME: _("In a home"),
    Where.UNKNOWN: _("Not known"),
}

PLACES: Mapping[LivingSituation, str] = {
    LivingSituation.EMERGENCY_SHELTER: _("Emergency shelter"),
    LivingSituation.PLACE_NOT_MEANT_FOR_HABITATION: _("Street, car or another place not meant to live in"),
    LivingSituation.SAFE_HAVEN: _("Safe Haven"),
    LivingSituation.PSYCHIATRIC_HOSPITAL_OR_FACILITY: _("Psychiatric hospital"),
    LivingSituation.SUBSTANCE_USE_TREATMENT_OR_DETOX: _("Treatment for alcohol or drugs"),
    LivingSituation.HOSPITAL_OR_MEDICAL_FACILITY: _("Hospital"),
    LivingSituation.JAIL_PRISON_OR_JUVENILE_DETENTION: _("Jail, prison or juvenile detention"),
    LivingSituation.FOSTER_CARE: _("Foster care"),
    LivingSituation.LONG_TERM_CARE_OR_NURSING_HOME: _("Nursing home or long-term care"),
    LivingSituation.TRANSITIONAL_HOUSING: _("Transitional housing"),
    LivingSituation.STAYING_WITH_FAMILY_TEMPORARILY: _("With family for a time"),
    LivingSituation.STAYING_WITH_FRIENDS_TEMPORARILY: _("With friends for a time"),
    LivingSituation.HOTEL_OR_MOTEL_WITHOUT_SHELTER_VOUCHER: _("Hotel or motel, paid for privately"),
    LivingSituation.MOVED_TO_HOPWA_TRANSITIONAL_HOUSING: _("Transitional housing (HOPWA)"),
    LivingSituation.RESIDENTIAL_PROJECT_OR_HALFWAY_HOUSE: _("Halfway house"),
    LivingSituation.HOST_HOME_NON_CRISIS: _("Host home"),
    LivingSituation.STAYING_WITH_FAMILY: _("With family"),
    LivingSituation.STAYING_WITH_FRIENDS: _("With friends"),
    LivingSituation.RENTAL_WITHOUT_SUBSIDY: _("Own rental, without help to pay for it"),
    LivingSituation.OWNED_WITHOUT_SUBSIDY: _("Own house, without help to pay for it"),
    LivingSituation.OWNED_WITH_SUBSIDY: _("Own house, with help to pay for it"),
    LivingSituation.STAYING_WITH_FAMILY_PERMANENTLY: _("With family, to stay"),
    LivingSituation.STAYING_WITH_FRIENDS_PERMANENTLY: _("With friends, to stay"),
    LivingSituation.MOVED_TO_HOPWA_PERMANENT_HOUSING: _("Permanent housing (HOPWA)"),
    LivingSituation.RENTAL_WITH_SUBSIDY: _("Own rental, with help to pay for it"),
    LivingSituation.OTHER: _("Another place"),
    LivingSituation.DECEASED: _("Deceased"),
    LivingSituation.NO_EXIT_INTERVIEW_COMPLETED: _("Not known: there was no exit interview"),
    LivingSituation.WORKER_UNABLE_TO_DETERMINE: _("Not known: staff could not tell"),
    LivingSituation.CLIENT_DOES_NOT_KNOW: _("Not known to the client"),
    LivingSituation.CLIENT_PREFERS_NOT_TO_ANSWER: _("Preferred not to say"),
    LivingSituation.DATA_NOT_COLLECTED: _("Not asked"),
}


def _where(place: LivingSituation) -> Where:
    # HUD numbers them by kind: 1xx homeless, 2xx institutional, 3xx temporary, 4xx permanent (list 3.12.1).
    return {1: Where.HOMELESS, 2: Where.PASSING, 3: Where.PASSING, 4: Where.HOME}.get(
        place.value // 100, Where.UNKNOWN
    )


_BY_NAME = {place.name: (_where(place), words) for place, words in PLACES.items()}


def where(code: str | None) -> Where:
    """The kind of a place, by its code of the schema; null is as good as unknown."""
    return _BY_NAME[code][0] if code else Where.UNKNOWN


def place(code: str | None) -> str | None:
    """A place in English, to be translated; None = not known, or not to be seen."""
    return _BY_NAME[code][1] if code else None


PROJECTS: Mapping[str, str] = {
    "EMERGENCY_SHELTER_ENTRY_EXIT": _("Emergency shelter"),
    "EMERGENCY_SHELTER_NIGHT_BY_NIGHT": _("Emergency shelter, night by night"),
    "TRANSITIONAL_HOUSING": _("Transitional housing"),
    "PERMANENT_SUPPORTIVE_HOUSING": _("Permanent supportive housing"),
    "STREET_OUTREACH": _("Street outreach"),
    "SERVICES_ONLY": _("Services only"),
    "OTHER": _("Another kind of project"),
    "SAFE_HAVEN": _("Safe Haven"),
    "PERMANENT_HOUSING_ONLY": _("Permanent housing"),
    "PERMANENT_HOUSING_WITH_SERVICES": _("Permanent housing with services"),
    "DAY_SHELTER": _("Day shelter"),
    "HOMELESSNESS_PREVENTION": _("Prevention of homelessness"),
    "RAPID_REHOUSING": _("Rapid re-housing"),
    "COORDINATED_ENTRY": _("Coordinated entry"),
}
"""Kinds of project, by their code of the schema."""
