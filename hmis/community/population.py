"""A population with a truth table: who each record is really about, for training and measuring the matching.

Beside the story of Port Ellery, which is small and told in detail, this makes any number of records and
nothing but what identifies people. Names are spread as they are in life: a few are everywhere and most are
rare (shares fall with the rank, as Zipf found; the commonest last name has about one in 120 people, as in the
2020 census). Families share a last name, sons a father's whole name, twins a birth date, and sometimes almost
a first name and an SSN. What is written down is then wrong in the ways that desks are: `writing.py`.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import accumulate

from hmis.community.chance import chance, pick, stream
from hmis.community.days import AS_OF
from hmis.community.names import FEMALE_FIRST, LAST, MALE_FIRST
from hmis.community.writing import Written, written

FEMALE, MALE = 0, 1  # HUD list 4.21
_LAST_NAMES, _FIRST_NAMES = 60_000, 2_500
_RECORDS = ((1, 55), (2, 25), (3, 11), (4, 5), (5, 2), (7, 1), (12, 1))
"""Records a person, of a hundred people."""


@dataclass(frozen=True, slots=True)
class Someone:
    """One real person."""

    first: str
    middle: str
    last: str
    sex: int
    born: date
    ssn: str
    veteran: bool
    other_last: str | None = None
    """The name before or after a marriage."""


@dataclass(frozen=True, slots=True)
class Line:
    """One record, and the number of the person it is about: a row of the truth table."""

    personal_id: str
    person: int
    record: Written


class _Names:
    """Names, the commonest first, each drawn as often as its rank says."""

    def __init__(self, names: list[str], flat: int) -> None:
        self._names = names
        self._weights = list(accumulate(1 / (rank + flat) for rank in range(1, len(names) + 1)))

    def draw(self, rng: random.Random) -> str:
        return rng.choices(self._names, cum_weights=self._weights)[0]


class Population:
    """People one after the other, always the same for a seed."""

    def __init__(self, seed: int) -> None:
        rng = stream(seed, "population names")
        self._rng = stream(seed, "population")
        self._last = _Names(_coined(rng, LAST, _LAST_NAMES, (2, 3)), 10)
        self._first = {
            FEMALE: _Names(_coined(rng, FEMALE_FIRST, _FIRST_NAMES, (1, 2), "a"), 8),
            MALE: _Names(_coined(rng, MALE_FIRST, _FIRST_NAMES, (1, 2), "o"), 8),
        }
        self._ssns: set[str] = set()

    def records(self, count: int) -> Iterator[Line]:
        """So many records, those of a person one after the other. Ids carry no order."""
        rng, person, made = self._rng, 0, 0
        while made < count:
            household = self._household()
            for someone in household:
                for _ in range(min(pick(rng, _RECORDS), count - made)):
                    made += 1
                    line = written(rng, someone, household)
                    yield Line(f"{rng.getrandbits(40):010x}{made:x}", person, line)
                person += 1

    def _household(self) -> list[Someone]:
        rng = self._rng
        kind = pick(rng, (("single", 68), ("family", 28), ("same name", 2), ("twins", 2)))
        adult = self._someone(_adult(rng))
        if kind == "single":
            return [adult]
        if kind == "same name":
            young = self._someone(_child(rng, adult.born), last=adult.last, sex=adult.sex)
            return [adult, replace(young, first=adult.first)]
        if kind == "twins":
            return [adult, *self._twins(adult)]
        children = (self._someone(_child(rng, adult.born), last=adult.last) for _ in range(rng.randint(1, 4)))
        other = self._someone(_adult(rng), last=adult.last if chance(rng, 60) else None)
        return [adult, *([other] if chance(rng, 40) else []), *children]

    def _twins(self, parent: Someone) -> list[Someone]:
        rng = self._rng
        one = self._someone(_child(rng, parent.born), last=parent.last)
        other = self._someone(one.born, last=parent.last, sex=one.sex if chance(rng, 60) else None)
        if other.sex == one.sex and chance(rng, 20):
            other = replace(other, first=one.first[:-1] + rng.choice(("e", "i", "y", "is")))
        if chance(rng, 30):  # numbers asked for on one day may follow each other
            following = f"{int(one.ssn) + 1:09d}"
            other = replace(other, ssn=following if following[-4:] != "0000" else other.ssn)
        return [one, other]

    def _someone(self, born: date, *, last: str | None = None, sex: int | None = None) -> Someone:
        rng = self._rng
        if sex is None:
            sex = pick(rng, ((FEMALE, 42), (MALE, 58)))
        last = last or self._last.draw(rng)
        grown = (AS_OF - born).days > 18 * 365
        if chance(rng, 5):
            last = f"{last}-{self._last.draw(rng)}"
        return Someone(
            first=self._first[sex].draw(rng),
            middle=self._first[sex].draw(rng),
            last=last,
            sex=sex,
            born=born,
            ssn=self._ssn(),
            veteran=grown and chance(rng, 12 if sex == MALE else 3),
            other_last=self._last.draw(rng) if grown and sex == FEMALE and chance(rng, 12) else None,
        )

    def _ssn(self) -> str:
        # Areas that were never given out (see people.py): as in life, neighbours in number are neighbours.
        rng = self._rng
        while True:
            number = f"{rng.choice((*range(734, 750), *range(773, 800)))}{rng.randint(1, 99):02d}"
            number += f"{rng.randint(1, 9999):04d}"
            if number not in self._ssns:
                self._ssns.add(number)
                return number


def _adult(rng: random.Random) -> date:
    age = pick(rng, ((range(18, 26), 18), (range(26, 46), 42), (range(46, 66), 33), (range(66, 86), 7)))
    return AS_OF - timedelta(days=rng.choice(age) * 365 + rng.randint(0, 364))


def _child(rng: random.Random, parent: date) -> date:
    youngest = max((AS_OF - parent).days - 40 * 365, 30)
    oldest = max((AS_OF - parent).days - 17 * 365, youngest + 30)
    return AS_OF - timedelta(days=rng.randint(youngest, oldest))


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_STARTS = _words("b br c ch d dr f fl g gr h j k kl l m n p pr r s sh st t tr v w y z")
_MIDDLES = _words("a ai an ar e ea el en er i ia il in o oa ol on or ou u ul un")
_ENDS = _words("b d g k l ll m n nd r rd s t th v z")
_TAILS = _words(
    "a all berg by dale den er ez field ford ham ic ini kov land ley man mar o ov park sen ski son ton"
    " vale wick wood worth"
)


def _coined(
    rng: random.Random, known: Sequence[str], count: int, syllables: tuple[int, int], tail: str | None = None
) -> list[str]:
    """The known names in some order, then names that nobody has thought of, each once."""
    tails = _TAILS if tail is None else ("", tail, "n", "l", "s")
    names = dict.fromkeys(rng.sample(known, len(known)))
    while len(names) < count:
        parts = [
            rng.choice(_STARTS) + rng.choice(_MIDDLES) + (rng.choice(_ENDS) if chance(rng, 40) else "")
            for _ in range(rng.randint(*syllables) - (tail is None))
        ]
        name = "".join(parts) + rng.choice(tails)
        if len(name) > 3:
            names.setdefault(name.capitalize())
    return list(names)
