"""The 24 HMIS core tables, built from HUD's specification (`hmis/spec/tables.csv`).

A row is named by its source and HUD's own key: two systems may both have an EnrollmentID 7. HUD's rules on
null are checked and reported at import, not enforced here, because every real export breaks some of them and
a row is worth more than a rule. What a row may not lack is its key.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Computed,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Numeric,
    Table,
    Text,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID
from sqlalchemy.types import TypeEngine

from hmis import spec
from hmis.sounds import sound_in_sql
from hmis.tables.metadata import metadata

_TYPES: dict[spec.ColumnType, TypeEngine[Any]] = {
    "I": Integer(),
    "S": Text(),
    "D": Date(),
    "T": DateTime(),
    "M": Numeric(12, 2),
}

PARENTS: dict[str, tuple[tuple[str, str], ...]] = {
    "Project": (("Organization", "organization_id"),),
    "Funder": (("Project", "project_id"),),
    "ProjectCoC": (("Project", "project_id"),),
    "Inventory": (("Project", "project_id"),),
    "Affiliation": (("Project", "project_id"),),
    "HMISParticipation": (("Project", "project_id"),),
    "CEParticipation": (("Project", "project_id"),),
    "Enrollment": (("Client", "personal_id"), ("Project", "project_id")),
    **dict.fromkeys(
        (
            "Exit",
            "IncomeBenefits",
            "HealthAndDV",
            "EmploymentEducation",
            "Disabilities",
            "Services",
            "CurrentLivingSituation",
            "Assessment",
            "Event",
            "YouthEducationStatus",
        ),
        (("Enrollment", "enrollment_id"),),
    ),
    "AssessmentQuestions": (("Assessment", "assessment_id"),),
    "AssessmentResults": (("Assessment", "assessment_id"),),
}
"""The rows without which a row makes no sense. References to User and Export are left open: real exports
carry UserIDs that User.csv lacks."""

# How rows are read: the facts of a stay by stay and date, stays by person, by project and by household.
_READ_BY: dict[str, tuple[tuple[str, ...], ...]] = {
    "Project": (("organization_id",),),
    "Funder": (("project_id",),),
    "ProjectCoC": (("project_id",),),
    "Inventory": (("project_id",),),
    "Affiliation": (("project_id",),),
    "HMISParticipation": (("project_id",),),
    "CEParticipation": (("project_id",),),
    "Enrollment": (("personal_id", "entry_date"), ("project_id", "personal_id"), ("household_id",)),
    "Exit": (("enrollment_id",),),
    "IncomeBenefits": (("enrollment_id", "information_date"),),
    "HealthAndDV": (("enrollment_id", "information_date"),),
    "EmploymentEducation": (("enrollment_id", "information_date"),),
    "Disabilities": (("enrollment_id", "information_date"),),
    "Services": (("enrollment_id", "date_provided"),),
    "CurrentLivingSituation": (("enrollment_id", "information_date"),),
    "Assessment": (("enrollment_id", "assessment_date"),),
    "AssessmentQuestions": (("assessment_id",),),
    "AssessmentResults": (("assessment_id",),),
    "Event": (("enrollment_id", "event_date"),),
    "YouthEducationStatus": (("enrollment_id", "information_date"),),
}


def _table(file: spec.File) -> Table:
    table = Table(
        file.table,
        metadata,
        Column("source_id", Integer, ForeignKey("source.id"), primary_key=True, autoincrement=False),
        *(
            Column(
                column.attr,
                _TYPES[column.type],
                primary_key=column.key == "PK",
                comment=f"{file.name}.{column.name}" + (f", HUD {column.element}" if column.element else ""),
            )
            for column in file.columns
        ),
        Column("id", UUID(), nullable=False, server_default=func.gen_random_uuid()),
        Column("import_id", BigInteger, nullable=False, comment="The import that last changed the row"),
        Column(
            "removed_at",
            DateTime(timezone=True),
            comment="Null = live. Set by DateDeleted, or by absence from a full refresh",
        ),
        Column("set_aside", JSONB, comment="What the file said and no column can hold, by column name"),
        comment=f"HMIS CSV {file.name}.csv, FY2026",
    )
    for parent, attr in PARENTS.get(file.name, ()):
        target = spec.FILES[parent]
        table.append_constraint(
            ForeignKeyConstraint(
                ["source_id", attr], [f"{target.table}.source_id", f"{target.table}.{target.key.attr}"]
            )
        )
    for columns in _READ_BY.get(file.name, ()):
        Index(None, table.c.source_id, *(table.c[name] for name in columns))
    return table


HMIS: dict[str, Table] = {name: _table(file) for name, file in spec.FILES.items()}
"""The core tables by HUD's file name, parents before children."""

# A person is looked up by what staff type: the beginning of a name, a birth date, the end of an SSN. Kept
# ready in columns: below row-level security PostgreSQL uses an index only for operators that cannot leak
# through their errors, and lower() and right() are not among those. In the order of bytes, so that one index
# serves a beginning and an order.
_KEPT = {
    "name_order": "lower(last_name) || chr(1) || coalesce(lower(first_name), '')",
    "first_name_lower": "lower(first_name)",
    "ssn_last_four": '"right"(ssn, 4)',
    "first_name_sound": sound_in_sql("first_name"),
    "last_name_sound": sound_in_sql("last_name"),
}
for _name, _value in _KEPT.items():
    HMIS["Client"].append_column(Column(_name, Text(collation="C"), Computed(_value, persisted=True)))
    Index(f"ix_client_{_name}", HMIS["Client"].c[_name])
Index("ix_client_dob", HMIS["Client"].c.dob)
