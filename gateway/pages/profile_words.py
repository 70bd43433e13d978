"""Words of the profile for codes of the schema, in English; they are translated where they are shown."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.pages.places import _

HAS = frozenset({"YES", "ALCOHOL_USE_DISORDER", "DRUG_USE_DISORDER", "BOTH_ALCOHOL_AND_DRUG_USE_DISORDERS"})
"""Answers that say there is a disability."""

RACES: Mapping[str, str] = {
    "AMERICAN_INDIAN_ALASKA_NATIVE_OR_INDIGENOUS": _("American Indian, Alaska Native or Indigenous"),
    "ASIAN_OR_ASIAN_AMERICAN": _("Asian or Asian American"),
    "BLACK_AFRICAN_AMERICAN_OR_AFRICAN": _("Black, African American or African"),
    "HISPANIC_OR_LATINA_E_O": _("Hispanic or Latina/e/o"),
    "MIDDLE_EASTERN_OR_NORTH_AFRICAN": _("Middle Eastern or North African"),
    "NATIVE_HAWAIIAN_OR_PACIFIC_ISLANDER": _("Native Hawaiian or Pacific Islander"),
    "WHITE": _("White"),
}

RELATIONSHIPS: Mapping[str, str] = {
    "SELF": _("head of the household"),
    "CHILD": _("child"),
    "SPOUSE_OR_PARTNER": _("spouse or partner"),
    "OTHER_RELATIVE": _("relative"),
    "UNRELATED_HOUSEHOLD_MEMBER": _("not related"),
    "DATA_NOT_COLLECTED": _("how related is not known"),
}

INCOMES: Mapping[str, str] = {
    "earnedAmount": _("Work"),
    "unemploymentInsuranceAmount": _("Unemployment insurance"),
    "ssiAmount": _("Supplemental Security Income (SSI)"),
    "ssdiAmount": _("Disability insurance (SSDI)"),
    "vaDisabilityServiceAmount": _("VA compensation for a disability from service"),
    "vaDisabilityNonServiceAmount": _("VA pension for another disability"),
    "privateDisabilityAmount": _("Private disability insurance"),
    "workersCompensationAmount": _("Workers' compensation"),
    "tanfAmount": _("Temporary Assistance for Needy Families (TANF)"),
    "generalAssistanceAmount": _("General Assistance"),
    "socialSecurityRetirementAmount": _("Social Security retirement"),
    "pensionAmount": _("Pension of a former job"),
    "childSupportAmount": _("Child support"),
    "alimonyAmount": _("Alimony"),
    "otherIncomeAmount": _("Another source"),
}
BENEFITS: Mapping[str, str] = {
    "snap": _("Food stamps (SNAP)"),
    "wic": _("WIC"),
    "tanfChildCare": _("TANF child care"),
    "tanfTransportation": _("TANF transportation"),
    "otherTanf": _("Other help from TANF"),
    "otherBenefits": _("Another benefit"),
}
INSURANCE: Mapping[str, str] = {
    "medicaid": _("Medicaid"),
    "medicare": _("Medicare"),
    "schip": _("Children's Health Insurance (CHIP)"),
    "veteransHealth": _("Veterans health care (VHA)"),
    "employerInsurance": _("Insurance from an employer"),
    "cobra": _("COBRA"),
    "privateInsurance": _("Private insurance"),
    "stateInsurance": _("State insurance for adults"),
    "indianHealthServices": _("Indian Health Services"),
    "otherInsurance": _("Other health insurance"),
}

FOOD: Mapping[str, str] = {
    "TEFAP": _("Emergency food (TEFAP)"),
    "CSFP": _("Food boxes for older people (CSFP)"),
    "SNAP_OUTREACH": _("Help with applying for SNAP"),
    "OTHER": _("Another program"),
}

DISABILITIES: Mapping[str, str] = {
    "PHYSICAL_DISABILITY": _("Physical disability"),
    "DEVELOPMENTAL_DISABILITY": _("Developmental disability"),
    "CHRONIC_HEALTH_CONDITION": _("Chronic health condition"),
    "HIV_AIDS": _("HIV or AIDS"),
    "MENTAL_HEALTH_DISORDER": _("Mental health"),
    "SUBSTANCE_USE_DISORDER": _("Alcohol or drugs"),
}
QUESTIONS: Mapping[str, str] = {
    "generalHealth": _("Health in general"),
    "pregnant": _("Pregnant"),
    "dueDate": _("Due date"),
    "domesticViolenceSurvivor": _("Survivor of domestic violence"),
    "currentlyFleeing": _("Fleeing from it now"),
    "employed": _("Has work"),
}

PROGRAMS: Mapping[str, str] = {
    "SNAP": _("Food stamps (SNAP)"),
    "WIC": _("Food for mothers and small children (WIC)"),
    "LIHEAP": _("Help with energy bills (LIHEAP)"),
    "TEFAP": _("Food from a food bank (TEFAP)"),
    "HUD_EXTREMELY_LOW_INCOME": _("Housing for extremely low incomes"),
    "HUD_VERY_LOW_INCOME": _("Housing for very low incomes"),
    "HUD_LOW_INCOME": _("Housing for low incomes"),
}
VERDICTS: Mapping[str, tuple[str, str]] = {
    "LIKELY": (_("Worth asking for"), "good"),
    "NEED_INFO": (_("More has to be known"), ""),
    "UNLIKELY": (_("Unlikely; asking is free"), "warn"),
}
"""Words, and the look of their badge."""
FACTS: Mapping[str, str] = {
    "HOUSEHOLD": _("who lives in the household"),
    "INCOME": _("the income of everybody in the household"),
    "BENEFITS": _("which benefits the household receives"),
    "AGE": _("how old they are"),
    "PREGNANCY": _("whether she is pregnant or gave birth within half a year"),
    "DISABILITY": _("whether somebody receives a benefit for a disability"),
    "DEDUCTIONS": _("rent, child care and other costs"),
    "STATE": _("the state"),
    "STATE_LIMIT": _("the state's own income limit"),
    "AREA": _("the city or county"),
    "AREA_LIMIT": _("HUD's income limits of the area, which this hub has not loaded"),
    "RULES": _("the rules of the territory, which this hub has not loaded"),
}

RESULTS: Mapping[str, str] = {
    "SUCCESSFUL_CLIENT_ACCEPTED": _("accepted"),
    "UNSUCCESSFUL_CLIENT_REJECTED": _("the client did not want it"),
    "UNSUCCESSFUL_PROVIDER_REJECTED": _("the provider did not take it"),
}
LEADS: Mapping[str, str] = {
    "home": _("Left for a home"),
    "homeless": _("Left for the street or a shelter"),
    "passing": _("Left for a place for a time"),
    "unknown": _("Left; where to is not known"),
}
"""How stays end, for the legend of the timeline."""
