"""The periods for which something is published: months, years and federal fiscal years, and no others.

If anybody could ask for any days, the figures of two periods that differ by a day would tell of that day.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date


def fixed_period(first: date, last: date) -> str | None:
    """The name of the period from `first` to `last`, both inclusive: 2026-03, 2026, FY2026. None: no such.

    A federal fiscal year is called by the year it ends in and begins on October 1 (31 U.S.C. 1102).
    """
    if first.day != 1 or last.day != monthrange(last.year, last.month)[1]:
        return None
    if (first.year, first.month) == (last.year, last.month):
        return f"{first:%Y-%m}"
    if (first.month, last.month, last.year - first.year) == (1, 12, 0):
        return f"{first:%Y}"
    if (first.month, last.month, last.year - first.year) == (10, 9, 1):
        return f"FY{last:%Y}"
    return None


def months_of(period: str) -> tuple[str, ...]:
    """The months that make up a fixed year, in order; a month has none."""
    if period.startswith("FY"):
        year = int(period[2:])
        return tuple(f"{year - 1}-{month:02}" for month in (10, 11, 12)) + tuple(
            f"{year}-{month:02}" for month in range(1, 10)
        )
    return () if "-" in period else tuple(f"{period}-{month:02}" for month in range(1, 13))
