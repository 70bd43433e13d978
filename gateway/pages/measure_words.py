"""Words of measures: what figures, groups and periods are called by whoever looks at them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from babel import Locale
from babel.dates import format_date, format_skeleton

from gateway.pages.places import _

Say = Callable[[str], str]

DIMENSIONS: Mapping[str, str] = {
    "project_type": _("Kind of project"),
    "household_type": _("Kind of household"),
    "age_group": _("Age"),
    "sex": _("Sex"),
    "race_ethnicity": _("Race and ethnicity"),
    "veteran_status": _("Veteran status"),
}

_UNIVERSES: Mapping[str, str] = {
    "ES": _("Emergency shelter"),
    "SH": _("Safe haven"),
    "TH": _("Transitional housing"),
    "RRH": _("Rapid re-housing"),
    "PSH": _("Permanent supportive housing"),
    "OPH": _("Other permanent housing"),
    "SO": _("Street outreach"),
    "ES+SH+TH": _("All shelter and transitional housing"),
    "TH+RRH": _("Transitional and rapid re-housing"),
}

_GROUPS: Mapping[str, Mapping[str, str]] = {
    "project_type": {
        "0": _("Emergency shelter, entry to exit"),
        "1": _("Emergency shelter, night by night"),
        "2": _("Transitional housing"),
        "3": _("Permanent supportive housing"),
        "4": _("Street outreach"),
        "6": _("Services only"),
        "7": _("Other"),
        "8": _("Safe haven"),
        "9": _("Permanent housing, housing only"),
        "10": _("Permanent housing with services"),
        "11": _("Day shelter"),
        "12": _("Homelessness prevention"),
        "13": _("Rapid re-housing"),
        "14": _("Coordinated entry"),
    },
    "household_type": {
        "adults": _("Adults only"),
        "adults_and_children": _("Adults with children"),
        "children": _("Children only"),
    },
    "age_group": {"0": _("Under 1"), "65+": _("65 or older")},
    "sex": {"female": _("Female"), "male": _("Male")},
    "race_ethnicity": {
        "american_indian": _("American Indian, Alaska Native or Indigenous"),
        "asian": _("Asian or Asian American"),
        "black": _("Black, African American or African"),
        "middle_eastern": _("Middle Eastern or North African"),
        "pacific_islander": _("Native Hawaiian or Pacific Islander"),
        "white": _("White"),
        "multiple": _("More than one race"),
        "hispanic": _("Hispanic or Latina/o alone"),
        "american_indian+hispanic": _("American Indian and Hispanic"),
        "asian+hispanic": _("Asian and Hispanic"),
        "black+hispanic": _("Black and Hispanic"),
        "middle_eastern+hispanic": _("Middle Eastern and Hispanic"),
        "pacific_islander+hispanic": _("Pacific Islander and Hispanic"),
        "white+hispanic": _("White and Hispanic"),
        "multiple+hispanic": _("More than one race and Hispanic"),
    },
    "veteran_status": {"yes": _("Veterans"), "no": _("Not veterans")},
}
_UNKNOWN = _("Not known")

_KINDS: Mapping[str, str] = {
    **_UNIVERSES,
    "prevention": _("Prevention"),
    "diversion": _("Diversion"),
    "crisis_assessment": _("Crisis assessment"),
    "housing_assessment": _("Housing assessment"),
    "case_management": _("Case management"),
    "housing_navigation": _("Housing navigation"),
    "outside_not_eligible": _("Outside the continuum: not eligible inside"),
    "outside_nothing_available": _("Outside the continuum: nothing free inside"),
    "emergency_assistance": _("Emergency assistance"),
    "emergency_housing_voucher": _("Emergency housing voucher"),
    "housing_stability_voucher": _("Housing stability voucher"),
}
_LEFT_FROM: Mapping[str, str] = {
    "es": _UNIVERSES["ES"],
    "sh": _UNIVERSES["SH"],
    "th": _UNIVERSES["TH"],
    "so": _UNIVERSES["SO"],
    "ph": _("Permanent housing"),
}

_FIGURES: Mapping[str, str] = {
    "people": _("People"),
    "method_1": _("Enrolled on any day"),
    "method_2": _("Left, or were served or met"),
    "method_5": _("Spent a night"),
    "unduplicated_people": _("People, each once"),
    "inflow/all": _("People in the system"),
    "inflow/housed": _("There before, in housing of the system"),
    "inflow/homeless": _("There before, without a home"),
    "inflow/first_time": _("New: not seen in two years"),
    "inflow/returned_from_permanent": _("Back after a permanent home"),
    "inflow/re_engaged_from_non_permanent": _("Back after leaving to elsewhere"),
    "outflow/all": _("People in the system"),
    "outflow/housed": _("Still there, in housing of the system"),
    "outflow/homeless": _("Still there, without a home"),
    "outflow/exited_permanent": _("Left to a permanent home"),
    "outflow/exited_non_permanent": _("Left to somewhere else"),
    "outflow/inactive": _("Nothing more is known"),
    "1a/line1": _("In shelter"),
    "1a/line2": _("In shelter or transitional housing"),
    "1b/line1": _("In shelter, and the time before"),
    "1b/line2": _("In shelter or transitional housing, and the time before"),
    "2/exits": _("People who left to a permanent home"),
    "2/days_0_180": _("Back within 6 months"),
    "2/days_181_365": _("Back in 6 to 12 months"),
    "2/days_366_730": _("Back in 1 to 2 years"),
    "2/days_0_730": _("Back within 2 years"),
    "3.2/all": _("All shelter and transitional housing"),
    "3.2/es": _UNIVERSES["ES"],
    "3.2/sh": _UNIVERSES["SH"],
    "3.2/th": _UNIVERSES["TH"],
    "4.1/universe": _("Adults who stay"),
    "4.1/increased": _("Stay, with more earned income"),
    "4.2/universe": _("Adults who stay"),
    "4.2/increased": _("Stay, with more other income"),
    "4.3/universe": _("Adults who stay"),
    "4.3/increased": _("Stay, with more income in all"),
    "4.4/universe": _("Adults who left"),
    "4.4/increased": _("Left, with more earned income"),
    "4.5/universe": _("Adults who left"),
    "4.5/increased": _("Left, with more other income"),
    "4.6/universe": _("Adults who left"),
    "4.6/increased": _("Left, with more income in all"),
    "5.1/persons": _("Entered shelter or transitional housing"),
    "5.1/first_time": _("Of these, for the first time in two years"),
    "5.1/prior": _("Of these, here before"),
    "5.2/persons": _("Entered shelter or any housing"),
    "5.2/first_time": _("Of these, for the first time in two years"),
    "5.2/prior": _("Of these, here before"),
    "7b.1/universe": _("People who left"),
    "7b.1/permanent": _("Of these, to a permanent home"),
    "assessed/all": _("All"),
    "assessed/by_phone": _("By phone"),
    "assessed/virtual": _("By video"),
    "assessed/in_person": _("In person"),
    "assessed/crisis": _("For a crisis"),
    "assessed/housing": _("For housing"),
    "assessed/prioritized": _("Put on the priority list"),
    "assessed/not_prioritized": _("Not put on the list"),
    "gaps/prioritized": _("On the priority list"),
    "gaps/never_referred": _("Never referred to shelter or housing"),
    "gaps/referred": _("Referred to housing"),
    "gaps/never_housed": _("Referred, and not housed"),
    "services/bed_night": _("Nights in a bed"),
    "services/path_service": _("PATH services"),
    "services/path_referral": _("PATH referrals"),
    "services/rhy_service_connection": _("RHY services"),
    "services/hopwa_service": _("HOPWA services"),
    "services/hopwa_financial_assistance": _("HOPWA financial help"),
    "services/ssvf_service": _("SSVF services"),
    "services/ssvf_financial_assistance": _("SSVF financial help"),
    "services/vash_voucher_tracking": _("VASH vouchers"),
    "services/moving_on_assistance": _("Moving on"),
}

_QUALITY: Mapping[str, str] = {
    "name": _("Name"),
    "ssn": _("Social Security number"),
    "dob": _("Birth date"),
    "race_and_ethnicity": _("Race and ethnicity"),
    "overall": _("Any of these"),
    "veteran_status": _("Veteran status"),
    "entry_date": _("Entry date"),
    "relationship_to_head": _("Relationship to head of household"),
    "enrollment_coc": _("Continuum of the enrollment"),
    "disabling_condition": _("Disabling condition"),
    "destination": _("Destination"),
    "income_at_start": _("Income at entry"),
    "persons": _("People"),
    "adults": _("Adults"),
    "children": _("Children"),
    "unknown_age": _("Age not known"),
    "leavers": _("People who left"),
    "days_under_0": _("Before the day itself"),
    "days_0": _("The same day"),
    "days_1_3": _("After 1 to 3 days"),
    "days_4_6": _("After 4 to 6 days"),
    "days_7_10": _("After 7 to 10 days"),
    "days_11_or_more": _("After 11 days or more"),
}


def figure(name: str, say: Say) -> str:
    """What a figure is called; one that nobody named here is called as its measure names it."""
    known = _FIGURES.get(name) or _known(name)
    return say(known) if known else name.replace("_", " ").replace("/", ", ").capitalize()


def _known(name: str) -> str | None:
    parts = name.split("/")
    last = parts[-1]
    match parts[0]:
        case "2" if len(parts) == 3:
            return _LEFT_FROM.get(parts[1])
        case "Q1" | "Q2" | "Q3" | "Q4":
            return _QUALITY.get(parts[1])
        case "Q6":
            return _QUALITY.get(last)
        case "referrals":
            return _KINDS.get(parts[1])
        case _:
            return _KINDS.get(last)


def group(dimension: str, value: str, say: Say) -> str:
    """What a group is called: `0` of project types is emergency shelter, of ages the first year of life."""
    if value == "unknown":
        return say(_UNKNOWN)
    known = _GROUPS.get(dimension, {}).get(value)
    return say(known) if known else value


def dimension(name: str, say: Say) -> str:
    known = DIMENSIONS.get(name)
    return say(known) if known else name.replace("_", " ").capitalize()


def period(name: str, end: date, say: Say, locale: Locale) -> str:
    """`FY2025` -> Fiscal year 2025, `2026-03` -> March 2026, `2026` -> 2026."""
    if name.startswith("FY"):
        return f"{say(_('Fiscal year'))} {name[2:]}"
    return str(format_skeleton("yMMMM", end, locale=locale)) if "-" in name else name


def short_period(name: str, end: date, locale: Locale) -> str:
    """As it stands below a column: `FY2025`, `Mar`."""
    return format_date(end, "MMM", locale=locale) if "-" in name else name
