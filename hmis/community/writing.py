"""What is written down of somebody at a desk, and all the ways in which it goes wrong."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple, Protocol

from hmis.community.chance import chance, pick, unknown
from hmis.community.names import NICKNAMES
from hmis.community.typos import misspelled

FULL, PARTIAL = 1, 2  # HUD lists 3.01.5, 3.02.2, 3.03.2


class Someone(Protocol):
    """Whoever stands at the desk."""

    @property
    def first(self) -> str: ...
    @property
    def middle(self) -> str: ...
    @property
    def last(self) -> str: ...
    @property
    def other_last(self) -> str | None: ...
    @property
    def sex(self) -> int: ...
    @property
    def born(self) -> date: ...
    @property
    def ssn(self) -> str: ...
    @property
    def veteran(self) -> bool: ...


class Written(NamedTuple):
    """The columns of HUD's Client.csv that identify somebody, under the names of the table `client`."""

    first_name: str | None
    last_name: str | None
    name_data_quality: int
    ssn: str | None
    ssn_data_quality: int
    dob: date | None
    dob_data_quality: int
    sex: int
    veteran_status: int


def written(rng: random.Random, someone: Someone, household: Sequence[Someone]) -> Written:
    """One record of somebody. household: those whose papers may be taken for theirs, themselves included."""
    first, last, name_quality = _name(rng, someone)
    ssn, ssn_quality = _ssn(rng, someone, household)
    dob, dob_quality = _birth(rng, someone.born)
    sex, veteran = _sex(rng, someone), _veteran(rng, someone)
    return Written(first, last, name_quality, ssn, ssn_quality, dob, dob_quality, sex, veteran)


def _per_mille(rng: random.Random, share: int) -> bool:
    return rng.randrange(1000) < share


def _name(rng: random.Random, someone: Someone) -> tuple[str | None, str | None, int]:
    first, last = someone.first, someone.last
    if someone.other_last and chance(rng, 40):
        last = someone.other_last
    if "-" in last and chance(rng, 35):
        last = rng.choice(last.split("-"))
    if _per_mille(rng, 12):
        return first, None, PARTIAL
    if _per_mille(rng, 5):
        return None, None, unknown(rng)
    if chance(rng, 9):
        first = NICKNAMES.get(first, first)
    elif _per_mille(rng, 8):
        first = someone.middle  # some go by it
    elif _per_mille(rng, 6):
        first = first[:3]  # a short form that no list has
    first, last = (slipped(rng, part) if _per_mille(rng, 25) else part for part in (first, last))
    return (last, first, FULL) if _per_mille(rng, 7) else (first, last, FULL)


def slipped(rng: random.Random, name: str) -> str:
    """A name with a slip of a hand, at any letter of it."""
    if len(name) < 4 or chance(rng, 40):
        at = rng.randrange(len(name))
        return name[:at] + rng.choice("abcdefghijklmnoprstuvwyz") + name[at + 1 :]
    return misspelled(rng, name)


def _ssn(rng: random.Random, someone: Someone, household: Sequence[Someone]) -> tuple[str | None, int]:
    case = rng.randrange(1000)
    if case < 130:
        return None, unknown(rng)
    if case < 215:
        return f"xxxxx{someone.ssn[5:]}", PARTIAL
    if case < 235:
        return _digit_slip(rng, someone.ssn), FULL
    if case < 239:
        return rng.choice(household).ssn, FULL
    return someone.ssn, FULL


def _digit_slip(rng: random.Random, digits: str) -> str:
    at = rng.randrange(len(digits) - 1)
    if chance(rng, 50):
        return digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :]
    return digits[:at] + str(rng.randrange(10)) + digits[at + 1 :]


def _birth(rng: random.Random, born: date) -> tuple[date | None, int]:
    case = rng.randrange(1000)
    if case < 10:
        return None, unknown(rng)
    if case < 30:
        return date(born.year + rng.randint(-2, 2), 1, 1), PARTIAL
    if case < 38 and born.day < 13:
        return born.replace(month=born.day, day=born.month), FULL
    if case < 52:
        return _day_slip(rng, born), FULL
    if case < 55:
        return born + timedelta(days=rng.randint(-900, 900)), FULL
    return born, FULL


def _day_slip(rng: random.Random, born: date) -> date:
    slip = pick(rng, (("day", 45), ("month", 20), ("year", 35)))
    try:
        if slip == "day":
            return born.replace(day=rng.randint(1, 28))
        if slip == "month":
            return born.replace(month=rng.randint(1, 12))
        return born.replace(year=born.year + rng.choice((-10, -1, 1, 10)))
    except ValueError:  # 29 February, or the 31st of a shorter month
        return born


def _sex(rng: random.Random, someone: Someone) -> int:
    return pick(rng, ((someone.sex, 974), (1 - someone.sex, 6), (99, 20)))


def _veteran(rng: random.Random, someone: Someone) -> int:
    return pick(rng, ((int(someone.veteran), 90), (int(not someone.veteran), 2), (99, 8)))
