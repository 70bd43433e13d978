"""Inventory: beds and units of a project, and for whom they are kept."""

from __future__ import annotations

import datetime

import strawberry

from hmis import codes
from schema.fields import IDENTIFIER, RECORDED, UPDATED, public


@strawberry.type(description="Beds and units of a project for one kind of household. HUD 2.07")
class Inventory:
    id: strawberry.ID = public("Hub id of the inventory")
    identifier: str | None = public(IDENTIFIER, hud="Inventory.InventoryID")
    start: datetime.date | None = public("First day it is available", hud="Inventory.InventoryStartDate")
    end: datetime.date | None = public(
        "Last day it is available; null = available", hud="Inventory.InventoryEndDate"
    )
    coc: str | None = public("Continuum of Care it lies in: XX-500", hud="Inventory.CoCCode")
    household_type: codes.HouseholdType | None = public("Households it is for", hud="Inventory.HouseholdType")
    bed_type: codes.BedType | None = public("Kind of shelter beds", hud="Inventory.ESBedType")
    availability: codes.BedAvailability | None = public(
        "Whether shelter beds are there all year", hud="Inventory.Availability"
    )
    units: int | None = public("Units in all", hud="Inventory.UnitInventory")
    beds: int | None = public("Beds in all", hud="Inventory.BedInventory")
    beds_for_chronically_homeless_veterans: int | None = public(
        "Beds kept for chronically homeless veterans", hud="Inventory.CHVetBedInventory"
    )
    beds_for_young_veterans: int | None = public(
        "Beds kept for veterans who are youth", hud="Inventory.YouthVetBedInventory"
    )
    beds_for_veterans: int | None = public(
        "Beds kept for any other veterans", hud="Inventory.VetBedInventory"
    )
    beds_for_chronically_homeless_youth: int | None = public(
        "Beds kept for chronically homeless youth", hud="Inventory.CHYouthBedInventory"
    )
    beds_for_youth: int | None = public("Beds kept for any other youth", hud="Inventory.YouthBedInventory")
    beds_for_chronically_homeless: int | None = public(
        "Beds kept for anybody else who is chronically homeless", hud="Inventory.CHBedInventory"
    )
    beds_for_anyone: int | None = public(
        "Beds kept for nobody in particular", hud="Inventory.OtherBedInventory"
    )
    recorded_at: datetime.datetime | None = public(RECORDED, hud="Inventory.DateCreated")
    updated_at: datetime.datetime | None = public(UPDATED, hud="Inventory.DateUpdated")
