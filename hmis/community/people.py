"""Who the people are: the truth about them, before anybody at a desk writes it down."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from hmis.community.chance import chance, pick, stream
from hmis.community.days import AS_OF, age_on
from hmis.community.names import FEMALE_FIRST, LAST, MALE_FIRST

FEMALE, MALE = 0, 1  # HUD list 4.21

# HUD list 1.3
PHYSICAL, DEVELOPMENTAL, CHRONIC, HIV, MENTAL, SUBSTANCE = 5, 6, 7, 8, 9, 10
DISABILITY_TYPES = (PHYSICAL, DEVELOPMENTAL, CHRONIC, HIV, MENTAL, SUBSTANCE)

RACES = (
    "AmIndAKNative",
    "Asian",
    "BlackAfAmerican",
    "HispanicLatinao",
    "MidEastNAfrican",
    "NativeHIPacific",
    "White",
)
_RACE_WEIGHTS = tuple(zip(RACES, (5, 4, 34, 20, 2, 2, 33), strict=True))

# Areas 734-749 and 773-799 were never given out before June 2011, when Social Security
# began to draw numbers by lot: nobody who had a number by then carries one of these. They still read as
# usable (not 000, 666 or 9xx), which an invented number must, or matching would throw it away.
_SSN_AREAS = (*range(734, 750), *range(773, 800))

Pay = tuple[tuple[str, Decimal], ...]
"""Monthly income by HUD source: (("Earned", Decimal("1150.00")), ...)."""


@dataclass(frozen=True, slots=True)
class MilitaryService:
    """HUD V1. Branch and discharge are codes of lists V1.11 and V1.12."""

    entered: int
    separated: int
    branch: int
    discharge: int
    theaters: frozenset[str]


@dataclass(frozen=True, slots=True)
class Violence:
    """HUD 4.11 for a survivor of domestic violence: when it last happened (list 4.11.A), and if fleeing."""

    when: int
    fleeing: bool


@dataclass(frozen=True, slots=True)
class Person:
    """One real person of the community. What agencies recorded of them is an Intake, and may be wrong."""

    personal_id: str
    first: str
    middle: str | None
    last: str
    suffix: str | None
    sex: int
    born: date
    ssn: str
    races: tuple[str, ...]
    service: MilitaryService | None = None
    disabilities: dict[int, int] = field(default_factory=dict)
    """Disability type -> response: 1 yes, for substance use 1 alcohol, 2 drugs, 3 both (list 4.10.2)."""
    lasting: frozenset[int] = frozenset()
    """The types expected to last long and to impair independence (HUD 4.05.A and alike)."""
    violence: Violence | None = None
    pays: tuple[tuple[date, Pay], ...] = ()
    """What somebody earns from which day on, where the story says so; empty = chance decides."""

    def age(self, day: date) -> int:
        return age_on(self.born, day)

    @property
    def told_by_hand(self) -> bool:
        """True for the person the demo shows, who answers every question."""
        return bool(self.pays)

    @property
    def is_disabled(self) -> bool:
        """HUD 3.08: developmental disability and HIV always count, the others where they are lasting."""
        return bool(self.lasting) or DEVELOPMENTAL in self.disabilities or HIV in self.disabilities


class Birth:
    """Brings people into the community, each with a name, birth date and number that nobody else has."""

    def __init__(self, seed: int, size: int) -> None:
        self._rng = stream(seed, "people")
        # Ids carry no order, so that nobody guesses a neighbour's id from one's own.
        self._ids = iter(stream(seed, "ids").sample(range(200_000, 1_000_000), size + size // 2 + 50))
        self._known: set[tuple[str, str, date]] = set()
        self._ssns: set[str] = set()

    def new_id(self) -> str:
        return str(next(self._ids))

    def last_name(self) -> str:
        return self._rng.choice(LAST)

    def ssn(self) -> str:
        rng = self._rng
        while True:
            number = f"{rng.choice(_SSN_AREAS)}{rng.randint(1, 99):02d}{rng.randint(1, 9999):04d}"
            if number not in self._ssns:
                self._ssns.add(number)
                return number

    def person(
        self,
        born: date,
        *,
        last: str | None = None,
        first: str | None = None,
        sex: int | None = None,
        races: tuple[str, ...] | None = None,
        suffix: str | None = None,
        must_have: tuple[int, ...] = (),
        veteran_percent: int = 10,
    ) -> Person:
        rng = self._rng
        if sex is None:
            sex = pick(rng, ((FEMALE, 42), (MALE, 58)))
        last = last or self.last_name()
        first = first or self._first(sex, last, born)
        self._known.add((first, last, born))
        adult = age_on(born, AS_OF) >= 18
        disabilities, lasting = _disabilities(rng, age_on(born, AS_OF), must_have)
        return Person(
            personal_id=self.new_id(),
            first=first,
            middle=self._middle(sex, first),
            last=last,
            suffix=suffix,
            sex=sex,
            born=born,
            ssn=self.ssn(),
            races=races or _races(rng),
            service=_service(rng, born, sex) if adult and chance(rng, veteran_percent) else None,
            disabilities=disabilities,
            lasting=lasting,
            violence=_violence(rng, sex) if adult else None,
        )

    def _first(self, sex: int, last: str, born: date) -> str:
        names = FEMALE_FIRST if sex == FEMALE else MALE_FIRST
        while True:
            first = self._rng.choice(names)
            if (first, last, born) not in self._known:
                return first

    def _middle(self, sex: int, first: str) -> str | None:
        if not chance(self._rng, 40):
            return None
        middle = self._rng.choice(FEMALE_FIRST if sex == FEMALE else MALE_FIRST)
        return middle[0] if chance(self._rng, 40) else None if middle == first else middle


def born_at_age(rng: random.Random, age: int, day: date) -> date:
    """A birth date of somebody who is that old on that day."""
    return day - timedelta(days=age * 365 + age // 4 + rng.randint(1, 360))


def _races(rng: random.Random) -> tuple[str, ...]:
    first = pick(rng, _RACE_WEIGHTS)
    second = pick(rng, _RACE_WEIGHTS) if chance(rng, 12) else first
    return tuple(name for name in RACES if name in (first, second))


# Shares in a hundred; adults of a homeless system report far more than the population does.
_SHARES_ADULT = {PHYSICAL: 21, DEVELOPMENTAL: 5, CHRONIC: 24, HIV: 2, MENTAL: 36, SUBSTANCE: 22}
_SHARES_CHILD = {PHYSICAL: 2, DEVELOPMENTAL: 6, CHRONIC: 6, HIV: 0, MENTAL: 6, SUBSTANCE: 0}


def _disabilities(
    rng: random.Random, age: int, must_have: tuple[int, ...]
) -> tuple[dict[int, int], frozenset[int]]:
    shares = _SHARES_ADULT if age >= 18 else _SHARES_CHILD
    found: dict[int, int] = {}
    lasting: set[int] = set()
    for kind in DISABILITY_TYPES:
        if not (chance(rng, shares[kind]) or kind in must_have):
            continue
        found[kind] = pick(rng, ((1, 45), (2, 35), (3, 20))) if kind == SUBSTANCE else 1
        # Developmental disability and HIV have no such question (HUD 4.06, 4.08).
        if kind not in (DEVELOPMENTAL, HIV) and (kind in must_have or chance(rng, 78)):
            lasting.add(kind)
    return found, frozenset(lasting)


def _violence(rng: random.Random, sex: int) -> Violence | None:
    if not chance(rng, 34 if sex == FEMALE else 9):
        return None
    when = pick(rng, ((1, 22), (2, 12), (3, 16), (4, 50)))
    return Violence(when, fleeing=when == 1 and chance(rng, 70))


_THEATERS = (
    ("WorldWarII", 1941, 1946),
    ("KoreanWar", 1950, 1955),
    ("VietnamWar", 1964, 1975),
    ("DesertStorm", 1990, 1991),
    ("AfghanistanOEF", 2001, 2014),
    ("IraqOIF", 2003, 2010),
    ("IraqOND", 2010, 2011),
    ("OtherTheater", 1992, 2020),
)
THEATERS = tuple(name for name, _, _ in _THEATERS)


def _service(rng: random.Random, born: date, sex: int) -> MilitaryService | None:
    entered = born.year + rng.randint(18, 22)
    separated = entered + rng.randint(2, 9)
    if separated > AS_OF.year - 1 or (sex == FEMALE and chance(rng, 60)):
        return None
    served = [name for name, start, end in _THEATERS if entered <= end and separated >= start]
    branch = pick(rng, ((1, 44), (2, 14), (3, 20), (4, 18), (6, 3), (7, 1 if entered >= 2020 else 0)))
    discharge = pick(rng, ((1, 76), (2, 14), (4, 2), (6, 5), (7, 3)))
    return MilitaryService(
        entered, separated, branch, discharge, frozenset(name for name in served if chance(rng, 45))
    )
