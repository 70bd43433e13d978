"""What an HMIS export says about itself."""

from hmis.codes.code import Code


class ExportPeriodType(Code, hud_list="1.1"):
    """Which rows the export period selects. HUD list 1.1."""

    UPDATED = 1, "Updated"
    REPORTING_PERIOD = 3, "Reporting period"
    OTHER = 4, "Other"


class ExportDirective(Code, hud_list="1.2"):
    """Whether the export replaces what was sent before or adds to it. HUD list 1.2."""

    DELTA_REFRESH = 1, "Delta refresh"
    FULL_REFRESH = 2, "Full refresh"
    OTHER = 3, "Other"


class HashStatus(Code, hud_list="1.5"):
    """Whether and how names and SSNs are hashed in the export. HUD list 1.5."""

    UNHASHED = 1, "Unhashed"
    SHA_1 = 2, "SHA-1 (no longer used for federal purposes)"
    OTHER_HASH = 3, "Hashed - other"
    SHA_256 = 4, "SHA-256 (RHY)"


class ExportSourceType(Code, hud_list="1.9"):
    """The kind of system the export comes from. HUD list 1.9."""

    COC_HMIS = 1, "CoC HMIS"
    STANDALONE_OR_AGENCY_APPLICATION = 2, "Standalone/agency-specific application"
    DATA_WAREHOUSE = 3, "Data warehouse"
    OTHER = 4, "Other"
