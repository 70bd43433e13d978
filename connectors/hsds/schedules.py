"""HSDS schedules as openings, tolerant of what directories of HSDS 2.x still send."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, time
from zoneinfo import ZoneInfo

from connectors.hsds.values import day, listed, text, whole
from hmis.opening import DAYS, FREQUENCIES, Opening, readable_day

_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+-]?)(\d{1,2})(?:\.(\d{1,2}))?(?::?(\d{2}))?", re.IGNORECASE)
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::\d{2}(?:\.\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?", re.IGNORECASE)
_WEEKDAYS = {
    name: DAYS[place]
    for place, word in enumerate(
        ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    )
    for name in (word, word[:3], word[:2])
}
_FIRST_YEAR = 1970
_NOTE = 1_000


def openings(schedules: object) -> list[Opening]:
    """The schedules of a record; one that says nothing that can be read is left out."""
    return [opening for one in listed(schedules) if (opening := _opening(one)) is not None]


def _opening(given: Mapping[str, object]) -> Opening | None:
    opens, offset = _clock(given.get("opens_at"))
    closes, _ = _clock(given.get("closes_at"))
    zone, said_offset = _zone(given.get("timezone"))
    note = text(given.get("description"), _NOTE)
    byday = _days(given.get("byday") or given.get("weekday"))
    freq = (text(given.get("freq")) or "").upper() or ("WEEKLY" if byday else None)
    if freq not in (None, *FREQUENCIES) or byday is None:
        # A rule that is only half understood would open doors that are closed.
        return Opening(note=note) if note else None
    opening = Opening(
        freq=freq,
        byday=byday,
        opens=opens,
        closes=closes,
        valid_from=day(given.get("valid_from")),
        valid_to=day(given.get("valid_to")),
        dtstart=_not_ancient(day(given.get("dtstart"))),
        until=day(given.get("until")),
        count=whole(given.get("count"), 1, 10_000),
        interval=whole(given.get("interval"), 1, 366) or 1,
        bymonthday=_numbers(given.get("bymonthday"), 31),
        byyearday=_numbers(given.get("byyearday"), 366),
        byweekno=_numbers(given.get("byweekno"), 53),
        wkst=_wkst(given.get("wkst")),
        zone=zone,
        # What stands with the time itself is nearer to it than what stands beside it.
        utc_offset=offset if offset is not None else said_offset,
        note=note,
    )
    return opening if opening.is_told or note or opening.opens or opening.byday else None


def _clock(value: object) -> tuple[time | None, int | None]:
    """A time of day and its offset from UTC in minutes, both as far as they are said. 24:00 is midnight."""
    found = _TIME.fullmatch(text(value) or "")
    if found is None:
        return None, None
    hour, minute = int(found[1]), int(found[2])
    if (hour, minute) == (24, 0):
        hour = 0
    if hour > 23 or minute > 59:
        return None, None
    mark = found[3]
    if mark is None:
        return time(hour, minute), None
    return time(hour, minute), 0 if mark in "Zz" else _minutes(mark[0], int(mark[1:3]), int(mark[-2:]))


def _zone(value: object) -> tuple[str | None, int | None]:
    """HSDS says hours from UTC; many directories say an IANA name.

    HSDS takes a schedule without either as UTC. Directories that leave it out mean the clock on the wall, so
    it is read as the community's own.
    """
    said = text(value)
    if said is None:
        return None, None
    if said.upper() in ("UTC", "GMT", "Z"):
        return None, 0
    if found := _OFFSET.fullmatch(said):
        minutes = int(found[4]) if found[4] else round(60 * float(f"0.{found[3] or 0}"))
        return None, _minutes(found[1], int(found[2]), minutes)
    try:
        return ZoneInfo(said).key, None
    except (ValueError, OSError, KeyError):  # not a name of a zone, or of a folder of them
        return None, None


def _minutes(sign: str, hours: int, minutes: int) -> int | None:
    total = (60 * hours + minutes) * (-1 if sign == "-" else 1)
    return total if -12 * 60 <= total <= 14 * 60 else None


def _days(value: object) -> tuple[str, ...] | None:
    """`MO,1TU` or `["Monday"]` as RFC 5545 has them; None = something in it is no day."""
    found = []
    for part in _parts(value):
        word = _WEEKDAYS.get(part.lower(), part.upper())
        if not readable_day(word):
            return None
        found.append(word)
    return tuple(dict.fromkeys(found))


def _parts(value: object) -> Iterable[str]:
    parts = value if isinstance(value, list) else (text(value) or "").split(",")
    return [part.strip() for part in map(str, parts) if part.strip()]


def _numbers(value: object, most: int) -> tuple[int, ...]:
    found = (whole(part, -most, most) for part in _parts(value))
    return tuple(number for number in found if number)


def _wkst(value: object) -> str | None:
    said = (text(value) or "").upper()
    return said if said in DAYS else None


def _not_ancient(given: date | None) -> date | None:
    """A beginning long ago is as good as none, and counting from it would take time."""
    return given if given is None or given.year >= _FIRST_YEAR else date(_FIRST_YEAR, 1, 1)
