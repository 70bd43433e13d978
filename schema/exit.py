"""Exit: when and whereto a stay ended."""

from __future__ import annotations

import datetime

import strawberry

from auth.categories import Category
from hmis import codes
from schema.fields import personal


@strawberry.type(description="How a stay ended. HUD 3.11, 3.12")
class Exit:
    date: datetime.date | None = personal(
        Category.ENROLLMENT, "Day the client left; not a night stayed", hud="Exit.ExitDate"
    )
    destination: codes.LivingSituation | None = personal(
        Category.ENROLLMENT, "Where the client went to live", hud="Exit.Destination"
    )
