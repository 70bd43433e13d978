"""Assistance: what food banks, energy offices and rent programs hold about a client."""

from __future__ import annotations

import datetime
from decimal import Decimal

import strawberry

from auth.categories import Category
from schema.fields import personal, supplied
from schema.partner import PartnerSource, Provenance, Words


@strawberry.enum(description="Food programs")
class FoodProgram(Words):
    TEFAP = strawberry.enum_value("TEFAP", description="The Emergency Food Assistance Program")
    CSFP = strawberry.enum_value("CSFP", description="Commodity Supplemental Food Program")
    SNAP_OUTREACH = strawberry.enum_value("SNAP_OUTREACH", description="Help with applying for SNAP")
    OTHER = strawberry.enum_value("OTHER", description="Another program")


@strawberry.enum(description="What a household heats with")
class HeatingFuel(Words):
    ELECTRICITY = strawberry.enum_value("ELECTRICITY", description="Electricity")
    NATURAL_GAS = strawberry.enum_value("NATURAL_GAS", description="Natural gas")
    FUEL_OIL = strawberry.enum_value("FUEL_OIL", description="Fuel oil")
    PROPANE = strawberry.enum_value("PROPANE", description="Propane")
    OTHER = strawberry.enum_value("OTHER", description="Another fuel")


@strawberry.enum(description="What a payment was for")
class RentalAssistanceKind(Words):
    RENT = strawberry.enum_value("RENT", description="Rent of months to come")
    RENTAL_ARREARS = strawberry.enum_value("RENTAL_ARREARS", description="Rent owed")
    UTILITIES = strawberry.enum_value("UTILITIES", description="Utilities or home energy")
    UTILITY_ARREARS = strawberry.enum_value("UTILITY_ARREARS", description="Utilities or home energy owed")
    OTHER = strawberry.enum_value("OTHER", description="Other expenses of housing")


@strawberry.type(description="Help from a food bank")
class FoodAssistance:
    last_visit: datetime.date | None = supplied(Category.FOOD, "Day of the household's last visit")
    visit_count: int | None = supplied(Category.FOOD, "How many visits are recorded")
    programs: list[FoodProgram] | None = supplied(Category.FOOD, "Programs the household is registered for")
    source: PartnerSource | None = personal(
        Category.FOOD, "The partner that says so", lambda root: root.source
    )
    as_of: datetime.datetime | None = personal(
        Category.FOOD, "When the partner's record was last changed", lambda root: root.as_of
    )
    stale: bool | None = personal(
        Category.FOOD, "Older than the partner promises to be", lambda root: root.found.stale
    )
    provenance: Provenance | None = personal(Category.FOOD, "How the hub came to know it", lambda root: root)


@strawberry.type(description="Help with energy bills")
class UtilityAssistance:
    last_benefit_date: datetime.date | None = supplied(Category.UTILITY, "Day of the last benefit")
    total_bill_assistance: Decimal | None = supplied(
        Category.UTILITY, "Dollars of bill assistance, all benefits together"
    )
    heating_fuel: HeatingFuel | None = supplied(Category.UTILITY, "What the household heats with")
    source: PartnerSource | None = personal(
        Category.UTILITY, "The partner that says so", lambda root: root.source
    )
    as_of: datetime.datetime | None = personal(
        Category.UTILITY, "Day of the file it was in", lambda root: root.as_of
    )
    stale: bool | None = personal(
        Category.UTILITY, "Older than the partner promises to be", lambda root: root.found.stale
    )
    provenance: Provenance | None = personal(
        Category.UTILITY, "How the hub came to know it", lambda root: root
    )


@strawberry.type(description="One payment of help with rent or with what keeps a home")
class RentalAssistance:
    paid_on: datetime.date | None = supplied(Category.RENT, "Day of the payment")
    amount: Decimal | None = supplied(Category.RENT, "Dollars paid")
    kind: RentalAssistanceKind | None = supplied(Category.RENT, "What it was for")
    covers_from: datetime.date | None = supplied(Category.RENT, "First day that it pays for")
    covers_to: datetime.date | None = supplied(Category.RENT, "Last day that it pays for")
    program: str | None = supplied(Category.RENT, "Program that paid")
    provenance: Provenance | None = personal(Category.RENT, "How the hub came to know it", lambda root: root)
