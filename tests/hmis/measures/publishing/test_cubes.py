"""Relations are read off the keys, across cubes."""

from __future__ import annotations

import pytest

from hmis.measures.publishing.cells import VICTIM_SERVICES, Kind, NotATable, Relation
from hmis.measures.publishing.cubes import key_of, relations_among

GROUPS = {
    "type": {"ES+TH": ("ES", "TH")},
    "period": {"2026": ("2026-01", "2026-02"), "FY2026": ("2026-01", "2026-02")},
}
UNIONS = {("people", "type"): Kind.UNION, ("people", "period"): Kind.UNION}


def test_a_key_does_not_depend_on_the_order_of_its_dimensions() -> None:
    assert key_of("people", type="ES", period="2026") == key_of("people", period="2026", type="ES")
    assert key_of("people") == ("people",)


def test_a_group_stands_between_its_members_and_the_total() -> None:
    keys = [key_of("people"), *(key_of("people", type=name) for name in ("ES", "TH", "PSH", "ES+TH"))]

    assert relations_among(keys, UNIONS, GROUPS) == [
        Relation(("people",), (("people", "type=ES+TH"), ("people", "type=PSH")), Kind.UNION),
        Relation(("people", "type=ES+TH"), (("people", "type=ES"), ("people", "type=TH")), Kind.UNION),
    ]


def test_members_are_parts_of_the_total_where_their_group_is_not_there() -> None:
    keys = [key_of("people"), key_of("people", type="ES"), key_of("people", type="TH")]

    assert relations_among(keys, UNIONS, GROUPS) == [
        Relation(("people",), (("people", "type=ES"), ("people", "type=TH")), Kind.UNION)
    ]


def test_months_are_parts_of_each_year_they_lie_in() -> None:
    keys = [key_of("entries", period=name) for name in ("2026-01", "2026-02", "2026", "FY2026")]

    assert [
        (one.total, one.kind) for one in relations_among(keys, {("entries", "period"): Kind.SUM}, GROUPS)
    ] == [
        (("entries", "period=2026"), Kind.SUM),
        (("entries", "period=FY2026"), Kind.SUM),
    ]


def test_a_year_of_which_a_month_is_lacking_only_holds_the_others() -> None:
    keys = [key_of("entries", period=name) for name in ("2026-01", "2026")]

    assert relations_among(keys, {("entries", "period"): Kind.SUM}, GROUPS) == [
        Relation(("entries", "period=2026"), (("entries", "period=2026-01"),), Kind.WITHIN)
    ]


def test_what_does_not_add_up_has_no_relation_and_what_is_not_said_is_an_error() -> None:
    keys = [key_of("people"), key_of("people", night="2026-01-31")]

    assert relations_among(keys, {("people", "night"): None}) == []
    with pytest.raises(NotATable):
        relations_among(keys, {})


def test_victim_service_providers_have_no_total_with_others() -> None:
    theirs = VICTIM_SERVICES.partition("=")[2]
    keys = [
        key_of("people"),
        key_of("people", providers=theirs),
        key_of("people", providers=theirs, type="ES"),
        key_of("people", type="ES"),
    ]

    assert relations_among(keys, UNIONS) == [
        Relation(("people",), (("people", "type=ES"),), Kind.UNION),
        Relation(("people", VICTIM_SERVICES), (("people", VICTIM_SERVICES, "type=ES"),), Kind.UNION),
    ]
