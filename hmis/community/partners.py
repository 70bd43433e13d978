"""The same people as two partners know them: a food pantry and a utility office.

Partners ask for no papers. They misspell, use nicknames, swap names, keep old addresses, leave out members,
and serve people no agency has met. `personal_id` on each member is the truth to measure matching by; it never
leaves for a partner.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from hmis.community.chance import chance, day_between, pick, stream
from hmis.community.days import AS_OF
from hmis.community.households import Address, Household, make_address
from hmis.community.intakes import Intake
from hmis.community.names import LAST, NICKNAMES
from hmis.community.people import Birth, Person, born_at_age
from hmis.community.typos import misspelled


@dataclass(frozen=True, slots=True)
class PartnerMember:
    """One person in a partner's file. An empty `personal_id` = HMIS does not know this person."""

    first_name: str
    last_name: str
    dob: date | None
    personal_id: str


@dataclass(frozen=True, slots=True)
class PartnerHousehold:
    """A household of the food pantry. Programs are the pantry's own codes."""

    key: str
    members: tuple[PartnerMember, ...]
    address: str
    city: str
    state: str
    zip: str
    updated: date
    visits: tuple[date, ...]
    programs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EnergyBenefit:
    """One payment. `kind`: HEATING, CRISIS, COOLING or RENT. `restored`: service was off and is on again;
    `prevented`: a shut-off or eviction did not happen."""

    date: date
    kind: str
    amount: Decimal
    restored: bool
    prevented: bool


@dataclass(frozen=True, slots=True)
class EnergyHousehold:
    """A household of the utility office."""

    key: str
    members: tuple[PartnerMember, ...]
    address: str
    city: str
    state: str
    zip: str
    updated: date
    heating_fuel: str
    vendor: str
    account: str
    benefits: tuple[EnergyBenefit, ...]


VENDORS = {
    "NATURAL_GAS": "Ellery Gas and Light",
    "ELECTRICITY": "Lakeshore Electric Cooperative",
    "FUEL_OIL": "Harbor Heating Oil",
    "PROPANE": "Three Points Propane",
    "WOOD": "Woodlot Cooperative",
}
_FUELS = (("NATURAL_GAS", 46), ("ELECTRICITY", 28), ("FUEL_OIL", 12), ("PROPANE", 9), ("WOOD", 5))
_PROGRAM_SHARES = (("TEFAP", 82), ("SNAP_OUTREACH", 30), ("BACKPACK_KIDS", 4))  # the last is on nobody's list


@dataclass(frozen=True, slots=True)
class _Listed:
    """A household on its way into a partner's file."""

    members: tuple[PartnerMember, ...]
    address: Address
    begins: date
    oldest: int
    exact: bool = False


def pantry_households(
    seed: int, size: int, households: Sequence[Household], intakes: Mapping[str, Intake], birth: Birth
) -> tuple[PartnerHousehold, ...]:
    """The food pantry's file. The first household, the showcase, is in it without a fault."""
    rng = stream(seed, "pantry")
    listed = _listed(rng, size * 220 // 500, households, intakes, birth)
    keys = rng.sample(range(10_000, 100_000), len(listed))
    return tuple(_pantry(rng, f"FP-{key}", one) for key, one in zip(keys, listed, strict=True))


def energy_households(
    seed: int, size: int, households: Sequence[Household], intakes: Mapping[str, Intake], birth: Birth
) -> tuple[EnergyHousehold, ...]:
    """The utility office's file. The first household, the showcase, is in it without a fault."""
    rng = stream(seed, "energy")
    listed = _listed(rng, size * 140 // 500, households, intakes, birth)
    keys = rng.sample(range(100_000, 1_000_000), len(listed))
    return tuple(_energy(rng, f"E{key}", one) for key, one in zip(keys, listed, strict=True))


def _listed(
    rng: random.Random,
    count: int,
    households: Sequence[Household],
    intakes: Mapping[str, Intake],
    birth: Birth,
) -> list[_Listed]:
    first, *others = households
    strangers = max(2, count * 9 // 100)
    known = rng.sample(others, min(len(others), count - strangers - 1))
    listed = [_exact(first)]
    listed += [_seen(rng, household, intakes) for household in known]
    listed += [_stranger(rng, birth, rng.choice(known)) for _ in range(strangers)]
    rest = listed[1:]
    rng.shuffle(rest)
    return [listed[0], *rest]


def _exact(household: Household) -> _Listed:
    members = tuple(_truly(person) for person, _ in household.members)
    return _Listed(members, household.address, household.begins, household.head.age(AS_OF), exact=True)


def _truly(person: Person) -> PartnerMember:
    return PartnerMember(person.first, person.last, person.born, person.personal_id)


def _seen(rng: random.Random, household: Household, intakes: Mapping[str, Intake]) -> _Listed:
    people = [person for person, _ in household.members]
    present = [person for person in people if person is people[0] or not chance(rng, 15)]
    if len(present) > 1 and chance(rng, 5):
        present = present[1:]  # somebody else signed up, and the head of household was never named
    members = tuple(_member(rng, person, intakes[person.personal_id]) for person in present)
    address = make_address(rng) if chance(rng, 25) else household.address
    return _Listed(members, address, household.begins, max(person.age(AS_OF) for person in people))


def _member(rng: random.Random, person: Person, intake: Intake) -> PartnerMember:
    """As HMIS has it in seven of ten cases. Where HMIS knows less than the partner, they differ too."""
    as_in_hmis = (intake.first, intake.last, intake.dob) == (person.first, person.last, person.born)
    true = _truly(person)
    return true if not as_in_hmis or not chance(rng, 24) else _gone_wrong(rng, true)


def _gone_wrong(rng: random.Random, true: PartnerMember) -> PartnerMember:
    assert true.dob is not None
    first, last, dob = true.first_name, true.last_name, true.dob
    plain = _without_accents(first), _without_accents(last)
    if plain != (first, last) and chance(rng, 40):
        return replace(true, first_name=plain[0], last_name=plain[1])
    how = pick(rng, _SLIPS)
    if how == "nickname" and first in NICKNAMES:
        return replace(true, first_name=NICKNAMES[first])
    if how == "swapped":
        return replace(true, first_name=last, last_name=first)
    if how == "no birth date":
        return replace(true, dob=None)
    if how == "day and month" and dob.day <= 12 and dob.day != dob.month:
        return replace(true, dob=date(dob.year, dob.day, dob.month))
    if how == "a day off":
        return replace(true, dob=dob - timedelta(days=1))
    if how == "other name":
        return replace(true, last_name=rng.choice([name for name in LAST if name != last]))
    if how == "last":
        return replace(true, last_name=misspelled(rng, last))
    return replace(true, first_name=misspelled(rng, first))


_SLIPS = (
    ("first", 20),
    ("last", 22),
    ("nickname", 20),
    ("swapped", 8),
    ("day and month", 8),
    ("a day off", 6),
    ("no birth date", 10),
    ("other name", 6),
)


def _without_accents(name: str) -> str:
    return "".join(mark for mark in unicodedata.normalize("NFD", name) if not unicodedata.combining(mark))


def _stranger(rng: random.Random, birth: Birth, like: Household) -> _Listed:
    """People HMIS has never met; now and then one with the very name of somebody it has."""
    begins = day_between(rng, date(2023, 1, 1), date(2026, 3, 1))
    born = born_at_age(rng, rng.randint(22, 80), begins)
    if chance(rng, 25):
        head = birth.person(born, first=like.head.first, last=like.head.last, sex=like.head.sex)
    else:
        head = birth.person(born)
    people = [head]
    while len(people) < 5 and chance(rng, 40):
        people.append(birth.person(born_at_age(rng, rng.randint(1, 17), begins), last=head.last))
    members = tuple(replace(_truly(person), personal_id="") for person in people)
    return _Listed(members, make_address(rng), begins, head.age(AS_OF))


def _pantry(rng: random.Random, key: str, one: _Listed) -> PartnerHousehold:
    first = day_between(rng, one.begins, AS_OF - timedelta(days=20))
    visits = [first]
    for _ in range(rng.randint(3, 20) if one.exact else rng.randint(0, 26)):
        visits.append(visits[-1] + timedelta(days=rng.randint(5, 60)))
    kept = tuple(day for day in visits if day <= AS_OF)
    shares = (*_PROGRAM_SHARES, ("CSFP", 60), ("SENIOR_BOX", 50)) if one.oldest >= 60 else _PROGRAM_SHARES
    programs = tuple(code for code, percent in shares if chance(rng, percent))
    if one.exact:
        kept = tuple(day for day in _SHOWCASE_VISITS if day <= AS_OF)
        programs = ("TEFAP", "SNAP_OUTREACH")
    address = one.address
    return PartnerHousehold(
        key, one.members, address.line, address.city, address.state, address.zip, kept[-1], kept, programs
    )


_SHOWCASE_VISITS = (
    *(date(2022, month, 12) for month in (11, 12)),
    *(date(2023, month, 9) for month in (1, 2, 4, 5, 6, 11)),
    date(2024, 12, 18),
    *(date(2025, month, 14) for month in (1, 2, 7, 8, 10, 12)),
    *(date(2026, month, 11) for month in (2, 4, 6)),
)


def _energy(rng: random.Random, key: str, one: _Listed) -> EnergyHousehold:
    fuel = "NATURAL_GAS" if one.exact else pick(rng, _FUELS)
    benefits = _SHOWCASE_BENEFITS if one.exact else _benefits(rng, one.begins)
    updated = min(AS_OF, benefits[-1].date + timedelta(days=rng.randint(1, 30)))
    address, account = one.address, f"{rng.randint(0, 99_999_999):08d}"
    return EnergyHousehold(
        key,
        one.members,
        address.line,
        address.city,
        address.state,
        address.zip,
        updated,
        fuel,
        VENDORS[fuel],
        account,
        benefits,
    )


def _benefits(rng: random.Random, begins: date) -> tuple[EnergyBenefit, ...]:
    first = max(begins, date(2022, 10, 1))
    made: list[EnergyBenefit] = []
    for day in sorted(day_between(rng, first, AS_OF) for _ in range(rng.randint(1, 5))):
        warm = day.month in (6, 7, 8, 9)
        kind = pick(rng, ((("COOLING" if warm else "HEATING"), 50), ("CRISIS", 30), ("RENT", 20)))
        low, high = _AMOUNTS[kind]
        amount = Decimal(rng.randint(low, high)) + Decimal(rng.choice((0, 0, 25, 50, 75))) / 100
        off = kind == "CRISIS" and chance(rng, 45)
        saved = not off and (kind in ("CRISIS", "RENT")) and chance(rng, 75)
        made.append(EnergyBenefit(day, kind, amount.quantize(Decimal("0.01")), off, saved))
    return tuple(made)


_AMOUNTS = {"HEATING": (120, 620), "CRISIS": (80, 750), "COOLING": (75, 300), "RENT": (250, 1900)}

_SHOWCASE_BENEFITS = (
    EnergyBenefit(date(2022, 12, 6), "RENT", Decimal("640.00"), False, True),
    EnergyBenefit(date(2023, 12, 14), "HEATING", Decimal("385.00"), False, False),
    EnergyBenefit(date(2024, 11, 20), "CRISIS", Decimal("212.50"), True, False),
    EnergyBenefit(date(2025, 12, 9), "HEATING", Decimal("410.00"), False, False),
    EnergyBenefit(date(2026, 3, 17), "CRISIS", Decimal("168.75"), False, True),
)
