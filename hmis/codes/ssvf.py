"""Supportive Services for Veteran Families (SSVF): services, their subtypes, and money paid."""

from hmis.codes.code import Code


class SsvfService(Code, hud_list="V2.2"):
    """A service paid for by SSVF. HUD list V2.2."""

    OUTREACH = 1, "Outreach services"
    CASE_MANAGEMENT = 2, "Case management services"
    HELP_OBTAINING_VA_BENEFITS = 3, "Assistance obtaining VA benefits"
    HELP_OBTAINING_OTHER_PUBLIC_BENEFITS = 4, "Assistance obtaining/coordinating other public benefits"
    DIRECT_PROVISION_OF_PUBLIC_BENEFITS = 5, "Direct provision of other public benefits"
    OTHER_SUPPORTIVE_SERVICE = 6, "Other (non-TFA) supportive service approved by VA"
    SHALLOW_SUBSIDY = 7, "Shallow Subsidy"
    RETURNING_HOME = 8, "Returning Home"
    RAPID_RESOLUTION = 9, "Rapid Resolution"
    HEALTHCARE_NAVIGATION = 10, "Healthcare Navigation"


class SsvfVaBenefit(Code, hud_list="V2.A"):
    """A VA benefit the client was helped to obtain. HUD list V2.A."""

    VOCATIONAL_REHABILITATION = 1, "VA vocational and rehabilitation counseling"
    EMPLOYMENT_AND_TRAINING = 2, "Employment and training services"
    EDUCATIONAL_ASSISTANCE = 3, "Educational assistance"
    HEALTH_CARE = 4, "Health care services"


class SsvfPublicBenefit(Code, hud_list="V2.B"):
    """A public benefit the client was helped to obtain. HUD list V2.B."""

    HEALTH_CARE = 1, "Health care services"
    DAILY_LIVING_SERVICES = 2, "Daily living services"
    PERSONAL_FINANCIAL_PLANNING = 3, "Personal financial planning services"
    TRANSPORTATION = 4, "Transportation services"
    INCOME_SUPPORT = 5, "Income support services"
    FIDUCIARY_AND_REPRESENTATIVE_PAYEE = 6, "Fiduciary and representative payee services"
    LEGAL_SERVICES_CHILD_SUPPORT = 7, "Legal services - child support"
    LEGAL_SERVICES_EVICTION_PREVENTION = 8, "Legal services - eviction prevention"
    LEGAL_SERVICES_FINES_AND_PENALTIES = 9, "Legal services - outstanding fines and penalties"
    LEGAL_SERVICES_DRIVERS_LICENSE = 10, "Legal services - restore / acquire driver's license"
    LEGAL_SERVICES_OTHER = 11, "Legal services - other"
    CHILD_CARE = 12, "Child care"
    HOUSING_COUNSELING = 13, "Housing counseling"


class SsvfDirectBenefit(Code, hud_list="V2.C"):
    """A public benefit SSVF provided itself. HUD list V2.C."""

    PERSONAL_FINANCIAL_PLANNING = 1, "Personal financial planning services"
    TRANSPORTATION = 2, "Transportation services"
    INCOME_SUPPORT = 3, "Income support services"
    FIDUCIARY_AND_REPRESENTATIVE_PAYEE = 4, "Fiduciary and representative payee services"
    LEGAL_SERVICES_CHILD_SUPPORT = 5, "Legal services - child support"
    LEGAL_SERVICES_EVICTION_PREVENTION = 6, "Legal services - eviction prevention"
    LEGAL_SERVICES_FINES_AND_PENALTIES = 7, "Legal services - outstanding fines and penalties"
    LEGAL_SERVICES_DRIVERS_LICENSE = 8, "Legal services - restore / acquire driver's license"
    LEGAL_SERVICES_OTHER = 9, "Legal services - other"
    CHILD_CARE = 10, "Child care"
    HOUSING_COUNSELING = 11, "Housing counseling"


class SsvfFinancialAssistance(Code, hud_list="V3.3"):
    """Money paid by SSVF for a household. HUD list V3.3."""

    RENTAL_ASSISTANCE = 1, "Rental assistance"
    SECURITY_DEPOSIT = 2, "Security deposit"
    UTILITY_DEPOSIT = 3, "Utility deposit"
    UTILITY_FEE_PAYMENT = 4, "Utility fee payment assistance"
    MOVING_COSTS = 5, "Moving costs"
    TRANSIT_TOKENS_OR_VOUCHERS = 8, "Transportation services: tokens/vouchers"
    VEHICLE_REPAIR_OR_MAINTENANCE = 9, "Transportation services: vehicle repair/maintenance"
    CHILD_CARE = 10, "Child care"
    GENERAL_HOUSING_STABILITY = 12, "General housing stability assistance"
    EMERGENCY_HOUSING_ASSISTANCE = 14, "Emergency housing assistance"
    SHALLOW_SUBSIDY = 15, "Shallow Subsidy -Financial Assistance"
    FOOD_ASSISTANCE = 16, "Food Assistance"
    LANDLORD_INCENTIVE = 17, "Landlord Incentive"
    TENANT_INCENTIVE = 18, "Tenant Incentive"
