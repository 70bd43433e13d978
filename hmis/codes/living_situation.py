"""Where a client lives, lived or went, and the subsidy that pays for it."""

from hmis.codes.code import Code


class LivingSituation(Code, hud_list="3.12.1"):
    """Where a client stayed before entry, stays now, or went at exit. HUD list 3.12.1."""

    EMERGENCY_SHELTER = (
        101,
        "Emergency shelter, including hotel or motel paid for with emergency shelter voucher, Host "
        "Home shelter",
    )
    PLACE_NOT_MEANT_FOR_HABITATION = (
        116,
        "Place not meant for habitation (e.g., a vehicle, an abandoned building, bus/train/subway "
        "station/airport or anywhere outside)",
    )
    SAFE_HAVEN = 118, "Safe Haven"
    PSYCHIATRIC_HOSPITAL_OR_FACILITY = 204, "Psychiatric hospital or other psychiatric facility"
    SUBSTANCE_USE_TREATMENT_OR_DETOX = 205, "Substance abuse treatment facility or detox center"
    HOSPITAL_OR_MEDICAL_FACILITY = 206, "Hospital or other residential non-psychiatric medical facility"
    JAIL_PRISON_OR_JUVENILE_DETENTION = 207, "Jail, prison, or juvenile detention facility"
    FOSTER_CARE = 215, "Foster care home or foster care group home"
    LONG_TERM_CARE_OR_NURSING_HOME = 225, "Long-term care facility or nursing home"
    TRANSITIONAL_HOUSING = 302, "Transitional housing for homeless persons (including homeless youth)"
    STAYING_WITH_FAMILY_TEMPORARILY = (
        312,
        "Staying or living with family, temporary tenure (e.g. room, apartment, or house)",
    )
    STAYING_WITH_FRIENDS_TEMPORARILY = (
        313,
        "Staying or living with friends, temporary tenure (e.g. room, apartment, or house)",
    )
    HOTEL_OR_MOTEL_WITHOUT_SHELTER_VOUCHER = 314, "Hotel or motel paid for without emergency shelter voucher"
    MOVED_TO_HOPWA_TRANSITIONAL_HOUSING = 327, "Moved from one HOPWA funded project to HOPWA TH"
    RESIDENTIAL_PROJECT_OR_HALFWAY_HOUSE = (
        329,
        "Residential project or halfway house with no homeless criteria",
    )
    HOST_HOME_NON_CRISIS = 332, "Host Home (non-crisis)"
    STAYING_WITH_FAMILY = 335, "Staying or living in a family member's room, apartment, or house"
    STAYING_WITH_FRIENDS = 336, "Staying or living in a friend's room, apartment, or house"
    RENTAL_WITHOUT_SUBSIDY = 410, "Rental by client, no ongoing housing subsidy"
    OWNED_WITHOUT_SUBSIDY = 411, "Owned by client, no ongoing housing subsidy"
    OWNED_WITH_SUBSIDY = 421, "Owned by client, with ongoing housing subsidy"
    STAYING_WITH_FAMILY_PERMANENTLY = 422, "Staying or living with family, permanent tenure"
    STAYING_WITH_FRIENDS_PERMANENTLY = 423, "Staying or living with friends, permanent tenure"
    MOVED_TO_HOPWA_PERMANENT_HOUSING = 426, "Moved from one HOPWA funded project to HOPWA PH"
    RENTAL_WITH_SUBSIDY = 435, "Rental by client, with ongoing housing subsidy"
    OTHER = 17, "Other"
    DECEASED = 24, "Deceased"
    NO_EXIT_INTERVIEW_COMPLETED = 30, "No exit interview completed"
    WORKER_UNABLE_TO_DETERMINE = 37, "Worker unable to determine"
    CLIENT_DOES_NOT_KNOW = 8, "Client doesn't know"
    CLIENT_PREFERS_NOT_TO_ANSWER = 9, "Client prefers not to answer"
    DATA_NOT_COLLECTED = 99, "Data not collected"


class RentalSubsidyType(Code, hud_list="3.12.A"):
    """The ongoing subsidy that helps a client pay the rent. HUD list 3.12.A."""

    VASH_HOUSING_SUBSIDY = 419, "VASH housing subsidy"
    OTHER_ONGOING_HOUSING_SUBSIDY = 420, "Rental by client, with other ongoing housing subsidy"
    GRANT_PER_DIEM_TRANSITION_IN_PLACE = 428, "GPD TIP housing subsidy"
    RAPID_REHOUSING_OR_EQUIVALENT = 431, "RRH or equivalent subsidy"
    HOUSING_CHOICE_VOUCHER = 433, "HCV voucher (tenant or project based) (not dedicated)"
    PUBLIC_HOUSING_UNIT = 434, "Public housing unit"
    HOUSING_STABILITY_VOUCHER = 436, "Housing Stability Voucher"
    FAMILY_UNIFICATION_PROGRAM_VOUCHER = 437, "Family Unification Program Voucher (FUP)"
    FOSTER_YOUTH_TO_INDEPENDENCE_INITIATIVE = 438, "Foster Youth to Independence Initiative (FYI)"
    PERMANENT_SUPPORTIVE_HOUSING = 439, "Permanent Supportive Housing"
    OTHER_HOUSING_FOR_FORMERLY_HOMELESS = (
        440,
        "Other permanent housing dedicated for formerly homeless persons",
    )
