"""How a partner's list of people differs from HMIS: who is in it, who is not, and what went wrong in writing.

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

from hmis.community.chance import chance, day_between, pick
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
class Listed:
    """A household on its way into a partner's file."""

    members: tuple[PartnerMember, ...]
    address: Address
    begins: date
    oldest: int
    exact: bool = False


def list_households(
    rng: random.Random,
    count: int,
    households: Sequence[Household],
    intakes: Mapping[str, Intake],
    birth: Birth,
) -> list[Listed]:
    first, *others = households
    strangers = max(2, count * 9 // 100)
    known = rng.sample(others, min(len(others), count - strangers - 1))
    listed = [_exact(first)]
    listed += [_seen(rng, household, intakes) for household in known]
    listed += [_stranger(rng, birth, rng.choice(known)) for _ in range(strangers)]
    rest = listed[1:]
    rng.shuffle(rest)
    return [listed[0], *rest]


def _exact(household: Household) -> Listed:
    members = tuple(truly(person) for person, _ in household.members)
    return Listed(members, household.address, household.begins, household.head.age(AS_OF), exact=True)


def truly(person: Person) -> PartnerMember:
    return PartnerMember(person.first, person.last, person.born, person.personal_id)


def _seen(rng: random.Random, household: Household, intakes: Mapping[str, Intake]) -> Listed:
    people = [person for person, _ in household.members]
    present = [person for person in people if person is people[0] or not chance(rng, 15)]
    if len(present) > 1 and chance(rng, 5):
        present = present[1:]  # somebody else signed up, and the head of household was never named
    members = tuple(written(rng, person, intakes[person.personal_id]) for person in present)
    address = make_address(rng) if chance(rng, 25) else household.address
    return Listed(members, address, household.begins, max(person.age(AS_OF) for person in people))


def written(rng: random.Random, person: Person, intake: Intake) -> PartnerMember:
    """As HMIS has it in seven of ten cases. Where HMIS knows less than the partner, they differ too."""
    as_in_hmis = (intake.first, intake.last, intake.dob) == (person.first, person.last, person.born)
    true = truly(person)
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


def _stranger(rng: random.Random, birth: Birth, like: Household) -> Listed:
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
    members = tuple(replace(truly(person), personal_id="") for person in people)
    return Listed(members, make_address(rng), begins, head.age(AS_OF))
