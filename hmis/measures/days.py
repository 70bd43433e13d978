"""Whole days as numbers, and calendar arithmetic on them that every backend computes alike.

A day is the number of days since 1970-01-01. Nights, gaps and windows are then plain subtraction. Where the
calendar matters (ages, anniversaries), the day is written as one number, year * 10000 + month * 100 + day.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ibis.expr.types import BooleanValue, IntegerValue

_FIRST = date(1970, 1, 1)


def number(day: date) -> int:
    """2022-10-01 -> 19266."""
    return (day - _FIRST).days


def day(number: int) -> date:
    """19266 -> 2022-10-01."""
    return _FIRST + timedelta(days=int(number))


def ymd(day: date) -> int:
    """2022-10-01 -> 20221001."""
    return day.year * 10_000 + day.month * 100 + day.day


def whole(value: int) -> IntegerValue:
    """A number as a column of 64 bits, on every backend: a bare one has 32 on Spark."""
    import ibis

    return ibis.literal(value).cast("int64")


def years_before(day: date, years: int) -> date:
    """The same day of an earlier year; 29 February becomes the 28th where there is none."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def ymd_of(number: IntegerValue) -> IntegerValue:
    """Days as numbers -> the same days as year * 10000 + month * 100 + day.

    Computed with whole numbers alone, for days from the year 0 on, so no backend's own idea of dates can
    differ (C. Neri and L. Schneider, "Euclidean affine functions and their application to calendar
    algorithms", 2022: years begin in March). Parts are used few times: each use is written out.
    """
    fourths = 4 * number + (4 * 719_468 + 3)
    century = fourths // 146_097
    of_century = 2_939_745 * (fourths % 146_097 // 4 * 4 + 3)
    year = of_century // 4_294_967_296
    of_year = of_century % 4_294_967_296 // 11_758_980
    of_months = 2_141 * of_year + 197_913
    month, day_of_month = of_months // 65_536, of_months % 65_536 // 2_141 + 1
    january_or_february = (of_year >= 306).cast("int64")
    return (
        (century * 100 + year) * 10_000 + month * 100 + day_of_month + january_or_february * (10_000 - 1_200)
    )


def age(born: IntegerValue, on: IntegerValue | int) -> IntegerValue:
    """Years of age, both as year * 10000 + month * 100 + day. Null where either is."""
    return (on - born) // 10_000


def day_of(written: IntegerValue) -> IntegerValue:
    """The reverse of `ymd_of`: year * 10000 + month * 100 + day -> the day's number.

    29 February of a year that has none is the day before: an anniversary falls on the 28th then.
    """
    year, month, day_of_month = written // 10_000, written // 100 % 100, written % 100
    january_or_february = (month <= 2).cast("int64")
    from_march = month - 3 + 12 * january_or_february
    march_year = year - january_or_february
    leap_days = march_year // 4 - march_year // 100 + march_year // 400
    number = 365 * march_year + leap_days + (153 * from_march + 2) // 5 + day_of_month - 719_469
    is_leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    return number - ((written % 10_000 == 229) & ~is_leap).cast("int64")


def near_anniversary(
    on: IntegerValue, year: IntegerValue, returning: IntegerValue, within: int
) -> BooleanValue:
    """Whether a day lies at most so many days before or after some year's return of another day.

    year: the day's own year. returning: the other day as month * 100 + day; 29 February returns on the 28th where
    there is none. Both should be columns of a table that is computed: calendar arithmetic on calendar arithmetic
    writes queries that no planner finishes.
    """
    import ibis

    def away(of_year: IntegerValue) -> IntegerValue:
        return (on - day_of(of_year * 10_000 + returning)).abs()

    # In December the next return may be the nearer one, in January the last.
    return ibis.least(away(year - 1), away(year), away(year + 1)) <= within
