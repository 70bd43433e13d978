"""Reading a partner's record: types, codes, absent and null."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import jmespath
import pytest

from connectors.mapping import Unreadable, convert, fill, items_of, moment, read_field, text_key
from connectors.supply import Field
from tests.connectors.partners import household, manifest_of

FIELDS = manifest_of("pantry").supplies["FoodAssistance"].fields


def test_a_record_reads_in_our_types() -> None:
    record = household("H-1", registrations=[{"program": "CSFP"}, {"program": "BACKPACK"}])

    assert {name: read_field(field, record) for name, field in FIELDS.items()} == {
        "lastVisit": date(2026, 2, 13),
        "visitCount": 2,
        "programs": ["CSFP", "OTHER"],
    }


def test_a_household_without_visits_has_none_and_not_an_unknown_number() -> None:
    record = household("H-1", visits=[], registrations=[])

    assert {name: read_field(field, record) for name, field in FIELDS.items()} == {
        "lastVisit": None,
        "visitCount": 0,
        "programs": [],
    }


@pytest.mark.parametrize(
    ("name", "record"),
    [
        ("visitCount", {}),
        ("visitCount", {"visits": 3}),
        ("lastVisit", {"visits": [{"date": "13.02.2026"}]}),
        ("lastVisit", {"visits": [{"date": "2026-01-01"}, {"date": 7}]}),
        ("lastVisit", {"visits": None}),
        ("visitCount", "not a record"),
    ],
)
def test_a_record_of_another_shape_is_unreadable(name: str, record: Any) -> None:
    with pytest.raises(Unreadable):
        read_field(FIELDS[name], record)


@pytest.mark.parametrize(
    ("type_", "raw", "value"),
    [
        ("Int", 3, 3),
        ("Decimal", "12.30", Decimal("12.30")),
        ("Decimal", 12.3, Decimal("12.3")),
        ("Boolean", False, False),
        ("String", "x", "x"),
        ("Date", "2026-02-13T10:00:00Z", date(2026, 2, 13)),
        ("DateTime", "2026-02-13T10:00:00", datetime(2026, 2, 13, 10, tzinfo=UTC)),
        ("Int", None, None),
    ],
)
def test_scalars_convert(type_: str, raw: object, value: object) -> None:
    assert convert(Field("x", type_, False, None, None), raw) == value


@pytest.mark.parametrize(
    ("type_", "raw"),
    [
        ("Int", "3"),
        ("Int", True),
        ("Int", 3.5),
        ("Decimal", "NaN"),
        ("Decimal", "twelve"),
        ("Boolean", "yes"),
        ("String", 7),
        ("Date", 20260213),
    ],
)
def test_what_is_not_of_the_type_is_not_guessed_and_not_quoted(type_: str, raw: object) -> None:
    with pytest.raises(Unreadable) as unreadable:
        convert(Field("x", type_, False, None, None), raw)

    assert str(unreadable.value) == f"x is not a {type_}"


def test_a_code_that_no_map_knows_is_unreadable_unless_the_map_has_a_star() -> None:
    strict = Field("fuel", "HeatingFuel", False, None, {"GAS": "NATURAL_GAS"})

    assert convert(strict, "GAS") == "NATURAL_GAS"
    with pytest.raises(Unreadable):
        convert(strict, "PEAT")
    assert convert(Field("fuel", "HeatingFuel", False, None, {"*": "OTHER"}), "PEAT") == "OTHER"


def test_a_body_is_filled_with_values_in_their_own_types() -> None:
    body = {"ids": "{subject_ids}", "who": ["{person.first_name}", {"as": "Mr {person.first_name}"}], "n": 1}

    assert fill(body, {"subject_ids": ["a", "b"], "person.first_name": "Ada"}) == {
        "ids": ["a", "b"],
        "who": ["Ada", {"as": "Mr Ada"}],
        "n": 1,
    }


def test_a_name_that_looks_like_a_placeholder_is_a_name() -> None:
    assert fill("{person.first_name}", {"person.first_name": "{config.api_key}"}) == "{config.api_key}"


def test_ids_may_be_numbers_and_an_item_without_one_is_unreadable() -> None:
    key = jmespath.compile("id")

    assert text_key(key, {"id": 7}) == "7"
    for item in ({}, {"id": ""}, {"id": True}, {"id": ["x"]}, None):
        with pytest.raises(Unreadable):
            text_key(key, item)


def test_an_answer_without_its_list_is_unreadable() -> None:
    assert items_of(jmespath.compile("items"), {"items": []}) == []
    others: list[object] = [{}, [], {"items": {}}, {"items": None}, None]
    for answer in others:
        with pytest.raises(Unreadable):
            items_of(jmespath.compile("items"), answer)


def test_moments_are_days_or_moments_with_a_zone() -> None:
    assert moment("2026-02-13") == date(2026, 2, 13)
    assert moment("2026-02-13T10:00:00Z") == datetime(2026, 2, 13, 10, tzinfo=UTC)
    assert moment(None) is None
    with pytest.raises(Unreadable):
        moment(1770976800)
