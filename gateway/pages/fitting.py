"""How well somebody who was found fits what was asked, and why, for a case worker to judge.

It is said of what the viewer was shown, and of nothing else: what is hidden neither fits nor differs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Any

from connectors.likeness import slips
from gateway.pages.typed import Sought
from hmis.identity.matching.nicknames import fit as may_be_called
from hmis.identity.names import normalised_name
from hmis.sounds import sound


class Degree(IntEnum):
    """How far one fact fits."""

    DIFFERS = -1
    UNKNOWN = 0
    """Not known, or not shown."""
    CLOSE = 1
    SAME = 2


@dataclass(frozen=True, slots=True)
class Reason:
    """What is said of one fact: a word of the table in `found.html`, and a number for it."""

    about: str
    degree: Degree
    how: str
    points: int
    number: int = 0


@dataclass(frozen=True, slots=True)
class Fit:
    """One person beside what was asked."""

    person: Mapping[str, Any]
    reasons: tuple[Reason, ...]
    elsewhere: bool
    """They meet all of it, by a record other than the one that is shown of them."""

    @property
    def is_full(self) -> bool:
        return self.elsewhere or all(one.degree is Degree.SAME for one in self.reasons)

    @property
    def points(self) -> int:
        return sum(one.points for one in self.reasons)


def fit(person: Mapping[str, Any], sought: Sought, met_all: bool) -> Fit:
    """What fits and what does not. met_all: the hub says that a record of theirs meets all that was asked."""
    name, birth, ssn = (person.get(part) or {} for part in ("name", "birth", "ssn"))
    reasons = []
    if sought.names:
        reasons += _best_names(name, sought)
    if sought.births:
        reasons.append(_birth(birth.get("date"), sought.births))
    if sought.last_four:
        reasons.append(_last_four(ssn.get("lastFour"), birth.get("date"), sought))
    if sought.identifier:
        reasons.append(_identifier(person.get("identifiers") or (), sought.identifier))
    told = tuple(reasons)
    return Fit(person, told, met_all and any(one.degree is not Degree.SAME for one in told))


def _best_names(name: Mapping[str, Any], sought: Sought) -> list[Reason]:
    best: list[Reason] = []
    for way in sought.names:
        told = _names(name, *way)
        if all(one.degree is Degree.SAME for one in told):
            return told
        best = max(best or told, told, key=lambda reasons: sum(one.points for one in reasons))
    return best


def _names(name: Mapping[str, Any], first: str, last: str) -> list[Reason]:
    reasons = []
    if last:
        reasons.append(_last(last, name.get("last")))
    if first:
        reasons.append(_first(first, name.get("first"), name.get("middle")))
    return reasons


def _last(asked: str, held: str | None) -> Reason:
    one, other = normalised_name(asked), normalised_name(held)
    if not other:
        return Reason("last", Degree.UNKNOWN, "unknown", 0)
    if one == other:
        return Reason("last", Degree.SAME, "same", 30)
    if other.startswith(one):
        return Reason("last", Degree.SAME, "begins", 26)
    if one in {normalised_name(part) for part in (held or "").replace("-", " ").split()}:
        return Reason("last", Degree.CLOSE, "part", 22)
    return _alike("last", one, other, 20)


def _first(asked: str, held: str | None, middle: str | None) -> Reason:
    one, other = normalised_name(asked), normalised_name(held)
    if not other:
        return Reason("first", Degree.UNKNOWN, "unknown", 0)
    if one == other:
        return Reason("first", Degree.SAME, "same", 20)
    if other.startswith(one):
        return Reason("first", Degree.SAME, "begins", 17)
    if may_be_called(one, other):
        return Reason("first", Degree.CLOSE, "called", 15)
    if one == normalised_name(middle):
        return Reason("first", Degree.CLOSE, "middle", 13)
    if len(other) > 1 and one.startswith(other):
        return Reason("first", Degree.CLOSE, "longer", 13)
    return _alike("first", one, other, 13)


def _alike(about: str, one: str, other: str, points: int) -> Reason:
    """Names that are not the same. A slip is a letter missing, added, changed or swapped with a neighbour."""
    # A slip changes at most two letters of all that there are: most names are told apart by that.
    made = slips(one, other) if len(set(one) ^ set(other)) <= 4 else 3
    if made == 1 and len(one) > 3:
        return Reason(about, Degree.CLOSE, "slips", points, 1)
    if made == 2 and len(one) > 5:
        return Reason(about, Degree.CLOSE, "slips", points - 4, 2)
    if sound(one) is not None and sound(one) == sound(other):
        return Reason(about, Degree.CLOSE, "sounds", points - 6)
    return Reason(about, Degree.DIFFERS, "other", -points // 2)


def _birth(held: str | None, asked: tuple[date, ...]) -> Reason:
    if held is None:
        return Reason("birth", Degree.UNKNOWN, "unknown", 0)
    born = date.fromisoformat(held)
    if born == asked[0]:
        return Reason("birth", Degree.SAME, "same", 30)
    if born in asked:
        return Reason("birth", Degree.SAME, "turned", 28)
    return max((_near(born, one) for one in asked), key=lambda reason: reason.points)


def _near(born: date, asked: date) -> Reason:
    apart = abs((born - asked).days)
    if (born.year, born.month, born.day) == (asked.year, asked.day, asked.month):
        return Reason("birth", Degree.CLOSE, "turned", 20)
    if sum(one != other for one, other in zip(born.isoformat(), asked.isoformat(), strict=True)) == 1:
        return Reason("birth", Degree.CLOSE, "digit", 18)
    if apart <= 31:
        return Reason("birth", Degree.CLOSE, "days", 14, apart)
    if (born.month, born.day) == (asked.month, asked.day):
        return Reason("birth", Degree.CLOSE, "years", 12, abs(born.year - asked.year))
    if born.year == asked.year:
        return Reason("birth", Degree.CLOSE, "year", 6)
    return Reason("birth", Degree.DIFFERS, "other", -15)


def _last_four(held: str | None, birth: str | None, sought: Sought) -> Reason:
    if held == sought.last_four:
        return Reason("ssn", Degree.SAME, "same", 25)
    if sought.year is not None and birth is not None and date.fromisoformat(birth).year == sought.year:
        return Reason("birth", Degree.SAME, "year", 15)
    if held is None:
        return Reason("ssn", Degree.UNKNOWN, "unknown", 0)
    return Reason("ssn", Degree.DIFFERS, "other", -12)


def _identifier(held: Any, asked: tuple[str | None, str]) -> Reason:
    source, value = asked
    if any(one["value"] == value and source in (None, one["source"]) for one in held):
        return Reason("identifier", Degree.SAME, "same", 40)
    return Reason("identifier", Degree.DIFFERS, "other", -20)
