"""What the desk wrote down about people: partial numbers, missing birth dates, and a few taken in twice."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from hmis.community.chance import chance, pick, stream
from hmis.community.days import AS_OF
from hmis.community.households import Household, Kind
from hmis.community.names import LAST, NICKNAMES
from hmis.community.people import Birth, Person
from hmis.community.stays import Stay
from hmis.community.typos import misspelled

_STREET_NAMES = ("Red", "Smokey", "Slim", "Mama D", "Tex", "Blue", "Preacher", "Bird")


@dataclass(frozen=True, slots=True)
class Intake:
    """One Client record. `person` is who it truly is; the rest is what an agency believes."""

    personal_id: str
    person: Person
    first: str | None
    middle: str | None
    last: str | None
    suffix: str | None
    name_quality: int = 1
    ssn: str | None = None
    ssn_quality: int = 99
    dob: date | None = None
    dob_quality: int = 99
    race_unknown: int | None = None
    veteran_unknown: int | None = None


@dataclass(frozen=True, slots=True)
class Duplicate:
    """One person under two PersonalIDs. `links`: two of SSN, name and birth date agree exactly."""

    personal_id: str
    again: str
    links: bool
    how: str


def make_intakes(seed: int, households: Iterable[Household], exact: frozenset[str]) -> dict[str, Intake]:
    """One record a person. Those in `exact` are written down without a fault."""
    rng = stream(seed, "intakes")
    intakes: dict[str, Intake] = {}
    for household in households:
        for person, _ in household.members:
            intake = faultless(person)
            if person.personal_id not in exact:
                intake = _as_written(rng, intake, household)
            intakes[person.personal_id] = intake
    return intakes


def faultless(person: Person) -> Intake:
    return Intake(
        person.personal_id,
        person,
        person.first,
        person.middle,
        person.last,
        person.suffix,
        1,
        person.ssn,
        1,
        person.born,
        1,
    )


def _as_written(rng: random.Random, intake: Intake, household: Household) -> Intake:
    person = intake.person
    child = person.age(AS_OF) < 18
    quality = pick(rng, ((1, 60 if child else 74), (2, 8), (8, 5), (9, 9), (99, 14 if child else 4)))
    intake = replace(intake, ssn_quality=quality, ssn=_ssn(rng, person.ssn, quality))
    if not child and chance(rng, 4):
        quality = pick(rng, ((2, 50), (8, 12), (9, 20), (99, 18)))
        # A desk that only hears an age writes the first of January (HUD 3.03: approximate or partial).
        dob = date(person.born.year, 1, 1) if quality == 2 else None
        intake = replace(intake, dob=dob, dob_quality=quality)
    if household.kind is Kind.ADULT and chance(rng, 6):
        intake = _half_known_name(rng, intake)
    if chance(rng, 4):
        intake = replace(intake, race_unknown=pick(rng, ((8, 3), (9, 4), (99, 3))))
    if not child and chance(rng, 3) and person.service is None:
        intake = replace(intake, veteran_unknown=pick(rng, ((8, 3), (9, 3), (99, 4))))
    return intake


def _ssn(rng: random.Random, ssn: str, quality: int) -> str | None:
    """HUD 3.02: digits where known, x where not."""
    if quality == 1:
        return ssn
    if quality == 2:
        return f"{ssn[:3]}xx{ssn[5:]}" if chance(rng, 30) else f"xxxxx{ssn[5:]}"
    return None


def _half_known_name(rng: random.Random, intake: Intake) -> Intake:
    if chance(rng, 60):
        return replace(intake, first=rng.choice(_STREET_NAMES), middle=None, name_quality=2)
    quality = pick(rng, ((8, 2), (9, 5), (99, 3)))
    return replace(intake, first=None, middle=None, last=None, suffix=None, name_quality=quality)


# How a second record comes about, and whether two of three still agree.
_WAYS: tuple[tuple[str, bool], ...] = (
    ("no number the second time", True),
    ("name misspelled, no number", False),
    ("birth date off by a day", True),
    ("birth date off by a month, number partial", False),
    ("called by a nickname or married since", True),
    ("first and last name swapped, no number", False),
)


def take_in_twice(
    seed: int,
    stays: Iterable[Stay],
    intakes: dict[str, Intake],
    birth: Birth,
    count: int,
    spare: frozenset[str],
) -> list[Duplicate]:
    """Give the last stay of some people to a second record, as a desk does that did not search first."""
    rng = stream(seed, "twice")
    found: list[Duplicate] = []
    for (how, links), mine in zip(_ways(count), _wanderers(rng, stays, spare), strict=False):
        last = max(mine, key=lambda stay: (stay.entry, stay.key)).presences[0]
        intakes[last.personal_id] = faultless(last.person)
        again = _again(rng, faultless(last.person), birth.new_id(), how)
        found.append(Duplicate(last.personal_id, again.personal_id, links, how))
        intakes[again.personal_id] = again
        last.personal_id = again.personal_id
    return found


def _ways(count: int) -> Iterator[tuple[str, bool]]:
    return (_WAYS[number % len(_WAYS)] for number in range(count))


def _wanderers(rng: random.Random, stays: Iterable[Stay], spare: frozenset[str]) -> list[list[Stay]]:
    """The stays of adults on their own who have at least two of them."""
    by_household: dict[int, list[Stay]] = {}
    for stay in stays:
        if stay.household.kind is Kind.ADULT and stay.household.head.personal_id not in spare:
            by_household.setdefault(stay.household.key, []).append(stay)
    wanderers = [mine for mine in by_household.values() if len(mine) >= 2]
    rng.shuffle(wanderers)
    return wanderers


def _again(rng: random.Random, intake: Intake, personal_id: str, how: str) -> Intake:
    second = replace(intake, personal_id=personal_id)
    person = intake.person
    unnumbered = replace(second, ssn=None, ssn_quality=99)
    if how == "no number the second time":
        return unnumbered
    if how == "name misspelled, no number":
        return replace(unnumbered, last=misspelled(rng, person.last))
    if how == "birth date off by a day":
        return replace(second, dob=person.born + timedelta(days=1))
    if how == "birth date off by a month, number partial":
        dob = person.born + timedelta(days=31)
        return replace(second, dob=dob, ssn=f"xxxxx{person.ssn[5:]}", ssn_quality=2)
    if how == "called by a nickname or married since":
        nickname = NICKNAMES.get(person.first)
        return (
            replace(second, first=nickname) if nickname else replace(second, last=_another(rng, person.last))
        )
    return replace(unnumbered, first=person.last, last=person.first)


def _another(rng: random.Random, last: str) -> str:
    return rng.choice([name for name in LAST if name != last])
