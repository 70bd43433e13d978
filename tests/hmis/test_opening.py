"""When a place is open, in words and at a moment."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dateutil import rrule  # type: ignore[import-untyped]  # it has no types
from hypothesis import given, settings
from hypothesis import strategies as st

from hmis.opening import DAYS, Opening, as_json, begins_on, from_json, in_words, is_open

NEW_YORK = ZoneInfo("America/New_York")
NINE, FIVE = time(9), time(17)
WORKDAYS = Opening(freq="WEEKLY", byday=("MO", "TU", "WE", "TH", "FR"), opens=NINE, closes=FIVE)
MONDAY = date(2026, 6, 29)


def there(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=NEW_YORK)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (there(MONDAY, 8, 59), False),
        (there(MONDAY, 9), True),
        (there(MONDAY, 16, 59), True),
        (there(MONDAY, 17), False),
        (there(MONDAY - timedelta(days=1), 12), False),
        (datetime(2026, 6, 29, 13, 30, tzinfo=UTC), True),
    ],
)
def test_it_is_open_from_the_minute_it_opens_to_the_one_before_it_closes(
    moment: datetime, expected: bool
) -> None:
    assert is_open([WORKDAYS], moment, NEW_YORK) is expected


def test_a_place_keeps_its_own_time_winter_and_summer() -> None:
    opening = Opening(freq="DAILY", opens=NINE, closes=time(10), zone="America/Chicago")
    for day in (date(2026, 1, 15), date(2026, 7, 15)):
        assert is_open([opening], there(day, 10, 30), NEW_YORK)
        assert not is_open([opening], there(day, 9, 30), NEW_YORK)


def test_an_offset_is_taken_as_it_is_said() -> None:
    opening = Opening(freq="DAILY", opens=NINE, closes=time(10), utc_offset=180)
    assert is_open([opening], datetime(2026, 7, 15, 6, 30, tzinfo=UTC), NEW_YORK)


def test_a_night_belongs_to_the_day_it_began_on() -> None:
    nights = Opening(freq="WEEKLY", byday=("SA",), opens=time(22), closes=time(6))
    saturday = date(2026, 6, 27)
    opened = [there(saturday, 23), there(saturday + timedelta(days=1), 5, 59)]
    closed = [there(saturday, 5), there(saturday + timedelta(days=1), 6), there(saturday + timedelta(1), 23)]
    assert [is_open([nights], moment, NEW_YORK) for moment in opened + closed] == [True] * 2 + [False] * 3


def test_the_first_monday_of_the_month_is_no_other_monday() -> None:
    opening = Opening(freq="MONTHLY", byday=("1MO",), opens=NINE, closes=FIVE)
    june = [date(2026, 6, day) for day in range(1, 31)]
    assert [day for day in june if begins_on(opening, day)] == [date(2026, 6, 1)]


def test_every_second_week_counts_from_the_first_day() -> None:
    opening = Opening(
        freq="WEEKLY", byday=("MO",), interval=2, dtstart=date(2026, 6, 1), opens=NINE, closes=FIVE
    )
    mondays = [date(2026, 6, 1) + timedelta(weeks=week) for week in range(5)]
    assert [begins_on(opening, day) for day in mondays] == [True, False, True, False, True]


def test_a_rule_with_a_count_ends() -> None:
    opening = Opening(freq="DAILY", count=3, dtstart=MONDAY, opens=NINE, closes=FIVE)
    assert [begins_on(opening, MONDAY + timedelta(days=day)) for day in range(5)] == [True] * 3 + [False] * 2


def test_a_rule_holds_from_its_first_to_its_last_day() -> None:
    opening = Opening(freq="DAILY", valid_from=MONDAY, until=MONDAY, opens=NINE, closes=FIVE)
    assert [begins_on(opening, MONDAY + timedelta(days=day)) for day in (-1, 0, 1)] == [False, True, False]


def test_what_is_not_said_is_not_guessed() -> None:
    assert is_open([], there(MONDAY, 12), NEW_YORK) is None
    assert is_open([Opening(note="call first")], there(MONDAY, 12), NEW_YORK) is None
    assert is_open([Opening(note="call first"), WORKDAYS], there(MONDAY, 12), NEW_YORK) is True
    assert not begins_on(Opening(freq="WEEKLY", opens=NINE, closes=FIVE), MONDAY)


@pytest.mark.parametrize(
    ("opening", "words"),
    [
        (WORKDAYS, "Mon–Fri 09:00–17:00"),
        (
            Opening(freq="WEEKLY", byday=("MO", "TU", "TH"), opens=NINE, closes=FIVE),
            "Mon, Tue, Thu 09:00–17:00",
        ),
        (Opening(freq="WEEKLY", byday=DAYS, opens=time(), closes=time()), "daily around the clock"),
        (
            Opening(freq="MONTHLY", byday=("1MO", "-1FR"), opens=NINE, closes=FIVE),
            "1st Mon, last Fri of the month 09:00–17:00",
        ),
        (
            Opening(freq="WEEKLY", byday=("WE",), interval=2, opens=NINE, closes=FIVE, valid_to=MONDAY),
            "Wed every 2 weeks 09:00–17:00 until 2026-06-29",
        ),
        (Opening(dtstart=MONDAY, opens=NINE, closes=FIVE), "2026-06-29 09:00–17:00"),
        (Opening(note="By appointment"), "By appointment"),
        (Opening(freq="WEEKLY", byday=("MO",), note="Doors at nine"), "Doors at nine: Mon"),
    ],
)
def test_a_rule_in_words(opening: Opening, words: str) -> None:
    assert in_words(opening) == words


openings = st.builds(
    Opening,
    freq=st.sampled_from([None, "DAILY", "WEEKLY", "MONTHLY"]),
    byday=st.lists(st.sampled_from([*DAYS, "1MO", "-1FR", "5SU"]), max_size=3, unique=True).map(tuple),
    opens=st.none() | st.times(),
    closes=st.none() | st.times(),
    dtstart=st.none() | st.dates(date(2020, 1, 1), date(2027, 1, 1)),
    until=st.none() | st.dates(date(2026, 1, 1), date(2027, 1, 1)),
    count=st.none() | st.integers(1, 50),
    interval=st.integers(1, 4),
    bymonthday=st.lists(st.integers(-31, 31).filter(bool), max_size=2).map(tuple),
    byyearday=st.lists(st.integers(1, 366), max_size=2).map(tuple),
    byweekno=st.lists(st.integers(1, 53), max_size=2).map(tuple),
    wkst=st.none() | st.sampled_from(DAYS),
    utc_offset=st.none() | st.integers(-720, 840),
)


def _as_dateutil_has_it(opening: Opening, day: date) -> bool:
    """One rule by python-dateutil; only for rules that some day fits, or it does not end."""
    midnight = datetime(day.year, day.month, day.day)
    start = opening.dtstart or day
    rule = rrule.rrule(
        {"DAILY": rrule.DAILY, "WEEKLY": rrule.WEEKLY, "MONTHLY": rrule.MONTHLY}[opening.freq or ""],
        dtstart=datetime(start.year, start.month, start.day),
        interval=opening.interval,
        wkst=DAYS.index(opening.wkst) if opening.wkst else None,
        byweekday=[rrule.weekday(DAYS.index(one[-2:]), int(one[:-2] or 0) or None) for one in opening.byday]
        if opening.freq == "MONTHLY"
        else [DAYS.index(one[-2:]) for one in opening.byday],
        bymonthday=opening.bymonthday or None,
    )
    return midnight in itertools.takewhile(lambda found: found <= midnight, rule)


satisfiable = st.builds(
    Opening,
    freq=st.sampled_from(["DAILY", "WEEKLY", "MONTHLY"]),
    # python-dateutil takes numbered and plain days together as "both", which RFC 5545 does not say.
    byday=st.sampled_from([DAYS, ("1MO", "-1FR", "4SU", "-2WE")])
    .flatmap(lambda days: st.lists(st.sampled_from(days), min_size=1, max_size=3))
    .map(tuple),
    dtstart=st.none() | st.dates(date(2024, 1, 1), date(2026, 6, 1)),
    interval=st.sampled_from([1, 2, 3]),
    wkst=st.none() | st.sampled_from(DAYS),
)


@settings(deadline=None, max_examples=100)
@given(satisfiable, st.dates(date(2026, 6, 1), date(2026, 8, 31)))
def test_a_rule_names_the_days_that_another_reader_of_rfc_5545_finds(opening: Opening, day: date) -> None:
    begun = opening if opening.dtstart else replace(opening, interval=1)
    assert begins_on(begun, day) is _as_dateutil_has_it(begun, day)


def test_a_rule_that_no_day_fits_takes_no_time() -> None:
    never = Opening(freq="MONTHLY", byday=("5SU",), bymonthday=(1,), opens=NINE, closes=FIVE)
    assert is_open([never], there(MONDAY, 12), NEW_YORK) is False


@settings(deadline=None, max_examples=200)
@given(openings, st.dates(date(2026, 1, 1), date(2026, 12, 31)))
def test_any_rule_can_be_kept_told_and_asked(opening: Opening, day: date) -> None:
    assert from_json(as_json(opening)) == opening
    assert isinstance(in_words(opening), str)
    answer: Any = is_open([opening], there(day, 12), NEW_YORK)
    assert answer is None or isinstance(answer, bool)
    if begins_on(opening, day):
        assert opening.days & 1 << day.weekday(), "the days that are kept for searching are never fewer"
