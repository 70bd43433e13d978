"""The same people as two partners know them: a food pantry and a utility office.

Who is in their lists, and what went wrong in writing, is `hmis/community/listing.py`.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from hmis.community.chance import chance, day_between, pick, stream
from hmis.community.days import AS_OF
from hmis.community.households import Household
from hmis.community.intakes import Intake
from hmis.community.listing import Listed, PartnerMember, list_households
from hmis.community.people import Birth


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


def pantry_households(
    seed: int, size: int, households: Sequence[Household], intakes: Mapping[str, Intake], birth: Birth
) -> tuple[PartnerHousehold, ...]:
    """The food pantry's file. The first household, the showcase, is in it without a fault."""
    rng = stream(seed, "pantry")
    listed = list_households(rng, size * 220 // 500, households, intakes, birth)
    keys = rng.sample(range(10_000, 100_000), len(listed))
    return tuple(_pantry(rng, f"FP-{key}", one) for key, one in zip(keys, listed, strict=True))


def energy_households(
    seed: int, size: int, households: Sequence[Household], intakes: Mapping[str, Intake], birth: Birth
) -> tuple[EnergyHousehold, ...]:
    """The utility office's file. The first household, the showcase, is in it without a fault."""
    rng = stream(seed, "energy")
    listed = list_households(rng, size * 140 // 500, households, intakes, birth)
    keys = rng.sample(range(100_000, 1_000_000), len(listed))
    return tuple(_energy(rng, f"E{key}", one) for key, one in zip(keys, listed, strict=True))


def _pantry(rng: random.Random, key: str, one: Listed) -> PartnerHousehold:
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


def _energy(rng: random.Random, key: str, one: Listed) -> EnergyHousehold:
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
