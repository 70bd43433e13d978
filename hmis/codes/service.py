"""What was done for a client, program by program. `service_type.py` puts these lists into one."""

from hmis.codes.code import Code


class ServiceRecordType(Code, hud_list="1.4"):
    """The program and kind of a service record. HUD list 1.4."""

    PATH_SERVICE = 141, "PATH Service"
    RHY_SERVICE_CONNECTION = 142, "RHY Service Connections"
    HOPWA_SERVICE = 143, "HOPWA Service"
    SSVF_SERVICE = 144, "SSVF Service"
    HOPWA_FINANCIAL_ASSISTANCE = 151, "HOPWA Financial Assistance"
    SSVF_FINANCIAL_ASSISTANCE = 152, "SSVF Financial Assistance"
    PATH_REFERRAL = 161, "PATH Referral"
    BED_NIGHT = 200, "Bed Night"
    VASH_VOUCHER_TRACKING = 210, "HUD-VASH OTH Voucher Tracking"
    MOVING_ON_ASSISTANCE = 300, "Moving On assistance provided"


class BedNight(Code, hud_list="4.14"):
    """A night in a shelter that counts night by night. HUD list 4.14."""

    BED_NIGHT = 200, "BedNight"


class MovingOnAssistance(Code, hud_list="C2.2"):
    """Help to move on from permanent supportive housing. HUD list C2.2."""

    SUBSIDIZED_HOUSING_APPLICATION = 1, "Subsidized housing application assistance"
    FINANCIAL_ASSISTANCE = 2, "Financial assistance for Moving On"
    NON_FINANCIAL_ASSISTANCE = 3, "Non-financial assistance for Moving On"
    HOUSING_REFERRAL_OR_PLACEMENT = 4, "Housing referral/placement"
    OTHER = 5, "Other (please specify)"


class PathService(Code, hud_list="P1.2"):
    """A service paid for by PATH. HUD list P1.2."""

    REENGAGEMENT = 1, "Re-engagement"
    SCREENING = 2, "Screening"
    HABILITATION_OR_REHABILITATION = 3, "Habilitation/rehabilitation"
    COMMUNITY_MENTAL_HEALTH = 4, "Community mental health"
    SUBSTANCE_USE_TREATMENT = 5, "Substance use treatment"
    CASE_MANAGEMENT = 6, "Case management"
    RESIDENTIAL_SUPPORTIVE_SERVICES = 7, "Residential supportive services"
    MINOR_HOUSING_RENOVATION = 8, "Housing minor renovation"
    HOUSING_MOVING_ASSISTANCE = 9, "Housing moving assistance"
    HOUSING_ELIGIBILITY_DETERMINATION = 10, "Housing eligibility determination"
    SECURITY_DEPOSITS = 11, "Security deposits"
    ONE_TIME_RENT_FOR_EVICTION_PREVENTION = 12, "One-time rent for eviction prevention"
    CLINICAL_ASSESSMENT = 14, "Clinical assessment"


class PathReferral(Code, hud_list="P2.2"):
    """What a PATH project referred the client to. HUD list P2.2."""

    COMMUNITY_MENTAL_HEALTH = 1, "Community mental health"
    SUBSTANCE_USE_TREATMENT = 2, "Substance use treatment"
    PRIMARY_HEALTH_OR_DENTAL_CARE = 3, "Primary health/dental care"
    JOB_TRAINING = 4, "Job training"
    EDUCATIONAL_SERVICES = 5, "Educational services"
    HOUSING_SERVICES = 6, "Housing services"
    PERMANENT_HOUSING = 7, "Permanent housing"
    INCOME_ASSISTANCE = 8, "Income assistance"
    EMPLOYMENT_ASSISTANCE = 9, "Employment assistance"
    MEDICAL_INSURANCE = 10, "Medical insurance"
    TEMPORARY_HOUSING = 11, "Temporary housing"


class PathReferralOutcome(Code, hud_list="P2.A"):
    """Whether the client received what PATH referred them to. HUD list P2.A."""

    ATTAINED = 1, "Attained"
    NOT_ATTAINED = 2, "Not attained"
    UNKNOWN = 3, "Unknown"


class RhyService(Code, hud_list="R14.2"):
    """A service a young client was connected with (RHY). HUD list R14.2."""

    COMMUNITY_SERVICE_LEARNING = 2, "Community service/service learning (CSL)"
    EDUCATION = 5, "Education"
    EMPLOYMENT_OR_TRAINING = 6, "Employment and/or training services"
    CRIMINAL_JUSTICE_OR_LEGAL_SERVICES = 7, "Criminal justice /legal services"
    LIFE_SKILLS_TRAINING = 8, "Life skills training"
    PARENTING_EDUCATION = 10, "Parenting education for youth with children"
    POSTNATAL_CARE_FOR_CLIENT = 12, "Post-natal care for client (person who gave birth)"
    PRENATAL_CARE = 13, "Pre-natal care"
    HEALTH_OR_MEDICAL_CARE = 14, "Health/medical care"
    SUBSTANCE_USE_DISORDER_TREATMENT = 17, "Substance use disorder treatment"
    SUBSTANCE_USE_DISORDER_PREVENTION = 18, "Substance use disorder Ed/Prevention Services"
    HOME_BASED_SERVICES = 26, "Home-based Services"
    POSTNATAL_CARE_FOR_NEWBORN = 27, "Post-natal newborn care (wellness exams; immunizations)"
    STD_TESTING = 28, "STD Testing"
    STREET_BASED_SERVICES = 29, "Street-based Services"


class VashVoucherTracking(Code, hud_list="V8.2"):
    """Where a HUD-VASH voucher stands with the public housing authority (PHA). HUD list V8.2."""

    REFERRAL_PACKAGE_FORWARDED = 1, "Referral package forwarded to PHA"
    VOUCHER_DENIED = 2, "Voucher denied by PHA"
    VOUCHER_ISSUED = 3, "Voucher issued by PHA"
    VOUCHER_REVOKED_OR_EXPIRED = 4, "Voucher revoked or expired"
    VOUCHER_IN_USE = 5, "Voucher in use - veteran moved into housing"
    VOUCHER_PORTED_LOCALLY = 6, "Voucher was ported locally"
    VOUCHER_ABSORBED_BY_HOUSING_AUTHORITY = 7, "Voucher was administratively absorbed by new PHA"
    CONVERTED_TO_HOUSING_CHOICE_VOUCHER = 8, "Voucher was converted to Housing Choice Voucher"
    EXITED_VOUCHER_RETURNED = 9, "Veteran exited - voucher was returned"
    EXITED_FAMILY_KEPT_VOUCHER = 10, "Veteran exited - family maintained the voucher"
    EXITED_BEFORE_RECEIVING_VOUCHER = 11, "Veteran exited - prior to ever receiving a voucher"
    OTHER = 12, "Other"


class HopwaService(Code, hud_list="W1.2"):
    """A service paid for by HOPWA. HUD list W1.2."""

    ADULT_DAY_CARE_AND_PERSONAL_ASSISTANCE = 1, "Adult day care and personal assistance"
    CASE_MANAGEMENT = 2, "Case management"
    CHILD_CARE = 3, "Child care"
    CRIMINAL_JUSTICE_OR_LEGAL_SERVICES = 4, "Criminal justice/legal services"
    EDUCATION = 5, "Education"
    EMPLOYMENT_AND_TRAINING = 6, "Employment and training services"
    FOOD_MEALS_OR_NUTRITION = 7, "Food/meals/nutritional services"
    HEALTH_OR_MEDICAL_CARE = 8, "Health/medical care"
    LIFE_SKILLS_TRAINING = 9, "Life skills training"
    MENTAL_HEALTH_CARE_OR_COUNSELING = 10, "Mental health care/counseling"
    OUTREACH_OR_ENGAGEMENT = 11, "Outreach and/or engagement"
    SUBSTANCE_USE_SERVICES_OR_TREATMENT = 12, "Substance use services/treatment"
    TRANSPORTATION = 13, "Transportation"
    OTHER_SERVICE = 14, "Other HOPWA funded service"


class HopwaFinancialAssistance(Code, hud_list="W2.2"):
    """Money paid by HOPWA for a client's housing. HUD list W2.2."""

    RENTAL_ASSISTANCE = 1, "Rental assistance"
    SECURITY_DEPOSITS = 2, "Security deposits"
    UTILITY_DEPOSITS = 3, "Utility deposits"
    UTILITY_PAYMENTS = 4, "Utility payments"
    MORTGAGE_ASSISTANCE = 7, "Mortgage assistance"
