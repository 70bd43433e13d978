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


def years_before(day: date, years: int) -> date:
    """The same day of an earlier year; 29 February becomes the 28th where there is none."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def ymd_of(number: IntegerValue) -> IntegerValue:
    """Days as numbers -> the same days as year * 10000 + month * 100 + day.

    Computed with whole numbers alone (H. Hinnant, chrono-compatible date algorithms, `civil_from_days`), for
    days from the year 0 on; so no backend's own idea of dates can differ.
    """
    shifted = number + 719_468
    era = shifted // 146_097
    of_era = shifted - era * 146_097
    year_of_era = (of_era - of_era // 1_460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    from_march = (5 * of_year + 2) // 153
    day_of_month = of_year - (153 * from_march + 2) // 5 + 1
    january_or_february = (from_march >= 10).cast("int64")
    month = from_march + 3 - 12 * january_or_february
    year = year_of_era + era * 400 + january_or_february
    return year * 10_000 + month * 100 + day_of_month


def age(born: IntegerValue, on: IntegerValue | int) -> IntegerValue:
    """Years of age, both as year * 10000 + month * 100 + day. Null where either is."""
    return (on - born) // 10_000


def number_of(year: IntegerValue, month: IntegerValue, day_of_month: IntegerValue) -> IntegerValue:
    """A calendar day -> its number: `ymd_of` backwards (H. Hinnant, `days_from_civil`)."""
    from_march = (month <= 2).cast("int64")
    shifted = year - from_march
    era = shifted // 400
    of_era = shifted - era * 400
    of_year = (153 * (month - 3 + 12 * from_march) + 2) // 5 + day_of_month - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


def near_anniversary(
    on: IntegerValue, year: IntegerValue, returning: IntegerValue, within: int
) -> BooleanValue:
    """Whether a day lies at most so many days before or after some year's return of another day.

    year: the day's own year. returning: the other day as month * 100 + day; 29 February returns on the 28th
    where there is none. Both must be columns of a table that is computed: calendar arithmetic on calendar
    arithmetic makes queries that no planner finishes.
    """
    import ibis

    def away(of_year: IntegerValue) -> IntegerValue:
        leap = (of_year % 4 == 0) & ((of_year % 100 != 0) | (of_year % 400 == 0))
        returned = ((returning == 229) & ~leap).ifelse(28, returning % 100)
        return (on - number_of(of_year, returning // 100, returned)).abs()

    # In December the next return may be the nearer one, in January the last.
    return ibis.least(away(year - 1), away(year), away(year + 1)) <= within
