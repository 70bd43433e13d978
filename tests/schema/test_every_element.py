"""Every client-level and project-level column of FY2026 is told by some field, in the type HUD gives it."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from strawberry.types.base import StrawberryList, StrawberryOptional

from hmis.codes import BY_LIST
from hmis.spec import FILES, Column
from schema.fields import HubField
from tests.schema.declared import fields

NOT_TOLD_FILES = {
    "Export": "about the export, not about people or projects; the importer's report tells it",
    "User": "about staff, who are nobody's clients",
}
NOT_TOLD_COLUMNS = {
    "UserID": "names staff",
    "ExportID": "names the export",
    "DateDeleted": "a deleted row is not shown at all",
}
FOREIGN_KEYS = {
    "PersonalID": "Client: said once by ClientIdentifier.value; below it the field `client`",
    "EnrollmentID": "Enrollment: said once by Enrollment.identifier; what hangs on a stay stands below it",
    "ProjectID": "Project: said once by Project.identifier; what hangs on a project stands below it",
    "AssessmentID": "Assessment: said once by Assessment.identifier; questions and results stand below it",
}
"""Said in the file of the same name; elsewhere the place in the tree says it."""


def _must_be_told() -> set[str]:
    return {
        f"{file.name}.{column.name}"
        for file in FILES.values()
        if file.name not in NOT_TOLD_FILES
        for column in file.columns
        if column.name not in NOT_TOLD_COLUMNS
        and not (column.name in FOREIGN_KEYS and not FOREIGN_KEYS[column.name].startswith(f"{file.name}:"))
    }


def _told() -> dict[str, list[str]]:
    told: dict[str, list[str]] = {}
    for name, field in fields():
        for column in field.hud:
            told.setdefault(column, []).append(name)
    return told


def test_every_column_is_told_by_a_field() -> None:
    assert _must_be_told() - set(_told()) == set()


def test_what_is_not_told_is_listed_and_nothing_else_is() -> None:
    assert set(_told()) - _must_be_told() == {"Enrollment.ProjectID"}  # by the edge `project`


def test_only_the_program_of_a_service_is_told_twice() -> None:
    twice = {column: names for column, names in _told().items() if len(names) > 1}
    assert twice == {"Services.RecordType": ["Service.recordType", "Service.type"]}


def _said_as(field: HubField) -> object:
    kind = field.type
    while isinstance(kind, StrawberryOptional | StrawberryList):
        kind = kind.of_type
    return field.words or kind


def _expected(column: Column) -> object:
    if len(column.lists) == 1 and column.lists[0] in BY_LIST:
        return BY_LIST[column.lists[0]]
    return {"I": int, "S": str, "D": datetime.date, "T": datetime.datetime, "M": Decimal}[column.type]


@pytest.mark.parametrize(
    ("name", "field"),
    [
        (name, field)
        for name, field in fields()
        if len(field.hud) == 1 and field.base_resolver is None and field.said is None
    ],
)
def test_a_column_is_said_in_its_own_type_and_code_list(name: str, field: HubField) -> None:
    file, _, column = field.hud[0].partition(".")
    assert _said_as(field) is _expected(FILES[file].by_name[column])


def test_every_description_ends_with_the_element_number() -> None:
    for _, field in fields():
        for told in field.hud:
            file, _, column = told.partition(".")
            for element in filter(None, FILES[file].by_name[column].element.split(",")):
                assert element in (field.description or "").partition(" HUD ")[2]
