"""Projects: what they are, who pays for them, which beds they have."""

from hmis.codes.code import Code


class ProjectType(Code, hud_list="2.02.6"):
    """What kind of help a project gives. HUD list 2.02.6."""

    EMERGENCY_SHELTER_ENTRY_EXIT = 0, "Emergency Shelter - Entry Exit"
    EMERGENCY_SHELTER_NIGHT_BY_NIGHT = 1, "Emergency Shelter - Night-by-Night"
    TRANSITIONAL_HOUSING = 2, "Transitional Housing"
    PERMANENT_SUPPORTIVE_HOUSING = 3, "PH - Permanent Supportive Housing"
    STREET_OUTREACH = 4, "Street Outreach"
    SERVICES_ONLY = 6, "Services Only"
    OTHER = 7, "Other"
    SAFE_HAVEN = 8, "Safe Haven"
    PERMANENT_HOUSING_ONLY = 9, "PH - Housing Only"
    PERMANENT_HOUSING_WITH_SERVICES = 10, "PH - Housing with Services (no disability required for entry)"
    DAY_SHELTER = 11, "Day Shelter"
    HOMELESSNESS_PREVENTION = 12, "Homelessness Prevention"
    RAPID_REHOUSING = 13, "PH - Rapid Re-Housing"
    COORDINATED_ENTRY = 14, "Coordinated Entry"


class TargetPopulation(Code, hud_list="2.02.7"):
    """The people a project is meant for. HUD list 2.02.7."""

    SURVIVORS_OF_DOMESTIC_VIOLENCE = 1, "DV: Survivor of Domestic Violence"
    PERSONS_WITH_HIV_AIDS = 3, "HIV: Persons with HIV/AIDS"
    NOT_APPLICABLE = 4, "NA: Not applicable"


class HopwaMedicallyAssistedLiving(Code, hud_list="2.02.8"):
    """Whether a project is a HOPWA-funded medically assisted living facility. HUD list 2.02.8."""

    NO = 0, "No"
    YES = 1, "Yes"
    NOT_HOPWA_FUNDED = 2, "Non-HOPWA Funded Project"


class RapidRehousingSubtype(Code, hud_list="2.02.A"):
    """Whether a rapid re-housing project offers housing or services only. HUD list 2.02.A."""

    SERVICES_ONLY = 1, "RRH: Services Only"
    HOUSING_WITH_OR_WITHOUT_SERVICES = 2, "RRH: Housing with or without services"


class HousingType(Code, hud_list="2.02.D"):
    """Where a project's homes are. HUD list 2.02.D."""

    SITE_BASED_SINGLE_SITE = 1, "Site-based - single site"
    SITE_BASED_MULTIPLE_SITES = 2, "Site-based - clustered / multiple sites"
    TENANT_BASED_SCATTERED_SITE = 3, "Tenant-based - scattered site"


class GeographyType(Code, hud_list="2.03.4"):
    """The kind of area a project is in. HUD list 2.03.4."""

    URBAN = 1, "Urban"
    SUBURBAN = 2, "Suburban"
    RURAL = 3, "Rural"
    DATA_NOT_COLLECTED = 99, "Unknown / data not collected"


class HouseholdType(Code, hud_list="2.07.4"):
    """The households a project's beds are for. HUD list 2.07.4."""

    WITHOUT_CHILDREN = 1, "Households without children"
    WITH_ADULTS_AND_CHILDREN = 3, "Households with at least one adult and one child"
    WITH_ONLY_CHILDREN = 4, "Households with only children"


class BedType(Code, hud_list="2.07.5"):
    """The kind of bed an emergency shelter offers. HUD list 2.07.5."""

    FACILITY_BASED_BEDS = 1, "Facility-based beds"
    VOUCHER_BEDS = 2, "Voucher beds"
    OTHER_BEDS = 3, "Other beds"


class BedAvailability(Code, hud_list="2.07.6"):
    """When in the year an emergency shelter's beds are available. HUD list 2.07.6."""

    YEAR_ROUND = 1, "Year-round"
    SEASONAL = 2, "Seasonal"
    OVERFLOW = 3, "Overflow"


class HmisParticipationType(Code, hud_list="2.08.1"):
    """Whether a project enters its data in HMIS or in a comparable database. HUD list 2.08.1."""

    NOT_PARTICIPATING = 0, "Not Participating"
    HMIS_PARTICIPATING = 1, "HMIS Participating"
    COMPARABLE_DATABASE_PARTICIPATING = 2, "Comparable Database Participating"
