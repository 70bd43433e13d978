"""HUD's specification as data: all of it is there, and it speaks of nothing that is not there."""

from __future__ import annotations

from collections import Counter

import pytest

from hmis.spec import CONDITIONS, FILES, FY2024, LISTS, Column, File, snake

# What each of our own tables has beside HUD's columns (hmis/tables/core.py).
OURS = {"source_id", "id", "import_id", "removed_at", "set_aside"}
# The conditions by kind: a row that was lost from conditions.csv would be a rule nobody checks any more.
KINDS = {
    "null_unless": 68, "note": 13, "format": 11, "code": 8, "required_if": 8, "fk_where": 5, "range": 4,
    "not_in": 3, "list_by": 3, "one_of": 1,
}  # fmt: skip

COLUMNS = [(file, column) for file in FILES.values() for column in file.columns]
EVERY_FILE = pytest.mark.parametrize("file", FILES.values(), ids=FILES)


def test_all_of_fy2026_is_there() -> None:
    assert len(FILES) == 24
    assert len(COLUMNS) == 519
    assert sum(len(codes.codes) for codes in LISTS.values()) == 1_166
    assert len(CONDITIONS) == 124
    assert Counter(condition.kind for condition in CONDITIONS) == KINDS


def test_fy2024_removed_fourteen_columns_and_renamed_one() -> None:
    renamed = [(former.fy2024, former.fy2026) for former in FY2024 if former.fy2026]

    assert len(FY2024) == 15
    assert renamed == [("HispanicLatinaeo", "HispanicLatinao")]
    for former in FY2024:
        assert former.fy2024 not in FILES[former.file].by_name
        assert not former.fy2026 or former.fy2026 in FILES[former.file].by_name


def test_types_are_the_five_letters() -> None:
    assert {column.type for _, column in COLUMNS} == {"I", "S", "D", "T", "M"}


def test_texts_and_only_texts_have_a_length() -> None:
    for _, column in COLUMNS:
        assert (column.length is not None) is (column.type == "S"), column.name
        assert column.length is None or column.length > 0, column.name


def test_only_money_can_be_said_to_be_not_negative() -> None:
    assert {column.type for _, column in COLUMNS if column.not_negative} == {"M"}


@EVERY_FILE
def test_each_file_has_one_key_and_it_is_required(file: File) -> None:
    keys = [column for column in file.columns if column.key == "PK"]

    assert keys == [file.key]
    assert file.key.required
    assert file.key.type == "S"


@EVERY_FILE
def test_names_in_snake_case_are_unique_and_leave_room_for_our_own(file: File) -> None:
    attrs = [column.attr for column in file.columns]

    assert len(set(attrs)) == len(attrs)
    assert not OURS & set(attrs)
    assert all(attr.isidentifier() and attr == attr.lower() for attr in attrs)
    assert file.by_attr.keys() == set(attrs)


def test_tables_are_named_once() -> None:
    assert len({file.table for file in FILES.values()}) == len(FILES)


@pytest.mark.parametrize(
    ("hud", "ours"),
    [
        ("PersonalID", "personal_id"),
        ("RelationshipToHoH", "relationship_to_hoh"),
        ("ProjectCoCID", "project_coc_id"),
        ("SSN", "ssn"),
        ("DOBDataQuality", "dob_data_quality"),
        ("SourceID", "hud_source_id"),
        ("HealthAndDV", "health_and_dv"),
        ("User", "hmis_user"),
    ],
)
def test_names_are_read_as_a_person_would(hud: str, ours: str) -> None:
    assert snake(hud) == ours


def test_every_list_that_a_column_names_is_there_and_every_list_is_named() -> None:
    assert {number for _, column in COLUMNS for number in column.lists} == LISTS.keys()


def test_a_column_with_several_lists_has_a_rule_that_chooses() -> None:
    several = {(file.name, column.name) for file, column in COLUMNS if len(column.lists) > 1}

    assert several == {
        (condition.file, condition.column) for condition in CONDITIONS if condition.kind == "list_by"
    }


def test_conditions_speak_of_columns_that_are_there() -> None:
    for condition in CONDITIONS:
        assert condition.column in FILES[condition.file].by_name, condition
        assert condition.rule, condition


def test_parents_come_before_children() -> None:
    before: set[str] = set()
    for file in FILES.values():
        for parent in _parents(file):
            # HUD puts User.csv behind Organization.csv, and a user is a reference that may stay open.
            assert parent in before or parent == "User", f"{file.name} before {parent}"
        before.add(file.name)


@EVERY_FILE
def test_a_foreign_key_names_a_column_that_is_there(file: File) -> None:
    for column in file.columns:
        if target := _target(column):
            parent, _, columns = target.partition(".")
            for name in columns.strip("()").split(","):
                assert name in FILES[parent].by_name, f"{file.name}.{column.name}"


def _target(column: Column) -> str:
    return column.key.removeprefix("FK->") if column.key.startswith("FK->") else ""


def _parents(file: File) -> set[str]:
    targets = filter(None, map(_target, file.columns))
    return {target.partition(".")[0] for target in targets} - {file.name}
