"""Assistance: what food banks and energy offices hold about a client, and where and when it comes from."""

from __future__ import annotations

import datetime
from decimal import Decimal
from enum import Enum

import strawberry

from auth.categories import Category
from schema.fields import personal, public


class _Words(Enum):
    """A partner's codes in words; a code that is not listed arrives as OTHER."""


@strawberry.enum(description="Food programs")
class FoodProgram(_Words):
    TEFAP = strawberry.enum_value("TEFAP", description="The Emergency Food Assistance Program")
    CSFP = strawberry.enum_value("CSFP", description="Commodity Supplemental Food Program")
    SNAP_OUTREACH = strawberry.enum_value("SNAP_OUTREACH", description="Help with applying for SNAP")
    OTHER = strawberry.enum_value("OTHER", description="Another program")


@strawberry.enum(description="What a household heats with")
class HeatingFuel(_Words):
    ELECTRICITY = strawberry.enum_value("ELECTRICITY", description="Electricity")
    NATURAL_GAS = strawberry.enum_value("NATURAL_GAS", description="Natural gas")
    FUEL_OIL = strawberry.enum_value("FUEL_OIL", description="Fuel oil")
    PROPANE = strawberry.enum_value("PROPANE", description="Propane")
    OTHER = strawberry.enum_value("OTHER", description="Another fuel")


@strawberry.type(description="A partner system")
class PartnerSource:
    id: strawberry.ID = public("Short name of the connector", lambda root: strawberry.ID(root.name))
    name: str = public("What a case worker calls it", lambda root: root.title)


def _programs(root: strawberry.Parent[object]) -> list[FoodProgram] | None:
    """The programs as words. None = the partner did not speak of any."""
    programs = root.fact(Category.FOOD, "programs")  # type: ignore[attr-defined]  # an AssistanceRow
    return None if programs is None else [FoodProgram(name) for name in programs]


@strawberry.type(description="Help from a food bank")
class FoodAssistance:
    last_visit: datetime.date | None = personal(
        Category.FOOD, "Day of the household's last visit", column="lastVisit"
    )
    visit_count: int | None = personal(Category.FOOD, "How many visits are recorded", column="visitCount")
    programs: list[FoodProgram] | None = personal(
        Category.FOOD, "Programs the household is registered for", _programs
    )
    source: PartnerSource | None = personal(
        Category.FOOD, "The partner that says so", lambda root: root.source
    )
    as_of: datetime.datetime | None = personal(
        Category.FOOD, "When the partner's record was last changed", lambda root: root.as_of
    )
    stale: bool | None = personal(
        Category.FOOD, "Older than the partner promises to be", lambda root: root.found.stale
    )


@strawberry.type(description="Help with energy bills")
class UtilityAssistance:
    last_benefit_date: datetime.date | None = personal(
        Category.UTILITY, "Day of the last benefit", column="lastBenefitDate"
    )
    total_bill_assistance: Decimal | None = personal(
        Category.UTILITY, "Dollars of bill assistance, all benefits together", column="totalBillAssistance"
    )
    heating_fuel: HeatingFuel | None = personal(
        Category.UTILITY, "What the household heats with", column="heatingFuel"
    )
    source: PartnerSource | None = personal(
        Category.UTILITY, "The partner that says so", lambda root: root.source
    )
    as_of: datetime.datetime | None = personal(
        Category.UTILITY, "Day of the file it was in", lambda root: root.as_of
    )
    stale: bool | None = personal(
        Category.UTILITY, "Older than the partner promises to be", lambda root: root.found.stale
    )
