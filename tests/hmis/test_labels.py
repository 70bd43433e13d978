"""Labels: what a value tells without saying it. The list is the consent rules' own."""

from __future__ import annotations

from datetime import date

import pytest

from hmis.labels import FUNDERS, TARGET_POPULATIONS, Label, of_rows, of_value
from hmis.spec import FILES


@pytest.mark.parametrize(
    ("file", "attr", "value", "label"),
    [
        ("Enrollment", "living_situation", 204, Label.MENTAL_HEALTH),
        ("Enrollment", "living_situation", 116, Label(0)),
        ("Exit", "destination", 205, Label.SUD),
        ("Exit", "destination", 207, Label.JUSTICE),
        ("Exit", "destination", 327, Label.HIV),
        ("CurrentLivingSituation", "current_living_situation", 426, Label.HIV),
        ("IncomeBenefits", "adap", 0, Label.HIV),
        ("IncomeBenefits", "snap", 1, Label(0)),
        ("HealthAndDV", "domestic_violence_survivor", 0, Label.DV),
        ("HealthAndDV", "general_health_status", 1, Label(0)),
    ],
)
def test_a_value_carries_the_label_of_its_column_or_code(
    file: str, attr: str, value: int, label: Label
) -> None:
    assert of_value(file, attr, value) == label


@pytest.mark.parametrize(
    ("file", "values", "label"),
    [
        ("Services", {"record_type": 143}, Label.HIV),
        ("Services", {"record_type": 151}, Label.HIV),
        ("Services", {"record_type": 142}, Label.RHY),
        ("Services", {"record_type": 141}, Label.MENTAL_HEALTH),
        ("Services", {"record_type": 161}, Label.MENTAL_HEALTH),
        ("Services", {"record_type": 200}, Label(0)),
        ("Disabilities", {"disability_type": 8}, Label.HIV),
        ("Disabilities", {"disability_type": 9}, Label.MENTAL_HEALTH),
        ("Disabilities", {"disability_type": 10}, Label.SUD),
        ("Disabilities", {"disability_type": 5}, Label(0)),
        ("Disabilities", {"disability_type": None}, Label(0)),
        ("Exit", {"destination": 205}, Label(0)),
    ],
)
def test_a_row_carries_the_label_of_its_kind(file: str, values: dict[str, int], label: Label) -> None:
    attr, codes = of_rows(file) or ("", {})
    assert codes.get(values.get(attr) or 0, Label(0)) == label


def test_funders_and_target_populations_tell_of_what_the_rules_name() -> None:
    assert {code for code, label in FUNDERS.items() if label is Label.HIV} == {13, 14, 15, 16, 17, 18, 19, 48}
    assert {code for code, label in FUNDERS.items() if label is Label.RHY} == {22, 23, 24, 25, 26}
    assert {code for code, label in FUNDERS.items() if label is Label.MENTAL_HEALTH} == {21}
    assert TARGET_POPULATIONS == {1: Label.DV, 3: Label.HIV}


def test_every_labelled_column_is_a_column_of_the_format() -> None:
    for file, spec in FILES.items():
        for column in spec.columns:
            of_value(file, column.attr, 1)
    from hmis import labels

    for file, attr in (*labels._COLUMNS, *labels._VALUES, *labels._ROWS):
        assert attr in FILES[file].by_attr


TELLING = {"hiv", "dv", "substance_use", "justice", "trafficking", "youth"}


def test_every_column_that_the_format_calls_telling_carries_a_label() -> None:
    telling = [
        (file, column.attr)
        for file, spec in FILES.items()
        for column in spec.columns
        if column.sensitive in TELLING
    ]
    assert len(telling) > 50
    assert [place for place in telling if not of_value(*place, 1)] == []


def test_questions_of_two_matters_carry_both_labels() -> None:
    assert of_value("Enrollment", "incarcerated_parent", 1) == Label.RHY | Label.JUSTICE
    assert of_value("Enrollment", "alcohol_drug_use_disorder_fam", 1) == Label.RHY | Label.SUD
    assert of_value("Exit", "exchange_for_sex", 1) == Label.RHY | Label.DV
    assert of_value("Exit", "early_exit_reason", 1) == Label.RHY | Label.JUSTICE
    assert of_value("Exit", "cm_exit_reason", 1) == Label(0)
    assert of_value("Exit", "cm_exit_reason", 11) == Label.JUSTICE


def test_the_day_of_the_last_change_tells_as_much_as_all_that_may_have_changed() -> None:
    assert of_value("IncomeBenefits", "date_updated", date(2026, 1, 1)) == Label.HIV
    assert of_value("HealthAndDV", "date_updated", date(2026, 1, 1)) == Label.DV | Label.MENTAL_HEALTH
    assert Label.JUSTICE in of_value("CurrentLivingSituation", "date_updated", date(2026, 1, 1))
    assert of_value("Event", "date_updated", date(2026, 1, 1)) == Label(0)
