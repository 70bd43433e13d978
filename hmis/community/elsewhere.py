"""The same people as three more partners know them: a rent fund, a clinic, and another community's HMIS.

Among them are people whom a hurried eye takes for a client: the twin, whom HMIS has never met, the junior of
the same name, and somebody of the same last name born on the same day.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from hmis.community.chance import day_between, pick, stream
from hmis.community.days import AS_OF
from hmis.community.households import Address, Household, make_address
from hmis.community.intakes import Intake
from hmis.community.listing import Listed, PartnerMember, list_households, truly, written
from hmis.community.people import Birth, Person


@dataclass(frozen=True, slots=True)
class RentPayment:
    """One payment of the rent fund. `purpose` is the fund's own code. `begins`, `ends`: what it pays for."""

    number: str
    paid: date
    amount: Decimal
    purpose: str
    begins: date
    ends: date


@dataclass(frozen=True, slots=True)
class Tenancy:
    """A household of the rent fund."""

    key: str
    members: tuple[PartnerMember, ...]
    address: Address
    updated: date
    payments: tuple[RentPayment, ...]


@dataclass(frozen=True, slots=True)
class PartnerClient:
    """One person of a partner that keeps people one by one: a clinic's patient, another HMIS's client."""

    key: str
    member: PartnerMember
    sex: int
    updated: date


Truth = Mapping[str, frozenset[str]]
"""The partner's id of a record -> PersonalIDs of those it is about; empty = of nobody that HMIS knows."""


def tenancies(
    seed: int, size: int, households: Sequence[Household], intakes: Mapping[str, Intake], birth: Birth
) -> tuple[Tenancy, ...]:
    """The rent fund's list. The first, the showcase's, is in it without a fault."""
    rng = stream(seed, "rent")
    listed = list_households(rng, size * 120 // 500, households, intakes, birth)
    listed += [_alone(rng, other) for other in _lookalikes(rng, size // 20, households, birth)]
    keys = rng.sample(range(10_000, 100_000), len(listed))
    return tuple(_tenancy(rng, f"T-{key}", one) for key, one in zip(keys, listed, strict=True))


def clinic_patients(
    seed: int, size: int, households: Sequence[Household], intakes: Mapping[str, Intake], birth: Birth
) -> tuple[PartnerClient, ...]:
    """The clinic's patients. The first, the showcase, is among them without a fault."""
    return _clients(stream(seed, "clinic"), "P", size * 260 // 500, households, intakes, birth)


def peer_clients(
    seed: int, size: int, households: Sequence[Household], intakes: Mapping[str, Intake], birth: Birth
) -> tuple[PartnerClient, ...]:
    """Clients of the next community's HMIS. The first, the showcase, is among them without a fault."""
    return _clients(stream(seed, "peer"), "C", size * 160 // 500, households, intakes, birth)


def _clients(
    rng: random.Random,
    letter: str,
    count: int,
    households: Sequence[Household],
    intakes: Mapping[str, Intake],
    birth: Birth,
) -> tuple[PartnerClient, ...]:
    first, *others = households
    people = [person for household in others for person, _ in household.members]
    chosen = rng.sample(people, min(len(people), count))
    members = [(truly(first.head), first.head)]
    members += [(written(rng, person, intakes[person.personal_id]), person) for person in chosen]
    strangers = _lookalikes(rng, max(3, count // 10), households, birth)
    members += [(replace(truly(person), personal_id=""), person) for person in strangers]
    rest = members[1:]
    rng.shuffle(rest)
    keys = rng.sample(range(100_000, 1_000_000), len(members))
    return tuple(
        PartnerClient(
            f"{letter}{key}", member, person.sex, day_between(rng, AS_OF - timedelta(days=700), AS_OF)
        )
        for key, (member, person) in zip(keys, [members[0], *rest], strict=True)
    )


def _lookalikes(
    rng: random.Random, count: int, households: Sequence[Household], birth: Birth
) -> Iterator[Person]:
    """People whom HMIS does not know, each like somebody whom it knows."""
    heads = [household.head for household in households[1:]]
    for like in rng.sample(heads, min(len(heads), count)):
        how = pick(rng, (("twin", 40), ("junior", 30), ("same day", 30)))
        if how == "twin":
            yield birth.person(like.born, last=like.last, sex=like.sex)
        elif how == "junior":
            years = rng.randint(19, 30)
            born = date(like.born.year + years, like.born.month, min(like.born.day, 28))
            yield birth.person(min(born, AS_OF - timedelta(days=30)), first=like.first, last=like.last)
        else:
            yield birth.person(like.born)


def _alone(rng: random.Random, person: Person) -> Listed:
    member = replace(truly(person), personal_id="")
    return Listed((member,), make_address(rng), date(2025, 1, 1), person.age(AS_OF))


def _tenancy(rng: random.Random, key: str, one: Listed) -> Tenancy:
    payments = _SHOWCASE_PAYMENTS if one.exact else tuple(_payments(rng, key, one.begins))
    updated = max((payment.paid for payment in payments), default=AS_OF - timedelta(days=90))
    return Tenancy(key, one.members, one.address, updated, payments)


def _payments(rng: random.Random, key: str, begins: date) -> Iterator[RentPayment]:
    first = max(begins, date(2023, 1, 1))
    for number in range(1, rng.randint(1, 5)):
        paid = day_between(rng, first, AS_OF)
        month = paid.replace(day=1)
        purpose = pick(
            rng, (("CURRENT_RENT", 50), ("PAST_RENT", 30), ("PAST_UTILITIES", 12), ("MOVING_VAN", 8))
        )
        months = rng.randint(1, 3) if purpose.startswith("PAST") else 1
        yield RentPayment(
            f"{key}-{number}",
            paid,
            Decimal(rng.randint(12, 90) * months * 20),
            purpose,
            (month - timedelta(days=28 * (months - 1))).replace(day=1),
            (month + timedelta(days=31)).replace(day=1) - timedelta(days=1),
        )


_PURPOSES = (("CURRENT_RENT", 50), ("PAST_RENT", 30), ("PAST_UTILITIES", 12), ("MOVING_VAN", 8))
_SHOWCASE_PAYMENTS = (
    RentPayment("T-1-1", date(2022, 12, 6), Decimal(640), "PAST_RENT", date(2022, 10, 1), date(2022, 11, 30)),
    RentPayment("T-1-2", date(2026, 2, 3), Decimal(910), "CURRENT_RENT", date(2026, 2, 1), date(2026, 2, 28)),
)
