"""What each column of a person's records tells, and the SELECT that leaves out what a viewer may not see.

Fields decide exactly (`schema/fields.py`); this is the barrier before it: a value in a category, or with a
label, that nothing opens to the viewer never leaves PostgreSQL. A test holds the categories here equal to the
ones that the schema's fields name.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, case, func, literal, or_
from sqlalchemy import Label as Labelled

from auth.categories import Category
from hmis import labels
from hmis.spec import FILES
from hmis.tables import HMIS

_FILES: dict[str, Category] = {
    "Client": Category.VETERAN,
    "Enrollment": Category.ENROLLMENT,
    "Exit": Category.ENROLLMENT,
    "IncomeBenefits": Category.INCOME_BENEFITS,
    "HealthAndDV": Category.HEALTH_DISABILITY,
    "EmploymentEducation": Category.EDUCATION_EMPLOYMENT,
    "Disabilities": Category.HEALTH_DISABILITY,
    "Services": Category.SERVICES,
    "CurrentLivingSituation": Category.CURRENT_LOCATION,
    "Assessment": Category.CE_ASSESSMENT,
    "AssessmentQuestions": Category.CE_ASSESSMENT,
    "AssessmentResults": Category.CE_ASSESSMENT,
    "Event": Category.CE_ASSESSMENT,
    "YouthEducationStatus": Category.EDUCATION_EMPLOYMENT,
}
"""What most columns of a file tell."""

_EXCEPTIONS: dict[str, dict[Category, str]] = {
    "Client": {
        Category.EXISTENCE: "personal_id date_created date_updated",
        Category.NAME: "first_name middle_name last_name name_suffix name_data_quality",
        Category.DOB: "dob dob_data_quality",
        Category.SSN_FULL: "ssn",
        Category.SSN_LAST4: "ssn_data_quality",
        Category.DEMOGRAPHICS: "sex am_ind_ak_native asian black_af_american hispanic_latinao "
        "mid_east_n_african native_hi_pacific white race_none additional_race_ethnicity",
    },
    "Enrollment": {
        Category.HOUSEHOLD: "household_id relationship_to_hoh incarcerated_parent single_parent "
        "dependent_under_6 hh5_plus",
        Category.HEALTH_DISABILITY: "disabling_condition date_of_path_status client_enrolled_in_path "
        "reason_not_enrolled mental_health_disorder_fam physical_disability_fam "
        "alcohol_drug_use_disorder_fam mental_health_consultation disabled_hoh current_pregnant",
        Category.EDUCATION_EMPLOYMENT: "unemployment_fam",
        Category.INCOME_BENEFITS: "insufficient_income percent_ami annual_percent_ami",
        Category.VETERAN: "vamc_station",
        Category.CE_ASSESSMENT: "coc_prioritized hp_screening_score threshold_score",
    },
    "Exit": {
        Category.VETERAN: "cm_exit_reason",
        Category.HEALTH_DISABILITY: "exchange_for_sex exchange_for_sex_past_three_months "
        "count_of_exchange_for_sex asked_or_forced_to_exchange_for_sex "
        "asked_or_forced_to_exchange_for_sex_past_three_months workplace_violence_threats "
        "workplace_promise_difference coerced_to_continue_work labor_exploit_past_three_months "
        "counseling_received individual_counseling family_counseling group_counseling "
        "session_count_at_exit post_exit_counseling_plan sessions_in_plan",
        Category.SERVICES: "aftercare_date aftercare_provided email_social_media telephone "
        "in_person_individual in_person_group",
    },
    "Assessment": {Category.CURRENT_LOCATION: "assessment_location"},
    "Event": {Category.CURRENT_LOCATION: "location_crisis_or_ph_housing"},
}

# What joins rows, orders them and is asked of them by the rules themselves. The row as a whole is read only
# where its category is open.
_NEEDED = {
    *("source_id", "personal_id", "enrollment_id", "project_id", "assessment_id", "household_id"),
    *("entry_date", "information_date", "date_provided", "exit_date", "event_date", "assessment_date"),
    *("record_type", "disability_type", "relationship_to_hoh", "dob"),
    *("assessment_question_order", "assessment_result_type", "id"),
}


def _is_needed(file: str, attr: str) -> bool:
    # Of several records of a person the one that was changed last speaks; of other rows nobody asks when.
    return attr in _NEEDED or (file, attr) == ("Client", "date_updated")


@cache
def category_of(file: str, attr: str) -> Category:
    """The consent category of one column of a file about people."""
    for category, attrs in _EXCEPTIONS.get(file, {}).items():
        if attr in attrs.split():
            return category
    return _FILES[file]


def told(
    file: str,
    own: ColumnElement[bool],
    seen: ColumnElement[int],
    named: ColumnElement[int],
    row: FromClause | None = None,
    attrs: frozenset[str] | None = None,
) -> list[Labelled[Any]]:
    """The columns of a file as one viewer may be told them: null where nothing opens them.

    Args:
        own: whether the viewer sees the row whole: their own agency entered it, or the glass is broken.
        seen, named: `Decision.widest` of the person, as masks.
        row: what has the columns of the file; its table if left out.
        attrs: the columns that are read, beside those that join and order rows. None = all of them.
    """
    row = HMIS[file] if row is None else row
    return [_told(file, attr, row.c[attr], own, seen, named).label(attr) for attr in _read(file, attrs)] + [
        row.c[name].label(name) for name in _OURS
    ]


def told_of(file: str, attrs: frozenset[str] | None = None) -> list[ColumnElement[Any]]:
    """The columns that `told` reads of a file, with its key, as they are stored.

    For a subquery below it: PostgreSQL prepares each column that one names anew for every execution.
    """
    names = dict.fromkeys((*_read(file, attrs), FILES[file].key.attr, *_OURS))
    return [HMIS[file].c[name] for name in names]


_OURS = ("id", "source_id")
"""What names a row in the hub, beside HUD's columns."""


def _read(file: str, attrs: frozenset[str] | None) -> list[str]:
    return [
        column.attr
        for column in FILES[file].columns
        if column.attr not in ("user_id", "date_deleted", "export_id")
        and (attrs is None or column.attr in attrs or _is_needed(file, column.attr))
    ]


def _told(
    file: str,
    attr: str,
    column: ColumnElement[Any],
    own: ColumnElement[bool],
    seen: ColumnElement[int],
    named: ColumnElement[int],
) -> ColumnElement[Any]:
    if attr == "ssn":
        return _last_four(column, own, seen)
    if _is_needed(file, attr) or attr == FILES[file].key.attr:
        return column
    opened = seen.bitwise_and(int(category_of(file, attr))) != 0
    label = _label(file, attr, column)
    if label is not None:
        opened = and_(opened, label.bitwise_and(named.bitwise_not()) == 0)
    return case((or_(own, opened), column))


def _last_four(
    ssn: ColumnElement[Any], own: ColumnElement[bool], seen: ColumnElement[int]
) -> ColumnElement[Any]:
    """A full SSN is for nobody's eyes (`auth.consent.ROLE_MAY_SEE`), so no more than its end is read."""
    last_four = case((func.length(ssn) == 9, literal("xxxxx").concat(func.right(ssn, 4))))
    shown: ColumnElement[Any] = case((or_(own, seen.bitwise_and(int(Category.SSN_LAST4)) != 0), last_four))
    return shown


def _label(file: str, attr: str, column: ColumnElement[Any]) -> ColumnElement[int] | None:
    """The label of a value as a mask; None where the column never carries one."""
    always, by_code = labels.of_column(file, attr)
    if by_code:
        whens = [(column == code, literal(int(always | label))) for code, label in by_code.items()]
        return case(*whens, else_=literal(int(always)))
    return literal(int(always)) if always else None
