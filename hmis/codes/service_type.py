"""Every kind of service in one list, and the SSVF subtypes in another.

HUD says what a service was with two columns: RecordType names the program, and the list of TypeProvided
depends on it; for three SSVF services SubTypeProvided says more. A reader asks one question, so here each
pair is one word.
"""

from hmis.codes.code import Code


class ServiceType(Code):
    """What was done for a client: the program first, then the service. HUD RecordType with TypeProvided."""

    # The value is RecordType * 1000 + TypeProvided.
    PATH_REENGAGEMENT = 141_001, "PATH Service: Re-engagement"
    PATH_SCREENING = 141_002, "PATH Service: Screening"
    PATH_HABILITATION_OR_REHABILITATION = 141_003, "PATH Service: Habilitation/rehabilitation"
    PATH_COMMUNITY_MENTAL_HEALTH = 141_004, "PATH Service: Community mental health"
    PATH_SUBSTANCE_USE_TREATMENT = 141_005, "PATH Service: Substance use treatment"
    PATH_CASE_MANAGEMENT = 141_006, "PATH Service: Case management"
    PATH_RESIDENTIAL_SUPPORTIVE_SERVICES = 141_007, "PATH Service: Residential supportive services"
    PATH_MINOR_HOUSING_RENOVATION = 141_008, "PATH Service: Housing minor renovation"
    PATH_HOUSING_MOVING_ASSISTANCE = 141_009, "PATH Service: Housing moving assistance"
    PATH_HOUSING_ELIGIBILITY_DETERMINATION = 141_010, "PATH Service: Housing eligibility determination"
    PATH_SECURITY_DEPOSITS = 141_011, "PATH Service: Security deposits"
    PATH_ONE_TIME_RENT_FOR_EVICTION_PREVENTION = (
        141_012,
        "PATH Service: One-time rent for eviction prevention",
    )
    PATH_CLINICAL_ASSESSMENT = 141_014, "PATH Service: Clinical assessment"

    RHY_COMMUNITY_SERVICE_LEARNING = (
        142_002,
        "RHY Service Connections: Community service/service learning (CSL)",
    )
    RHY_EDUCATION = 142_005, "RHY Service Connections: Education"
    RHY_EMPLOYMENT_OR_TRAINING = 142_006, "RHY Service Connections: Employment and/or training services"
    RHY_CRIMINAL_JUSTICE_OR_LEGAL_SERVICES = (
        142_007,
        "RHY Service Connections: Criminal justice /legal services",
    )
    RHY_LIFE_SKILLS_TRAINING = 142_008, "RHY Service Connections: Life skills training"
    RHY_PARENTING_EDUCATION = 142_010, "RHY Service Connections: Parenting education for youth with children"
    RHY_POSTNATAL_CARE_FOR_CLIENT = (
        142_012,
        "RHY Service Connections: Post-natal care for client (person who gave birth)",
    )
    RHY_PRENATAL_CARE = 142_013, "RHY Service Connections: Pre-natal care"
    RHY_HEALTH_OR_MEDICAL_CARE = 142_014, "RHY Service Connections: Health/medical care"
    RHY_SUBSTANCE_USE_DISORDER_TREATMENT = (
        142_017,
        "RHY Service Connections: Substance use disorder treatment",
    )
    RHY_SUBSTANCE_USE_DISORDER_PREVENTION = (
        142_018,
        "RHY Service Connections: Substance use disorder Ed/Prevention Services",
    )
    RHY_HOME_BASED_SERVICES = 142_026, "RHY Service Connections: Home-based Services"
    RHY_POSTNATAL_CARE_FOR_NEWBORN = (
        142_027,
        "RHY Service Connections: Post-natal newborn care (wellness exams; immunizations)",
    )
    RHY_STD_TESTING = 142_028, "RHY Service Connections: STD Testing"
    RHY_STREET_BASED_SERVICES = 142_029, "RHY Service Connections: Street-based Services"

    HOPWA_ADULT_DAY_CARE_AND_PERSONAL_ASSISTANCE = (
        143_001,
        "HOPWA Service: Adult day care and personal assistance",
    )
    HOPWA_CASE_MANAGEMENT = 143_002, "HOPWA Service: Case management"
    HOPWA_CHILD_CARE = 143_003, "HOPWA Service: Child care"
    HOPWA_CRIMINAL_JUSTICE_OR_LEGAL_SERVICES = 143_004, "HOPWA Service: Criminal justice/legal services"
    HOPWA_EDUCATION = 143_005, "HOPWA Service: Education"
    HOPWA_EMPLOYMENT_AND_TRAINING = 143_006, "HOPWA Service: Employment and training services"
    HOPWA_FOOD_MEALS_OR_NUTRITION = 143_007, "HOPWA Service: Food/meals/nutritional services"
    HOPWA_HEALTH_OR_MEDICAL_CARE = 143_008, "HOPWA Service: Health/medical care"
    HOPWA_LIFE_SKILLS_TRAINING = 143_009, "HOPWA Service: Life skills training"
    HOPWA_MENTAL_HEALTH_CARE_OR_COUNSELING = 143_010, "HOPWA Service: Mental health care/counseling"
    HOPWA_OUTREACH_OR_ENGAGEMENT = 143_011, "HOPWA Service: Outreach and/or engagement"
    HOPWA_SUBSTANCE_USE_SERVICES_OR_TREATMENT = 143_012, "HOPWA Service: Substance use services/treatment"
    HOPWA_TRANSPORTATION = 143_013, "HOPWA Service: Transportation"
    HOPWA_OTHER_SERVICE = 143_014, "HOPWA Service: Other HOPWA funded service"

    SSVF_OUTREACH = 144_001, "SSVF Service: Outreach services"
    SSVF_CASE_MANAGEMENT = 144_002, "SSVF Service: Case management services"
    SSVF_HELP_OBTAINING_VA_BENEFITS = 144_003, "SSVF Service: Assistance obtaining VA benefits"
    SSVF_HELP_OBTAINING_OTHER_PUBLIC_BENEFITS = (
        144_004,
        "SSVF Service: Assistance obtaining/coordinating other public benefits",
    )
    SSVF_DIRECT_PROVISION_OF_PUBLIC_BENEFITS = (
        144_005,
        "SSVF Service: Direct provision of other public benefits",
    )
    SSVF_OTHER_SUPPORTIVE_SERVICE = 144_006, "SSVF Service: Other (non-TFA) supportive service approved by VA"
    SSVF_SHALLOW_SUBSIDY = 144_007, "SSVF Service: Shallow Subsidy"
    SSVF_RETURNING_HOME = 144_008, "SSVF Service: Returning Home"
    SSVF_RAPID_RESOLUTION = 144_009, "SSVF Service: Rapid Resolution"
    SSVF_HEALTHCARE_NAVIGATION = 144_010, "SSVF Service: Healthcare Navigation"

    HOPWA_RENTAL_ASSISTANCE = 151_001, "HOPWA Financial Assistance: Rental assistance"
    HOPWA_SECURITY_DEPOSITS = 151_002, "HOPWA Financial Assistance: Security deposits"
    HOPWA_UTILITY_DEPOSITS = 151_003, "HOPWA Financial Assistance: Utility deposits"
    HOPWA_UTILITY_PAYMENTS = 151_004, "HOPWA Financial Assistance: Utility payments"
    HOPWA_MORTGAGE_ASSISTANCE = 151_007, "HOPWA Financial Assistance: Mortgage assistance"

    SSVF_FINANCIAL_RENTAL_ASSISTANCE = 152_001, "SSVF Financial Assistance: Rental assistance"
    SSVF_FINANCIAL_SECURITY_DEPOSIT = 152_002, "SSVF Financial Assistance: Security deposit"
    SSVF_FINANCIAL_UTILITY_DEPOSIT = 152_003, "SSVF Financial Assistance: Utility deposit"
    SSVF_FINANCIAL_UTILITY_FEE_PAYMENT = 152_004, "SSVF Financial Assistance: Utility fee payment assistance"
    SSVF_FINANCIAL_MOVING_COSTS = 152_005, "SSVF Financial Assistance: Moving costs"
    SSVF_FINANCIAL_TRANSIT_TOKENS_OR_VOUCHERS = (
        152_008,
        "SSVF Financial Assistance: Transportation services: tokens/vouchers",
    )
    SSVF_FINANCIAL_VEHICLE_REPAIR_OR_MAINTENANCE = (
        152_009,
        "SSVF Financial Assistance: Transportation services: vehicle repair/maintenance",
    )
    SSVF_FINANCIAL_CHILD_CARE = 152_010, "SSVF Financial Assistance: Child care"
    SSVF_FINANCIAL_GENERAL_HOUSING_STABILITY = (
        152_012,
        "SSVF Financial Assistance: General housing stability assistance",
    )
    SSVF_FINANCIAL_EMERGENCY_HOUSING_ASSISTANCE = (
        152_014,
        "SSVF Financial Assistance: Emergency housing assistance",
    )
    SSVF_FINANCIAL_SHALLOW_SUBSIDY = (
        152_015,
        "SSVF Financial Assistance: Shallow Subsidy -Financial Assistance",
    )
    SSVF_FINANCIAL_FOOD_ASSISTANCE = 152_016, "SSVF Financial Assistance: Food Assistance"
    SSVF_FINANCIAL_LANDLORD_INCENTIVE = 152_017, "SSVF Financial Assistance: Landlord Incentive"
    SSVF_FINANCIAL_TENANT_INCENTIVE = 152_018, "SSVF Financial Assistance: Tenant Incentive"

    PATH_REFERRAL_COMMUNITY_MENTAL_HEALTH = 161_001, "PATH Referral: Community mental health"
    PATH_REFERRAL_SUBSTANCE_USE_TREATMENT = 161_002, "PATH Referral: Substance use treatment"
    PATH_REFERRAL_PRIMARY_HEALTH_OR_DENTAL_CARE = 161_003, "PATH Referral: Primary health/dental care"
    PATH_REFERRAL_JOB_TRAINING = 161_004, "PATH Referral: Job training"
    PATH_REFERRAL_EDUCATIONAL_SERVICES = 161_005, "PATH Referral: Educational services"
    PATH_REFERRAL_HOUSING_SERVICES = 161_006, "PATH Referral: Housing services"
    PATH_REFERRAL_PERMANENT_HOUSING = 161_007, "PATH Referral: Permanent housing"
    PATH_REFERRAL_INCOME_ASSISTANCE = 161_008, "PATH Referral: Income assistance"
    PATH_REFERRAL_EMPLOYMENT_ASSISTANCE = 161_009, "PATH Referral: Employment assistance"
    PATH_REFERRAL_MEDICAL_INSURANCE = 161_010, "PATH Referral: Medical insurance"
    PATH_REFERRAL_TEMPORARY_HOUSING = 161_011, "PATH Referral: Temporary housing"

    BED_NIGHT = 200_200, "Bed Night"

    VASH_REFERRAL_PACKAGE_FORWARDED = (
        210_001,
        "HUD-VASH OTH Voucher Tracking: Referral package forwarded to PHA",
    )
    VASH_VOUCHER_DENIED = 210_002, "HUD-VASH OTH Voucher Tracking: Voucher denied by PHA"
    VASH_VOUCHER_ISSUED = 210_003, "HUD-VASH OTH Voucher Tracking: Voucher issued by PHA"
    VASH_VOUCHER_REVOKED_OR_EXPIRED = 210_004, "HUD-VASH OTH Voucher Tracking: Voucher revoked or expired"
    VASH_VOUCHER_IN_USE = (
        210_005,
        "HUD-VASH OTH Voucher Tracking: Voucher in use - veteran moved into housing",
    )
    VASH_VOUCHER_PORTED_LOCALLY = 210_006, "HUD-VASH OTH Voucher Tracking: Voucher was ported locally"
    VASH_VOUCHER_ABSORBED_BY_HOUSING_AUTHORITY = (
        210_007,
        "HUD-VASH OTH Voucher Tracking: Voucher was administratively absorbed by new PHA",
    )
    VASH_CONVERTED_TO_HOUSING_CHOICE_VOUCHER = (
        210_008,
        "HUD-VASH OTH Voucher Tracking: Voucher was converted to Housing Choice Voucher",
    )
    VASH_EXITED_VOUCHER_RETURNED = (
        210_009,
        "HUD-VASH OTH Voucher Tracking: Veteran exited - voucher was returned",
    )
    VASH_EXITED_FAMILY_KEPT_VOUCHER = (
        210_010,
        "HUD-VASH OTH Voucher Tracking: Veteran exited - family maintained the voucher",
    )
    VASH_EXITED_BEFORE_RECEIVING_VOUCHER = (
        210_011,
        "HUD-VASH OTH Voucher Tracking: Veteran exited - prior to ever receiving a voucher",
    )
    VASH_OTHER = 210_012, "HUD-VASH OTH Voucher Tracking: Other"

    MOVING_ON_SUBSIDIZED_HOUSING_APPLICATION = (
        300_001,
        "Moving On assistance provided: Subsidized housing application assistance",
    )
    MOVING_ON_FINANCIAL_ASSISTANCE = (
        300_002,
        "Moving On assistance provided: Financial assistance for Moving On",
    )
    MOVING_ON_NON_FINANCIAL_ASSISTANCE = (
        300_003,
        "Moving On assistance provided: Non-financial assistance for Moving On",
    )
    MOVING_ON_HOUSING_REFERRAL_OR_PLACEMENT = (
        300_004,
        "Moving On assistance provided: Housing referral/placement",
    )
    MOVING_ON_OTHER = 300_005, "Moving On assistance provided: Other (please specify)"

    @property
    def record_type(self) -> int:
        """HUD's Services.RecordType."""
        return self // 1000

    @property
    def type_provided(self) -> int:
        """HUD's Services.TypeProvided, a code of the list that belongs to the record type."""
        return self % 1000


class ServiceSubtype(Code):
    """A benefit SSVF helped to obtain (OBTAIN) or gave itself (PROVIDE). HUD lists V2.A, V2.B and V2.C."""

    # The value is TypeProvided * 1000 + SubTypeProvided, for RecordType 144.
    OBTAIN_VA_VOCATIONAL_REHABILITATION = (
        3_001,
        "Assistance obtaining VA benefits: VA vocational and rehabilitation counseling",
    )
    OBTAIN_VA_EMPLOYMENT_AND_TRAINING = (
        3_002,
        "Assistance obtaining VA benefits: Employment and training services",
    )
    OBTAIN_VA_EDUCATIONAL_ASSISTANCE = 3_003, "Assistance obtaining VA benefits: Educational assistance"
    OBTAIN_VA_HEALTH_CARE = 3_004, "Assistance obtaining VA benefits: Health care services"

    OBTAIN_HEALTH_CARE = (
        4_001,
        "Assistance obtaining/coordinating other public benefits: Health care services",
    )
    OBTAIN_DAILY_LIVING_SERVICES = (
        4_002,
        "Assistance obtaining/coordinating other public benefits: Daily living services",
    )
    OBTAIN_PERSONAL_FINANCIAL_PLANNING = (
        4_003,
        "Assistance obtaining/coordinating other public benefits: Personal financial planning services",
    )
    OBTAIN_TRANSPORTATION = (
        4_004,
        "Assistance obtaining/coordinating other public benefits: Transportation services",
    )
    OBTAIN_INCOME_SUPPORT = (
        4_005,
        "Assistance obtaining/coordinating other public benefits: Income support services",
    )
    OBTAIN_FIDUCIARY_AND_REPRESENTATIVE_PAYEE = (
        4_006,
        "Assistance obtaining/coordinating other public benefits: Fiduciary and representative "
        "payee services",
    )
    OBTAIN_LEGAL_SERVICES_CHILD_SUPPORT = (
        4_007,
        "Assistance obtaining/coordinating other public benefits: Legal services - child support",
    )
    OBTAIN_LEGAL_SERVICES_EVICTION_PREVENTION = (
        4_008,
        "Assistance obtaining/coordinating other public benefits: Legal services - eviction prevention",
    )
    OBTAIN_LEGAL_SERVICES_FINES_AND_PENALTIES = (
        4_009,
        "Assistance obtaining/coordinating other public benefits: Legal services - outstanding "
        "fines and penalties",
    )
    OBTAIN_LEGAL_SERVICES_DRIVERS_LICENSE = (
        4_010,
        "Assistance obtaining/coordinating other public benefits: Legal services - restore / "
        "acquire driver's license",
    )
    OBTAIN_LEGAL_SERVICES_OTHER = (
        4_011,
        "Assistance obtaining/coordinating other public benefits: Legal services - other",
    )
    OBTAIN_CHILD_CARE = 4_012, "Assistance obtaining/coordinating other public benefits: Child care"
    OBTAIN_HOUSING_COUNSELING = (
        4_013,
        "Assistance obtaining/coordinating other public benefits: Housing counseling",
    )

    PROVIDE_PERSONAL_FINANCIAL_PLANNING = (
        5_001,
        "Direct provision of other public benefits: Personal financial planning services",
    )
    PROVIDE_TRANSPORTATION = 5_002, "Direct provision of other public benefits: Transportation services"
    PROVIDE_INCOME_SUPPORT = 5_003, "Direct provision of other public benefits: Income support services"
    PROVIDE_FIDUCIARY_AND_REPRESENTATIVE_PAYEE = (
        5_004,
        "Direct provision of other public benefits: Fiduciary and representative payee services",
    )
    PROVIDE_LEGAL_SERVICES_CHILD_SUPPORT = (
        5_005,
        "Direct provision of other public benefits: Legal services - child support",
    )
    PROVIDE_LEGAL_SERVICES_EVICTION_PREVENTION = (
        5_006,
        "Direct provision of other public benefits: Legal services - eviction prevention",
    )
    PROVIDE_LEGAL_SERVICES_FINES_AND_PENALTIES = (
        5_007,
        "Direct provision of other public benefits: Legal services - outstanding fines and penalties",
    )
    PROVIDE_LEGAL_SERVICES_DRIVERS_LICENSE = (
        5_008,
        "Direct provision of other public benefits: Legal services - restore / acquire driver's license",
    )
    PROVIDE_LEGAL_SERVICES_OTHER = 5_009, "Direct provision of other public benefits: Legal services - other"
    PROVIDE_CHILD_CARE = 5_010, "Direct provision of other public benefits: Child care"
    PROVIDE_HOUSING_COUNSELING = 5_011, "Direct provision of other public benefits: Housing counseling"

    @property
    def type_provided(self) -> int:
        """HUD's Services.TypeProvided: 3, 4 or 5 of list V2.2."""
        return self // 1000

    @property
    def sub_type(self) -> int:
        """HUD's Services.SubTypeProvided, a code of list V2.A, V2.B or V2.C."""
        return self % 1000


_SERVICE_TYPES = {(kind.record_type, kind.type_provided): kind for kind in ServiceType}
_SERVICE_SUBTYPES = {(kind.type_provided, kind.sub_type): kind for kind in ServiceSubtype}


def service_type(record_type: int, type_provided: int) -> ServiceType | None:
    """The one word for RecordType and TypeProvided; None = HUD knows no such pair."""
    return _SERVICE_TYPES.get((record_type, type_provided))


def service_subtype(type_provided: int, sub_type: int | None) -> ServiceSubtype | None:
    """The one word for the subtype of an SSVF service (RecordType 144; others have no subtype).

    None = no subtype given, or HUD knows no such pair.
    """
    return _SERVICE_SUBTYPES.get((type_provided, sub_type)) if sub_type is not None else None
