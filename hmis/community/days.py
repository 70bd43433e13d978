"""The days everything hangs on. The community has no clock: these constants are its whole calendar."""

from __future__ import annotations

from datetime import date

AS_OF = date(2026, 6, 30)  # the day the archive was written; also the last day of its period
PERIOD_START = date(2022, 7, 1)  # Export.ExportStartDate; the archive covers four years


def age_on(born: date, day: date) -> int:
    """Whole years on that day."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def birthday(born: date, years: int) -> date:
    """The day somebody reaches that age; 28 February stands in for the 29th."""
    day = 28 if (born.month, born.day) == (2, 29) else born.day
    return date(born.year + years, born.month, day)
