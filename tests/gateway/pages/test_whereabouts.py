"""When somebody had a home and when not, from their stays."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateway.pages.living import PLACES, PROJECTS, Where, place, where
from gateway.pages.whereabouts import Stay, nights, now, spells

START, TODAY = date(2023, 7, 1), date(2026, 7, 1)
SHELTER, RAPID, ENTRY = "EMERGENCY_SHELTER_ENTRY_EXIT", "RAPID_REHOUSING", "COORDINATED_ENTRY"
HOME, STREET = "RENTAL_WITH_SUBSIDY", "PLACE_NOT_MEANT_FOR_HABITATION"


def a_stay(entry: str | None, left: str | None = None, type_: str | None = SHELTER, **more: Any) -> Stay:
    exit_ = date.fromisoformat(left) if left else None
    begun = date.fromisoformat(entry) if entry else None
    return Stay("s", "Project", "Agency", type_, begun, exit_, **{"left": left is not None, **more})


def told(*stays: Stay) -> list[tuple[str, str, str, bool]]:
    found = spells(stays, START, TODAY)
    return [(str(one.start), str(one.end), one.where.value, one.is_sure) for one in found]


def test_without_stays_nothing_is_known() -> None:
    assert told() == [("2023-07-01", "2026-07-01", "unknown", False)]
    assert now(spells([], START, TODAY)) is None


def test_a_shelter_until_a_home_that_was_heard_of() -> None:
    assert told(a_stay("2024-01-01", "2024-03-01", destination=HOME)) == [
        ("2023-07-01", "2024-01-01", "unknown", False),
        ("2024-01-01", "2024-03-01", "homeless", True),
        ("2024-03-01", "2026-07-01", "home", False),
    ]


def test_in_housing_one_has_a_home_from_the_day_of_moving_in() -> None:
    rapid = a_stay("2024-01-01", None, RAPID, move_in=date(2024, 2, 1), before=STREET)
    assert told(rapid)[1:] == [
        ("2024-01-01", "2024-02-01", "homeless", False),
        ("2024-02-01", "2026-07-01", "home", True),
    ]


def test_housing_that_nobody_moved_into_is_no_home() -> None:
    assert told(a_stay("2024-01-01", None, RAPID))[-1][2] == "unknown"


def test_who_moved_in_has_a_home_though_the_shelter_forgot_the_exit() -> None:
    shelter = a_stay("2024-01-01")
    rapid = a_stay("2024-01-10", None, RAPID, move_in=date(2024, 2, 1))
    assert told(shelter, rapid)[1:] == [
        ("2024-01-01", "2024-02-01", "homeless", True),
        ("2024-02-01", "2026-07-01", "home", True),
    ]


def test_what_the_client_told_goes_before_the_stay() -> None:
    shelter = a_stay("2024-02-01", "2024-03-01", homeless_since=date(2023, 12, 1), destination=STREET)
    assert told(shelter)[1:] == [
        ("2023-12-01", "2024-02-01", "homeless", False),
        ("2024-02-01", "2024-03-01", "homeless", True),
        ("2024-03-01", "2026-07-01", "homeless", False),
    ]
    assert nights(spells([shelter], START, TODAY))[Where.HOMELESS][2] == 1


def test_the_newest_exit_is_what_was_heard_last() -> None:
    earlier = a_stay("2024-01-01", "2024-02-01", destination=HOME)
    later = a_stay("2024-01-15", "2024-03-01", ENTRY)
    assert told(earlier, later)[-1] == ("2024-03-01", "2026-07-01", "unknown", False)


def test_hidden_days_claim_nothing() -> None:
    assert told(a_stay(None), a_stay(None, "2024-01-01")) == told()
    exit_hidden = Stay("s", None, None, SHELTER, date(2024, 1, 1), None, left=True)
    assert told(exit_hidden) == told()


def test_a_stay_of_one_day_leaves_what_was_heard() -> None:
    assert told(a_stay("2024-01-01", "2024-01-01", destination=HOME))[1:] == [
        ("2024-01-01", "2026-07-01", "home", False)
    ]


def test_every_place_and_project_has_words() -> None:
    assert {where(one.name) for one in PLACES} == set(Where)
    assert all(place(one.name) for one in PLACES)
    assert place(None) is None
    assert where(None) is Where.UNKNOWN
    assert SHELTER in PROJECTS


DAYS = st.dates(date(2022, 1, 1), date(2027, 1, 1))
STAYS = st.builds(
    Stay,
    id=st.just("s"),
    project=st.none(),
    agency=st.none(),
    type=st.sampled_from([None, *PROJECTS]),
    entry=st.none() | DAYS,
    exit=st.none() | DAYS,
    left=st.booleans(),
    destination=st.sampled_from([None, *(one.name for one in PLACES)]),
    move_in=st.none() | DAYS,
    before=st.sampled_from([None, HOME, STREET]),
    homeless_since=st.none() | DAYS,
)


@given(st.lists(STAYS, max_size=12))
def test_every_day_is_told_once(stays: list[Stay]) -> None:
    found = spells(stays, START, TODAY)
    assert found[0].start == START
    assert found[-1].end == TODAY
    for before, after in pairwise(found):
        assert before.end == after.start
        assert (before.where, before.is_sure) != (after.where, after.is_sure)
    assert sum(one[0] for one in nights(found).values()) == (TODAY - START).days


@given(st.lists(STAYS, max_size=3))
def test_a_day_is_told_alike_whichever_day_one_begins_at(stays: list[Stay]) -> None:
    found = spells(stays, START, TODAY)
    for spell in found:
        assert spells(stays, spell.start, TODAY)[0] == spell
