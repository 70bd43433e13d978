"""Who lives with whom: adults alone, couples, parents with children, and young people on their own."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from hmis.community.chance import chance, day_between, pick, stream
from hmis.community.days import AS_OF, PERIOD_START
from hmis.community.names import CITY, STATE, STREET_KINDS, STREET_NAMES, ZIPS
from hmis.community.people import CHRONIC, FEMALE, HIV, MALE, MENTAL, Birth, Person, born_at_age

# HUD list 3.15.1
HEAD, CHILD, PARTNER, RELATIVE, UNRELATED = 1, 2, 3, 4, 5


class Kind(StrEnum):
    ADULT = "ADULT"
    COUPLE = "COUPLE"
    FAMILY = "FAMILY"
    YOUTH = "YOUTH"  # 18 to 24 and alone
    YOUNG_PARENT = "YOUNG_PARENT"
    MINOR = "MINOR"  # 16 or 17 and alone


@dataclass(frozen=True, slots=True)
class Address:
    line: str
    zip: str
    city: str = CITY
    state: str = STATE


@dataclass(frozen=True, slots=True)
class Household:
    """People who come and go together. `begins` is the day their trouble starts."""

    key: int
    kind: Kind
    begins: date
    members: tuple[tuple[Person, int], ...]
    """Each person with the relationship to the head of household (HUD 3.15); the head comes first."""
    address: Address

    @property
    def head(self) -> Person:
        return self.members[0][0]

    @property
    def has_veteran(self) -> bool:
        return any(person.service for person, _ in self.members)

    @property
    def is_youth(self) -> bool:
        return self.kind in (Kind.YOUTH, Kind.YOUNG_PARENT, Kind.MINOR)


_KINDS = (
    (Kind.ADULT, 58),
    (Kind.COUPLE, 6),
    (Kind.FAMILY, 20),
    (Kind.YOUTH, 9),
    (Kind.YOUNG_PARENT, 4),
    (Kind.MINOR, 3),
)
_LAST_BEGIN = date(2026, 5, 20)


def make_households(seed: int, count: int, birth: Birth, first_key: int) -> list[Household]:
    """Households of exactly so many people."""
    rng = stream(seed, "households")
    made: list[Household] = []
    left = count
    while left > 0:
        members, kind, begins = _special(rng, birth, len(made), left) or _usual(rng, birth, left)
        for group in members:
            made.append(Household(first_key + len(made), kind, begins, group, make_address(rng)))
            left -= len(group)
    return made


Members = tuple[tuple[Person, int], ...]
Made = tuple[list[Members], Kind, date]


def _usual(rng: random.Random, birth: Birth, left: int) -> Made:
    kind = pick(rng, _KINDS)
    begins = day_between(rng, PERIOD_START, _LAST_BEGIN)
    members = _MAKERS[kind](rng, birth, begins)
    if len(members) > left:
        kind, members = Kind.ADULT, _adult(rng, birth, begins)
    return [members], kind, begins


def _special(rng: random.Random, birth: Birth, number: int, left: int) -> Made | None:
    """Pairs that matching must not take for one person, each kind once among 90 households."""
    begins = day_between(rng, PERIOD_START, date(2025, 6, 30))
    if left < 2 or number % 90 not in (7, 33, 61):
        return None
    if number % 90 == 7:
        return _grown_twins(rng, birth, begins), Kind.ADULT, begins
    if number % 90 == 33:
        return _father_and_son(rng, birth, begins), Kind.ADULT, begins
    return _namesakes(rng, birth, begins), Kind.ADULT, begins


def _grown_twins(rng: random.Random, birth: Birth, begins: date) -> list[Members]:
    one = birth.person(born_at_age(rng, rng.randint(26, 50), begins))
    other = birth.person(one.born, last=one.last, sex=one.sex, races=one.races)
    return [((one, HEAD),), ((other, HEAD),)]


def _father_and_son(rng: random.Random, birth: Birth, begins: date) -> list[Members]:
    son = birth.person(born_at_age(rng, rng.randint(24, 35), begins), sex=MALE, suffix="Jr")
    born = born_at_age(rng, son.age(begins) + rng.randint(22, 30), begins)
    father = birth.person(born, first=son.first, last=son.last, sex=MALE, races=son.races, suffix="Sr")
    return [((father, HEAD),), ((son, HEAD),)]


def _namesakes(rng: random.Random, birth: Birth, begins: date) -> list[Members]:
    one = birth.person(born_at_age(rng, rng.randint(25, 60), begins))
    born = born_at_age(rng, one.age(begins) + 2, begins)
    return [((one, HEAD),), ((birth.person(born, first=one.first, last=one.last, sex=one.sex), HEAD),)]


def _adult(rng: random.Random, birth: Birth, begins: date) -> Members:
    age = pick(rng, ((26, 20), (36, 26), (46, 24), (56, 22), (66, 8))) + rng.randint(-1, 9)
    # One adult in twenty-five lives with HIV and may find a home at the Garden House.
    must_have = (HIV, CHRONIC) if chance(rng, 4) else (MENTAL,) if chance(rng, 12) else ()
    born = born_at_age(rng, age, begins)
    return ((birth.person(born, must_have=must_have, veteran_percent=18), HEAD),)


def _couple(rng: random.Random, birth: Birth, begins: date) -> Members:
    age = rng.randint(25, 66)
    head = birth.person(born_at_age(rng, age, begins))
    last = head.last if chance(rng, 45) else None
    sex = head.sex if chance(rng, 8) else 1 - head.sex
    partner = birth.person(born_at_age(rng, max(19, age + rng.randint(-5, 5)), begins), last=last, sex=sex)
    return ((head, HEAD), (partner, PARTNER))


def _family(rng: random.Random, birth: Birth, begins: date) -> Members:
    head = birth.person(
        born_at_age(rng, rng.randint(25, 47), begins), sex=FEMALE if chance(rng, 82) else MALE
    )
    members = [(head, HEAD)]
    if chance(rng, 35):
        born = born_at_age(rng, max(20, head.age(begins) + rng.randint(-4, 6)), begins)
        last = head.last if chance(rng, 60) else None
        members.append((birth.person(born, last=last, sex=1 - head.sex), PARTNER))
    oldest = min(17, head.age(begins) - 18)
    members += _children(rng, birth, begins, head, pick(rng, ((1, 40), (2, 34), (3, 18), (4, 8))), oldest)
    if chance(rng, 7):
        grandmother = birth.person(
            born_at_age(rng, head.age(begins) + 24, begins), last=head.last, sex=FEMALE, veteran_percent=0
        )
        members.append((grandmother, RELATIVE))
    elif chance(rng, 4):
        members.append((birth.person(born_at_age(rng, rng.randint(22, 50), begins)), UNRELATED))
    return tuple(members)


def _children(
    rng: random.Random, birth: Birth, begins: date, parent: Person, count: int, oldest: int
) -> list[tuple[Person, int]]:
    last = parent.last if chance(rng, 75) else birth.last_name()
    births = [born_at_age(rng, rng.randint(0, oldest), begins) for _ in range(count)]
    if count >= 2 and chance(rng, 18):
        births[1] = births[0]  # twins: same last name, same birth date, two people
    elif chance(rng, 12):
        births[-1] = min(begins + timedelta(days=rng.randint(15, 90)), AS_OF - timedelta(days=20))
    return [(birth.person(born, last=last, races=parent.races), CHILD) for born in births]


def _youth(rng: random.Random, birth: Birth, begins: date) -> Members:
    return ((birth.person(born_at_age(rng, rng.randint(18, 23), begins), veteran_percent=2), HEAD),)


def _young_parent(rng: random.Random, birth: Birth, begins: date) -> Members:
    sex = FEMALE if chance(rng, 92) else MALE
    head = birth.person(born_at_age(rng, rng.randint(19, 23), begins), sex=sex, veteran_percent=0)
    return ((head, HEAD), *_children(rng, birth, begins, head, pick(rng, ((1, 80), (2, 20))), 2))


def _minor(rng: random.Random, birth: Birth, begins: date) -> Members:
    person = birth.person(born_at_age(rng, rng.randint(15, 17), begins), veteran_percent=0)
    # Made as if grown, but a child has no service and no such answers.
    return ((replace(person, service=None), HEAD),)


_MAKERS = {
    Kind.ADULT: _adult,
    Kind.COUPLE: _couple,
    Kind.FAMILY: _family,
    Kind.YOUTH: _youth,
    Kind.YOUNG_PARENT: _young_parent,
    Kind.MINOR: _minor,
}


def make_address(rng: random.Random) -> Address:
    line = f"{rng.randint(2, 980)} {rng.choice(STREET_NAMES)} {rng.choice(STREET_KINDS)}"
    if chance(rng, 35):
        line += f" Apt {rng.randint(1, 40)}"
    return Address(line, rng.choice(ZIPS))
