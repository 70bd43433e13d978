"""Whereabouts: when somebody had a home, had none, or nothing is known, as their stays tell it.

Several stays may speak of one day. Who lives in a housing project has a home, whatever else is open
(moved in: HUD 3.20.1); a shelter says more than a place where one is advised; and where somebody was said to
go when they left holds until something newer is heard, as hearsay (`is_sure` False).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from gateway.pages.living import Where, where

SHELTERS = frozenset(
    {
        "EMERGENCY_SHELTER_ENTRY_EXIT",
        "EMERGENCY_SHELTER_NIGHT_BY_NIGHT",
        "SAFE_HAVEN",
        "STREET_OUTREACH",
        "DAY_SHELTER",
    }
)
TRANSITIONAL = "TRANSITIONAL_HOUSING"
HOUSING = frozenset(
    {
        "PERMANENT_SUPPORTIVE_HOUSING",
        "PERMANENT_HOUSING_ONLY",
        "PERMANENT_HOUSING_WITH_SERVICES",
        "RAPID_REHOUSING",
    }
)
PREVENTION = "HOMELESSNESS_PREVENTION"
_HEARD, _TOLD, _ADVISED, _HOUSED = range(4)


@dataclass(frozen=True, slots=True)
class Stay:
    """A stay, or what is to be seen of it. Days are None where unknown or hidden."""

    id: str
    project: str | None
    agency: str | None
    type: str | None
    """Of the project, as the schema says it."""
    entry: date | None
    exit: date | None
    """None = still there, or the day is hidden: `left` tells the two apart."""
    left: bool = False
    destination: str | None = None
    move_in: date | None = None
    before: str | None = None
    """Where they lived the night before."""
    homeless_since: date | None = None
    elsewhere: bool = False
    """Recorded by another community."""


@dataclass(frozen=True, slots=True)
class Spell:
    """Days from `start` to the one before `end` spent in one kind of place."""

    start: date
    end: date
    where: Where
    is_sure: bool
    """Whether a stay says so, not what was heard last."""


@dataclass(frozen=True, slots=True)
class _Claim:
    start: date
    end: date
    where: Where
    rank: int
    is_sure: bool

    @property
    def weight(self) -> tuple[int, date, bool]:
        return self.rank, self.start, self.where is not Where.UNKNOWN


def spells(stays: Iterable[Stay], start: date, end: date) -> list[Spell]:
    """Every day of `[start, end)` once, in order; neighbours differ. What nobody speaks of is unknown."""
    claims = [
        claim
        for stay in stays
        for claim in _claims(stay, end)
        if claim.start < claim.end and claim.start < end and claim.end > start
    ]
    edges = sorted({start, end, *(max(one.start, start) for one in claims), *(one.end for one in claims)})
    edges = [edge for edge in edges if start <= edge <= end]
    opening = sorted(claims, key=lambda one: one.start)
    found: list[Spell] = []
    holding: list[_Claim] = []
    for day, until in pairwise(edges):
        while opening and opening[0].start <= day:
            holding.append(opening.pop(0))
        holding = [one for one in holding if one.end > day]
        best = max(holding, key=lambda one: one.weight, default=None)
        place = best.where if best else Where.UNKNOWN
        sure = best is not None and best.is_sure
        if found and found[-1].where is place and found[-1].is_sure == sure:
            found[-1] = Spell(found[-1].start, until, place, sure)
        else:
            found.append(Spell(day, until, place, sure))
    return found


def _claims(stay: Stay, today: date) -> Iterable[_Claim]:
    """What one stay says of which days."""
    entry = stay.entry
    if entry is None or (stay.left and stay.exit is None):
        return
    leaves = stay.exit or today
    if stay.homeless_since is not None:
        yield _Claim(stay.homeless_since, entry, Where.HOMELESS, _TOLD, is_sure=False)
    if stay.type in HOUSING:
        moved = stay.move_in or leaves
        yield _Claim(entry, moved, where(stay.before), _HEARD, is_sure=False)
        yield _Claim(moved, leaves, Where.HOME, _HOUSED, is_sure=True)
    elif stay.type in SHELTERS:
        yield _Claim(entry, leaves, Where.HOMELESS, _ADVISED, is_sure=True)
    elif stay.type == TRANSITIONAL:
        yield _Claim(entry, leaves, Where.PASSING, _ADVISED, is_sure=True)
    elif stay.type == PREVENTION:
        yield _Claim(entry, leaves, Where.HOME, _TOLD, is_sure=True)
    else:
        yield _Claim(entry, leaves, where(stay.before), _HEARD, is_sure=False)
    if stay.exit is not None:
        yield _Claim(stay.exit, today, where(stay.destination), _HEARD, is_sure=False)


def nights(found: Iterable[Spell]) -> dict[Where, tuple[int, int, int]]:
    """For each kind of place that occurs: nights, those of them that are hearsay, and how many times, where
    neighbours of one kind are one time, sure or not."""
    total: dict[Where, tuple[int, int, int]] = {}
    before: Where | None = None
    for spell in found:
        number = (spell.end - spell.start).days
        nights, heard, times = total.get(spell.where, (0, 0, 0))
        again = spell.where is not before
        total[spell.where] = (nights + number, heard + (0 if spell.is_sure else number), times + again)
        before = spell.where
    return total


def now(found: Sequence[Spell]) -> Spell | None:
    """The spell that lasts; None = none is known of."""
    return found[-1] if found and found[-1].where is not Where.UNKNOWN else None
