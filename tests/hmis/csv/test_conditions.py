"""HUD's row rules, as written for people, find the rows that break them."""

from __future__ import annotations

import polars as pl
import pytest

from hmis.csv import conditions
from hmis.csv.conditions import NEEDS_PROJECT, checks, holds
from hmis.spec import CONDITIONS, FILES


@pytest.mark.parametrize(
    ("rule", "values", "holding"),
    [
        ("RecordType = 144", {"record_type": 144}, True),
        ("RecordType = 144", {"record_type": None}, False),
        ("RecordType <> 144", {"record_type": 200}, True),
        ("RecordType in (151, 152)", {"record_type": 152}, True),
        ("RecordType in (151, 152)", {"record_type": 15}, False),
        ("RecordType is not null", {"record_type": None}, False),
        ("RecordType = 1 and TypeProvided = 2", {"record_type": 1, "type_provided": 2}, True),
        ("RecordType = 1 and TypeProvided = 2", {"record_type": 1, "type_provided": None}, False),
        (
            "(RecordType = 1 and TypeProvided = 6) Or (RecordType = 2)",
            {"record_type": 2, "type_provided": 1},
            True,
        ),
    ],
)
def test_conditions_are_read_as_written(rule: str, values: dict[str, int | None], holding: bool) -> None:
    frame = pl.DataFrame({name: [value] for name, value in values.items()}, dict.fromkeys(values, pl.Int32))
    assert frame.select(holds(rule, "Services")).item() is holding


def test_a_condition_that_is_not_understood_is_not_passed_over() -> None:
    with pytest.raises(ValueError, match="expected"):
        holds("RecordType like 144", "Services")
    with pytest.raises(ValueError, match="unread"):
        holds("RecordType = 144 hopefully", "Services")


def test_every_rule_that_a_row_can_answer_is_checked() -> None:
    checked = {(file, check.column) for file in FILES for check in checks(file)}
    for condition in CONDITIONS:
        where = (condition.file, condition.column)
        if condition.kind in ("note", "code", "fk_where") or where in NEEDS_PROJECT:
            continue
        assert (condition.file, FILES[condition.file].by_name[condition.column].attr) in checked, condition


def _broken(file: str, **values: int | str | None) -> set[tuple[str, str]]:
    columns = FILES[file].columns
    types = {column.attr: pl.Int32 if column.type == "I" else pl.String for column in columns}
    row = {column.attr: [values.get(column.name)] for column in columns}
    frame = pl.DataFrame(row, types).with_columns(pl.lit(2026).alias("export_year"))
    return {
        (check.rule, check.column)
        for check in checks(file)
        if frame.select(check.broken.fill_null(value=False)).item()
    }


@pytest.mark.parametrize(
    ("record", "provided", "fits"),
    [(200, 200, True), (200, 2, False), (144, 2, True), (144, 200, False), (300, 5, True), (151, 99, False)],
)
def test_the_record_type_chooses_the_list_of_services(record: int, provided: int, fits: bool) -> None:
    found = _broken("Services", RecordType=record, TypeProvided=provided)
    assert (("code-not-in-list", "type_provided") in found) is not fits


def test_sub_types_have_three_lists_and_are_expected_nowhere_else() -> None:
    assert _broken("Services", RecordType=144, TypeProvided=3, SubTypeProvided=1) == set()
    assert ("code-not-in-list", "sub_type_provided") in _broken(
        "Services", RecordType=144, TypeProvided=3, SubTypeProvided=99
    )
    assert ("value-not-expected", "sub_type_provided") in _broken(
        "Services", RecordType=200, TypeProvided=200, SubTypeProvided=1
    )


def test_substance_use_has_its_own_responses() -> None:
    assert _broken("Disabilities", DisabilityType=10, DisabilityResponse=3) == set()
    assert _broken("Disabilities", DisabilityType=5, DisabilityResponse=3) == {
        ("code-not-in-list", "disability_response")
    }


@pytest.mark.parametrize(
    ("assessment", "information", "fits"), [(1, 3, True), (1, 11, False), (2, 11, True), (3, 1, False)]
)
def test_subsidy_information_goes_with_the_assessment(assessment: int, information: int, fits: bool) -> None:
    found = _broken("Exit", HousingAssessment=assessment, SubsidyInformation=information)
    assert (found == set()) is fits


@pytest.mark.parametrize(
    ("day", "fits"),
    [("2025-12-24", True), ("2026-06-22", True), ("2026-06-23", False), ("2025-12-23", False)],
)
def test_aftercare_is_within_180_days_of_the_exit(day: str, fits: bool) -> None:
    assert (_broken("Exit", ExitDate="2025-12-24", AftercareDate=day) == set()) is fits


def test_race_none_is_for_rows_without_a_race() -> None:
    races = (
        "AmIndAKNative",
        "Asian",
        "BlackAfAmerican",
        "HispanicLatinao",
        "MidEastNAfrican",
        "NativeHIPacific",
        "White",
    )
    none: dict[str, int | str | None] = dict.fromkeys(races, 0)
    assert _broken("Client", **none, RaceNone=99) == set()
    assert _broken("Client", **(none | {"White": 1}), RaceNone=99) == {("value-not-expected", "race_none")}


@pytest.mark.parametrize(
    ("ssn", "fits"), [("123xx6789", True), ("123456789", True), ("123-45-6789", False), ("12345678", False)]
)
def test_an_ssn_has_nine_digits_or_x(ssn: str, fits: bool) -> None:
    assert (_broken("Client", SSN=ssn) == set()) is fits


def test_hud_says_nothing_that_this_table_of_kinds_does_not_know() -> None:
    kinds = {condition.kind for condition in CONDITIONS}
    assert kinds == set(conditions._KINDS) | {"code", "note", "fk_where"}
