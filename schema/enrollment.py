"""Enrollment: a stay of a client at a project."""

from __future__ import annotations

import datetime

import strawberry

from auth.categories import Category
from hmis import codes
from resolvers import projects, records
from schema.exit import Exit
from schema.fields import personal
from schema.project import Project


@strawberry.type(description="A stay of a client at a project, from entry to exit. HUD 3.10")
class Enrollment:
    id: strawberry.ID | None = personal(Category.ENROLLMENT, "Hub id of the stay")
    entry_date: datetime.date | None = personal(
        Category.ENROLLMENT, "Day the stay began", hud="Enrollment.EntryDate"
    )
    relationship_to_head_of_household: codes.RelationshipToHeadOfHousehold | None = personal(
        Category.HOUSEHOLD, "Who the client is in the household", hud="Enrollment.RelationshipToHoH"
    )
    living_situation: codes.LivingSituation | None = personal(
        Category.ENROLLMENT, "Where the client slept the night before", hud="Enrollment.LivingSituation"
    )
    move_in_date: datetime.date | None = personal(
        Category.ENROLLMENT, "Day the client moved into housing", hud="Enrollment.MoveInDate"
    )
    disabling_condition: codes.NoYesReasonsForMissingData | None = personal(
        Category.HEALTH_DISABILITY,
        "Whether a disabling condition is known",
        hud="Enrollment.DisablingCondition",
    )
    project: Project | None = personal(
        Category.ENROLLMENT, "The project the stay is at", rows=projects.of_stay, hud="Enrollment.ProjectID"
    )
    exit: Exit | None = personal(
        Category.ENROLLMENT, "How the stay ended; null = not ended", rows=records.exit_of_stay
    )
