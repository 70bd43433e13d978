"""When a place is open: rules of recurrence (RFC 5545, as HSDS has them), in words and at a moment.

Plain functions of what a directory says and a moment; what is not said is never guessed: None.
"""

from __future__ import annotations

import re
from calendar import isleap, monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_SHORT = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY")
_DAY = re.compile(r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)")
EVERY_DAY = 0b1111111


@dataclass(frozen=True, slots=True)
class Opening:
    """One rule of opening. Times are of the place; every date is its own day there.

    closes not after opens = it closes on the next day. opens, closes None = not said. freq None = once, on
    `dtstart`. byday: `("MO", "-1FR")`. zone: IANA; utc_offset: minutes east of UTC, instead of a zone;
    neither = the community's zone.
    """

    freq: str | None = None
    byday: tuple[str, ...] = ()
    opens: time | None = None
    closes: time | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    dtstart: date | None = None
    until: date | None = None
    count: int | None = None
    interval: int = 1
    bymonthday: tuple[int, ...] = ()
    byyearday: tuple[int, ...] = ()
    byweekno: tuple[int, ...] = ()
    wkst: str | None = None
    zone: str | None = None
    utc_offset: int | None = None
    note: str | None = None

    @property
    def first(self) -> date | None:
        return max((day for day in (self.valid_from, self.dtstart) if day), default=None)

    @property
    def last(self) -> date | None:
        return min((day for day in (self.valid_to, self.until) if day), default=None)

    @property
    def is_told(self) -> bool:
        """Whether days and times are said, so that it can be asked about a moment."""
        return bool(self.opens and self.closes and (self.freq or self.dtstart))

    @property
    def days(self) -> int:
        """Days of the week on which it may begin: bit 0 Monday to bit 6 Sunday. Never fewer than it does."""
        if self.freq is None or not self.byday:
            return EVERY_DAY
        return sum({1 << DAYS.index(day[-2:]) for day in self.byday})


def readable_day(text: str) -> bool:
    """Whether this is a day as rules of recurrence name them: `MO`, `1MO`, `-1FR`."""
    return _DAY.fullmatch(text) is not None


def begins_on(opening: Opening, day: date) -> bool:
    """Whether it opens on this day of the place's own calendar.

    Written out: where no day ever fits, python-dateutil looks on until the year 9999, and whoever keeps a
    directory could make everybody wait for that.
    """
    if (opening.first and day < opening.first) or (opening.last and day > opening.last):
        return False
    if opening.freq is None:
        return opening.dtstart == day
    if not _fits(opening, day):
        return False
    if opening.count and opening.dtstart:
        before = (opening.dtstart + timedelta(days=since) for since in range((day - opening.dtstart).days))
        met = (one for one in before if _fits(opening, one))
        return next(islice(met, opening.count - 1, None), None) is None
    return True


def _fits(opening: Opening, day: date) -> bool:
    """Whether the rule names the day, wherever it begins and ends."""
    last = monthrange(day.year, day.month)[1]
    year = 366 if isleap(day.year) else 365
    number = day.timetuple().tm_yday
    by_nothing = not (opening.byday or opening.bymonthday or opening.byyearday or opening.byweekno)
    return (
        (not opening.byday or any(_names(one, day, last, opening.freq) for one in opening.byday))
        and (not opening.bymonthday or bool({day.day, day.day - last - 1} & set(opening.bymonthday)))
        and (not opening.byyearday or bool({number, number - year - 1} & set(opening.byyearday)))
        and (not opening.byweekno or day.isocalendar().week in opening.byweekno)
        and (not by_nothing or opening.freq == "DAILY" or _is_like_the_first(opening, day))
        and (opening.interval == 1 or opening.dtstart is None or _is_in_turn(opening, opening.dtstart, day))
    )


def _names(text: str, day: date, last: int, freq: str | None) -> bool:
    if DAYS[day.weekday()] != text[-2:]:
        return False
    # RFC 5545, 3.3.10: a number before the day means nothing in a week.
    if text == text[-2:] or freq != "MONTHLY":
        return True
    return int(text[:-2]) in ((day.day + 6) // 7, -((last - day.day + 7) // 7))


def _is_like_the_first(opening: Opening, day: date) -> bool:
    """A rule that names no days recurs on the day it began. Without one nobody knows."""
    if opening.dtstart is None:
        return False
    if opening.freq == "WEEKLY":
        return day.weekday() == opening.dtstart.weekday()
    return day.day == opening.dtstart.day


def _is_in_turn(opening: Opening, first: date, day: date) -> bool:
    if opening.freq == "MONTHLY":
        passed = 12 * (day.year - first.year) + day.month - first.month
    elif opening.freq == "WEEKLY":
        begin = DAYS.index(opening.wkst) if opening.wkst else 0
        weeks = [one.toordinal() - (one.weekday() - begin) % 7 for one in (first, day)]
        passed = (weeks[1] - weeks[0]) // 7
    else:
        passed = (day - first).days
    return passed % opening.interval == 0


def zone_of(opening: Opening, community: tzinfo) -> tzinfo:
    if opening.utc_offset is not None:
        return timezone(timedelta(minutes=opening.utc_offset))
    return ZoneInfo(opening.zone) if opening.zone else community


def is_open(openings: Iterable[Opening], at: datetime, community: tzinfo) -> bool | None:
    """Whether any of the rules holds a place open at a moment. None = no rule says days and times.

    at: with its zone. community: the zone of places that name none.
    """
    told = [opening for opening in openings if opening.is_told]
    return (
        any(_holds(opening, at.astimezone(zone_of(opening, community))) for opening in told) if told else None
    )


def _holds(opening: Opening, local: datetime) -> bool:
    assert opening.opens is not None
    assert opening.closes is not None
    clock, day = local.time(), local.date()
    if opening.opens < opening.closes:
        return opening.opens <= clock < opening.closes and begins_on(opening, day)
    if clock >= opening.opens and begins_on(opening, day):
        return True
    return clock < opening.closes and begins_on(opening, day - timedelta(days=1))


def in_words(opening: Opening) -> str:
    """`Mon–Fri 09:00–17:00`, `1st Mon of the month 10:00–12:00`; the partner's words without a rule."""
    parts = [_when(opening), _hours(opening)]
    if opening.valid_from:
        parts.append(f"from {opening.valid_from.isoformat()}")
    if opening.last:
        parts.append(f"until {opening.last.isoformat()}")
    said = " ".join(part for part in parts if part)
    return said if opening.is_told else ": ".join(part for part in (opening.note, said) if part)


def _when(opening: Opening) -> str:
    if opening.freq is None:
        return opening.dtstart.isoformat() if opening.dtstart else ""
    if opening.freq == "MONTHLY" or opening.bymonthday or opening.byyearday or opening.byweekno:
        days = [_of_month(one) for one in opening.byday] + [f"day {day}" for day in opening.bymonthday]
        named = ", ".join(days) or "once"
        words = f"{named} of the month"
    elif opening.freq == "DAILY" or (opening.days == EVERY_DAY and opening.byday):
        words = "daily"
    else:
        words = _span(opening.days) if opening.byday else "weekly"
    if opening.interval > 1:
        unit = {"DAILY": "days", "WEEKLY": "weeks", "MONTHLY": "months"}[opening.freq]
        words += f" every {opening.interval} {unit}"
    return words


def _of_month(text: str) -> str:
    place, day = text[:-2], _SHORT[DAYS.index(text[-2:])]
    if not place:
        return f"every {day}"
    number = int(place)
    nth = {1: "1st", 2: "2nd", 3: "3rd", 4: "4th", 5: "5th"}[abs(number)]
    if number > 0:
        return f"{nth} {day}"
    return f"last {day}" if number == -1 else f"{nth} last {day}"


def _span(days: int) -> str:
    """Three days or more in a row as from–to: Mon–Wed, Fri."""
    runs: list[list[int]] = []
    for day in range(7):
        if days & 1 << day:
            if runs and runs[-1][-1] == day - 1:
                runs[-1].append(day)
            else:
                runs.append([day])
    return ", ".join(
        f"{_SHORT[run[0]]}–{_SHORT[run[-1]]}" if len(run) > 2 else ", ".join(_SHORT[day] for day in run)
        for run in runs
    )


def _hours(opening: Opening) -> str:
    if not (opening.opens and opening.closes):
        return f"from {opening.opens:%H:%M}" if opening.opens else ""
    if opening.opens == opening.closes:
        return "around the clock"
    return f"{opening.opens:%H:%M}–{opening.closes:%H:%M}"


def as_json(opening: Opening) -> dict[str, object]:
    """As the directory keeps it; `from_json` reads it. What is not said is left out."""
    said = {one.name: getattr(opening, one.name) for one in fields(Opening)}
    return {
        name: value.isoformat() if isinstance(value, date | time) else value
        for name, value in said.items()
        if value not in (None, ())
    }


def from_json(kept: Mapping[str, Any]) -> Opening:
    read: dict[str, Any] = {}
    for name, value in kept.items():
        if name in ("opens", "closes"):
            read[name] = time.fromisoformat(value)
        elif name in ("valid_from", "valid_to", "dtstart", "until"):
            read[name] = date.fromisoformat(value)
        else:
            read[name] = tuple(value) if isinstance(value, list) else value
    return Opening(**read)
