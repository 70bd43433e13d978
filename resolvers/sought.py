"""What a caller knows of a person: names, a birth date, the end of an SSN, what a source calls them.

Each fact names the category that finding somebody by it tells, and what a record must say to meet it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum

from sqlalchemy import ColumnElement, Date, Integer, Text, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from auth.categories import Category
from hmis.errors import InputRefused
from hmis.identity.matching.nicknames import called
from hmis.identity.names import normalised_name
from hmis.sounds import sound
from hmis.tables import HMIS, source

_CLIENT = HMIS["Client"]


@dataclass(frozen=True, slots=True)
class TextFilter:
    """A whole text or its beginning, whatever the case, or how a name sounds. Exactly one is set."""

    equals: str | None = None
    starts_with: str | None = None
    sounds_like: str | None = None

    def range(self, name: str, end: str = "") -> tuple[str, str]:
        """The first text that meets it and the first that no longer does, byte by byte.

        Not LIKE: below row-level security no index may serve it, only comparisons that cannot leak.
        end: what stands behind a whole text where texts are kept.
        """
        self._check(name)
        if self.equals is not None:
            whole = self.equals.strip().lower() + end
            # Nothing but the text itself lies before it with the lowest of characters behind.
            return whole, _after_all_with(whole) if end else whole + "\1"
        beginning = (self.starts_with or "").strip().lower()
        if not beginning:
            raise InputRefused(f"{name}.startsWith must have at least one character")
        return beginning, _after_all_with(beginning)

    def sounds(self, name: str, names: Sequence[str]) -> list[str]:
        """The keys of names that are taken for this one, sorted."""
        self._check(name)
        keys = {key for one in names if (key := sound(one)) is not None}
        if not keys:
            raise InputRefused(f"{name}.soundsLike must have a letter of the Latin alphabet")
        return sorted(keys)

    def _check(self, name: str) -> None:
        if (self.equals, self.starts_with, self.sounds_like).count(None) != 2:
            raise InputRefused(f"{name} takes exactly one of eq, startsWith and soundsLike")


def _after_all_with(beginning: str) -> str:
    """The first text, byte by byte, behind all that begin so."""
    last = ord(beginning[-1]) + 1
    return beginning[:-1] + chr(0xE000 if last == 0xD800 else last)  # the surrogates are no characters


@dataclass(frozen=True, slots=True)
class DateFilter:
    """A day, or days from one to another, both included."""

    equals: date | None = None
    since: date | None = None
    until: date | None = None

    def range(self, name: str) -> tuple[date, date]:
        """The first and the last day that meet it."""
        if self.equals is None and self.since is None and self.until is None:
            raise InputRefused(f"{name} takes eq, or gte and lte")
        first = [day for day in (self.equals, self.since) if day is not None]
        last = [day for day in (self.equals, self.until) if day is not None]
        return max(first, default=date.min), min(last, default=date.max)


class Fact(Enum):
    """What a caller may know of a person: what a record must meet, and the category that reading it tells."""

    IDENTIFIER = "identifier", Category.EXISTENCE
    FIRST_NAME = "first_name", Category.NAME
    LAST_NAME = "last_name", Category.NAME
    DATE_OF_BIRTH = "date_of_birth", Category.DOB
    SSN_LAST_FOUR = "ssn_last_four", Category.SSN_LAST4
    ANY_IDENTIFIER = "any_identifier", Category.EXISTENCE
    FIRST_NAME_SOUND = "first_name_sound", Category.NAME
    LAST_NAME_SOUND = "last_name_sound", Category.NAME

    def __init__(self, parameter: str, category: Category) -> None:
        self.parameter = parameter
        self.category = category

    def is_met(self) -> list[ColumnElement[bool]]:
        """The record says so."""
        name = self.parameter
        match self:
            case Fact.IDENTIFIER:
                return [
                    source.c.name == bindparam(f"{name}_source", type_=Text()),
                    _CLIENT.c.personal_id == bindparam(name, type_=Text()),
                ]
            case Fact.ANY_IDENTIFIER:
                # Every source is named, so that the index of keys serves.
                named = func.array(select(source.c.id).scalar_subquery(), type_=ARRAY(Integer()))
                return [
                    _CLIENT.c.source_id == any_(named),
                    _CLIENT.c.personal_id == bindparam(name, type_=Text()),
                ]
            case Fact.FIRST_NAME_SOUND | Fact.LAST_NAME_SOUND:
                keys = bindparam(name, type_=ARRAY(Text()))
                column = _CLIENT.c[name]
                return [column == any_(keys)]
            case Fact.SSN_LAST_FOUR:
                # Of nine characters only: the end of a hash is shown to nobody, so nobody may search by it.
                ends = _CLIENT.c.ssn_last_four == bindparam(name, type_=Text())
                return [ends, func.length(_CLIENT.c.ssn) == 9]
            case Fact.DATE_OF_BIRTH:
                first, last = (bindparam(f"{name}_{end}", type_=Date()) for end in ("first", "last"))
                return [_CLIENT.c.dob >= first, _CLIENT.c.dob <= last]
            case _:
                column = _CLIENT.c.first_name_lower if self is Fact.FIRST_NAME else _CLIENT.c.name_order
                since, until = (bindparam(f"{name}_{end}", type_=Text()) for end in ("first", "last"))
                return [column >= since, column < until]


@dataclass(frozen=True, slots=True)
class ClientFilter:
    """What a caller knows of a person. One visible record must meet all of it."""

    identifier: tuple[str | None, str] | None = None
    """Source and value. No source = whichever calls them so."""
    first_name: TextFilter | None = None
    last_name: TextFilter | None = None
    date_of_birth: DateFilter | None = None
    ssn_last_four: str | None = None

    def facts(self) -> dict[Fact, dict[str, object]]:
        """Each fact that is known, with the values of its parameters."""
        found: dict[Fact, dict[str, object]] = {}
        if self.identifier is not None:
            name, value = self.identifier
            if name is None:
                found[Fact.ANY_IDENTIFIER] = {"any_identifier": value}
            else:
                found[Fact.IDENTIFIER] = {"identifier_source": name, "identifier": value}
        if self.first_name is not None:
            if (first := self.first_name.sounds_like) is None:
                found[Fact.FIRST_NAME] = _ends("first_name", self.first_name.range("firstName"))
            else:
                keys = self.first_name.sounds("firstName", called(normalised_name(first)))
                found[Fact.FIRST_NAME_SOUND] = {"first_name_sound": keys}
        if self.last_name is not None:
            if (last := self.last_name.sounds_like) is None:
                found[Fact.LAST_NAME] = _ends("last_name", self.last_name.range("lastName", end="\1"))
            else:
                keys = self.last_name.sounds("lastName", (last,))
                found[Fact.LAST_NAME_SOUND] = {"last_name_sound": keys}
        if self.date_of_birth is not None:
            found[Fact.DATE_OF_BIRTH] = _ends("date_of_birth", self.date_of_birth.range("dateOfBirth"))
        if self.ssn_last_four is not None:
            if not (len(self.ssn_last_four) == 4 and self.ssn_last_four.isdigit()):
                raise InputRefused("ssnLastFour takes four digits")
            found[Fact.SSN_LAST_FOUR] = {"ssn_last_four": self.ssn_last_four}
        return found

    def terms(self) -> dict[str, str]:
        """The same as words, for the audit to hash."""
        found: dict[str, str] = {}
        if self.identifier is not None:
            found["identifier"] = "/".join((self.identifier[0] or "*", self.identifier[1]))
        for name, text in (("firstName", self.first_name), ("lastName", self.last_name)):
            if text is not None:
                found |= {
                    f"{name}.{how}": term
                    for how, term in (
                        ("eq", text.equals),
                        ("startsWith", text.starts_with),
                        ("soundsLike", text.sounds_like),
                    )
                    if term is not None
                }
        if self.date_of_birth is not None:
            first, last = self.date_of_birth.range("dateOfBirth")
            found["dateOfBirth"] = f"{first}/{last}"
        if self.ssn_last_four is not None:
            found["ssnLastFour"] = self.ssn_last_four
        return found


def _ends(name: str, ends: tuple[object, object]) -> dict[str, object]:
    return {f"{name}_first": ends[0], f"{name}_last": ends[1]}


Shape = tuple[Fact, ...]
"""Which facts a filter knows: what its statement looks like."""


def needed(shape: Shape) -> Category:
    """What a filter reads, and who may not see it of a person does not find them by it."""
    reads = Category.EXISTENCE
    for fact in shape:
        reads |= fact.category
    return reads
