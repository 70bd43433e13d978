"""Coordinated entry events: referrals and what came of them."""

from hmis.codes.code import Code


class EventType(Code, hud_list="4.20.2"):
    """What happened in coordinated entry, usually a referral. HUD list 4.20.2."""

    REFERRAL_TO_PREVENTION_ASSISTANCE = 1, "Referral to Prevention Assistance project"
    PROBLEM_SOLVING_DIVERSION_RAPID_RESOLUTION = (
        2,
        "Problem Solving/Diversion/Rapid Resolution intervention or service",
    )
    REFERRAL_TO_CRISIS_NEEDS_ASSESSMENT = 3, "Referral to scheduled Coordinated Entry Crisis Needs Assessment"
    REFERRAL_TO_HOUSING_NEEDS_ASSESSMENT = (
        4,
        "Referral to scheduled Coordinated Entry Housing Needs Assessment",
    )
    REFERRAL_TO_POST_PLACEMENT_CASE_MANAGEMENT = 5, "Referral to Post-placement/ follow-up case management"
    REFERRAL_TO_STREET_OUTREACH = 6, "Referral to Street Outreach project or services"
    REFERRAL_TO_HOUSING_NAVIGATION = 7, "Referral to Housing Navigation project or services"
    REFERRAL_OUTSIDE_CONTINUUM_INELIGIBLE = (
        8,
        "Referral to Non-continuum services: Ineligible for continuum services",
    )
    REFERRAL_OUTSIDE_CONTINUUM_NO_AVAILABILITY = (
        9,
        "Referral to Non-continuum services: No availability in continuum services",
    )
    REFERRAL_TO_EMERGENCY_SHELTER = 10, "Referral to Emergency Shelter bed opening"
    REFERRAL_TO_TRANSITIONAL_HOUSING = 11, "Referral to Transitional Housing bed/unit opening"
    REFERRAL_TO_TRANSITIONAL_AND_RAPID_REHOUSING = (
        12,
        "Referral to Joint TH-RRH project/unit/resource opening",
    )
    REFERRAL_TO_RAPID_REHOUSING = 13, "Referral to RRH project resource opening"
    REFERRAL_TO_PERMANENT_SUPPORTIVE_HOUSING = 14, "Referral to PSH project resource opening"
    REFERRAL_TO_OTHER_PERMANENT_HOUSING = 15, "Referral to Other PH project/unit/resource opening"
    REFERRAL_TO_EMERGENCY_ASSISTANCE = 16, "Referral to emergency assistance/flex fund/furniture assistance"
    REFERRAL_TO_EMERGENCY_HOUSING_VOUCHER = 17, "Referral to Emergency Housing Voucher (EHV)"
    REFERRAL_TO_HOUSING_STABILITY_VOUCHER = 18, "Referral to a Housing Stability Voucher"


class ReferralResult(Code, hud_list="4.20.D"):
    """What came of a coordinated entry referral. HUD list 4.20.D."""

    SUCCESSFUL_CLIENT_ACCEPTED = 1, "Successful referral: client accepted"
    UNSUCCESSFUL_CLIENT_REJECTED = 2, "Unsuccessful referral: client rejected"
    UNSUCCESSFUL_PROVIDER_REJECTED = 3, "Unsuccessful referral: provider rejected"
