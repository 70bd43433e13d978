"""What somebody typed to find a person, read as a case worker means it.

`vantr`, `Marisol Vantreight`, `Vantreight, Marisol`, `marisol 3/14/1985`, `6789`, `906865`: names, a birth
date, the end of an SSN and what a source calls somebody, in any order. What can be read in several ways is
read in all of them, the likeliest first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from hmis.identity.names import normalised_name

_MONTHS = (
    "jan ene", "feb", "mar", "apr abr", "may", "jun", "jul", "aug ago", "sep set", "oct", "nov", "dec dic",
)  # fmt: skip
_NUMBER_OF = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
_MONTH = rf"({'|'.join(_NUMBER_OF)})[a-z]*\.?"
_ISO = re.compile(r"(?<![\w-])(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?![\w-])")
_SLASHED = re.compile(r"(?<![\w-])(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})(?![\w-])")
_EIGHT = re.compile(r"(?<![\w-])(\d{8})(?![\w-])")
_MONTH_FIRST = re.compile(rf"\b{_MONTH}\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}})\b", re.IGNORECASE)
_DAY_FIRST = re.compile(rf"\b(\d{{1,2}})\.?\s+(?:de\s+)?{_MONTH}\s+(?:de\s+)?(\d{{4}})\b", re.IGNORECASE)
_SSN = re.compile(
    r"(?<![\w-])(?:\d{3}-\d{2}-|[x*]{3}-?[x*]{2}-?|\d{5}(?=\d{4}(?!\w)))(\d{4})(?![\w-])", re.IGNORECASE
)
_OLDEST = 1900


@dataclass(frozen=True, slots=True)
class Sought:
    """What is known of whom somebody looks for."""

    names: tuple[tuple[str, str], ...] = ()
    """First and last name, in each way they may be meant; "" = not said."""
    births: tuple[date, ...] = ()
    """The birth date, in each way it may be meant."""
    year: int | None = None
    """A birth year; it may be the last four as well."""
    last_four: str | None = None
    identifier: tuple[str | None, str] | None = None
    """Source and value. No source = whichever calls somebody so."""


def read(text: str, today: date) -> Sought:
    """What a line says."""
    left, births = _dates(text, today)
    last_four = None
    if found := _SSN.search(left):
        last_four, left = found[1], _without(left, found)
    year = identifier = None
    words: list[str] = []
    for word in left.replace(",", " , ").split():
        if not any(map(str.isdigit, word)):
            words.append(word)
        elif re.fullmatch(r"\d{4}", word) and last_four is None:
            last_four = word
            year = int(word) if _OLDEST <= int(word) <= today.year else None
        else:
            source, colon, value = word.partition(":")
            identifier = (source, value) if colon and source and value else (None, word)
    names = tuple(_readings(words))
    return Sought(names, births, year if names else None, last_four, identifier)


def read_date(text: str, today: date) -> tuple[date, ...]:
    """A birth date in each way it may be meant; () = it is none."""
    left, births = _dates(text, today)
    return births if not left.strip() else ()


def of_fields(sought: Sought, first: str, last: str, last_four: str, value: str, source: str) -> Sought:
    """The same with what was said in fields of their own, which is meant as it stands."""
    if first or last:
        sought = replace(sought, names=((first, last),) if _is_name(f"{first}{last}") else ())
    if last_four:
        sought = replace(sought, last_four=last_four, year=None)
    if value:
        sought = replace(sought, identifier=(source or None, value))
    return sought


def _readings(words: list[str]) -> Iterator[tuple[str, str]]:
    """First and last name, as they may be meant."""
    line = " ".join(words)
    if not _is_name(line):
        return
    if "," in words:
        last, _, first = (part.strip() for part in line.partition(","))
        yield first.replace(",", "").strip(), last
        return
    if len(words) == 1:
        yield "", line
        yield line, ""
        return
    first, *rest = words
    yield first, " ".join(rest)
    if len(words) == 2:
        yield rest[0], first
        return
    yield first, words[-1]  # what stands between is a middle name
    yield " ".join(words[:-1]), words[-1]


def _is_name(text: str) -> bool:
    return len(normalised_name(text)) > 1


def _dates(text: str, today: date) -> tuple[str, tuple[date, ...]]:
    """The text without its first date, and that in each way it may be meant."""
    for pattern, meant in _WAYS:
        if found := pattern.search(text):
            days = tuple(
                dict.fromkeys(
                    day
                    for way in meant(found, today)
                    if (day := _day(*way)) and day.year >= _OLDEST and day <= today
                )
            )
            if days:
                return _without(text, found), days
    return text, ()


def _without(text: str, found: re.Match[str]) -> str:
    return f"{text[: found.start()]} {text[found.end() :]}"


_Way = tuple[int, int, int]


def _slashed(found: re.Match[str], today: date) -> list[_Way]:
    """Month, day, year as written here; day, month, year as elsewhere."""
    one, other, year = int(found[1]), int(found[2]), int(found[3])
    if len(found[3]) == 2:
        year += 2000 if 2000 + year <= today.year else 1900
    return [(year, one, other), (year, other, one)]


def _eight(found: re.Match[str], _: date) -> list[_Way]:
    digits = found[1]
    return [
        (int(digits[4:]), int(digits[:2]), int(digits[2:4])),
        (int(digits[:4]), int(digits[4:6]), int(digits[6:])),
    ]


_WAYS = (
    (_ISO, lambda found, _: [(int(found[1]), int(found[2]), int(found[3]))]),
    (_SLASHED, _slashed),
    (_MONTH_FIRST, lambda found, _: [(int(found[3]), _NUMBER_OF[found[1].lower()], int(found[2]))]),
    (_DAY_FIRST, lambda found, _: [(int(found[3]), _NUMBER_OF[found[2].lower()], int(found[1]))]),
    (_EIGHT, _eight),
)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
