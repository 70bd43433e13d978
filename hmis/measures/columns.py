"""What a snapshot holds of each core table: what measures count by, and no name, no SSN, no free text.

Dates become day numbers (`days`). Of names and SSNs only stays whether they are there and usable, which is
all that data quality asks (HUD Data Quality report, Q2).
"""

from __future__ import annotations

from hmis import spec

# Whether a value identifies somebody, without the value. The placeholders are those of hmis.identity.ssn; a
# hashed export writes a hash where there was a number, and then nobody can say more than that there was one.
_SSN = "btrim(t.ssn, E' \\t\\n\\r\\f\\x0b\\u00a0')"
_SSN_DIGITS = f"replace({_SSN}, '-', '')"
_SSN_USABLE = f"""({_SSN} ~ '^[0-9a-fA-F]{{32,}}$' or (
    {_SSN} ~ '^[0-9]{{3}}-?[0-9]{{2}}-?[0-9]{{4}}$'
    and {_SSN_DIGITS} !~ '^(000|666|9)' and substr({_SSN_DIGITS}, 4, 2) <> '00'
    and substr({_SSN_DIGITS}, 6) <> '0000' and {_SSN_DIGITS} !~ '^(.)\\1{{8}}$'
    and position({_SSN_DIGITS} in '0123456789012345678') = 0))"""

_KEPT: dict[str, str] = {
    "Organization": "organization_id organization_name victim_service_provider",
    "Project": """project_id organization_id project_name operating_start_date operating_end_date
        continuum_project project_type housing_type rrh_sub_type residential_affiliation target_population
        hopwa_med_assisted_living_fac pit_count""",
    "ProjectCoC": "project_id coc_code geocode geography_type",
    "Inventory": """project_id coc_code household_type availability unit_inventory bed_inventory
        ch_vet_bed_inventory youth_vet_bed_inventory vet_bed_inventory ch_youth_bed_inventory
        youth_bed_inventory ch_bed_inventory other_bed_inventory es_bed_type inventory_start_date
        inventory_end_date""",
    "HMISParticipation": """project_id hmis_participation_type hmis_participation_status_start_date
        hmis_participation_status_end_date""",
    "Funder": "project_id funder start_date end_date",
    "Client": """personal_id dob dob_data_quality name_data_quality ssn_data_quality sex am_ind_ak_native
        asian black_af_american hispanic_latinao mid_east_n_african native_hi_pacific white race_none
        veteran_status date_created""",
    "Enrollment": """enrollment_id personal_id project_id entry_date household_id relationship_to_hoh
        enrollment_coc living_situation length_of_stay los_under_threshold previous_street_essh
        date_to_street_essh times_homeless_past_three_years months_homeless_past_three_years
        disabling_condition date_of_engagement move_in_date date_of_path_status client_enrolled_in_path
        date_created""",
    "Exit": "enrollment_id exit_date destination date_created",
    "Services": "enrollment_id date_provided record_type type_provided",
    "CurrentLivingSituation": "enrollment_id information_date current_living_situation",
    "IncomeBenefits": " ".join(
        column.attr
        for column in spec.FILES["IncomeBenefits"].columns
        if column.type in "IMD" or column.attr == "enrollment_id"
    ),
    "Disabilities": """enrollment_id information_date disability_type disability_response
        indefinite_and_impairs""",
    "Assessment": "enrollment_id assessment_date assessment_type assessment_level prioritization_status",
    "Event": """enrollment_id event_date event prob_sol_div_rr_result referral_case_manage_after
        referral_result result_date""",
}

_ADDED: dict[str, dict[str, tuple[str, str]]] = {
    "Client": {
        "first_name_given": ("t.first_name is not null and t.first_name <> ''", "BOOLEAN"),
        "last_name_given": ("t.last_name is not null and t.last_name <> ''", "BOOLEAN"),
        "ssn_given": ("t.ssn is not null and t.ssn <> ''", "BOOLEAN"),
        "ssn_usable": (f"coalesce({_SSN_USABLE}, false)", "BOOLEAN"),
        "person_id": (
            """(select l.person_id from client_link l where l.source_id = t.source_id
                  and l.personal_id = t.personal_id and l.undone_at is null)""",
            "VARCHAR",
        ),
    },
}

_TYPES = {"I": "INTEGER", "S": "VARCHAR", "D": "INTEGER", "T": "INTEGER", "M": "DECIMAL(12, 2)"}
TABLES: dict[str, str] = {name: spec.FILES[name].table for name in _KEPT}
"""HUD's file -> the name of its table."""


def _read(file: str, attr: str) -> tuple[str, str]:
    kind = spec.FILES[file].by_attr[attr].type
    read = {"D": f"t.{attr} - date '1970-01-01'", "T": f"t.{attr}::date - date '1970-01-01'"}
    return read.get(kind, f"t.{attr}"), _TYPES[kind]


def columns(file: str) -> dict[str, tuple[str, str]]:
    """What is kept of a HUD file: column -> (SQL that reads it in PostgreSQL, type in the snapshot)."""
    return {
        "source_id": ("t.source_id", "INTEGER"),
        "id": ("t.id", "VARCHAR"),
        **{attr: _read(file, attr) for attr in _KEPT[file].split()},
        **_ADDED.get(file, {}),
    }
