"""Who pays for a project."""

from hmis.codes.code import Code


class FundingSource(Code, hud_list="2.06.1"):
    """The program that pays for a project. HUD list 2.06.1."""

    COC_HOMELESSNESS_PREVENTION = 1, "HUD: CoC - Homelessness Prevention (High Performing Comm. Only)"
    COC_PERMANENT_SUPPORTIVE_HOUSING = 2, "HUD: CoC - Permanent Supportive Housing"
    COC_RAPID_REHOUSING = 3, "HUD: CoC - Rapid Re-Housing"
    COC_SUPPORTIVE_SERVICES_ONLY = 4, "HUD: CoC - Supportive Services Only"
    COC_TRANSITIONAL_HOUSING = 5, "HUD: CoC - Transitional Housing"
    COC_SAFE_HAVEN = 6, "HUD: CoC - Safe Haven"
    COC_SINGLE_ROOM_OCCUPANCY = 7, "HUD: CoC - Single Room Occupancy (SRO)"
    ESG_EMERGENCY_SHELTER = 8, "HUD: ESG - Emergency Shelter (operating and/or essential services)"
    ESG_HOMELESSNESS_PREVENTION = 9, "HUD: ESG - Homelessness Prevention"
    ESG_RAPID_REHOUSING = 10, "HUD: ESG - Rapid Rehousing"
    ESG_STREET_OUTREACH = 11, "HUD: ESG - Street Outreach"
    HOPWA_HOTEL_OR_MOTEL_VOUCHERS = 13, "HUD: HOPWA - Hotel/Motel Vouchers"
    HOPWA_HOUSING_INFORMATION = 14, "HUD: HOPWA - Housing Information"
    HOPWA_PERMANENT_HOUSING = 15, "HUD: HOPWA - Permanent Housing (facility based or TBRA)"
    HOPWA_PERMANENT_HOUSING_PLACEMENT = 16, "HUD: HOPWA - Permanent Housing Placement"
    HOPWA_SHORT_TERM_RENT_MORTGAGE_OR_UTILITY = (
        17,
        "HUD: HOPWA - Short-Term Rent, Mortgage, Utility assistance",
    )
    HOPWA_SHORT_TERM_SUPPORTIVE_FACILITY = 18, "HUD: HOPWA - Short-Term Supportive Facility"
    HOPWA_TRANSITIONAL_HOUSING = 19, "HUD: HOPWA - Transitional Housing (facility based or TBRA)"
    HUD_VASH = 20, "HUD: HUD/VASH"
    PATH_OUTREACH_AND_SUPPORTIVE_SERVICES = 21, "HHS: PATH - Street Outreach & Supportive Services Only"
    RHY_BASIC_CENTER_PROGRAM = 22, "HHS: RHY - Basic Center Program (prevention and shelter)"
    RHY_MATERNITY_GROUP_HOME = 23, "HHS: RHY - Maternity Group Home for Pregnant and Parenting Youth"
    RHY_TRANSITIONAL_LIVING_PROGRAM = 24, "HHS: RHY - Transitional Living Program"
    RHY_STREET_OUTREACH_PROJECT = 25, "HHS: RHY - Street Outreach Project"
    RHY_DEMONSTRATION_PROJECT = 26, "HHS: RHY - Demonstration Project"
    VA_CONTRACT_RESIDENTIAL_SERVICES = 27, "VA: CRS Contract Residential Services"
    VA_COMMUNITY_CONTRACT_SAFE_HAVEN = 30, "VA: Community Contract Safe Haven Program"
    # hmis-warehouse only: HUD retired it before FY2024, older rows may still have it.
    VA_COMPENSATED_WORK_THERAPY_RESIDENCE = 32, "VA: Compensated Work Therapy Transitional Residence"
    VA_SUPPORTIVE_SERVICES_FOR_VETERAN_FAMILIES = 33, "VA: Supportive Services for Veteran Families"
    NOT_APPLICABLE = 34, "N/A"
    PAY_FOR_SUCCESS = 35, "HUD: Pay for Success"
    PUBLIC_AND_INDIAN_HOUSING = 36, "HUD: Public and Indian Housing (PIH) Programs"
    VA_GRANT_PER_DIEM_BRIDGE_HOUSING = 37, "VA: Grant Per Diem - Bridge Housing"
    VA_GRANT_PER_DIEM_LOW_DEMAND = 38, "VA: Grant Per Diem - Low Demand"
    VA_GRANT_PER_DIEM_HOSPITAL_TO_HOUSING = 39, "VA: Grant Per Diem - Hospital to Housing"
    VA_GRANT_PER_DIEM_CLINICAL_TREATMENT = 40, "VA: Grant Per Diem - Clinical Treatment"
    VA_GRANT_PER_DIEM_SERVICE_INTENSIVE = 41, "VA: Grant Per Diem - Service Intensive Transitional Housing"
    VA_GRANT_PER_DIEM_TRANSITION_IN_PLACE = 42, "VA: Grant Per Diem - Transition in Place"
    COC_YOUTH_HOMELESS_DEMONSTRATION = 43, "HUD: CoC - Youth Homeless Demonstration Program (YHDP)"
    COC_JOINT_TRANSITIONAL_AND_RAPID_REHOUSING = 44, "HUD: CoC - Joint Component TH/RRH"
    VA_GRANT_PER_DIEM_CASE_MANAGEMENT = 45, "VA: Grant Per Diem - Case Management/Housing Retention"
    LOCAL_OR_OTHER = 46, "Local or Other Funding Source (Please Specify)"
    # In HUD's FY2026 machine-readable list, absent from HUD Data Lab's draft; kept because rows may have it.
    ESG_CORONAVIRUS = 47, "HUD: ESG - CV"
    # As 47.
    HOPWA_CORONAVIRUS = 48, "HUD: HOPWA - CV"
    HOME_INVESTMENT_PARTNERSHIPS = 50, "HUD: HOME"
    HOME_AMERICAN_RESCUE_PLAN = 51, "HUD: HOME (ARP)"
    EMERGENCY_HOUSING_VOUCHER = 52, "HUD: PIH (Emergency Housing Voucher)"
    # RUSH
    ESG_RAPID_UNSHELTERED_SURVIVOR_HOUSING = 53, "HUD: ESG - RUSH"
    UNSHELTERED_SPECIAL_NOFO = 54, "HUD: Unsheltered Special NOFO"
    RURAL_SPECIAL_NOFO = 55, "HUD: Rural Special NOFO"
    COC_BUILDS = 56, "HUD: CoC Builds"
