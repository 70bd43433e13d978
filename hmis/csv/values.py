"""What the text of one field means: whole numbers, dates, timestamps and money, strictly first.

Polars reads the columns as HUD wants them written. What it cannot read comes here, one distinct value at a
time: an unusual but plain form is taken with a warning; what has two readings is nobody's to guess, so it is
set aside.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal

import polars as pl

from hmis.spec import ColumnType

_MOST_INTEGER = 2**31 - 1
_INTEGER = re.compile(r"([+-]?)0*(\d{1,10})(?:\.0*)?", re.ASCII)
_MONEY = re.compile(r"(-?)\$?(-?)(\d{1,3}(?:,\d{3})+|\d{0,10})(?:\.(\d*))?", re.ASCII)

# [0-9], because \d would take the digits of every script, and PostgreSQL would not.
_DAY = "[12][0-9]{3}-[0-9]{2}-[0-9]{2}"
STRICT = {
    "D": f"^{_DAY}$",
    "T": f"^{_DAY} [0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}$",
    "M": r"^-?[0-9]{1,10}(\.[0-9]{1,2})?$",
}
"""The forms HUD asks for. PostgreSQL takes them as they stand."""

_CLOCK = r"(?:[T ]\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*([AaPp][Mm])?\s*(?:Z|[+-]\d{2}:?\d{2})?)?"
_YEAR_FIRST = re.compile(rf"([12]\d{{3}})([-/.]?)(\d{{1,2}})\2(\d{{1,2}}){_CLOCK}", re.ASCII)
_YEAR_LAST = re.compile(rf"(\d{{1,2}})[-/.](\d{{1,2}})[-/.]([12]\d{{3}}){_CLOCK}", re.ASCII)


def is_strict(kind: ColumnType, column: pl.Expr) -> pl.Expr:
    """True where the text is as HUD asks, so that it can be stored as it stands. Null stays null."""
    if kind == "I":
        return column.cast(pl.Int32, strict=False).is_not_null()
    written_so = column.str.contains(STRICT[kind])
    if kind == "D":
        return written_so & column.str.to_date("%Y-%m-%d", strict=False).is_not_null()
    if kind == "T":
        return written_so & column.str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False).is_not_null()
    return written_so


def integer(raw: str) -> str | None:
    """`1.0`, ` 7` -> `1`, `7`. None where it is no whole number, or too large to be one of HUD's."""
    found = _INTEGER.fullmatch(raw.strip())
    if found is None or int(found[2]) > _MOST_INTEGER:
        return None
    return f"{'-' if found[1] == '-' else ''}{int(found[2])}"


def money(raw: str) -> str | None:
    """`$1,200` -> `1200.00`. None where it is no amount."""
    found = _MONEY.fullmatch(raw.strip())
    if found is None or not (found[3] or found[4]):
        return None
    amount = Decimal(f"{found[3].replace(',', '') or '0'}.{found[4] or '0'}")
    cents = amount.quantize(Decimal("0.01"), ROUND_HALF_UP)
    if cents >= 10**10:
        return None
    return f"{'-' if found[1] or found[2] else ''}{cents}"


def _moment(raw: str) -> tuple[date, time | None] | None:
    """The day and the time of day. None where there is none, or where month and day could change places."""
    if found := _YEAR_FIRST.fullmatch(raw):
        year, joint, month, day, *clock = found.groups()
        if joint == "" and (len(month), len(day)) != (2, 2):
            return None
    elif found := _YEAR_LAST.fullmatch(raw):
        month, day, year, *clock = found.groups()
        if int(month) > 12:
            month, day = day, month
        elif int(day) <= 12 and int(day) != int(month):
            return None
    else:
        return None
    try:
        return date(int(year), int(month), int(day)), _clock(*clock)
    except ValueError:
        return None


def _clock(hours: str | None, minutes: str | None, seconds: str | None, half: str | None) -> time | None:
    if hours is None or minutes is None:
        return None
    hour = int(hours)
    if half:
        if not 1 <= hour <= 12:
            raise ValueError(half)
        hour = hour % 12 + (12 if half.lower() == "pm" else 0)
    return time(hour, int(minutes), int(seconds or 0))


def day(raw: str) -> str | None:
    """`2021-05-03T00:00:00` -> `2021-05-03`, `5/23/2021` -> `2021-05-23`; `03-11-21`: None."""
    found = _moment(raw.strip())
    return found[0].isoformat() if found else None


def timestamp(raw: str) -> str | None:
    """As `day`, with the time of day; midnight where the text has none."""
    found = _moment(raw.strip())
    return datetime.combine(found[0], found[1] or time()).isoformat(" ") if found else None


READ: dict[ColumnType, tuple[str, Callable[[str], str | None]]] = {
    "I": ("integer", integer),
    "D": ("date", day),
    "T": ("date", timestamp),
    "M": ("money", money),
}
"""The beginning of the rule ids (`date-form`, `date-unreadable`) and the tolerant reader, by type."""
