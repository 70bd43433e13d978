"""Veteran history: where and when a client served, and how it ended."""

from __future__ import annotations

import strawberry

from auth.categories import Category
from hmis import codes
from schema.fields import personal


@strawberry.type(description="Military service of the client. HUD V1")
class VeteranHistory:
    year_entered_service: int | None = personal(
        Category.VETERAN, "Year the client entered military service", hud="Client.YearEnteredService"
    )
    year_separated: int | None = personal(
        Category.VETERAN, "Year the client left military service", hud="Client.YearSeparated"
    )
    world_war_two: codes.NoYesReasonsForMissingData | None = personal(
        Category.VETERAN, "Served in World War II", hud="Client.WorldWarII"
    )
    korean_war: codes.NoYesReasonsForMissingData | None = personal(
        Category.VETERAN, "Served in the Korean War", hud="Client.KoreanWar"
    )
    vietnam_war: codes.NoYesReasonsForMissingData | None = personal(
        Category.VETERAN, "Served in the Vietnam War", hud="Client.VietnamWar"
    )
    desert_storm: codes.NoYesReasonsForMissingData | None = personal(
        Category.VETERAN, "Served in the Persian Gulf War (Desert Storm)", hud="Client.DesertStorm"
    )
    afghanistan: codes.NoYesReasonsForMissingData | None = personal(
        Category.VETERAN, "Served in Afghanistan (Operation Enduring Freedom)", hud="Client.AfghanistanOEF"
    )
    iraqi_freedom: codes.NoYesReasonsForMissingData | None = personal(
        Category.VETERAN, "Served in Iraq (Operation Iraqi Freedom)", hud="Client.IraqOIF"
    )
    new_dawn: codes.NoYesReasonsForMissingData | None = personal(
        Category.VETERAN, "Served in Iraq (Operation New Dawn)", hud="Client.IraqOND"
    )
    other_theater: codes.NoYesReasonsForMissingData | None = personal(
        Category.VETERAN, "Served in another theater of operations", hud="Client.OtherTheater"
    )
    branch: codes.MilitaryBranch | None = personal(
        Category.VETERAN, "Branch of the military", hud="Client.MilitaryBranch"
    )
    discharge: codes.DischargeStatus | None = personal(
        Category.VETERAN, "Discharge status", hud="Client.DischargeStatus"
    )
