"""Labels: what a record tells without saying it, computed from its values by one table.

A stay at a HOPWA-funded project tells of HIV; a destination code tells of a hospital or a prison. A label is
opened only by a grant that names it; without one a labelled row or value is shown to the agency that entered
it and to nobody else, without a word about it being withheld.

Those of projects and clients are computed and stored when rows are written (`hmis/labelling.py`), each with
the version of this table that computed it; an older one is computed anew before anything is served. Those of
a row or a value follow from its column and code, and are looked up here whenever it is read.

Sources: HMIS data elements 2.06, 2.02.7, 3.12, 3.917, 4.08-4.10, 4.11, 4.12, 4.14, P1-P3, R1, R2,
R11-R20, V7, V9, V10, W1-W6; VAWA 34 USC 12291(b)(2); 42 CFR Part 2; RHY 45 CFR 1351.19.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
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
    PART2 = 1 << 7
    PART2_NOTES = 1 << 8
    EDUCATION_RECORD = 1 << 9
    MINOR_PROTECTED = 1 << 10


NONE = Label(0)
ALL = Label((1 << 11) - 1)
VERSION = "2026-11-26"
"""Edition of this table. Change it with every change here: what was computed by another is computed anew."""

FUNDERS: dict[int, Label] = {
    **dict.fromkeys((13, 14, 15, 16, 17, 18, 19, 48), Label.HIV),
    21: Label.MENTAL_HEALTH,
    **dict.fromkeys((22, 23, 24, 25, 26), Label.RHY),
}
"""Funder.Funder (2.06.1): HOPWA, PATH, RHY."""

TARGET_POPULATIONS: dict[int, Label] = {1: Label.DV, 3: Label.HIV}
"""Project.TargetPopulation (2.02.7)."""

AGENCY_KINDS: dict[str, Label] = {"PART2": Label.PART2, "RHY": Label.RHY, "HOPWA": Label.HIV}
"""Agency.kind: under which law an agency keeps its records says whom it serves. 42 CFR 2.11; 45 CFR 1351.19;
24 CFR 574.440. A VSP's are not labelled but never shown (`project_label.shareable`)."""

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
    ("Exit", "housing_assessment"): {7: Label.JUSTICE},
    ("Exit", "early_exit_reason"): {1: Label.JUSTICE},
    ("Exit", "cm_exit_reason"): {11: Label.JUSTICE},
    ("CurrentLivingSituation", "current_living_situation"): _SITUATIONS,
}
"""Codes that tell by themselves: (file, column) -> code -> label."""


def _each(file: str, label: Label, attrs: str) -> dict[tuple[str, str], Label]:
    return {(file, attr): label for attr in attrs.split()}


_COLUMNS: dict[tuple[str, str], Label] = {
    # W3, W4, W6: asked of people with HIV only.
    **_each("IncomeBenefits", Label.HIV, "adap no_adap_reason ryan_white_med_dent no_ryan_white_reason"),
    **_each(
        "Disabilities",
        Label.HIV,
        "t_cell_count_available t_cell_count t_cell_source"
        " viral_load_available viral_load viral_load_source anti_retroviral",
    ),
    **_each("HealthAndDV", Label.DV, "domestic_violence_survivor when_occurred currently_fleeing"),
    ("HealthAndDV", "mental_health_status"): Label.MENTAL_HEALTH,
    # R1, R2, R11-R13: asked of runaway and homeless youth only.
    **_each(
        "Enrollment",
        Label.RHY,
        "referral_source count_outreach_referral_approaches date_of_bcp_status eligible_for_rhy"
        " reason_no_services runaway_youth former_ward_child_welfare child_welfare_years child_welfare_months"
        " unemployment_fam physical_disability_fam insufficient_income",
    ),
    **_each(
        "Enrollment",
        Label.RHY | Label.JUSTICE,
        "former_ward_juvenile_justice juvenile_justice_years juvenile_justice_months incarcerated_parent",
    ),
    ("Enrollment", "mental_health_disorder_fam"): Label.RHY | Label.MENTAL_HEALTH,
    ("Enrollment", "alcohol_drug_use_disorder_fam"): Label.RHY | Label.SUD,
    # V7.H-K. The score counts those answers too, and the others are known: the rest would tell them.
    **_each(
        "Enrollment",
        Label.JUSTICE,
        "criminal_record incarcerated_adult prison_discharge sex_offender hp_screening_score",
    ),
    # V10; P2, P3: asked of people with a mental illness only.
    ("Enrollment", "mental_health_consultation"): Label.MENTAL_HEALTH,
    **_each(
        "Enrollment", Label.MENTAL_HEALTH, "date_of_path_status client_enrolled_in_path reason_not_enrolled"
    ),
    ("Services", "referral_outcome"): Label.MENTAL_HEALTH,
    # R15-R20: asked of runaway and homeless youth only; R15 and R16 are about violence besides.
    **_each(
        "Exit",
        Label.RHY | Label.DV,
        "exchange_for_sex exchange_for_sex_past_three_months count_of_exchange_for_sex"
        " asked_or_forced_to_exchange_for_sex asked_or_forced_to_exchange_for_sex_past_three_months"
        " workplace_violence_threats workplace_promise_difference coerced_to_continue_work"
        " labor_exploit_past_three_months",
    ),
    **_each(
        "Exit",
        Label.RHY,
        "project_completion_status early_exit_reason"
        " counseling_received individual_counseling family_counseling group_counseling"
        " session_count_at_exit post_exit_counseling_plan sessions_in_plan"
        " destination_safe_client destination_safe_worker"
        " pos_adult_connections pos_peer_connections pos_community_connections"
        " aftercare_date aftercare_provided email_social_media telephone"
        " in_person_individual in_person_group",
    ),
}
"""Columns that tell whatever they hold: asked of these people only, or of such matters only."""


def _changes() -> dict[tuple[str, str], Label]:
    """DateUpdated moves when something hidden does, so it carries every label of its file."""
    carried: dict[tuple[str, str], Label] = defaultdict(lambda: NONE)
    for (file, _), label in _COLUMNS.items():
        carried[file, "date_updated"] |= label
    for (file, _), labels_of_codes in _VALUES.items():
        for label in labels_of_codes.values():
            carried[file, "date_updated"] |= label
    return dict(carried)


_COLUMNS.update(_changes())

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


def of_rows(file: str) -> tuple[str, Mapping[int, Label]] | None:
    """The column whose code makes a whole row of the file sensitive, and the label of each such code."""
    attr = _ROW_COLUMN.get(file)
    return None if attr is None else (attr, _ROWS[file, attr])


def of_row(file: str, values: Mapping[Any, Any]) -> Label:
    """The label that makes a whole row of a file sensitive."""
    attr = _ROW_COLUMN.get(file)
    return NONE if attr is None else _ROWS[file, attr].get(values[attr], NONE)


def of_value(file: str, attr: str, value: object) -> Label:
    """The label of one value: by its column whatever it holds, or by its code."""
    label = _COLUMNS.get((file, attr), NONE)
    if isinstance(value, int):
        label |= _VALUES.get((file, attr), {}).get(value, NONE)
    return label


def of_column(file: str, attr: str) -> tuple[Label, Mapping[int, Label]]:
    """What a column tells whatever it holds, and what more each of its codes tells."""
    return _COLUMNS.get((file, attr), NONE), _VALUES.get((file, attr), {})


def named(names: Iterable[str]) -> Label:
    """The labels of these names, together: how partners' rows carry them."""
    told = NONE
    for name in names:
        told |= Label[name]
    return told


def names(told: Label) -> frozenset[str]:
    """The names of these labels: the other way round."""
    return frozenset(str(label.name) for label in Label if label & told)
