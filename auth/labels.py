"""Labels: what a record tells without saying it, computed from its values by one table.

A stay at a HOPWA-funded project tells of HIV; a destination code tells of a hospital or a prison. A label is
opened only by a grant that names it. Grants of this release cannot name labels, so a labelled row or value is
shown to the agency that entered it and to nobody else, without a word about it being withheld.

Sources: HMIS data elements 2.06, 2.02.7, 3.12, 3.917, 4.08-4.10, 4.11, 4.12, 4.14, P1, P2, R14, W1, W2, W3;
VAWA 34 USC 12291(b)(2); 42 CFR Part 2; RHY 45 CFR 1351.19.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntFlag
from typing import Any


class Label(IntFlag):
    """Why a row or a value is more sensitive than its category says. Stored: never renumber."""

    DV = 1 << 0
    HIV = 1 << 1
    SUD = 1 << 2
    MENTAL_HEALTH = 1 << 3
    RHY = 1 << 4
    JUSTICE = 1 << 5
    VSP = 1 << 6


NONE = Label(0)
VERSION = "2026-11-01"

FUNDERS: dict[int, Label] = {
    **dict.fromkeys((13, 14, 15, 16, 17, 18, 19, 48), Label.HIV),
    21: Label.MENTAL_HEALTH,
    **dict.fromkeys((22, 23, 24, 25, 26), Label.RHY),
}
"""Funder.Funder (2.06.1): HOPWA, PATH, RHY."""

TARGET_POPULATIONS: dict[int, Label] = {1: Label.DV, 3: Label.HIV}
"""Project.TargetPopulation (2.02.7)."""

_SITUATIONS: dict[int, Label] = {
    204: Label.MENTAL_HEALTH,
    205: Label.SUD,
    207: Label.JUSTICE,
    327: Label.HIV,
    426: Label.HIV,
}

_VALUES: dict[tuple[str, str], dict[int, Label]] = {
    ("Enrollment", "living_situation"): _SITUATIONS,
    ("Exit", "destination"): _SITUATIONS,
    ("CurrentLivingSituation", "current_living_situation"): _SITUATIONS,
}
"""Codes that tell by themselves: (file, column) -> code -> label."""

_COLUMNS: dict[tuple[str, str], Label] = {
    **{
        ("IncomeBenefits", attr): Label.HIV
        for attr in ("adap", "no_adap_reason", "ryan_white_med_dent", "no_ryan_white_reason")
    },
    **{
        ("HealthAndDV", attr): Label.DV
        for attr in ("domestic_violence_survivor", "when_occurred", "currently_fleeing")
    },
    **{
        ("Enrollment", attr): Label.RHY
        for attr in (
            "referral_source",
            "count_outreach_referral_approaches",
            "date_of_bcp_status",
            "eligible_for_rhy",
            "reason_no_services",
            "runaway_youth",
            "former_ward_child_welfare",
            "child_welfare_years",
            "child_welfare_months",
        )
    },
    **{
        ("Enrollment", attr): Label.JUSTICE
        for attr in (
            "former_ward_juvenile_justice",
            "juvenile_justice_years",
            "juvenile_justice_months",
            "incarcerated_parent",
            "criminal_record",
            "incarcerated_adult",
            "prison_discharge",
            "sex_offender",
        )
    },
    **{
        ("Enrollment", attr): Label.MENTAL_HEALTH
        for attr in (
            "mental_health_disorder_fam",
            "mental_health_consultation",
            "date_of_path_status",
            "client_enrolled_in_path",
            "reason_not_enrolled",
        )
    },
    ("Enrollment", "alcohol_drug_use_disorder_fam"): Label.SUD,
    **{
        ("Exit", attr): Label.RHY
        for attr in (
            "exchange_for_sex",
            "exchange_for_sex_past_three_months",
            "count_of_exchange_for_sex",
            "asked_or_forced_to_exchange_for_sex",
            "asked_or_forced_to_exchange_for_sex_past_three_months",
            "workplace_violence_threats",
            "workplace_promise_difference",
            "coerced_to_continue_work",
            "labor_exploit_past_three_months",
            "project_completion_status",
            "early_exit_reason",
            "counseling_received",
            "individual_counseling",
            "family_counseling",
            "group_counseling",
            "session_count_at_exit",
            "post_exit_counseling_plan",
            "sessions_in_plan",
            "destination_safe_client",
            "destination_safe_worker",
            "pos_adult_connections",
            "pos_peer_connections",
            "pos_community_connections",
            "aftercare_date",
            "aftercare_provided",
            "email_social_media",
            "telephone",
            "in_person_individual",
            "in_person_group",
        )
    },
    ("HealthAndDV", "mental_health_status"): Label.MENTAL_HEALTH,
}
"""Columns that tell whatever they hold: asked of these people only, or of such matters only."""

_ROWS: dict[tuple[str, str], dict[int, Label]] = {
    ("Services", "record_type"): {
        141: Label.MENTAL_HEALTH,
        142: Label.RHY,
        143: Label.HIV,
        151: Label.HIV,
        161: Label.MENTAL_HEALTH,
    },
    ("Disabilities", "disability_type"): {8: Label.HIV, 9: Label.MENTAL_HEALTH, 10: Label.SUD},
}
"""Codes that make the whole row tell: (file, column) -> code -> label."""

_ROW_COLUMN = dict(_ROWS.keys())


def of_row(file: str, values: Mapping[Any, Any]) -> Label:
    """The label that makes a whole row of a file sensitive."""
    attr = _ROW_COLUMN.get(file)
    if attr is None:
        return NONE
    code = values[attr]
    return _ROWS[file, attr].get(code, NONE) if isinstance(code, int) else NONE


def of_value(file: str, attr: str, value: object) -> Label:
    """The label of one value: by its column whatever it holds, or by its code."""
    label = _COLUMNS.get((file, attr), NONE)
    if isinstance(value, int):
        label |= _VALUES.get((file, attr), {}).get(value, NONE)
    return label
